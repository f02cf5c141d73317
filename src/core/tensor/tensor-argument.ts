import { describe, fail } from "../../base/errors";
import { BRAND, Handle } from "./handle";
import type { Tensor, Value } from "./tensor";

/** Whether x is a tensor of this copy of the library. A tensor of another copy is an error. */
export function isHandle(where: string, x: unknown): x is Handle {
  if (x instanceof Handle) return true;
  if (typeof x === "object" && x !== null && BRAND in x) {
    fail(
      "package/two-copies",
      `${where}: this tensor was made by another copy of gradtape.`,
      {},
      "Install one version, and import it either as ESM or as CommonJS, not both.",
    );
  }
  return false;
}

/**
 * Whether something is a tensor.
 *
 * @param x - anything
 * @returns true for tensors of this copy of the library
 * @throws GradtapeError `package/two-copies` for a tensor that another copy made
 * @example
 * ```ts
 * import { isTensor, tensor } from "gradtape";
 * isTensor(tensor([1, 2])); // => true
 * isTensor([1, 2]); // => false
 * ```
 */
export function isTensor(x: unknown): x is Tensor {
  return isHandle("isTensor", x);
}

/** The argument of an op as a tensor; numbers become 0-d float64. */
export function toHandle(where: string, x: Value | boolean, name = "x"): Handle {
  if (x instanceof Handle) return x;
  if (typeof x === "number") return new Handle(null, 0, x, null);
  return notATensor(where, x, name);
}

/** The error for an argument that is neither number nor tensor; `alone`: numbers will not do either. */
export function notATensor(where: string, x: unknown, name = "x", alone = typeof x === "number"): never {
  isHandle(where, x);
  return fail(
    "argument/tensor",
    `${where}: ${name} is ${alone ? "" : "a number or "}a tensor, got ${describe(x)}.`,
    { name, received: x },
    Array.isArray(x) || ArrayBuffer.isView(x) ? "Make one with tensor(...)." : undefined,
  );
}
