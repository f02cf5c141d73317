import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { checkAxis, sizesAround } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { foldKept } from "../../core/op/lazy-views";
import type { CoreOp, Lazy, Lower } from "../../core/op/op";
import { broadcastBatch, broadcastToShape, sumAxes } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { SoftmaxOptions, Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import { add, applied, choose, div, equal, less, exp as power, sub } from "../../kernel/expansions/builder";
import { LOG1P } from "../../kernel/expansions/logarithm";
import type { Formula } from "../../kernel/formula";
import { logSoftmaxInto, logSoftmaxPull, logSoftmaxPush, softmaxInto, softmaxPull } from "../../numeric/rows/softmax";
import { maskOf, withReducedAxes } from "../define/define-reduction";
import { mulZero } from "../define/elementwise-op";
import { minus, neg } from "../elementwise/arithmetic";
import { exp } from "../elementwise/exponential";
import { selectBroadcast } from "../elementwise/select";
import { absorbing } from "./lazy-rows";
import { filled, whereCounted } from "./mask";
import { asFloat } from "./statistics";

/** The axis of the rows. */
export interface Along {
  readonly axis: number;
}
/** Elements along the axis, and behind it. */
function rowsOf(x: Handle, { axis }: Along): [n: number, inner: number] {
  const [, n, inner] = sizesAround(x.shape, axis);
  return [n, inner];
}
const onNextAxis = ({ axis }: Along): Along => ({ axis: axis + 1 });
/** Sums along the axis, which stays with size 1. */
const sumsOf = (x: Handle, { axis }: Along): Handle => withReducedAxes(sumAxes(x, [axis]), x.shape, [axis]);

const powerBelow = (x: Formula, peak: Formula): Formula => power(sub(x, peak));

/** The largest elements along the axis, which stays with size 1. */
export const peakOf = (on: Lower, x: Lazy, { axis }: Along): Lazy => foldKept(on, "max", x, [axis]);

/** The logarithm of the sum of exp(x) less its largest element, along the axis: the term of that one, 1, is left to log1p. */
export function restOf(on: Lower, x: Lazy, peak: Lazy, { axis }: Along): Lazy {
  if (x.dtype === "float32") {
    const powers = on.cast(on.map("float32", powerBelow, x, peak), "float64");
    const others = on.map("float32", (sum) => sub(sum, 1), foldKept(on, "sum", powers, [axis]));
    return on.map("float32", (sum) => applied(LOG1P, sum), others);
  }
  const powers = on.map("float64", (a, top) => choose(equal(a, top), 0, powerBelow(a, top)), x, peak);
  const ties = on.map("float64", (a, top) => choose(equal(a, top), 1, 0), x, peak);
  return on.map(
    "float64",
    (others, count, top) => applied(LOG1P, add(add(others, sub(count, 1)), sub(top, top))),
    foldKept(on, "sum", powers, [axis]),
    foldKept(on, "sum", ties, [axis]),
    peak,
  );
}

/** Whether a power, of a sum of 1, is most of it: there is at most one. */
const isMost = (share: Formula): Formula => less(0.5, share);

/** Results that add up to 0: the one that has most of the shares is taken from the others, which do not cancel. */
function fromOthers(on: Lower, shares: Lazy, results: Lazy, { axis }: Along): Lazy {
  const others = on.map(results.dtype, (share, y) => choose(isMost(share), 0, y), shares, results);
  return on.map(
    results.dtype,
    (share, y, sum) => choose(isMost(share), sub(0, sum), y),
    shares,
    results,
    foldKept(on, "sum", others, [axis]),
  );
}

const SOFTMAX: CoreOp<Along> = /* @__PURE__ */ makeOp<readonly [Handle], Along>({
  name: "softmax",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x], along) => softmaxInto(out, x.data, ...rowsOf(x, along)),
  vjp: [({ yBar, output: y, attrs }) => softmaxTimes(y, yBar, attrs)],
  jvp: [({ xDot, output: y, attrs }) => softmaxTimes(y, xDot, attrs)],
  reads: { inputs: false },
  batch: ([x], _, attrs) => apply(SOFTMAX, [x], onNextAxis(attrs)),
  lower: (on, [x], along) => {
    const powers = on.map(x.dtype, powerBelow, x, peakOf(on, x, along));
    return [on.map(x.dtype, div, powers, foldKept(on, "sum", powers, [along.axis]))];
  },
});

