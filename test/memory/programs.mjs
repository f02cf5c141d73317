// Five programs whose memory must stay flat. Each returns one iteration; what it keeps alive, it keeps on purpose.
// The lengths of their tapes do not divide a page (4096 entries), so pages never end where an iteration does.

/** A small regression: 7 samples of 5 numbers. */
function problem({ tensor }) {
  const numbers = Float64Array.from({ length: 35 }, (_, i) => Math.sin(1 + 3 * i));
  return {
    x: tensor(numbers, { shape: [7, 5] }),
    y: tensor(Float64Array.from({ length: 7 }, (_, i) => Math.cos(i))),
    w: tensor(Float64Array.from({ length: 5 }, (_, i) => 0.1 * i)),
  };
}

/** Nine tensor entries and, in the loop, 2 * `links` scalar ones. */
function costOf({ add, matmul, mean, mul, square, sub, sum, tanh }, { x, y }, links) {
  return (w) => {
    let penalty = mean(square(w));
    for (let i = 0; i < links; i++) penalty = add(mul(penalty, 0.99), 1e-3);
    return add(mean(square(sub(tanh(matmul(x, w)), y))), mul(0.01, add(penalty, sum(w))));
  };
}

export const programs = {
  "training by valueAndGrad": (gt) => {
    const data = problem(gt);
    const step = gt.valueAndGrad(costOf(gt, data, 11));
    let { w } = data;
    let value = 0;
    return () => {
      const [cost, gradient] = step(w);
      value = cost.item();
      w = gt.sub(w, gt.mul(0.05, gradient));
      return value;
    };
  },

  "training by variable and backward, the costs kept in an array": (gt) => {
    const data = problem(gt);
    const cost = costOf(gt, data, 5);
    const costs = [];
    let w = gt.variable(data.w);
    return () => {
      const value = cost(w);
      const gradient = gt.backward(value, w);
      costs.push(value);
      w = gt.variable(gt.sub(w, gt.mul(0.05, gradient)));
      return costs.length;
    };
  },

  "a tracked function evaluated without ever asking for a gradient": (gt) => {
    const data = problem(gt);
    const cost = costOf(gt, data, 17);
    const w = gt.variable(data.w);
    return () => cost(w).item();
  },

  vmap: (gt) => {
    const { x, y, w } = problem(gt);
    const residual = (row, target) => gt.square(gt.sub(gt.tanh(gt.dot(row, w)), target));
    const gradient = gt.grad((v, row, target) => gt.square(gt.sub(gt.tanh(gt.dot(row, v)), target)));
    const each = gt.vmap((row, target) => [residual(row, target), gradient(w, row, target)]);
    return () => each(x, y)[0].data[0];
  },

  "an exception thrown inside f every other time": (gt) => {
    const data = problem(gt);
    const cost = costOf(gt, data, 3);
    let count = 0;
    const gradient = gt.grad((w) => {
      const value = cost(w);
      if (count++ % 2 === 1) throw new RangeError("the step is too long");
      return value;
    });
    return () => {
      try {
        return gradient(data.w).data[0];
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return 0;
      }
    };
  },
};
