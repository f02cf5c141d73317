import { refuseExtra } from "../../base/extra-arguments";
import { checkNumber, checkOptions } from "../../base/options";
import { type Axis, checkAxes, reducedShape } from "../../base/shape";
import { apply, applyParts } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { foldKept } from "../../core/op/lazy-views";
import type { CoreOp, Lazy } from "../../core/op/op";
import { accumulate, broadcastBatch, divideBy, negated, plus, sumAxes } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import { abs, add, choose, div, equal, max, mul, sqrt, sub } from "../../kernel/formula";
import { normalizeInto, normalizePull } from "../../numeric/rows/layer-norm";
import { countOf, withReducedAxes } from "../define/define-reduction";
import { mulZero } from "../define/elementwise-op";
import { minus } from "../elementwise/arithmetic";
import { permute } from "../movement/reshape-transpose";
import { absorbing, exactMeans, scaleOf } from "./lazy-rows";
import { meanOver } from "./mean-op";
import { inOrder, listOf, type NeighborAxes, neighborOrder, onNextAxis, rowsOf } from "./neighbor-axes";
import { asFloat } from "./statistics";

interface Normalized extends NeighborAxes {
  readonly epsilon: number;
}
const sumsOf = (x: Handle, axes: NeighborAxes): Handle =>
  withReducedAxes(sumAxes(x, listOf(axes)), x.shape, listOf(axes));
const meanOf = (x: Handle, axes: NeighborAxes): Handle =>
  withReducedAxes(meanOver(x, listOf(axes)), x.shape, listOf(axes));

/** Parts: the elements normalized, and what they were multiplied by, r = 1 / sqrt(v + epsilon). */
const NORMALIZE: CoreOp<Normalized> = /* @__PURE__ */ makeOp<readonly [Handle], Normalized>({
  name: "layerNorm",
  parts: 2,
  shape: ([x], axes) => [x, reducedShape(x, listOf(axes), true)],
  dtype: ([x]) => [x, x],
  evaluate: ([out, r], [x], axes) => normalizeInto(out, r, x.data, ...rowsOf(x.shape, axes), axes.epsilon),
  pullback: ({ yBars: [yBar, rBar], outputs: [y, r], attrs }) => {
    const byR = rBar && divideBy(mulZero(mulZero(mulZero(rBar, r), r), y), -rowsOf(y.shape, attrs)[0]);
    return [plus(yBar && normalizeTimes(y, r, yBar, attrs), byR)];
  },
  pushforward: ({ xDots: [xDot], outputs: [y, r], attrs }) => {
    if (xDot === null) return [null, null];
    return [normalizeTimes(y, r, xDot, attrs), negated(mulZero(mulZero(meanOf(mulZero(y, xDot), attrs), r), r))];
  },
  reads: { inputs: false },
  batch: ([x], _, attrs) => applyParts(NORMALIZE, [x], onNextAxis(attrs)),
  lower: (on, [x], attrs) => {
    const axes = listOf(attrs);
    const n = countOf(x.shape, axes);
    if (n === 0) return null;
    const { epsilon } = attrs;
    // In float64 no difference of float32 leaves the range, and no square.
    const single = x.dtype === "float32";
    const largest = (): Lazy => foldKept(on, "max", on.map("float64", abs, x), axes);
    const scale = single
      ? on.number(1, "float64")
      : scaleOf(
          on,
          on.map("float64", (size) => max(size, Math.sqrt(epsilon)), largest()),
        );
    const scaled = single ? x : on.map("float64", div, x, scale);
    const differences = on.map("float64", sub, on.cast(scaled, "float64"), exactMeans(on, scaled, axes, true));
    const squares = foldKept(
      on,
      "sum",
      on.map("float64", (d) => mul(d, d), differences),
      axes,
    );
    const by = on.map("float64", (sum, s) => div(1, sqrt(add(div(sum, n), div(div(epsilon, s), s)))), squares, scale);
    return [on.map(x.dtype, mul, differences, by), on.map(x.dtype, div, by, scale)];
  },
});

