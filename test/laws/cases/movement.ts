import * as gt from "gradtape";
import type { Draw } from "../draw";
import { inputs, type Line, line, type Table } from "../line";

type Tensors = readonly gt.Tensor[];

/** An op of one tensor whose attributes depend on its shape. */
const moving = (op: Line["op"], attrs: (d: Draw, shape: number[]) => unknown, minRank = 0): Line =>
  line(op, (d) => {
    const shape = d.shape(minRank);
    return { inputs: [d.tensor(shape)], attrs: attrs(d, shape) };
  });

/** One to three tensors that differ on one axis at most. */
const joining = (op: Line["op"], ragged: boolean): Line =>
  line(op, (d) => {
    const shape = d.shape(ragged ? 1 : 0);
    const axis = ragged ? d.axis(shape.length) : d.integer(-shape.length - 1, shape.length);
    const resized = () =>
      shape.map((size, i) => (ragged && (i === axis || i === axis + shape.length) ? d.integer(1, 3) : size));
    return { inputs: Array.from({ length: d.integer(1, 3) }, () => d.tensor(resized())), attrs: { axis } };
  });

const part = (d: Draw, size: number): gt.SlicePart => {
  if (d.chance(0.2)) return null;
  if (d.chance(0.25)) return d.integer(-size, size - 1);
  const [start, stop] = [d.integer(-size - 1, size), d.integer(-size - 1, size + 1)];
  const step = d.choice([1, 1, 2, -1, -2]);
  return {
    ...(d.chance(0.7) ? { start } : {}),
    ...(d.chance(0.5) ? { stop } : {}),
    ...(d.chance(0.6) ? { step } : {}),
  };
};

const padding = (options: (d: Draw) => object): Line =>
  moving(
    (x: gt.Tensor, { widths, ...rest }: { widths: number | [number, number][]; value?: number }) =>
      gt.pad(x, widths, rest),
    (d, shape) => ({
      widths: d.chance(0.3) ? d.integer(0, 2) : shape.map(() => [d.integer(0, 3), d.integer(0, 2)]),
      ...options(d),
    }),
  );

const factors = (size: number) => Array.from({ length: size }, (_, i) => i + 1).filter((n) => size % n === 0);

