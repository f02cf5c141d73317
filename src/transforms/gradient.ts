import { describe, fail, list } from "../base/errors";
import { checkOptions } from "../base/options";
import { freshInputs, pullBack, settle } from "../core/differentiate";
import { Handle, makeFilled, makeScalar } from "../core/handle";
import type { Gradient, Scalar } from "../core/tensor";
import { type Flat, flatten, mapTensors } from "../core/tree";

/** A gradient leaf as the user gets it: a number for a number, unless somebody else is watching it. */
export function asLeaf(leaf: number | Handle, x: Handle): number | Handle {
  return typeof leaf === "number" && x.strand === null && x.body === null ? x.value : x;
}

/** The cotangents of leaves as a tree; zeros where nothing arrived. */
export function gradientTree<T>(flat: Flat, bars: readonly (Handle | null)[]): T {
  return flat.build<T>(
    flat.leaves.map((leaf, k) => {
      const bar = bars[k];
      if (typeof leaf === "number") return bar === null ? 0 : asLeaf(leaf, bar);
      return bar ?? makeFilled(leaf.shape, leaf.dtype, 0);
    }),
  );
}

/** The leaves as tensors. */
export const handlesOf = (leaves: readonly (number | Handle)[]): Handle[] =>
  leaves.map((leaf) => (typeof leaf === "number" ? makeScalar(leaf) : leaf));

/** What a differentiated function gave, checked to be one number. */
export function checkScalar(where: string, y: unknown, hint: string): number | Handle {
  if (typeof y === "number") return y;
  if (y instanceof Handle && y.shape.length === 0) return y;
  const received = y instanceof Handle ? `a tensor of shape ${list(y.shape)}` : describe(y);
  return fail("grad/non-scalar", `${where}: the function returns ${received}, not a scalar.`, { received: y }, hint);
}

const SCALAR_HINT = "Reduce it with sum or mean, or use vjp.";

function run<P, R extends readonly unknown[], Y>(
  where: string,
  f: (params: P, ...rest: R) => Y,
  params: P,
  rest: R,
): { readonly flat: Flat; readonly inputs: Handle[]; readonly result: Y } {
  const flat = flatten(where, params, { differentiable: true });
  const inputs = freshInputs(handlesOf(flat.leaves));
  return { flat, inputs, result: f(flat.build<P>(inputs), ...rest) };
}

function back<P>(
  where: string,
  y: number | Handle,
  inputs: readonly Handle[],
  flat: Flat,
): [value: number | Handle, gradient: Gradient<P>] {
  if (typeof y === "number")
    return [
      y,
      gradientTree(
        flat,
        inputs.map(() => null),
      ),
    ];
  const value = settle(y, inputs);
  const one = makeFilled(y.shape, y.dtype, 1);
  const { bars } = pullBack(where, { outputs: [y], cotangents: [one], inputs });
  return [value, gradientTree(flat, bars)];
}

/**
 * The gradient of a scalar function by its first argument, as a function of the same arguments.
 */
export function grad<P, R extends readonly unknown[]>(
  f: (params: P, ...rest: R) => Scalar,
): (params: P, ...rest: R) => Gradient<P> {
  return (params, ...rest) => {
    const { flat, inputs, result } = run("grad", f, params, rest);
    return back<P>("grad", checkScalar("grad", result, SCALAR_HINT), inputs, flat)[1];
  };
}

/**
 * Value and gradient of a scalar function in one pass, as a function of the same arguments.
 */
export function valueAndGrad<P, R extends readonly unknown[], V extends Scalar>(
  f: (params: P, ...rest: R) => V,
): (params: P, ...rest: R) => [value: V, gradient: Gradient<P>];
export function valueAndGrad<P, R extends readonly unknown[], V extends Scalar, X>(
  f: (params: P, ...rest: R) => readonly [loss: V, aux: X],
  options: { readonly aux: true },
): (params: P, ...rest: R) => [value: V, gradient: Gradient<P>, aux: X];
export function valueAndGrad<P, R extends readonly unknown[]>(
  f: (params: P, ...rest: R) => unknown,
  options?: { readonly aux?: boolean },
): (params: P, ...rest: R) => unknown {
  const where = "valueAndGrad";
  checkOptions(where, options, ["aux"]);
  return (params, ...rest) => {
    const { flat, inputs, result } = run(where, f, params, rest);
    if (options?.aux !== true) return back<P>(where, checkScalar(where, result, SCALAR_HINT), inputs, flat);
    if (!Array.isArray(result) || result.length !== 2) {
      return fail("grad/aux", `${where}: with aux the function returns [loss, aux], got ${describe(result)}.`, {
        received: result,
      });
    }
    const aux: unknown = mapTensors(result[1], (x) => settle(x, inputs));
    return [...back<P>(where, checkScalar(where, result[0], SCALAR_HINT), inputs, flat), aux];
  };
}
