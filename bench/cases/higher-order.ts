import type { Scalar, Tensor } from "gradtape";
import { agree, type Case, type Figure, numbers, ratios } from "../figure";
import { measure } from "../measure";

const ROWS = 30_000;
const OPS = 10_000;

export const higherOrder: Case = {
  name: "higher-order",
  title: "Jacobians, Hessians and second order",
  run({ add, grad, hessian, hvp, jacobian, jvp, matmul, mul, slice, square, sub, sum, tanh, tensor, vmap }) {
    const figures: Figure[] = [];
    const only = { sample: 40, warmUp: 600, total: 1500 };

    const [w1, w2] = [tensor(numbers(8 * 15), { shape: [8, 15] }), tensor(numbers(16), { shape: [2, 8] })];
    const net = (x: Tensor): Tensor => matmul(w2, tanh(matmul(w1, x)));
    const rows = tensor(numbers(ROWS * 15), { shape: [ROWS, 15] });
    const batched = vmap(jacobian(net));
    agree("jacobian", (batched(rows as never) as Tensor).at(7).data, jacobian(net)(rows.at(7)).data, 1e-12);
    const [jacobians] = measure([{ run: () => batched(rows as never) }], only);
    figures.push({ label: "Jacobian [2, 15] of 30,000 rows, vmap(jacobian)", unit: "ms", samples: jacobians });

    const valley = (x: Tensor): Tensor => {
      const [head, tail] = [slice(x, [{ stop: -1 }]), slice(x, [{ start: 1 }])];
      return sum(add(mul(100, square(sub(tail, square(head)))), square(sub(1, head))));
    };
    const [x, v] = [tensor(numbers(100)), tensor(numbers(100, 1, 3))];
    agree("hvp", hvp(valley)(x, v).data, matmul(hessian(valley)(x), v).data, 1e-10);
    const [hessians] = measure([{ run: () => hessian(valley)(x) }], only);
    figures.push({ label: "Hessian of the Rosenbrock function of 100 numbers", unit: "ms", samples: hessians });

    const size = 4096;
    const [w, long, along] = [tensor(numbers(size)), tensor(numbers(size)), tensor(numbers(size, 1, 3))];
    const smooth = (y: Tensor): Tensor => sum(square(tanh(mul(w, tanh(mul(w, y))))));
    const [products, slopes, tangents, values] = measure([
      { run: () => hvp(smooth)(long, along) },
      { run: () => grad(smooth)(long) },
      { run: () => jvp(smooth, [long], [along]) },
      { run: () => smooth(long) },
    ]);
    figures.push({ label: "hvp / gradient, 4,096 numbers", unit: "x", samples: ratios(products, slopes), target: 4 });
    figures.push({ label: "jvp / value, 4,096 numbers", unit: "x", samples: ratios(tangents, values), target: 3 });

    const chain = ({ a, b, y }: { a: Scalar; b: Scalar; y: Scalar }): Scalar => {
      let z = y;
      for (let i = 0; i < OPS / 2; i++) z = add(mul(z, a), b);
      return z;
    };
    const start = { a: 0.999, b: 0.001, y: 1 };
    const slope = grad((y: typeof start) => {
      const { a, b } = grad(chain)(y);
      return add(mul(a, 1.5), b);
    });
    const [products2, slopes2] = measure(
      [{ run: () => hvp(chain)(start, { a: 1, b: 1, y: 1 }) }, { run: () => slope(start) }],
      only,
    );
    const perOp = (samples: readonly number[]): number[] => samples.map((ms) => (ms * 1e6) / OPS);
    figures.push(
      { label: "gradient of the gradient of the scalar chain", unit: "ns/op", samples: perOp(slopes2), target: 500 },
      { label: "the same order by hvp", unit: "ns/op", samples: perOp(products2), target: 500 },
    );
    return figures;
  },
};

const STEPS = 1000;
const WIDTH = 32;

export const loops: Case = {
  name: "loops",
  title: "scan of 1,000 steps of width 32 against the plain loop",
  run({ add, grad, matmul, mul, scan, sum, tanh, tensor }) {
    const w = tensor(numbers(WIDTH * WIDTH, 0.1), { shape: [WIDTH, WIDTH] });
    const [first, rows] = [tensor(numbers(WIDTH)), tensor(numbers(STEPS * WIDTH), { shape: [STEPS, WIDTH] })];
    const step = (u: Tensor, c: Tensor, x: Tensor): Tensor => tanh(add(matmul(u, c), mul(0.1, x)));
    const scanned =
      (checkpoint: boolean) =>
      (u: Tensor): Tensor =>
        sum(
          scan((c: Tensor, x: Tensor) => [step(u, c, x), undefined] as const, first, rows as never, { checkpoint })[0],
        );
    const plain = (u: Tensor): Tensor => {
      let c: Tensor = first;
      for (let i = 0; i < STEPS; i++) c = step(u, c, rows.at(i));
      return sum(c);
    };
    agree("scan", grad(scanned(true))(w).data, grad(plain)(w).data, 1e-10);
    const names = ["value, scan", "value, loop", "gradient, scan", "gradient, scan with checkpoint", "gradient, loop"];
    const samples = measure([
      { run: () => scanned(false)(w) },
      { run: () => plain(w) },
      { run: () => grad(scanned(false))(w) },
      { run: () => grad(scanned(true))(w) },
      { run: () => grad(plain)(w) },
    ]);
    return names.map((label, k) => ({ label, unit: "ms", samples: samples[k] }));
  },
};
