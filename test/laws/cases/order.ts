import * as gt from "gradtape";
import { type Draw, range } from "../draw";
import { along, line, type Table } from "../line";

const any = (d: Draw, shape: number[]) => d.tensor(shape);
const distinct = (d: Draw, shape: number[]) => d.distinct(shape);

/** Numbers of which about a third are 0. */
export const withZeros = (d: Draw, shape: readonly number[]): gt.Tensor =>
  gt.mul(d.tensor(shape), gt.cast(gt.greater(d.integers(shape, 0, 2), 0), d.dtype));

/** From either end, with the element itself or without it. */
const running = (op: (x: gt.Tensor, options?: gt.RunOptions) => unknown, numbers: typeof any) =>
  line(op, (d) => {
    const shape = d.shape(1);
    const options = { axis: d.axis(shape.length), reverse: d.chance(0.5), exclusive: d.chance(0.5) };
    return { inputs: [numbers(d, shape)], attrs: options };
  });

const sorting = (op: (x: gt.Tensor, options?: gt.SortOptions) => unknown) =>
  line(op, (d) => {
    const shape = d.shape(1);
    return {
      inputs: [d.distinct(shape)],
      attrs: { axis: d.axis(shape.length), ...(d.chance(0.7) ? { descending: d.chance(0.5) } : {}) },
    };
  });

/** Knots about 1 apart, in ascending order. */
const knotsOf = (d: Draw, count: number) => Array.from({ length: count }, (_, i) => i + d.uniform(-0.2, 0.2));

export const order: Table = {
  cumsum: [along(gt.cumsum, any), running(gt.cumsum, any)],
  cumprod: [along(gt.cumprod, any), along(gt.cumprod, withZeros), running(gt.cumprod, withZeros)],
  logCumSumExp: along(gt.logCumSumExp, any),
  cummax: along(gt.cummax, distinct),
  cummin: along(gt.cummin, distinct),
  sort: sorting(gt.sort),
  argsort: sorting(gt.argsort),
  topK: line(
    (x: gt.Tensor, { k, ...options }: { k: number; axis: number; largest?: boolean }) => gt.topK(x, k, options),
    (d) => {
      const shape = d.shape(1);
      const axis = d.axis(shape.length);
      const k = d.integer(0, shape.at(axis) as number);
      return { inputs: [distinct(d, shape)], attrs: { k, axis, ...(d.chance(0.7) ? { largest: d.chance(0.5) } : {}) } };
    },
  ),
  searchsorted: line(gt.searchsorted, (d) => {
    const sorted = gt.sort(d.distinct([d.integer(1, 5)], 0.4));
    // Halfway between the numbers that are looked up among.
    const values = gt.add(gt.take(sorted, d.integers(d.shape(), 0, sorted.size - 1)), d.choice([-0.15, 0.15]));
    return { inputs: [sorted, values], attrs: d.choice([{}, { side: "left" }, { side: "right" }]) };
  }),
  interpolate: line(gt.interpolate, (d) => {
    const knots = knotsOf(d, d.integer(1, 4));
    const at = range(-1, knots.length, knots);
    const x = d.chance(0.3) ? d.operand([], at) : d.tensor(d.shape(), at);
    return { inputs: [x, gt.tensor(knots, { dtype: d.dtype }), d.tensor([knots.length])] };
  }),
};