/** The Jacobian of the first part by x, which is symmetric, times g: r (g - mean of g - y times the mean of g y). */
const NORMALIZE_TIMES: CoreOp<NeighborAxes> = /* @__PURE__ */ makeOp<readonly [Handle, Handle, Handle], NeighborAxes>({
  name: "layerNormTimes",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [y, r, g], axes) => normalizePull(out, y.data, r.data, g.data, ...rowsOf(y.shape, axes)),
  vjp: [
    ({ yBar, inputs: [y, r, g], attrs }) => {
      const slope = (x: Handle): Handle => meanOf(mulZero(x, y), attrs);
      return negated(mulZero(r, accumulate(mulZero(yBar, slope(g)), mulZero(g, slope(yBar)))));
    },
    ({ yBar, inputs: [y, , g], attrs }) => sumsOf(mulZero(yBar, inner(g, y, attrs)), attrs),
    ({ yBar, inputs: [y, r], attrs }) => normalizeTimes(y, r, yBar, attrs),
  ],
  jvp: [
    ({ xDot, inputs: [y, r, g], attrs }) => {
      const slope = (x: Handle): Handle => meanOf(mulZero(g, x), attrs);
      return negated(mulZero(r, accumulate(mulZero(xDot, slope(y)), mulZero(y, slope(xDot)))));
    },
    ({ xDot, inputs: [y, , g], attrs }) => mulZero(xDot, inner(g, y, attrs)),
    ({ xDot, inputs: [y, r], attrs }) => normalizeTimes(y, r, xDot, attrs),
  ],
  reads: { output: false },
  batch: (inputs, batched, attrs, size) =>
    apply(NORMALIZE_TIMES, broadcastBatch(inputs, batched, size), onNextAxis(attrs)),
  lower: (on, inputs, attrs, [{ dtype }]) => {
    const axes = listOf(attrs);
    const [y, r, g] = inputs.map((x) => on.cast(x, "float64"));
    const n = countOf(y.shape, axes);
    const sums = foldKept(on, "sum", g, axes);
    const slopes = foldKept(on, "sum", on.map("float64", absorbing, g, y), axes);
    const differences = on.map(
      "float64",
      (a, sum, b, slope) => sub(sub(a, div(sum, n)), choose(equal(slope, 0), 0, mul(b, div(slope, n)))),
      g,
      sums,
      y,
      slopes,
    );
    return [on.map(dtype, (d, by) => choose(equal(d, 0), 0, mul(by, d)), differences, r)];
  },
});
/** g without its mean and without what lies along y. */
const inner = (g: Handle, y: Handle, axes: NeighborAxes): Handle =>
  minus(minus(g, meanOf(g, axes)), mulZero(y, meanOf(mulZero(g, y), axes)));
const normalizeTimes = (y: Handle, r: Handle, g: Handle, { first, count }: NeighborAxes): Handle =>
  apply(NORMALIZE_TIMES, [y, r, g], { first, count });

/**
 * x minus its mean, over its standard deviation, along axes. Without scale and shift: write `add(mul(layerNorm(x), g),
 * b)`.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `y = (x - m) / sqrt(v + epsilon)`, with mean m and variance v (correction 0), all of it differentiated.
 *
 * Elements that are all equal give 0 (NaN with epsilon 0); squares never overflow or vanish on the way. NaN propagates.
 * @param x - a tensor
 * @param options - axis: one or several, default -1; epsilon: default 1e-5
 * @returns values with mean 0 and variance 1 along the axes
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/number`, `argument/tensor`
 * @example
 * ```ts
 * import { layerNorm, tensor } from "gradtape";
 * layerNorm(tensor([1, 2, 3]), { epsilon: 0 }); // => [-1.224745, 0, 1.224745]
 * ```
 * @see J. L. Ba, J. R. Kiros, G. E. Hinton, Layer Normalization, arXiv:1607.06450
 */
export function layerNorm<X extends Tensor>(
  x: X,
  options?: { readonly axis?: Axis | undefined; readonly epsilon?: number | undefined },
): X;
export function layerNorm(
  x: Tensor,
  options?: { readonly axis?: Axis | undefined; readonly epsilon?: number | undefined },
): Tensor {
  refuseExtra("layerNorm", "x, options", 2, arguments);
  checkOptions("layerNorm", options, ["axis", "epsilon"]);
  if (!(x instanceof Handle)) return notATensor("layerNorm", x, "x", true);
  const epsilon = checkNumber("layerNorm", "epsilon", options?.epsilon ?? 1e-5, 0, Infinity);
  const [axes, order] = neighborOrder(x.rank, checkAxes("layerNorm", options?.axis ?? -1, x.rank));
  const [y] = applyParts(NORMALIZE, [inOrder(asFloat(x), order)], { ...axes, epsilon });
  return order === null
    ? y
    : permute(
        y,
        order.map((_, i) => order.indexOf(i)),
      );
}
