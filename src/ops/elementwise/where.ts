import { checkDtype, isFloat } from "../../base/dtype";
import { fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkNumber, checkOptions } from "../../base/options";
import { broadcastShapes } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastToShape, counted } from "../../core/op/sweep-ops";
import { Handle, makeFilled, makeTruth } from "../../core/tensor/handle";
import type { Beside, Chosen, DtypeOption, Elementwise, Tensor, Value } from "../../core/tensor/tensor";
import { isValue, notATensor, toHandle } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import * as formula from "../../kernel/expansions/builder";
import type { Formula } from "../../kernel/formula";
import { operands } from "../define/elementwise-op";
import { cast } from "./cast";
import { isFinite } from "./comparison";
import { selectBroadcast } from "./select";

/**
 * Chooses between two values: a where the condition holds, b elsewhere; all three broadcast.
 *
 * Shape: `bool[...C], T[...A], T[...B] -> T[...broadcast]`.
 *
 * The derivative is 1 for the value that was taken and 0 for the other one.
 *
 * What was not taken never reaches the gradient, not even where it is infinite or NaN:
 * `where(greater(x, 0), log(x), 0)` is safe to differentiate.
 * @param condition - a boolean, or a bool tensor
 * @param a - taken where the condition is true
 * @param b - taken where it is false
 * @param options - dtype: what the result is; by default that of a and b together, which is float64 for two numbers
 * @returns the chosen elements; a boolean and two numbers give a number, or without a tensor a boolean
 * @throws GradtapeError `dtype/unsupported` if the condition is a tensor of numbers, `shape/broadcast`,
 * `argument/tensor`
 * @example
 * ```ts
 * import { grad, greater, log, sum, tensor, where } from "gradtape";
 * const x = tensor([-1, 0, 2]);
 * grad((v: typeof x) => sum(where(greater(v, 0), log(v), 0)))(x); // => [0, 0, 0.5]
 * ```
 */
export function where<A extends Value | boolean, B extends Value | boolean>(
  condition: boolean,
  a: A,
  b: Beside<B, A>,
  options?: DtypeOption,
): Chosen<A, B>;
export function where<C extends Tensor | boolean>(
  condition: C & ([C] extends [boolean] ? never : unknown),
  a: Value | boolean,
  b: Value | boolean,
  options?: DtypeOption,
): Tensor;
// The last one is what functions of functions see: vmap(where).
export function where(condition: Tensor, a: Value | boolean, b: Value | boolean, options?: DtypeOption): Tensor;
export function where(
  condition: boolean | Value,
  a: Value | boolean,
  b: Value | boolean,
  options?: DtypeOption,
): Value | boolean {
  refuseExtra("where", "condition, a, b, options", 4, arguments);
  checkOptions("where", options, ["dtype"]);
  const dtype = options?.dtype === undefined ? null : checkDtype("where", options.dtype);
  if (!isValue(a)) return notATensor("where", a, "a");
  if (!isValue(b)) return notATensor("where", b, "b");
  if (dtype === null && typeof condition === "boolean" && typeof a !== "object" && typeof b !== "object") {
    const chosen = condition ? a : b;
    return typeof a === typeof b ? chosen : Number(chosen);
  }
  const [p, q] = [toHandle("where", a, "a"), toHandle("where", b, "b")];
  const c = typeof condition === "boolean" ? makeTruth(condition) : condition;
  if (!(c instanceof Handle)) return notATensor("where", c, "condition", true);
  if (c.dtype !== "bool") {
    fail(
      "dtype/unsupported",
      `where: condition must be a bool tensor, got ${c.dtype}.`,
      { dtype: c.dtype },
      "Compare first: greater(x, 0).",
    );
  }
  const [x, y] = dtype === null ? operands(a, b) : [cast(p, dtype), cast(q, dtype)];
  return selectBroadcast(c, x, y);
}

/** What {@link nanToNum} puts in place of elements that are not finite. */
export interface Replacements {
  /** For NaN; 0 by default. */
  readonly nan?: number | undefined;
  /** For Infinity; the largest finite number of the dtype by default. */
  readonly posinf?: number | undefined;
  /** For -Infinity; the lowest finite number of the dtype by default. */
  readonly neginf?: number | undefined;
}

const finiteOr = (x: number, nan: number, posinf: number, neginf: number): number =>
  x - x === 0 ? x : Number.isNaN(x) ? nan : x > 0 ? posinf : neginf;

/** A cotangent or tangent, and 0 where x was replaced. */
const whereFinite = (x: Handle, bar: Handle): Handle =>
  selectBroadcast(asHandle(isFinite(x)), bar, makeFilled([], bar.dtype, 0));

