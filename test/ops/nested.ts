import { GradtapeError } from "../../src/base/errors";
import { type Handle, makeTensor } from "../../src/core/tensor/handle";

/** Nested arrays of a shape from a function of the index. */
export function nested<T>(shape: readonly number[], value: (index: readonly number[]) => T): unknown {
  const nest = (index: readonly number[]): unknown =>
    index.length === shape.length
      ? value(index)
      : Array.from({ length: shape[index.length] }, (_, i) => nest([...index, i]));
  return nest([]);
}

/** 0, 1, 2, ... in a shape. */
export function iota(shape: readonly number[]): Handle {
  const size = shape.reduce((product, s) => product * s, 1);
  return makeTensor(
    shape,
    "float64",
    Float64Array.from({ length: size }, (_, i) => i),
  );
}

export const int32 = (shape: readonly number[], numbers: readonly number[]): Handle =>
  makeTensor(shape, "int32", Int32Array.from(numbers));
export const float32 = (shape: readonly number[], numbers: readonly number[]): Handle =>
  makeTensor(shape, "float32", Float32Array.from(numbers));

/** The text of the error that a call throws. */
export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof GradtapeError) return error.message;
    throw error;
  }
  return "no error";
}