export const movement: Table = {
  reshape: moving(
    (x: gt.Tensor, { shape }: { shape: number[] }) => gt.reshape(x, shape),
    (d, shape) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const rows = d.choice(factors(size));
      return { shape: d.choice([[rows, -1], [rows, size / rows], [-1], [1, rows, 1, size / rows]]) };
    },
  ),
  transpose: [
    inputs(gt.transpose, (d) => [d.tensor(d.shape())]),
    moving(
      (x: gt.Tensor, { permutation }: { permutation: number[] }) => gt.transpose(x, permutation),
      (d, shape) => ({ permutation: d.shuffled(shape.map((_, i) => (d.chance(0.3) ? i - shape.length : i))) }),
    ),
  ],
  swapAxes: moving(
    (x: gt.Tensor, { a, b }: { a: number; b: number }) => gt.swapAxes(x, a, b),
    (d, { length }) => ({ a: d.axis(length), b: d.axis(length) }),
    1,
  ),
  broadcastTo: line(
    (x: gt.Value, { shape }: { shape: number[] }) => gt.broadcastTo(x, shape),
    (d) => {
      const shape = d.shape();
      const from = shape.map((size) => (d.chance(0.5) ? 1 : size)).slice(d.integer(0, shape.length));
      return { inputs: [d.tensor(from)], attrs: { shape } };
    },
  ),
  full: line(
    (x: gt.Tensor, { shape }: { shape: number[] }) => gt.full(shape, x),
    (d) => ({ inputs: [d.tensor(d.chance(0.5) ? [] : [3])], attrs: { shape: d.choice([[3], [2, 3], [1, 3]]) } }),
  ),
  sumTo: line(
    (x: gt.Tensor, { shape }: { shape: number[] }) => gt.sumTo(x, shape),
    (d) => {
      const shape = d.shape();
      const to = shape.map((size) => (d.chance(0.5) ? 1 : size)).slice(d.integer(0, shape.length));
      return { inputs: [d.tensor(shape)], attrs: { shape: to } };
    },
  ),
  slice: moving(
    (x: gt.Tensor, { parts }: { parts: gt.SlicePart[] }) => gt.slice(x, parts),
    (d, shape) => ({ parts: shape.slice(0, d.integer(0, shape.length)).map((size) => part(d, size)) }),
  ),
  "Tensor.at": moving(
    (x: gt.Tensor, { indices }: { indices: number[] }) => x.at(...indices),
    (d, shape) => ({ indices: shape.slice(0, d.integer(1, shape.length)).map((size) => d.integer(-size, size - 1)) }),
    1,
  ),
  flip: moving(gt.flip, (d, { length }) => ({ axis: d.axes(length) })),
  pad: [
    padding((d) => (d.chance(0.5) ? { value: d.uniform(-1, 1) } : {})),
    padding((d) => ({ mode: d.choice(["reflect", "replicate"]) })),
  ],
  roll: moving(
    (x: gt.Tensor, { shift, ...options }: { shift: number | number[] }) => gt.roll(x, shift, options),
    (d, { length }) => {
      const axis = d.axes(length);
      const shifts = () => d.integer(-5, 5);
      return { shift: Array.isArray(axis) && d.chance(0.7) ? axis.map(shifts) : shifts(), axis };
    },
  ),
  meshgrid: line(gt.meshgrid, (d) => ({
    inputs: Array.from({ length: d.integer(1, 3) }, () => d.tensor([d.integer(1, 3)])),
    attrs: d.choice([undefined, { indexing: "xy" }, { indexing: "ij" }]),
  })),
  concat: joining(
    (...args: [...Tensors, gt.AxisOption]) => gt.concat(args.slice(0, -1) as Tensors, args.at(-1) as gt.AxisOption),
    true,
  ),
  stack: joining(
    (...args: [...Tensors, gt.AxisOption]) => gt.stack(args.slice(0, -1) as Tensors, args.at(-1) as gt.AxisOption),
    false,
  ),
  unstack: moving(gt.unstack, (d, { length }) => ({ axis: d.axis(length) }), 1),
  split: moving(
    (x: gt.Tensor, { parts, axis }: { parts: number | number[]; axis: number }) => gt.split(x, parts, { axis }),
    (d, shape) => {
      const axis = d.axis(shape.length);
      const size = shape.at(axis) as number;
      const first = d.integer(0, size);
      return { axis, parts: d.chance(0.5) ? d.choice(factors(size)) : [first, size - first] };
    },
    1,
  ),
  squeeze: moving(gt.squeeze, (d, shape) => {
    const single = shape.flatMap((size, i) => (size === 1 ? [d.chance(0.5) ? i : i - shape.length] : []));
    return d.chance(0.5) ? {} : { axis: d.chance(0.5) && single.length > 0 ? single[0] : single };
  }),
  expandDims: moving(gt.expandDims, (d, { length }) => ({
    axis: d.chance(0.6)
      ? d.integer(-length - 1, length)
      : d.choice([
          [0, -1],
          [0, 1],
          [-2, -1],
        ]),
  })),
  tile: moving(
    (x: gt.Tensor, { repetitions }: { repetitions: number | number[] }) => gt.tile(x, repetitions),
    (d, shape) => ({ repetitions: shape.map(() => d.integer(1, 3)) }),
    1,
  ),
  repeat: moving(
    (x: gt.Tensor, { count, ...options }: { count: number; axis?: number }) => gt.repeat(x, count, options),
    (d, { length }) => ({ count: d.integer(0, 3), ...(d.chance(0.7) ? { axis: d.axis(length) } : {}) }),
    1,
  ),
};
