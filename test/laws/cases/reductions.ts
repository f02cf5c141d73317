import * as gt from "gradtape";
import { type Draw, range } from "../draw";
import { along, line, reduction, type Table } from "../line";

const any = (d: Draw, shape: number[]) => d.operand(shape, range(-2, 2));
const distinct = (d: Draw, shape: number[]) => d.distinct(shape);
const booleans = (d: Draw, shape: number[]) => d.booleans(shape);
/** A zero now and then: the derivative of a product is a product of the others. */
const withZeros = (d: Draw, shape: number[]) => {
  const x = d.tensor(shape);
  return gt.mul(
    x,
    gt.sub(
      1,
      gt.tensor(
        Array.from({ length: x.size }, () => Number(d.chance(0.2))),
        { shape, dtype: d.dtype },
      ),
    ),
  );
};

/** Options of variance and std for an axis of at least two numbers. */
const spread = (op: (...args: never) => unknown) =>
  line(op, (d) => {
    const shape = [d.integer(2, 4), ...d.shape(0, 2)];
    const axis = d.choice([undefined, 0, -shape.length, shape.map((_, i) => i)]);
    return { inputs: [d.distinct(shape)], attrs: { axis, keepDims: d.chance(0.5), correction: d.choice([0, 1, 0.5]) } };
  });

export const reductions: Table = {
  sum: reduction(gt.sum, any),
  mean: reduction(gt.mean, any),
  prod: reduction(gt.prod, withZeros),
  max: reduction(gt.max, distinct),
  min: reduction(gt.min, distinct),
  logSumExp: reduction(gt.logSumExp, any),
  any: reduction(gt.any, booleans),
  all: reduction(gt.all, booleans),
  argmax: along(gt.argmax, distinct),
  argmin: along(gt.argmin, distinct),
  variance: spread(gt.variance),
  std: spread(gt.std),
  median: reduction(gt.median, distinct),
  quantile: [
    line(
      (x: gt.Tensor, { q, ...options }: { q: number[] }) => gt.quantile(x, q, options),
      (d) => {
        const shape = d.shape();
        const q = d.choice([d.uniform(0, 1), 0, 1, [d.uniform(0, 1), 0.5], []]);
        return { inputs: [d.distinct(shape)], attrs: { ...d.reduction(shape.length), q } };
      },
    ),
    line(
      (x: gt.Tensor, q: gt.Tensor, options: object) => gt.quantile(x, q, options),
      (d) => {
        // Places among three numbers that are away from each of them, by more than the step of the differences.
        const shape = [...d.shape(0, 1), 3];
        const q = d.tensor(d.shape(0, 2), range(0.2, 0.8, [0.5]));
        return { inputs: [d.distinct(shape, 0.1), q], attrs: { axis: -1, keepDims: d.chance(0.5) } };
      },
    ),
  ],
  norm: line(gt.norm, (d) => {
    const shape = d.shape(1);
    const ord = d.choice([undefined, 1, 1.5, 2, 3, Infinity]);
    // Of different sizes and none of them 0, whatever their signs: away from every kink.
    const sizes = d.distinct(shape, 0.1);
    const x = gt.mul(
      gt.add(gt.abs(sizes), gt.where(gt.greater(sizes, 0), 0.45, 0.5)),
      gt.where(gt.cast(d.booleans(shape), "bool"), 1, -1),
    );
    return { inputs: [gt.cast(x, d.dtype)], attrs: { ...d.reduction(shape.length), ord } };
  }),
  softmax: along(gt.softmax, (d, shape) => d.tensor(shape)),
  logSoftmax: along(gt.logSoftmax, (d, shape) => d.tensor(shape)),
  layerNorm: line(gt.layerNorm, (d) => {
    const shape = d.shape(1);
    const axis = d.chance(0.5) ? d.axis(shape.length) : shape.map((_, i) => i);
    return { inputs: [d.distinct(shape)], attrs: { axis, epsilon: d.choice([1e-5, 0.1]) } };
  }),
};
