// Programs whose memory must stay flat. Each returns one iteration; what it keeps alive, it keeps on purpose.
// The lengths of their tapes do not divide a page (4096 entries), so pages never end where an iteration does.
import {
  add,
  backward,
  batchGrad,
  compile,
  dot,
  grad,
  jvp,
  matmul,
  mean,
  mul,
  type Scalar,
  sin,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  valueAndGrad,
  valueOf,
  variable,
  vmap,
} from "gradtape";

/** Runs one iteration; what it gives is of no interest. */
type Iterate = () => unknown;

/** A small regression: 7 samples of 5 numbers. */
function problem(): { x: Tensor; y: Tensor; w: Tensor } {
  return {
    x: tensor(
      Float64Array.from({ length: 35 }, (_, i) => Math.sin(1 + 3 * i)),
      { shape: [7, 5] },
    ),
    y: tensor(Float64Array.from({ length: 7 }, (_, i) => Math.cos(i))),
    w: tensor(Float64Array.from({ length: 5 }, (_, i) => 0.1 * i)),
  };
}

/** Nine tensor entries and, in the loop, 2 * `links` scalar ones. */
function costOf(links: number): (w: Tensor) => Scalar {
  const { x, y } = problem();
  return (w) => {
    let penalty: Scalar = mean(square(w));
    for (let i = 0; i < links; i++) penalty = add(mul(penalty, 0.99), 1e-3);
    return add(mean(square(sub(tanh(matmul(x, w)), y))), mul(0.01, add(penalty, sum(w))));
  };
}

const descend = (w: Tensor, gradient: Tensor): Tensor => sub(w, mul(0.05, gradient));

export const programs: Readonly<Record<string, () => Iterate>> = {
  "training by valueAndGrad": () => {
    const step = valueAndGrad(costOf(11));
    let { w } = problem();
    return () => {
      const [, gradient] = step(w);
      w = descend(w, gradient);
    };
  },

  "training by variable and backward, the costs kept in an array": () => {
    const cost = costOf(5);
    const costs: Scalar[] = [];
    let w = variable(problem().w);
    return () => {
      const value = cost(w);
      costs.push(value);
      w = variable(descend(w, backward(value, w)));
    };
  },

  "a tracked function evaluated without ever asking for a gradient": () => {
    const cost = costOf(17);
    const w = variable(problem().w);
    return () => valueOf(cost(w));
  },

  vmap: () => {
    const { x, y, w } = problem();
    const residual = (v: Tensor, row: Tensor, target: Tensor): Scalar => square(sub(tanh(dot(row, v)), target));
    const each = vmap(
      (row: Tensor, target: Tensor) => [residual(w, row, target), grad(residual)(w, row, target)] as const,
    );
    return () => each(x, y);
  },

  "an exception thrown inside f every other time": () => {
    const { w } = problem();
    const cost = costOf(3);
    let count = 0;
    const gradient = grad((v: Tensor): Scalar => {
      const value = cost(v);
      if (count++ % 2 === 1) throw new RangeError("the step is too long");
      return value;
    });
    return () => {
      try {
        return gradient(w);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return error.name;
      }
    };
  },

  "one persistent variable, whose gradient is asked for again and again": () => {
    const cost = costOf(7);
    const w = variable(problem().w);
    return () => backward(cost(w), w);
  },

  "a gradient of a gradient, the inner one at a constant": () => {
    const cost = costOf(2);
    const { w } = problem();
    const inner = (a: Tensor): Tensor => grad((b: Tensor): Scalar => sum(mul(square(b), mul(a, a))))(w);
    let a = w;
    return () => {
      a = descend(a, grad((b: Tensor): Scalar => add(cost(b), sum(inner(b))))(a));
    };
  },

  "gradients that went through inner gradients, kept in an array": () => {
    const kept: Scalar[] = [];
    let x: Scalar = 0.5;
    return () => {
      x = sub(x, mul(0.01, grad((b: Scalar): Scalar => grad((z: Scalar): Scalar => mul(z, mul(z, sin(b))))(3))(x)));
      kept.push(x);
    };
  },

  "jvp, and a function with a captured tracked tensor": () => {
    const cost = costOf(3);
    const { w } = problem();
    const v = square(variable(w));
    return () => [jvp(cost, [w], [w]), grad((u: Tensor): Scalar => sum(mul(u, v)))(w)];
  },

  "per-sample gradients": () => {
    const { x, w } = problem();
    const gradients = batchGrad((v: Tensor, row: Tensor): Scalar => square(tanh(dot(v, row))), { chunk: 3 });
    return () => {
      const result = gradients(w, x);
      return [result.clippedMean(0.1), result.norms()];
    };
  },

  "compiled training, results of their own": () => {
    const step = compile((w: Tensor) => {
      const [value, gradient] = valueAndGrad(costOf(5))(w);
      return [value, descend(w, gradient)] as const;
    });
    let { w } = problem();
    return () => {
      [, w] = step(w);
    };
  },

  "compiled training, memory used again": () => {
    const step = compile((w: Tensor) => descend(w, grad(costOf(5))(w)), { results: "reused" });
    let { w } = problem();
    return () => {
      w = step(w);
    };
  },

  "compiled functions of many signatures": () => {
    const half = compile((x: Tensor) => mul(x, 0.5), { cacheSize: 4 });
    const cost = costOf(5);
    const { w } = problem();
    const slope = grad(compile((v: Tensor): Scalar => cost(v)));
    let count = 0;
    return () => {
      half(w);
      if (count++ % 500 === 0) half(stack(new Array<Tensor>(1 + (count % 7)).fill(w)));
      return slope(w);
    };
  },
};
