import { describe, fail, promiseHint } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { BRAND, Handle, makeTruth } from "./handle";
import type { Tensor, Value } from "./tensor";

/**
 * Whether x is a tensor of this copy of the library. A tensor of another copy is an error, and so is what structuredClone
 * and postMessage leave of one: its fields.
 */
export function isHandle(where: string, x: unknown, name: string | (() => string) = "this"): x is Handle {
  if (x instanceof Handle) return true;
  if (typeof x !== "object" || x === null) return false;
  if ("strand" in x && "body" in x) {
    fail(
      "tensor/cloned",
      `${where}: ${typeof name === "string" ? name : name()} was a tensor before it was cloned.`,
      {},
      "Clone or send tree.toTransferable(...), and read it with tree.fromTransferable(...).",
    );
  }
  if (BRAND in x) {
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
 * @throws GradtapeError `package/two-copies` for a tensor that another copy made, `tensor/cloned` for what
 * structuredClone leaves of one
 * @example
 * ```ts
 * import { isTensor, tensor } from "gradtape";
 * isTensor(tensor([1, 2])); // => true
 * isTensor([1, 2]); // => false
 * ```
 */
export function isTensor(x: unknown): x is Tensor {
  refuseExtra("isTensor", "x", 1, arguments);
  return isHandle("isTensor", x);
}

/** Whether x is a number, a boolean or a tensor of this copy. */
export const isValue = (x: unknown): x is number | boolean | Handle =>
  typeof x === "number" || typeof x === "boolean" || x instanceof Handle;

/** The argument of an op as a tensor; numbers become 0-d float64, booleans 0-d bool. */
export function toHandle(where: string, x: Value | boolean, name = "x"): Handle {
  if (x instanceof Handle) return x;
  if (typeof x === "number") return new Handle(null, 0, x, null);
  if (typeof x === "boolean") return makeTruth(x);
  return notATensor(where, x, name);
}

/** The error for an argument that is neither number nor tensor; `alone`: numbers will not do either. */
export function notATensor(where: string, x: unknown, name = "x", alone = typeof x === "number"): never {
  isHandle(where, x, name);
  return fail(
    "argument/tensor",
    `${where}: ${name} must be ${alone ? "" : "a number or "}a tensor, got ${describe(x)}.`,
    { name, received: x },
    tensorHint(x),
  );
}

/** What to do with data that are no numbers. */
export const CONVERT = "Convert it to numbers first.";

/** Whether x is a tensor as plain data: what toJSON gives, or toTransferable. No tree has text at its ends. */
export const isPlainTensor = (x: unknown): x is Readonly<Record<"dtype" | "shape" | "data", unknown>> =>
  typeof x === "object" && x !== null && "shape" in x && "data" in x && "dtype" in x && typeof x.dtype === "string";

/** What to do with something that is no tensor. */
export function tensorHint(x: unknown): string {
  if (x === undefined || x === null) return "Look for a missing argument, or a missing return.";
  if (typeof x === "string" || typeof x === "bigint") return CONVERT;
  if (typeof x === "function") return "Pass what the function returns.";
  if (isPlainTensor(x)) return "Make a tensor of it: tree.fromTransferable(...), or tensor(...).";
  if (Array.isArray(x) && x.some((part) => part instanceof Handle)) return "Join the tensors first: stack([...]).";
  const awaited = promiseHint(x);
  if (awaited !== undefined) return awaited;
  if (typeof x === "object" && !Array.isArray(x) && !ArrayBuffer.isView(x)) {
    return "Pass the tensors of an object one by one.";
  }
  return "Make one with tensor(...).";
}
