import type { TensorData } from "../../base/dtype";
import { type Shape, sizeOf, stridesOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { following, partOf } from "../../core/op/lazy-views";
import { makeLinear } from "../../core/op/linear-op";
import type { CoreOp, Lazy, Lower } from "../../core/op/op";
import type { Handle } from "../../core/tensor/handle";
import { gather } from "../../numeric/strided";

/** A strided window on a tensor: where it starts, how it steps and how much it takes on every axis. */
export interface StridedWindow {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly sizes: readonly number[];
  /** Shape of what is seen: `sizes`, without the axes of size 1 that are dropped. */
  readonly shape: Shape;
}

/** A window and the whole that it is a window on. */
export interface Placement {
  readonly window: StridedWindow;
  readonly shape: Shape;
  /** What stands outside the window. */
  readonly value: number;
}

/** The window on everything. */
export const wholeOf = (shape: Shape): StridedWindow => ({
  starts: shape.map(() => 0),
  steps: shape.map(() => 1),
  sizes: shape,
  shape,
});

/** The window that takes `size` positions from `start` on along one axis, all of the others. */
export function windowAlong(shape: Shape, axis: number, start: number, size: number, drop = false): StridedWindow {
  const sizes = shape.map((whole, i) => (i === axis ? size : whole));
  return {
    ...wholeOf(shape),
    starts: shape.map((_, i) => (i === axis ? start : 0)),
    sizes,
    shape: drop ? sizes.filter((_, i) => i !== axis) : sizes,
  };
}

const batched = (window: StridedWindow, size: number): StridedWindow => ({
  starts: [0, ...window.starts],
  steps: [1, ...window.steps],
  sizes: [size, ...window.sizes],
  shape: [size, ...window.shape],
});

/** Strides and offset of the window in an array of the given shape. */
function stridesIn({ starts, steps }: StridedWindow, shape: Shape): [strides: number[], offset: number] {
  const strides = stridesOf(shape);
  let offset = 0;
  for (let i = 0; i < strides.length; i++) {
    offset += starts[i] * strides[i];
    strides[i] *= steps[i];
  }
  return [strides, offset];
}

/** out[offset + sum of index * stride] = x[i], or that plus what is there; unlike the sum of scatter the first keeps -0. */
function place(
  out: TensorData,
  sizes: Shape,
  x: TensorData,
  strides: readonly number[],
  offset: number,
  adds = false,
): void {
  if (sizeOf(sizes) === 0) return;
  const last = sizes.length - 1;
  let from = 0;
  const walk = (axis: number, to: number): void => {
    if (axis > last) out[to] = (adds ? out[to] : -0) + x[from++];
    else if (axis < last || adds)
      for (let i = 0, at = to; i < sizes[axis]; i++, at += strides[axis]) walk(axis + 1, at);
    else for (let i = 0, at = to; i < sizes[axis]; i++, at += strides[axis]) out[at] = x[from++];
  };
  walk(0, offset);
}

const SLICE: CoreOp<StridedWindow> = /* @__PURE__ */ makeLinear<StridedWindow>(
  {
    name: "slice",
    shape: (_, { shape }) => shape,
    evaluate: (out, x, window) => gather(out, window.sizes, x.data, ...stridesIn(window, x.shape)),
    transpose: (yBar, shape, window) => apply(STRIDED_PAD, [yBar], { window, shape, value: 0 }),
    batch: (x, window) => apply(SLICE, [x], batched(window, x.shape[0])),
    lower: (on, x, { starts, steps, sizes, shape }) =>
      on.reshape(
        on.view(
          x,
          sizes,
          sizes.map((_, i) => following(sizes.length, i, steps[i], starts[i])),
        ),
        shape,
      ),
  },
  {
    addCotangent: (sum, { inputs: [x], attrs: window }, yBar) =>
      place(sum, window.sizes, yBar.data, ...stridesIn(window, x.shape), true),
  },
);

const STRIDED_PAD: CoreOp<Placement> = /* @__PURE__ */ makeLinear<Placement>({
  name: "stridedPad",
  shape: (_, { shape }) => shape,
  evaluate: (out, x, { window, shape }) => place(out, window.sizes, x.data, ...stridesIn(window, shape)),
  transpose: (yBar, _, { window }) => stridedSlice(yBar, window),
  batch: (x, frame) => apply(STRIDED_PAD, [x], batchedFrame(frame, x.shape[0])),
  declares: { placement: ({ window, shape }) => ({ ...window, shape }) },
  lower: placed,
});

/** x with gaps where the window steps over places, and what is outside around it. */
function placed(on: Lower, x: Lazy, { window: { starts, steps, sizes }, shape, value }: Placement): Lazy {
  const rank = sizes.length;
  const strides = steps.map((step, i) => (sizes[i] > 1 ? Math.abs(step) : 1));
  const first = starts.map((start, i) => (sizes[i] === 0 ? 0 : start + (steps[i] < 0 ? (sizes[i] - 1) * steps[i] : 0)));
  let y = on.reshape(x, sizes);
  if (steps.some((step) => step < 0)) {
    const backwards = (i: number) => following(rank, i, -1, sizes[i] - 1);
    y = on.view(
      y,
      sizes,
      steps.map((step, i) => (step < 0 ? backwards(i) : following(rank, i))),
    );
  }
  if (strides.some((stride) => stride > 1)) {
    const apart = on.reshape(
      y,
      sizes.flatMap((size) => [size, 1]),
    );
    const none = apart.shape.map(() => 0);
    const gaps = strides.flatMap((stride) => [0, stride - 1]);
    y = on.reshape(
      on.pad(apart, none, gaps, value),
      sizes.map((size, i) => size * strides[i]),
    );
    // Behind the last position there is no gap where the whole ends.
    for (let i = 0; i < rank; i++) {
      if (first[i] + y.shape[i] > shape[i]) y = partOf(on, y, i, 0, shape[i] - first[i]);
    }
  }
  const after = shape.map((size, i) => size - first[i] - y.shape[i]);
  return on.pad(y, first, after, value);
}

const batchedFrame = ({ window, shape, value }: Placement, size: number): Placement => ({
  window: batched(window, size),
  shape: [size, ...shape],
  value,
});

/** UNSLICE into something that is not zero: no longer linear, the tangent is that of UNSLICE. */
const PAD: CoreOp<Placement> = /* @__PURE__ */ padOp();

function padOp(): CoreOp<Placement> {
  return {
    ...STRIDED_PAD,
    name: "pad",
    evaluate: ([out], [x], { window, shape, value }) => {
      out.fill(value);
      place(out, window.sizes, x.data, ...stridesIn(window, shape));
    },
    pushforward: ({ attrs }, [xDot]) => [xDot && apply(STRIDED_PAD, [xDot], { ...attrs, value: 0 })],
    batch: ([x], _, frame) => [apply(PAD, [x], batchedFrame(frame, x.shape[0]))],
    declares: {},
  };
}

/** What a window shows of x. */
export function stridedSlice(x: Handle, window: StridedWindow): Handle {
  const { starts, steps, sizes, shape } = window;
  const all =
    shape.length === x.shape.length &&
    sizes.every((size, i) => size === x.shape[i] && starts[i] === 0 && (steps[i] === 1 || size <= 1));
  return all ? x : apply(SLICE, [x], window);
}

/** x seen through a window on zeros, or on another value. */
export const stridedPad = (x: Handle, frame: Placement): Handle =>
  apply(frame.value === 0 ? STRIDED_PAD : PAD, [x], frame);
