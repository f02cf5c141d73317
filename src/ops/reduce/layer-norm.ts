import { checkNumber, checkOptions } from "../../base/options";
import { type Axis, checkAxes, reducedShape, sizeOf } from "../../base/shape";
import { apply, applyParts } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { accumulate, broadcastBatch, divideBy, negated, plus, sumAxes } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import { normalizeInto, normalizePull } from "../../numeric/rows/layer-norm";
import { countOf, withReducedAxes } from "../define/define-reduction";
import { mulZero } from "../define/elementwise-op";
import { minus, square } from "../elementwise/arithmetic";
import { permute } from "../movement/reshape-transpose";
import { asFloat } from "./statistics";

/** The axes normalized over are neighbors: from `first`, so many. */
interface Axes {
  readonly first: number;
  readonly count: number;
}
interface Normalized extends Axes {
  readonly epsilon: number;
}
const listOf = ({ first, count }: Axes): number[] => Array.from({ length: count }, (_, i) => first + i);
const innerOf = (x: Handle, { first, count }: Axes): number => sizeOf(x.shape.slice(first + count));
const onNextAxis = <A extends Axes>(axes: A): A => ({ ...axes, first: axes.first + 1 });
const sumsOf = (x: Handle, axes: Axes): Handle => withReducedAxes(sumAxes(x, listOf(axes)), x.shape, listOf(axes));
const meanOf = (x: Handle, axes: Axes): Handle => divideBy(sumsOf(x, axes), countOf(x.shape, listOf(axes)));

/** Parts: the elements normalized, and what they were multiplied by, r = 1 / sqrt(v + epsilon). */
const NORMALIZE: CoreOp<Normalized> = /* @__PURE__ */ makeOp<readonly [Handle], Normalized>({
  name: "layerNorm",
  parts: 2,
  shape: ([x], axes) => [x, reducedShape(x, listOf(axes), true)],
  dtype: ([x]) => [x, x],
  evaluate: ([out, r], [x], axes) =>
    normalizeInto(out, r, x.data, countOf(x.shape, listOf(axes)), innerOf(x, axes), axes.epsilon),
  pullback: ({ yBars: [yBar, rBar], outputs: [y, r], attrs }) => {
    const byR = rBar && divideBy(mulZero(mulZero(rBar, asHandle(square(r))), y), -countOf(y.shape, listOf(attrs)));
    return [plus(yBar && normalizeTimes(y, r, yBar, attrs), byR)];
  },
  pushforward: ({ xDots: [xDot], outputs: [y, r], attrs }) => {
    if (xDot === null) return [null, null];
    return [normalizeTimes(y, r, xDot, attrs), negated(mulZero(asHandle(square(r)), meanOf(mulZero(y, xDot), attrs)))];
  },
  reads: { inputs: false },
  batch: ([x], _, attrs) => applyParts(NORMALIZE, [x], onNextAxis(attrs)),
});

/** The Jacobian of the first part by x, which is symmetric, times g: r (g - mean of g - y times the mean of g y). */
const NORMALIZE_TIMES: CoreOp<Axes> = /* @__PURE__ */ makeOp<readonly [Handle, Handle, Handle], Axes>({
  name: "layerNormTimes",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [y, r, g], axes) =>
    normalizePull(out, y.data, r.data, g.data, countOf(y.shape, listOf(axes)), innerOf(y, axes)),
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
});
/** g without its mean and without what lies along y. */
const inner = (g: Handle, y: Handle, axes: Axes): Handle =>
  minus(minus(g, meanOf(g, axes)), mulZero(y, meanOf(mulZero(g, y), axes)));
const normalizeTimes = (y: Handle, r: Handle, g: Handle, { first, count }: Axes): Handle =>
  apply(NORMALIZE_TIMES, [y, r, g], { first, count });

/**
 * x minus its mean, over its standard deviation, along axes. Without scale and shift: write `add(mul(layerNorm(x), g),
 * b)`.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `y = (x - m) / sqrt(v + epsilon)`, with mean m and variance v (correction 0), all of it differentiated.
 *
 * Elements that are all equal give 0 (NaN with epsilon 0); NaN propagates. Squares overflow above 1e154 in float64:
 * scale larger elements first.
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
  checkOptions("layerNorm", options, ["axis", "epsilon"]);
  if (!(x instanceof Handle)) return notATensor("layerNorm", x, "x", true);
  const epsilon = checkNumber("layerNorm", "epsilon", options?.epsilon ?? 1e-5, 0, Infinity);
  const axes = [...checkAxes("layerNorm", options?.axis ?? -1, x.shape.length)].sort((a, b) => a - b);
  const y = asFloat(x);
  const count = axes.length;
  if (axes.every((axis, i) => axis === axes[0] + i)) {
    return applyParts(NORMALIZE, [y], { first: axes[0] ?? 0, count, epsilon })[0];
  }
  // Axes that are no neighbors are brought together at the end, and back.
  const order = [...x.shape.map((_, i) => i).filter((axis) => !axes.includes(axis)), ...axes];
  const [z] = applyParts(NORMALIZE, [permute(y, order)], { first: x.shape.length - count, count, epsilon });
  return permute(
    z,
    order.map((_, i) => order.indexOf(i)),
  );
}
