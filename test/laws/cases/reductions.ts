import * as gt from "gradtape";
import { type Draw, range } from "../draw";
import { along, line, reduction, type Table } from "../line";

const any = (d: Draw, shape: number[]) => d.operand(shape, range(-2, 2));
const distinct = (d: Draw, shape: number[]) => d.distinct(shape);
const numbersOf = (d: Draw, shape: number[]) => d.tensor(shape);
/** Of different sizes and none of them 0, whatever their signs: away from every kink. */
const fromZero = (d: Draw, shape: number[]) => {
  const sizes = d.distinct(shape, 0.1);
  const x = gt.mul(
    gt.add(gt.abs(sizes), gt.where(gt.greater(sizes, 0), 0.45, 0.5)),
    gt.where(gt.cast(d.booleans(shape), "bool"), 1, -1),
  );
  return gt.cast(x, d.dtype);
};
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

type Options = { readonly axis?: gt.Axis | undefined; readonly keepDims?: boolean };
type Masked = (x: gt.Tensor, options: Options & { readonly where: gt.Tensor }) => gt.Value | boolean;

/** A mask that broadcasts to a shape and leaves at least `least` elements to every result. */
function drawMask(d: Draw, shape: number[], axis: gt.Axis | undefined, least: number): gt.Tensor {
  const part = shape.map((size) => (d.chance(0.2) ? 1 : size)).slice(d.chance(0.2) ? 1 : 0);
  for (let round = 0; round < 20; round++) {
    const mask = gt.cast(d.booleans(round < 15 ? part : shape), "bool");
    const left = gt.sum(gt.broadcastTo(mask, shape), { axis });
    if (gt.all(gt.greaterEqual(left, least))) return mask;
  }
  return gt.ones(shape, { dtype: "bool" });
}

/**
 * An op that takes a mask, as an input beside x, so that it is mapped and traced as well. What it leaves out is made NaN or
 * infinite now and then, by a sum, which passes every derivative on.
 */
const masked = (op: Masked, numbers: (d: Draw, shape: number[]) => gt.Value, least: number, minRank = 0) =>
  line(
    (x: gt.Tensor, mask: gt.Tensor, { hole, ...options }: Options & { hole: number }) =>
      op(x.dtype === "bool" ? x : gt.add(x, gt.cast(gt.where(mask, 0, hole), x.dtype)), { ...options, where: mask }),
    (d) => {
      const shape = d.shape(minRank);
      const options = minRank > 0 ? { axis: d.axis(shape.length) } : d.reduction(shape.length);
      const where = drawMask(d, shape, options.axis, least);
      const x = numbers(d, shape);
      const float = typeof x !== "number" && x.dtype.startsWith("float");
      const attrs = { ...options, hole: float ? d.choice([0, NaN, Infinity, -Infinity]) : 0 };
      return { inputs: [typeof x === "number" ? gt.tensor(x) : x, where], attrs };
    },
  );

export const reductions: Table = {
  sum: [reduction(gt.sum, any), masked(gt.sum, any, 0)],
  mean: [reduction(gt.mean, any), masked(gt.mean, any, 1)],
  prod: [reduction(gt.prod, withZeros), masked(gt.prod, withZeros, 0)],
  max: [reduction(gt.max, distinct), masked(gt.max, distinct, 1)],
  min: [reduction(gt.min, distinct), masked(gt.min, distinct, 1)],
  logSumExp: [reduction(gt.logSumExp, any), masked(gt.logSumExp, any, 1)],
  any: [reduction(gt.any, booleans), masked(gt.any, booleans, 0)],
  all: [reduction(gt.all, booleans), masked(gt.all, booleans, 0)],
  argmax: along(gt.argmax, distinct),
  argmin: along(gt.argmin, distinct),
  variance: [spread(gt.variance), masked(gt.variance, distinct, 1)],
  std: [spread(gt.std), masked(gt.std, distinct, 2)],
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
  norm: [
    line(gt.norm, (d) => {
      const shape = d.shape(1);
      const ord = d.choice([undefined, 1, 1.5, 2, 3, Infinity]);
      return { inputs: [fromZero(d, shape)], attrs: { ...d.reduction(shape.length), ord } };
    }),
    ...[1, 2, 3, Infinity].map((ord) => masked((x, options) => gt.norm(x, { ...options, ord }), fromZero, 1)),
  ],
  softmax: [along(gt.softmax, numbersOf), masked(gt.softmax as Masked, numbersOf, 0, 1)],
  logSoftmax: [
    along(gt.logSoftmax, numbersOf),
    // Differences of -Infinity say nothing, so what is left out is taken out again.
    masked(
      (x, { axis, where }) => gt.where(where, gt.logSoftmax(x, { axis: axis as number, where }), 0),
      numbersOf,
      0,
      1,
    ),
  ],
  layerNorm: line(gt.layerNorm, (d) => {
    const shape = d.shape(1);
    const axis = d.chance(0.5) ? d.axis(shape.length) : shape.map((_, i) => i);
    return { inputs: [d.distinct(shape)], attrs: { axis, epsilon: d.choice([1e-5, 0.1]) } };
  }),
};
