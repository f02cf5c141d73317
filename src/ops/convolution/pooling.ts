import { type TensorData, toFloat } from "../../base/dtype";
import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkFlag, checkOptions } from "../../base/options";
import { checkPlaces, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { foldKept, repeated } from "../../core/op/lazy-views";
import { makeLinear } from "../../core/op/linear-op";
import type { CoreOp, Lazy } from "../../core/op/op";
import { castTo, divideBy, reshapeTo } from "../../core/op/sweep-ops";
import { type Handle, makeFilled, makeTensor } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { add, and, choose, equal, type Formula, less, lessEqual, mul, notEqual, or, sub } from "../../kernel/formula";
import { type Convolution, convolve } from "../../numeric/convolution/convolve";
import { findLargest, type PoolingAxis, windowEnd, windowStart } from "../../numeric/convolution/pooling";
import { divideSums } from "../../numeric/rows/row-sums";
import { div } from "../elementwise/arithmetic";
import { alongEvery } from "../indexing/along-axis";
import { FEW, gatherAlong } from "../indexing/gather-scatter-op";
import { meansOfSums } from "../reduce/lazy-rows";
import { convInput } from "./convolution-op";
import { checkImages, checkSizes, type PoolOptions, windowsOf } from "./convolution-options";
import { inWindows, type Windows } from "./lazy-windows";

/** Rows, then columns. */
type Axes = readonly [PoolingAxis, PoolingAxis];

const countsOf = ([rows, columns]: Axes): readonly [number, number] => [rows.count, columns.count];

/** Where the windows stand that the options ask for. */
function axesOf(where: string, x: Handle, options: PoolOptions): Axes {
  if ((options?.window ?? null) === null) {
    fail(
      "option/required",
      `${where}: the option window is required.`,
      { option: "window" },
      "{ window: 2 } sees two rows and two columns at a time.",
    );
  }
  const size = x.shape.slice(2);
  const window = checkSizes(where, "window", options.window, 2, 1);
  const stride = checkSizes(where, "stride", options.stride ?? options.window, 2, 1);
  const dilation = checkSizes(where, "dilation", options.dilation ?? 1, 2, 1);
  const windows = windowsOf(where, "window", size, options.padding, { window, stride, dilation });
  const axis = (i: number): PoolingAxis => ({
    size: size[i],
    window: window[i],
    stride: stride[i],
    dilation: dilation[i],
    ...windows[i],
  });
  const axes: Axes = [axis(0), axis(1)];
  for (const one of axes) {
    for (let i = 0; i < one.count; i++) {
      if (windowStart(one, i) < windowEnd(one, i)) continue;
      fail(
        "pool/window",
        `${where}: a window of size ${list(window)} lies wholly in the padding ${list(axes.map(({ before }) => before))} of x of size ${list(size)}.`,
        { size, window, stride, dilation, padding: axes.map(({ before }) => before) },
        "Give less padding than the window is wide.",
      );
    }
  }
  return axes;
}

/** Images [N, C, H, W] as planes [N C, H W], where the largest element of each window is; of any dtype. */
const LARGEST: CoreOp<Axes> = /* @__PURE__ */ makeOp<readonly [Handle], Axes>({
  name: "argmaxPool",
  shape: ([x], axes) => {
    checkPlaces("maxPool2d", x[2] * x[3]);
    return [...x.slice(0, 2), ...countsOf(axes)];
  },
  dtype: () => "int32",
  evaluate: (out, [x], axes) => findLargest(out, x.data, x.shape[0] * x.shape[1], ...axes),
  vjp: [null],
  batch: ([x], _, axes) => {
    const [size, images, ...rest] = x.shape;
    const places = apply(LARGEST, [reshapeTo(x, [size * images, ...rest])], axes);
    return reshapeTo(places, [size, images, ...places.shape.slice(1)]);
  },
  lower: (on, [x], axes) => {
    const [rows, columns] = axes.map(windowsAlong);
    const seen = inWindows(
      on,
      x,
      [rows, columns],
      x.dtype === "int32" ? -(2 ** 31) : x.dtype === "bool" ? 0 : -Infinity,
    );
    const best = foldKept(on, "max", seen, [4, 5]);
    const found = on.map("bool", (a, top) => or(equal(a, top), notEqual(a, a)), seen, best);
    const [p, q, s, t] = [0, 1, 2, 3].map((axis) => on.place(seen.shape.slice(2), axis));
    const at = (i: 0 | 1, window: Formula, tap: Formula): Formula => {
      const { stride, dilation, before } = axes[i];
      return sub(add(mul(window, stride), mul(tap, dilation)), before);
    };
    const inside = (i: 0 | 1, place: Formula): Formula => and(lessEqual(0, place), less(place, axes[i].size));
    const places = on.map(
      "int32",
      (here, a, b, c, d) => {
        const [row, column] = [at(0, a, c), at(1, b, d)];
        const counts = and(notEqual(here, 0), and(inside(0, row), inside(1, column)));
        return choose(counts, add(mul(row, axes[1].size), column), axes[0].size * axes[1].size);
      },
      found,
      p,
      q,
      s,
      t,
    );
    return [on.fold("min", places, [4, 5])];
  },
});
const windowsAlong = ({ count, window, stride, dilation, before }: PoolingAxis): Windows => ({
  count,
  window,
  stride,
  dilation,
  before,
});

/**
 * The largest element of each window on the images.
 *
 * Shape: `T[N, C, H, W] -> T[N, C, OH, OW]` with `OH = floor((H + 2 padding - dilation (window - 1) - 1) / stride) + 1`, for "same"
 * `OH = ceil(H / stride)`; likewise OW.
 *
 * `y[n, c, p, q] = max over s, t of x[n, c, p stride + s dilation - padding, q stride + t dilation - padding]`; padding
 * counts as -Infinity, so it is never chosen. The derivative is 1 for the largest element, at a tie for the first (by
 * rows), and adds up where windows overlap.
 *
 * NaN propagates: a window with NaN gives NaN, and its derivative goes to the first NaN.
 *
 * @param x - N images of C channels, H rows and W columns, of any dtype
 * @param options - window: rows and columns seen at a time, required; stride: default the window; padding: a number, "valid" (0, the
 *   default) or "same"; dilation: default 1. Each a number, or one for rows and one for columns
 * @returns the largest elements, of the dtype of x
 * @throws GradtapeError `option/required` without window, `shape/rank`, `pool/window` for a window larger than the padded x, or
 * one that would see padding only, `argument/integer` and `argument/sizes` for options, `option/choice`,
 * `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { grad, maxPool2d, sum, type Tensor, tensor } from "gradtape";
 * const x = tensor([[[[1, 5, 2, 0], [3, 4, 2, 2]]]]);
 * maxPool2d(x, { window: 2 }); // => [[[[5, 2]]]]
 * grad((x: Tensor) => sum(maxPool2d(x, { window: 2 })))(x); // => [[[[0, 1, 1, 0], [0, 0, 0, 0]]]]
 * ```
 */
export function maxPool2d(x: Tensor, options: PoolOptions): Tensor {
  refuseExtra("maxPool2d", "x, options", 2, arguments);
  const where = "maxPool2d";
  const from = checkImages(where, "x", x, "N, C, H, W");
  checkOptions(where, options, ["window", "stride", "padding", "dilation"]);
  const axes = axesOf(where, from, options);
  const places = apply(LARGEST, [from], axes);
  const windows = axes.map((axis) => Math.ceil((axis.dilation * (axis.window - 1) + 1) / axis.stride));
  const [images, channels, ...size] = from.shape;
  const planes = images * channels;
  const y = gatherAlong(
    reshapeTo(from, [planes, sizeOf(size)]),
    reshapeTo(places, [planes, sizeOf(places.shape.slice(2))]),
    { ...alongEvery(where, 1, 2), seldom: windows[0] * windows[1] <= FEW },
  );
  return reshapeTo(y, places.shape);
}

/** How many elements of x every window sees. */
function seen(axes: Axes, dtype: Handle["dtype"]): Handle {
  const [rows, columns] = axes.map((axis) =>
    Array.from({ length: axis.count }, (_, i) =>
      Math.ceil((windowEnd(axis, i) - windowStart(axis, i)) / axis.dilation),
    ),
  );
  const counts = rows.flatMap((row) => columns.map((column) => row * column));
  return castTo(makeTensor(countsOf(axes), "float64", Float64Array.from(counts)), dtype);
}

interface MeanPool {
  readonly axes: Axes;
  readonly includePad: boolean;
}

/** Sums over windows in double precision, divided by how much is in them. A sum may leave the range, a mean does not. */
function meansOfWindows(out: TensorData, x: Handle, { axes, includePad }: MeanPool): void {
  const [rows, columns] = axes;
  const sizes: Convolution = {
    images: x.shape[0] * x.shape[1],
    groups: 1,
    channels: 1,
    filters: 1,
    axes: [axisOf(rows), axisOf(columns)],
  };
  const area = rows.window * columns.window;
  const ones = new Float64Array(area).fill(1);
  const sumsOf = (data: TensorData, sums: Float64Array): Float64Array => {
    convolve(sums, data, ones, sizes);
    return sums;
  };
  const sums = sumsOf(x.data, out instanceof Float64Array ? out : new Float64Array(out.length));
  divideSums(out, sums, includePad ? area : seen(axes, "float64").data, x.data, (small) =>
    sumsOf(small, new Float64Array(out.length)),
  );
}
const axisOf = ({ size, count, window, ...rest }: PoolingAxis) => ({ x: size, y: count, k: window, ...rest });

/** Means of floats. */
const MEAN_POOL: CoreOp<MeanPool> = /* @__PURE__ */ makeLinear<MeanPool>({
  name: "avgPool2d",
  shape: (shape, { axes }) => [...shape.slice(0, 2), ...countsOf(axes)],
  evaluate: meansOfWindows,
  transpose: (yBar, shape, { axes, includePad }) => {
    const [rows, columns] = axes;
    const each = includePad
      ? divideBy(yBar, rows.window * columns.window)
      : asHandle(div(yBar, seen(axes, yBar.dtype)));
    const planes = [shape[0] * shape[1], 1];
    const xBar = convInput(
      reshapeTo(each, [...planes, ...countsOf(axes)]),
      makeFilled([1, 1, rows.window, columns.window], yBar.dtype, 1),
      {
        stride: [rows.stride, columns.stride],
        dilation: [1, 1],
        before: [rows.before, columns.before],
        groups: 1,
        channels: 1,
        size: [rows.size, columns.size],
      },
    );
    return reshapeTo(xBar, shape);
  },
  batch: (x, attrs) => {
    const [size, images, ...rest] = x.shape;
    const y = apply(MEAN_POOL, [reshapeTo(x, [size * images, ...rest])], attrs);
    return reshapeTo(y, [size, images, ...y.shape.slice(1)]);
  },
  lower: (on, x, { axes, includePad }, { shape, dtype }) => {
    const [rows, columns] = axes.map(windowsAlong);
    const seen = inWindows(on, on.cast(x, "float64"), [rows, columns], 0);
    const ones = (): Lazy => inWindows(on, repeated(on, on.number(1, "float64"), x.shape.slice(2)), [rows, columns], 0);
    const area = rows.window * columns.window;
    const counts = includePad ? on.number(area, "float64") : foldKept(on, "sum", ones(), [2, 3]);
    return on.reshape(on.cast(meansOfSums(on, seen, [4, 5], counts), dtype), shape);
  },
});

/**
 * The mean of each window on the images.
 *
 * Shape: `F[N, C, H, W] -> F[N, C, OH, OW]` with `OH = floor((H + 2 padding - window) / stride) + 1`, for "same" `OH = ceil(H /
 * stride)`; likewise OW. Integers give float64.
 *
 * `y[n, c, p, q] = sum over s, t of x[n, c, p stride + s - padding, q stride + t - padding] /
 * count`, x being 0 outside; the count is that of the elements in a window, or, with `countIncludePad: false`, of those
 * that are no padding. Linear; the derivative is 1 / count for every window that contains the element.
 *
 * NaN and infinities propagate. A sum on the way never overflows.
 *
 * @param x - N images of C channels, H rows and W columns
 * @param options - window: rows and columns seen at a time, required; stride: default the window; padding: a number, "valid" (0, the
 *   default) or "same"; each a number, or one for rows and one for columns. countIncludePad: default true
 * @returns the means
 * @throws GradtapeError `option/required` without window, `shape/rank`, `pool/window` for a window larger than the padded x, or
 * one that would see padding only, `argument/integer` and `argument/sizes` for options, `option/choice`,
 * `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { avgPool2d, tensor } from "gradtape";
 * const x = tensor([[[[1, 2, 3, 4], [5, 6, 7, 8]]]]);
 * avgPool2d(x, { window: 2 }); // => [[[[3.5, 5.5]]]]
 * avgPool2d(x, { window: 2, padding: "same", stride: 1, countIncludePad: false }).at(0, 0, 1); // => [5.5, 6.5, 7.5, 8]
 * ```
 */
export function avgPool2d(
  x: Tensor,
  options: Omit<PoolOptions, "dilation"> & { readonly countIncludePad?: boolean | undefined },
): Tensor {
  refuseExtra("avgPool2d", "x, options", 2, arguments);
  const where = "avgPool2d";
  const given = checkImages(where, "x", x, "N, C, H, W");
  checkOptions(where, options, ["window", "stride", "padding", "countIncludePad"]);
  const includePad = checkFlag(where, "countIncludePad", options?.countIncludePad ?? true);
  const axes = axesOf(where, given, options);
  return apply(MEAN_POOL, [castTo(given, toFloat(given.dtype))], { axes, includePad });
}