/** The Jacobian of softmax, which is symmetric, times g: y (g - sum of g y). */
const SOFTMAX_TIMES: CoreOp<Along> = /* @__PURE__ */ makeOp<readonly [Handle, Handle], Along>({
  name: "softmaxTimes",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [y, g], along) => softmaxPull(out, y.data, g.data, ...rowsOf(y, along)),
  vjp: [
    ({ yBar, inputs: [y, g], attrs }) =>
      minus(mulZero(yBar, minus(g, sumsOf(mulZero(g, y), attrs))), mulZero(g, sumsOf(mulZero(yBar, y), attrs))),
    ({ yBar, inputs: [y], attrs }) => softmaxTimes(y, yBar, attrs),
  ],
  jvp: [
    ({ xDot, inputs: [y, g], attrs }) =>
      minus(mulZero(xDot, minus(g, sumsOf(mulZero(g, y), attrs))), mulZero(y, sumsOf(mulZero(g, xDot), attrs))),
    ({ xDot, inputs: [y], attrs }) => softmaxTimes(y, xDot, attrs),
  ],
  reads: { output: false },
  batch: (inputs, batched, attrs, size) =>
    apply(SOFTMAX_TIMES, broadcastBatch(inputs, batched, size), onNextAxis(attrs)),
  lower: (on, [y, g], along) => {
    const sums = foldKept(on, "sum", on.map(y.dtype, absorbing, g, y), [along.axis]);
    const products = on.map(y.dtype, (share, a, sum) => absorbing(share, sub(a, sum)), y, g, sums);
    return [fromOthers(on, y, products, along)];
  },
});
const softmaxTimes = (y: Handle, g: Handle, along: Along): Handle => apply(SOFTMAX_TIMES, [y, g], along);

/** softmax of floats. */
export const softmaxAlong = (x: Handle, along: Along): Handle => apply(SOFTMAX, [x], along);

const LOG_SOFTMAX: CoreOp<Along> = /* @__PURE__ */ makeOp<readonly [Handle], Along>({
  name: "logSoftmax",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x], along) => logSoftmaxInto(out, x.data, ...rowsOf(x, along)),
  vjp: [({ yBar, output: y, attrs: { axis } }) => logSoftmaxTimes(y, yBar, { axis, back: true })],
  jvp: [({ xDot, output: y, attrs: { axis } }) => logSoftmaxTimes(y, xDot, { axis, back: false })],
  reads: { inputs: false },
  batch: ([x], _, attrs) => apply(LOG_SOFTMAX, [x], onNextAxis(attrs)),
  lower: (on, [x], along) => {
    const peak = peakOf(on, x, along);
    return [on.map(x.dtype, (a, top, rest) => sub(sub(a, top), rest), x, peak, restOf(on, x, peak, along))];
  },
});

/** Which way the Jacobian is multiplied: as it is, or transposed. */
interface JacobianProduct extends Along {
  readonly back: boolean;
}
const transposed = ({ axis, back }: JacobianProduct): JacobianProduct => ({ axis, back: !back });
/** exp(y) times a tensor. */
const share = (y: Handle, x: Handle): Handle => mulZero(x, asHandle(exp(y)));

/** The Jacobian of logSoftmax times g: g - sum of exp(y) g; or its transpose: g - exp(y) (sum of g). */
const LOG_SOFTMAX_TIMES: CoreOp<JacobianProduct> = /* @__PURE__ */ makeOp<readonly [Handle, Handle], JacobianProduct>({
  name: "logSoftmaxTimes",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [y, g], attrs) =>
    (attrs.back ? logSoftmaxPull : logSoftmaxPush)(out, y.data, g.data, ...rowsOf(y, attrs)),
  vjp: [
    ({ yBar, inputs: [y, g], attrs }) => {
      const [by, sums] = attrs.back ? [yBar, sumsOf(g, attrs)] : [g, sumsOf(yBar, attrs)];
      return asHandle(neg(mulZero(share(y, by), sums)));
    },
    ({ yBar, inputs: [y], attrs }) => logSoftmaxTimes(y, yBar, transposed(attrs)),
  ],
  jvp: [
    ({ xDot, inputs: [y, g], attrs }) =>
      asHandle(
        neg(
          attrs.back
            ? mulZero(share(y, xDot), sumsOf(g, attrs))
            : broadcastToShape(sumsOf(mulZero(share(y, xDot), g), attrs), y.shape),
        ),
      ),
    ({ xDot, inputs: [y], attrs }) => logSoftmaxTimes(y, xDot, attrs),
  ],
  reads: { output: false },
  batch: (inputs, batched, attrs, size) =>
    apply(LOG_SOFTMAX_TIMES, broadcastBatch(inputs, batched, size), { ...attrs, ...onNextAxis(attrs) }),
  lower: (on, [y, g], attrs) => {
    const powers = on.map(y.dtype, power, y);
    return [(attrs.back ? pulled : pushed)(on, powers, g, attrs)];
  },
});

