import type { TensorData } from "../../base/dtype";
import type { Shape } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp, Declarations, Lazy, Lower } from "../../core/op/op";
import { reshapeTo } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import { type Convolution, convolve, convolveInput, convolveKernel } from "../../numeric/convolution/convolve";
import type { ConvolutionAxis } from "../../numeric/convolution/taps";
import { stack } from "../movement/concat-stack";
import { moveAxis, permute } from "../movement/reshape-transpose";
import { stridedPad, stridedSlice, wholeOf } from "../movement/strided-window";
import { convolvedBack, inWindows, type Windows } from "./lazy-windows";

/*
 * x [N, G C, H, W], kernel k [G O, C, KH, KW], y [N, G O, OH, OW] are the sides of one trilinear form,
 *   sum over n, g, o, c, q, t of y[n, g, o, q] k[g, o, c, t] x[n, g, c, q stride + t dilation - before],
 * where x is 0 outside. Each of three ops gives what stands beside one of them, and the derivatives of each are the other two.
 */

export type Pair = readonly [rows: number, columns: number];

export interface ConvolutionAttrs {
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Zeros before x. How many stand behind it follows from the sizes. */
  readonly before: Pair;
  readonly groups: number;
  /** C: channels of x in one group. */
  readonly channels: number;
  /** Size of the planes of the result. */
  readonly size: Pair;
}

type Rule = (a: Handle, b: Handle, attrs: ConvolutionAttrs) => Handle;

const sizeOfPlanes = (shape: Shape): Pair => [shape[2], shape[3]];

/** The sizes of a convolution from the shapes of all three. */
function sizesOf(x: Shape, k: Shape, y: Shape, attrs: ConvolutionAttrs): Convolution {
  const { stride, dilation, before, groups, channels } = attrs;
  const axis = (i: 0 | 1): ConvolutionAxis => ({
    x: x[i + 2],
    k: k[i + 2],
    y: y[i + 2],
    stride: stride[i],
    dilation: dilation[i],
    before: before[i],
  });
  return { images: x[0], groups, channels, filters: y[1] / groups, axes: [axis(0), axis(1)] };
}

/** What tells the three apart. */
interface Side {
  readonly name: string;
  shape(a: Shape, b: Shape, attrs: ConvolutionAttrs): Shape;
  evaluate(out: TensorData, a: Handle, b: Handle, attrs: ConvolutionAttrs, shape: Shape): void;
  /** Cotangents of the inputs, from that of the output. */
  pullFirst(bar: Handle, a: Handle, b: Handle, attrs: ConvolutionAttrs): Handle;
  pullSecond(bar: Handle, a: Handle, b: Handle, attrs: ConvolutionAttrs): Handle;
  /** The op where the first input, the second, or both are batches. */
  readonly batch: { readonly first: Rule; readonly second: Rule; readonly both: Rule };
  readonly declares?: Pick<Declarations, "contraction" | "operands">;
  /** The output from operands whose channels stand in groups; null: not for these sizes. */
  lower(on: Lower, a: Lazy, b: Lazy, sizes: Convolution): Lazy | null;
  /** The sizes, from the shapes of the inputs and the output. */
  sizes(a: Shape, b: Shape, out: Shape, attrs: ConvolutionAttrs): Convolution;
}

/** Images [N, G C, H, W] as [N, G, C, H, W]. */
const inGroups = (on: Lower, x: Lazy, groups: number): Lazy =>
  on.reshape(x, [x.shape[0], groups, x.shape[1] / groups, ...x.shape.slice(2)]);
/** Kernels [G O, C, S, T] as [G, O, C, S, T]. */
const kernelsInGroups = (on: Lower, k: Lazy, groups: number): Lazy =>
  on.reshape(k, [groups, k.shape[0] / groups, ...k.shape.slice(1)]);

/** Where taps stand, for every place of y. */
const windowsAt = ({ axes }: Convolution): readonly [Windows, Windows] => {
  const [rows, columns] = axes.map(({ y, k, ...rest }) => ({ count: y, window: k, ...rest }));
  return [rows, columns];
};