const finiteFormula =
  (nan: number, posinf: number, neginf: number) =>
  (x: Formula): Formula => {
    const ofInfinite = formula.choose(formula.less(0, x), posinf, neginf);
    const ofOther = formula.choose(formula.equal(x, x), ofInfinite, nan);
    return formula.choose(formula.equal(formula.sub(x, x), 0), x, ofOther);
  };

const NAN_TO_NUM: CoreOp<readonly [nan: number, posinf: number, neginf: number]> = /* @__PURE__ */ makeOp<
  readonly [Handle],
  readonly [number, number, number]
>({
  name: "nanToNum",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x], [nan, posinf, neginf]) => {
    const data = x.data;
    for (let i = 0; i < out.length; i++) out[i] = finiteOr(data[i], nan, posinf, neginf);
  },
  vjp: [({ yBar, inputs: [x] }) => whereFinite(x, yBar)],
  jvp: [({ xDot, inputs: [x] }) => whereFinite(x, xDot)],
  reads: { output: false },
  batch: ([x], _, by) => apply(NAN_TO_NUM, [x], by),
  declares: { elementwise: true },
  lower: (on, xs, by, [{ dtype }]) => [on.map(dtype, finiteFormula(...by), ...xs)],
});

/**
 * x with finite numbers in place of NaN and infinities.
 *
 * Shape: `T[...S] -> T[...S]`
 *
 * The derivative is 1 where x is finite, 0 where it was replaced; what the cotangent is there never matters.
 * @param x - a number or a tensor; integers stay what they are
 * @param options - nan: default 0; posinf and neginf: default the largest and the lowest finite number of the dtype
 * @returns the elements, shaped like x
 * @throws GradtapeError `argument/number` for a replacement that is NaN, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { nanToNum, tensor } from "gradtape";
 * nanToNum(tensor([1, NaN, Infinity]), { posinf: 9 }); // => [1, 0, 9]
 * ```
 */
export function nanToNum<X extends Value | boolean>(x: X, options?: Replacements): Elementwise<X>;
export function nanToNum(given: Value | boolean, options?: Replacements): Value {
  refuseExtra("nanToNum", "x, options", 2, arguments);
  const where = "nanToNum";
  checkOptions(where, options, ["nan", "posinf", "neginf"]);
  const x = counted(given);
  if (typeof x !== "number" && !(x instanceof Handle)) return notATensor(where, x);
  const largest = typeof x !== "number" && x.dtype === "float32" ? LARGEST_FLOAT32 : Number.MAX_VALUE;
  const nan = checkNumber(where, "nan", options?.nan ?? 0, -Infinity, Infinity);
  const posinf = checkNumber(where, "posinf", options?.posinf ?? largest, -Infinity, Infinity);
  const neginf = checkNumber(where, "neginf", options?.neginf ?? -largest, -Infinity, Infinity);
  if (typeof x === "number") return finiteOr(x, nan, posinf, neginf);
  return isFloat(x.dtype) ? apply(NAN_TO_NUM, [x], [nan, posinf, neginf]) : x;
}
/** 2 ** 128 - 2 ** 104 */
const LARGEST_FLOAT32 = 3.4028234663852886e38;

/**
 * Whether all elements of a and b are close: |a - b| <= absolute + relative |b|.
 *
 * Shape: `T[...A], T[...B] -> boolean`; the two broadcast.
 *
 * Equal infinities are close, and NaN is close to NaN.
 *
 * Not differentiable: it gives a JavaScript boolean, and symbols (inside vmap and trace) have none.
 * @param a - what was got
 * @param b - what was wanted
 * @param options - relative: default 1e-9; absolute: default 1e-12
 * @returns true or false
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`, `option/unknown`, `trace/value`
 * @example
 * ```ts
 * import { allClose, tensor } from "gradtape";
 * allClose(tensor([1, 2]), tensor([1, 2 + 1e-12])); // => true
 * ```
 */
export function allClose(
  a: Value | boolean,
  b: Value | boolean,
  options?: { readonly relative?: number | undefined; readonly absolute?: number | undefined },
): boolean {
  refuseExtra("allClose", "a, b, options", 3, arguments);
  checkOptions("allClose", options, ["relative", "absolute"]);
  const relative = checkNumber("allClose", "relative", options?.relative ?? 1e-9, 0, Infinity);
  const absolute = checkNumber("allClose", "absolute", options?.absolute ?? 1e-12, 0, Infinity);
  const [x, y] = [toHandle("allClose", a, "a"), toHandle("allClose", b, "b")];
  const shape = broadcastShapes("allClose", x.shape, y.shape);
  const [p, q] = [broadcastToShape(x, shape).data, broadcastToShape(y, shape).data];
  for (let i = 0; i < p.length; i++) {
    const same = p[i] === q[i] || (Number.isNaN(p[i]) && Number.isNaN(q[i]));
    if (!same && !(Math.abs(p[i] - q[i]) <= absolute + relative * Math.abs(q[i]))) return false;
  }
  return true;
}