/** g less the powers times its sum. */
function pulled(on: Lower, powers: Lazy, g: Lazy, along: Along): Lazy {
  const sums = foldKept(on, "sum", g, [along.axis]);
  return fromOthers(
    on,
    powers,
    on.map(g.dtype, (p, a, sum) => sub(a, absorbing(p, sum)), powers, g, sums),
    along,
  );
}

/** g less the sum of the powers times g: the g of a power that is most of all is taken out first, so that nothing cancels. */
function pushed(on: Lower, powers: Lazy, g: Lazy, { axis }: Along): Lazy {
  const most = on.map(g.dtype, (p, a) => choose(isMost(p), a, 0), powers, g);
  const origin = foldKept(on, "sum", most, [axis]);
  const differences = on.map(g.dtype, (a, b) => choose(equal(a, b), 0, sub(a, b)), g, origin);
  const sums = foldKept(on, "sum", on.map(g.dtype, absorbing, powers, differences), [axis]);
  return on.map(g.dtype, sub, differences, sums);
}

const logSoftmaxTimes = (y: Handle, g: Handle, product: JacobianProduct): Handle =>
  apply(LOG_SOFTMAX_TIMES, [y, g], product);

/** Applies an op of rows. What a mask leaves out is `outside` in the result, and no element for the op. */
function normalized(
  where: string,
  op: CoreOp<Along>,
  x: Tensor,
  options: SoftmaxOptions | undefined,
  outside: number,
): Handle {
  checkOptions(where, options, ["axis", "where"]);
  if (!(x instanceof Handle)) return notATensor(where, x, "x", true);
  const along: Along = { axis: checkAxis(where, options?.axis ?? -1, x.rank) };
  const mask = maskOf(where, options?.where, x.shape);
  if (mask === null) return apply(op, [asFloat(x)], along);
  // Rows without any element become rows of zeros on the way, so that there is no NaN to meet in a derivative.
  const y = asFloat(x);
  const counts = sumsOf(mask, along);
  const nothing = whereCounted(counts, asHandle(-Infinity, y.dtype), 0);
  const rows = selectBroadcast(mask, y, nothing);
  return filled(apply(op, [rows], along), mask, outside);
}

/**
 * exp(x) over its sum along an axis: turns elements into probabilities. The largest element is taken out first, so
 * nothing overflows. See also {@link logSoftmax} and {@link logSumExp}.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy_i/dx_j = y_i ([i = j] - y_j)`.
 *
 * Infinity along the axis, or only -Infinity, gives NaN; NaN propagates. Where the mask is false there is no element:
 * value and derivative are 0, also where it is false all along the axis, and whatever stands there.
 * @param x - a tensor; log-probabilities up to a constant
 * @param options - axis: default -1, the last; where: a mask, a bool tensor that broadcasts to the shape of x
 * @returns values in [0, 1] with sum 1 along the axis
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/tensor`; for a mask `dtype/unsupported`,
 * `shape/broadcast`
 * @example
 * ```ts
 * import { softmax, tensor } from "gradtape";
 * softmax(tensor([0, Math.log(3)])); // => [0.25, 0.75]
 * softmax(tensor([0, 7, Math.log(3)]), { where: tensor([true, false, true]) }); // => [0.25, 0, 0.75]
 * ```
 */
export function softmax<X extends Tensor>(x: X, options?: SoftmaxOptions): X;
export function softmax(x: Tensor, options?: SoftmaxOptions): Tensor {
  refuseExtra("softmax", "x, options", 2, arguments);
  return normalized("softmax", SOFTMAX, x, options, 0);
}

/**
 * log(softmax(x)) along an axis, exact where softmax underflows. See also {@link softmax} and {@link logSumExp}.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `y_i = x_i - log(sum exp(x))`, `dy_i/dx_j = [i = j] - exp(y_j)`.
 *
 * Infinity along the axis gives NaN; NaN propagates. Where the mask is false there is no element: the value is
 * -Infinity, the derivative 0.
 * @param x - a tensor; log-probabilities up to a constant
 * @param options - axis: default -1, the last; where: a mask, a bool tensor that broadcasts to the shape of x
 * @returns values <= 0
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/tensor`; for a mask `dtype/unsupported`,
 * `shape/broadcast`
 * @example
 * ```ts
 * import { logSoftmax, tensor } from "gradtape";
 * logSoftmax(tensor([1000, 0])); // => [0, -1000]
 * ```
 */
export function logSoftmax<X extends Tensor>(x: X, options?: SoftmaxOptions): X;
export function logSoftmax(x: Tensor, options?: SoftmaxOptions): Tensor {
  refuseExtra("logSoftmax", "x, options", 2, arguments);
  return normalized("logSoftmax", LOG_SOFTMAX, x, options, -Infinity);
}