function sideOf(side: Side): Rule {
  const op: CoreOp<ConvolutionAttrs> = makeOp<readonly [Handle, Handle], ConvolutionAttrs>({
    name: side.name,
    shape: ([a, b], attrs) => side.shape(a, b, attrs),
    dtype: ([dtype]) => dtype,
    evaluate: (out, [a, b], attrs) => side.evaluate(out, a, b, attrs, side.shape(a.shape, b.shape, attrs)),
    vjp: [
      ({ yBar, inputs: [a, b], attrs }) => side.pullFirst(yBar, a, b, { ...attrs, size: sizeOfPlanes(a.shape) }),
      ({ yBar, inputs: [a, b], attrs }) => side.pullSecond(yBar, a, b, { ...attrs, size: sizeOfPlanes(b.shape) }),
    ],
    jvp: [
      ({ xDot, inputs: [, b], attrs }) => run(xDot, b, attrs),
      ({ xDot, inputs: [a], attrs }) => run(a, xDot, attrs),
    ],
    reads: { output: false },
    batch: ([a, b], [first, second], attrs) => {
      const rule = first && second ? side.batch.both : first ? side.batch.first : side.batch.second;
      return rule(a, b, attrs);
    },
    declares: { linear: "each", ...side.declares },
    lower: (on, [a, b], attrs, [{ shape }]) => {
      const sizes = side.sizes(a.shape, b.shape, shape, attrs);
      // Of no samples that have kernels of their own there are no groups.
      const y = sizes.groups === 0 ? null : side.lower(on, a, b, sizes);
      return y && [on.reshape(y, shape)];
    },
  });
  const run: Rule = (a, b, attrs) => apply(op, [a, b], attrs);
  return run;
}

/** y from x and k. */
export const conv: Rule = /* @__PURE__ */ sideOf({
  name: "conv",
  shape: (x, k, { size }) => [x[0], k[0], ...size],
  evaluate: (y, x, k, attrs, shape) => convolve(y, x.data, k.data, sizesOf(x.shape, k.shape, shape, attrs)),
  sizes: (x, k, y, attrs) => sizesOf(x, k, y, attrs),
  lower: (on, x, k, sizes) => {
    const seen = inWindows(on, inGroups(on, x, sizes.groups), windowsAt(sizes), 0);
    return on.product("ngcpqst,gocst->ngopq", seen, kernelsInGroups(on, k, sizes.groups));
  },
  pullFirst: (yBar, _, k, attrs) => convInput(yBar, k, attrs),
  pullSecond: (yBar, x, _, attrs) => convKernel(x, yBar, attrs),
  batch: {
    first: (x, k, attrs) => unfold(conv(fold(x), k, attrs), x),
    second: (x, k, attrs) => {
      const [size, filters] = k.shape;
      const apart = reshapeTo(k, [size, attrs.groups, filters / attrs.groups, ...k.shape.slice(2)]);
      const inside = reshapeTo(moveAxis(apart, 0, 1), [size * filters, ...k.shape.slice(2)]);
      return channelsOut(conv(x, inside, attrs), size, filters, attrs.groups);
    },
    both: (x, k, attrs) =>
      channelsOut(conv(channelsIn(x, 1), fold(k), perSampleAttrs(attrs, x)), x.shape[0], k.shape[1], 1),
  },
});

/** x from y and k. */
export const convInput: Rule = /* @__PURE__ */ sideOf({
  name: "convInput",
  shape: (y, _, { groups, channels, size }) => [y[0], groups * channels, ...size],
  evaluate: (x, y, k, attrs, shape) => convolveInput(x, y.data, k.data, sizesOf(shape, k.shape, y.shape, attrs)),
  sizes: (y, k, x, attrs) => sizesOf(x, k, y, attrs),
  lower: (on, y, k, { groups, axes }) =>
    convolvedBack(on, inGroups(on, y, groups), kernelsInGroups(on, k, groups), axes),
  pullFirst: (xBar, _, k, attrs) => conv(xBar, k, attrs),
  pullSecond: (xBar, y, _, attrs) => convKernel(xBar, y, attrs),
  batch: {
    first: (y, k, attrs) => unfold(convInput(fold(y), k, attrs), y),
    second: (y, k, attrs) => {
      const [size, filters] = k.shape;
      const inside = reshapeTo(moveAxis(k, 0, 1), [filters, size * attrs.channels, ...k.shape.slice(3)]);
      const wide = { ...attrs, channels: size * attrs.channels };
      return channelsOut(convInput(y, inside, wide), size, attrs.groups * attrs.channels, attrs.groups);
    },
    both: (y, k, attrs) => {
      const x = convInput(channelsIn(y, 1), fold(k), perSampleAttrs(attrs, y));
      return channelsOut(x, y.shape[0], attrs.groups * attrs.channels, 1);
    },
  },
});

