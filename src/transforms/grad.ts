import { describe, fail, list, promiseHint } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkFlag, checkFunction, checkOptions } from "../base/options";
import { asLeaf, gradientTree, handlesOf } from "../core/op/leaves";
import { detachUnlessObserved, pullBack } from "../core/sweep/differentiate";
import { useCondition } from "../core/tensor/condition";
import { Handle, makeFilled, withoutHistory } from "../core/tensor/handle";
import type { Scalar } from "../core/tensor/tensor";
import { isHandle } from "../core/tensor/tensor-argument";
import { type Flat, type FloatLeaf, flatten, mapTensors } from "../core/tensor/tree";
import type { Derivative, Gradient } from "../core/tensor/tree-types";
import { runConnected } from "./unconnected";

/** What is differentiated, checked to be a scalar. `what` says what it is, `hint` what to do with a larger tensor. */
export function checkScalar(where: string, what: string, y: unknown, hint: string): number | boolean | Handle {
  if (typeof y === "number" || typeof y === "boolean") return y;
  if (!isHandle(where, y)) {
    const returned =
      promiseHint(y) ?? (y === undefined ? "A return is missing." : "It must be a number or a tensor of shape [].");
    return fail("grad/non-scalar", `${where}: ${what} ${describe(y)}, not a scalar.`, { received: y }, returned);
  }
  if (y.shape.length === 0) return y;
  const received = `a tensor of shape ${list(y.shape)}`;
  return fail("grad/non-scalar", `${where}: ${what} ${received}, not a scalar.`, { received: y }, hint);
}

/** grad, called something else in errors. */
export const gradAs =
  <P, R extends readonly unknown[]>(where: string, f: (params: P, ...rest: R) => Scalar) =>
  (params: P, ...rest: R): Gradient<P> => {
    const { flat, inputs, result } = run(where, f, params, rest);
    return back<P>(where, scalarResult(where, result), inputs, flat)[1];
  };

const scalarResult = (where: string, y: unknown): number | boolean | Handle =>
  checkScalar(where, "the function returns", y, "Reduce it with sum or mean, or use vjp.");

function run<P, R extends readonly unknown[], Y>(
  where: string,
  f: (params: P, ...rest: R) => Y,
  params: P,
  rest: R,
  lossOf: (result: Y) => unknown = (result) => result,
): { readonly flat: Flat<FloatLeaf>; readonly inputs: Handle[]; readonly result: Y } {
  const flat = flatten(where, params, { differentiable: true });
  const [inputs, result] = runConnected(
    where,
    handlesOf(flat.leaves),
    (own) => f(flat.build<P>(own), ...rest),
    (y) => {
      const loss = lossOf(y);
      return typeof loss === "number" || typeof loss === "boolean" || loss instanceof Handle ? [loss] : [];
    },
  );
  return { flat, inputs, result };
}

/** Value and gradient of a scalar; a plain number has zeros. */
function back<P>(
  where: string,
  y: number | boolean | Handle,
  inputs: readonly Handle[],
  flat: Flat<FloatLeaf>,
): [value: number | boolean | Handle, gradient: Gradient<P>] {
  const none = inputs.map(() => null);
  if (typeof y !== "object") return [y, gradientTree(flat, none)];
  const one = makeFilled(y.shape, y.dtype, 1);
  const plain = asLeaf(y, withoutHistory(y));
  const { cotangents: bars, observed: seen } = pullBack(where, { outputs: [y], cotangents: [one], inputs });
  return [seen[0] ? y : plain, gradientTree(flat, bars)];
}

/**
 * The gradient of a scalar function by its first argument, as a function of the same arguments.
 *
 * Shape: `(P, ...rest) -> F[]` becomes `(P, ...rest) -> P`.
 *
 * Reverse mode: one run of f and one sweep back, whatever the number of parameters. Each place of the tree is an input
 * of its own. Where f does not depend on a leaf its gradient is 0. Nests to any order; f may branch and loop on values,
 * and may be called with numbers where it takes `Scalar`.
 * @param f - gives a scalar: a number or a 0-d tensor; parameters by which to differentiate come first, as a tree of
 * numbers and float tensors
 * @returns a function with the arguments of f that gives a tree shaped like params
 * @throws GradtapeError `grad/non-scalar`, `grad/unconnected` for a loss that is computed from numbers read out of tensors,
 * `tree/leaf` with the path of what cannot be differentiated
 * @example
 * ```ts
 * import { add, grad, mul, type Scalar, sin } from "gradtape";
 * const f = ({ x, y }: { x: Scalar; y: Scalar }) => add(mul(x, y), sin(x));
 * grad(f)({ x: 0, y: 3 }); // => { x: 4, y: 0 }
 * const slope = grad((x: Scalar) => mul(x, mul(x, x)));
 * grad(slope)(2); // => 12
 * ```
 */
