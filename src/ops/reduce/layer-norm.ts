import { checkNumber, checkOptions } from "../../base/options";
import { type Axis, checkAxes, reducedShape, sizeOf } from "../../base/shape";
import { apply, applyParts } from "../../core/op/apply";
import { makeOp, type Op } from "../../core/op/op";
import { accumulate, broadcastBatch, divideBy, negated, plus, sumAxes } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import { normalizeInto, normalizePull } from "../../numeric/rows/layer-norm";
import { countOf, withReducedAxes } from "../define/define-reduction";
import { mulZeroEither } from "../define/elementwise-op";
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
const NORMALIZE: Op<Normalized> = /* @__PURE__ */ makeOp<Normalized>({
  name: "layerNorm",
  parts: 2,
  shapes: ([x], axes) => [x, reducedShape(x, listOf(axes), true)],
  dtypes: ([x]) => [x, x],
  evaluate: ([out, r], [x], axes) =>
    normalizeInto(out, r, x.data, countOf(x.shape, listOf(axes)), innerOf(x, axes), axes.epsilon),
  differentiable: () => true,
  readsInput: () => false,
  pull: ({ outputs: [y, r], attrs }, [yBar, rBar]) => {
    const byR =
      rBar && divideBy(mulZeroEither(mulZeroEither(rBar, asHandle(square(r))), y), -countOf(y.shape, listOf(attrs)));
    return [plus(yBar && normalizeTimes(y, r, yBar, attrs), byR)];
  },
  push: ({ outputs: [y, r], attrs }, [xDot]) => {
    if (xDot === null) return [null, null];
    return [
      normalizeTimes(y, r, xDot, attrs),
      negated(mulZeroEither(asHandle(square(r)), meanOf(mulZeroEither(y, xDot), attrs))),
    ];
  },
  batch: ([x], _, attrs) => applyParts(NORMALIZE, [x], onNextAxis(attrs)),
});

/** The Jacobian of the first part by x, which is symmetric, times g: r (g - mean of g - y times the mean of g y). */
const NORMALIZE_TIMES: Op<Axes> = /* @__PURE__ */ makeOp<Axes>({
  name: "layerNormTimes",
  shapes: ([y]) => [y],
  dtypes: ([y]) => [y],
  evaluate: ([out], [y, r, g], axes) =>
    normalizePull(out, y.data, r.data, g.data, countOf(y.shape, listOf(axes)), innerOf(y, axes)),
  differentiable: () => true,
  readsOutput: false,
  pull: ({ inputs: [y, r, g], attrs }, [bar], wanted) => {
    if (bar === null) return [null, null, null];
    const slope = (x: Handle): Handle => meanOf(mulZeroEither(x, y), attrs);
    const byY = (): Handle =>
      negated(mulZeroEither(r, accumulate(mulZeroEither(bar, slope(g)), mulZeroEither(g, slope(bar)))));
    const inside = (): Handle => minus(minus(g, meanOf(g, attrs)), mulZeroEither(y, slope(g)));
    return [
      wanted[0] ? byY() : null,
      wanted[1] ? sumsOf(mulZeroEither(bar, inside()), attrs) : null,
      wanted[2] ? normalizeTimes(y, r, bar, attrs) : null,
    ];
  },
  push: ({ inputs: [y, r, g], attrs }, [yDot, rDot, gDot]) => {
    const slope = meanOf(mulZeroEither(g, y), attrs);
    const byY =
      yDot &&
      negated(
        mulZeroEither(
          r,
          accumulate(mulZeroEither(yDot, slope), mulZeroEither(y, meanOf(mulZeroEither(g, yDot), attrs))),
        ),
      );
    const byR = rDot && mulZeroEither(rDot, minus(minus(g, meanOf(g, attrs)), mulZeroEither(y, slope)));
    return [plus(plus(byY, byR), gDot && normalizeTimes(y, r, gDot, attrs))];
  },
  batch: (inputs, batched, attrs, size) => [
    apply(NORMALIZE_TIMES, broadcastBatch(inputs, batched, size), onNextAxis(attrs)),
  ],
});
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