/** k from x and y. */
export const convKernel: Rule = /* @__PURE__ */ sideOf({
  name: "convKernel",
  shape: (_, y, { channels, size }) => [y[1], channels, ...size],
  evaluate: (k, x, y, attrs, shape) => convolveKernel(k, x.data, y.data, sizesOf(x.shape, shape, y.shape, attrs)),
  sizes: (x, y, k, attrs) => sizesOf(x, k, y, attrs),
  lower: (on, x, y, sizes) => {
    const seen = inWindows(on, inGroups(on, x, sizes.groups), windowsAt(sizes), 0);
    return on.product("ngcpqst,ngopq->gocst", seen, inGroups(on, y, sizes.groups));
  },
  declares: {
    contraction: (_, { groups }: ConvolutionAttrs) => (groups === 1 ? "uvncpq,nopq->ocuv" : null),
    operands: ([x, y], attrs: ConvolutionAttrs) => [seenByTaps(x, y, attrs), y],
  },
  pullFirst: (kBar, _, y, attrs) => convInput(y, kBar, attrs),
  pullSecond: (kBar, x, _, attrs) => conv(x, kBar, attrs),
  batch: {
    first: (x, y, attrs) => {
      const wide = { ...attrs, channels: x.shape[0] * attrs.channels };
      const k = convKernel(channelsIn(x, attrs.groups), y, wide);
      return moveAxis(reshapeTo(k, [k.shape[0], x.shape[0], attrs.channels, ...attrs.size]), 1, 0);
    },
    second: (x, y, attrs) => {
      const [size, , filters] = y.shape;
      const k = convKernel(x, channelsIn(y, attrs.groups), attrs);
      const apart = [attrs.groups, size, filters / attrs.groups, attrs.channels, ...attrs.size];
      return reshapeTo(moveAxis(reshapeTo(k, apart), 1, 0), [size, filters, attrs.channels, ...attrs.size]);
    },
    both: (x, y, attrs) => {
      const k = convKernel(channelsIn(x, 1), channelsIn(y, 1), perSampleAttrs(attrs, x));
      return reshapeTo(k, [y.shape[0], y.shape[2], attrs.channels, ...attrs.size]);
    },
  },
});

/** What every tap of the kernel sees of x at every position of y: [KH, KW, N, C, OH, OW]. */
function seenByTaps(x: Handle, y: Handle, { stride, dilation, before, size }: ConvolutionAttrs): Handle {
  const [images, channels, ...plane] = x.shape;
  const positions = sizeOfPlanes(y.shape);
  const whole = plane.map((n, i) =>
    Math.max(n + before[i], (positions[i] - 1) * stride[i] + (size[i] - 1) * dilation[i] + 1),
  );
  const window = { ...wholeOf(x.shape), starts: [0, 0, ...before] };
  const wide = stridedPad(x, { window, shape: [images, channels, ...whole], value: 0 });
  const sizes = [images, channels, ...positions];
  const taps = Array.from({ length: size[0] * size[1] }, (_, tap) => {
    const [u, v] = [Math.floor(tap / size[1]), tap % size[1]];
    const starts = [0, 0, u * dilation[0], v * dilation[1]];
    return stridedSlice(wide, { starts, steps: [1, 1, ...stride], sizes, shape: sizes });
  });
  return reshapeTo(asHandle(stack(taps)), [...size, ...sizes]);
}

/*
 * Where a batch axis goes. Two batches are further groups: sample b of x meets sample b of k. One batch is further
 * images, or it stands between groups and channels (or filters), so that all samples meet the same elements.
 */

const perSampleAttrs = (attrs: ConvolutionAttrs, { shape }: Handle): ConvolutionAttrs => ({
  ...attrs,
  groups: shape[0] * attrs.groups,
});

/** [B, N, ...] as [B N, ...]. */
const fold = (x: Handle): Handle => reshapeTo(x, [x.shape[0] * x.shape[1], ...x.shape.slice(2)]);

/** [B N, ...] as [B, N, ...], B and N those of another. */
const unfold = (y: Handle, { shape: [size, images] }: Handle): Handle =>
  reshapeTo(y, [size, images, ...y.shape.slice(1)]);

/** [B, N, G C, H, W] as [N, G B C, H, W]. Nothing moves where N and G are 1. */
function channelsIn(x: Handle, groups: number): Handle {
  const [size, images, channels, ...plane] = x.shape;
  const apart = reshapeTo(x, [size, images, groups, channels / groups, ...plane]);
  const moved = images === 1 && groups === 1 ? apart : permute(apart, [1, 2, 0, 3, 4, 5]);
  return reshapeTo(moved, [images, size * channels, ...plane]);
}

/** [N, G B C, H, W] as [B, N, G C, H, W]. */
function channelsOut(y: Handle, size: number, channels: number, groups: number): Handle {
  const [images, , ...plane] = y.shape;
  const inner = channels / groups;
  const moved =
    images === 1 && groups === 1
      ? y
      : permute(reshapeTo(y, [images, groups, size, inner, ...plane]), [2, 0, 1, 3, 4, 5]);
  return reshapeTo(moved, [size, images, channels, ...plane]);
}
