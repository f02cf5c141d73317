import { describe, fail } from "./errors";

/** The four kinds of elements that a tensor can hold. */
export type Dtype = "float64" | "float32" | "int32" | "bool";

/** What a tensor keeps its elements in: bool uses bytes, 0 or 1. */
export type TensorData = Float64Array | Float32Array | Int32Array | Uint8Array;

/** Whether derivatives exist for the dtype. @internal */
export const isFloat = (dtype: Dtype): boolean => dtype === "float64" || dtype === "float32";

/** The dtype argument, checked. @internal */
export function checkDtype(where: string, dtype: unknown): Dtype {
  if (dtype === "float64" || dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  return fail(
    "dtype/unknown",
    `${where}: unknown dtype ${describe(dtype)}.`,
    { dtype },
    'Use "float64", "float32", "int32" or "bool".',
  );
}

/**
 * The dtype of a and b together: the wider float; int32 with a float gives that float; bool counts as int32.
 * @internal
 */
export function promote(a: Dtype, b: Dtype): Dtype {
  if (a === b) return a === "bool" ? "int32" : a;
  if (a === "float64" || b === "float64") return "float64";
  if (a === "float32" || b === "float32") return "float32";
  return "int32";
}

/** A float stays, everything else becomes float64: what exp, div or mean give. @internal */
export const toFloat = (dtype: Dtype): Dtype => (isFloat(dtype) ? dtype : "float64");

/** bool becomes int32, everything else stays: what sum or neg give. @internal */
export const toNumeric = (dtype: Dtype): Dtype => (dtype === "bool" ? "int32" : dtype);

/** What a plain number counts as beside integers: int32 if that can hold it, else float64. @internal */
export const dtypeOfNumber = (x: number): Dtype => ((x | 0) === x ? "int32" : "float64");

/** Bytes of one element. @internal */
export const bytesOf = (dtype: Dtype): number => (dtype === "float64" ? 8 : dtype === "bool" ? 1 : 4);

/** The unit of rounding of the floats of a dtype: the distance from 1 to the next number. @internal */
export const epsilonOf = (dtype: Dtype): number => (dtype === "float32" ? 2 ** -23 : Number.EPSILON);