export function grad<P, R extends readonly unknown[]>(f: (params: P, ...rest: R) => Scalar): Derivative<P, R>;
export function grad<P, R extends readonly unknown[]>(
  f: (params: P, ...rest: R) => Scalar,
): (params: P, ...rest: R) => Gradient<P> {
  refuseExtra("grad", "f", 1, arguments);
  checkFunction("grad", f);
  return (params, ...rest) => {
    const { flat, inputs, result } = run("grad", f, params, rest);
    return back<P>("grad", scalarResult("grad", result), inputs, flat)[1];
  };
}

/**
 * Value and gradient of a scalar function in one pass, as a function of the same arguments. See also {@link grad}.
 *
 * Shape: `(P, ...rest) -> F[]` becomes `(P, ...rest) -> [F[], P]`.
 *
 * The value comes without history, unless an outer transform observes it: keeping it keeps no tape alive.
 * @param f - as for {@link grad}
 * @returns a function that gives `[value, gradient]`
 * @throws GradtapeError `grad/non-scalar`, `grad/unconnected`, `tree/leaf`, `option/unknown`
 * @example
 * ```ts
 * import { type Scalar, square, valueAndGrad } from "gradtape";
 * const [value, slope] = valueAndGrad((x: Scalar) => square(x))(3);
 * value; // => 9
 * slope; // => 6
 * ```
 */
export function valueAndGrad<P, R extends readonly unknown[], V extends Scalar>(
  f: (params: P, ...rest: R) => V,
): Derivative<P, R, [value: V]>;
/**
 * The same for a function that gives more than its loss: predictions, or a new state.
 * @param f - gives `[loss, aux]`; aux is any tree, is not differentiated, and comes without history
 * @param options - `{ aux: true }`
 * @returns a function that gives `[value, gradient, aux]`
 * @throws GradtapeError `grad/aux`, `grad/non-scalar`, `grad/unconnected`, `tree/leaf`, `option/unknown`
 * @example
 * ```ts
 * import { type Scalar, square, sub, valueAndGrad } from "gradtape";
 * const f = (x: Scalar) => [square(sub(x, 1)), { shifted: sub(x, 1) }] as const;
 * const [value, slope, { shifted }] = valueAndGrad(f, { aux: true })(3);
 * value; // => 4
 * slope; // => 4
 * shifted; // => 2
 * ```
 */
export function valueAndGrad<P, R extends readonly unknown[], V extends Scalar, X>(
  f: (params: P, ...rest: R) => readonly [loss: V, aux: X],
  options: { readonly aux: true },
): Derivative<P, R, [value: V], [aux: X]>;
export function valueAndGrad<P, R extends readonly unknown[]>(
  f: (params: P, ...rest: R) => unknown,
  options?: { readonly aux?: boolean },
): (params: P, ...rest: R) => unknown {
  refuseExtra("valueAndGrad", "f, options", 2, arguments);
  const where = "valueAndGrad";
  checkFunction(where, f);
  checkOptions(where, options, ["aux"]);
  const aux = checkFlag(where, "aux", options?.aux);
  return (params, ...rest) => {
    const { flat, inputs, result } = run(where, f, params, rest, (y) => (aux && Array.isArray(y) ? y[0] : y));
    if (!aux) return back<P>(where, scalarResult(where, result), inputs, flat);
    if (!Array.isArray(result) || result.length !== 2) {
      return fail(
        "grad/aux",
        `${where}: with aux the function must return [loss, aux], got ${describe(result)}.`,
        { received: result },
        "Put everything besides the loss into aux, or leave the option out.",
      );
    }
    const others: unknown = mapTensors(result[1], (x) => {
      useCondition(x);
      return asLeaf(x, detachUnlessObserved(x, inputs));
    });
    return [...back<P>(where, scalarResult(where, result[0]), inputs, flat), others];
  };
}
