import type { TensorData } from "../../base/dtype";
import { describe, fail, GradtapeError, list } from "../../base/errors";
import type { Shape } from "../../base/shape";

/*
 * What the rules of a custom op must return. Cotangents and tangents are checked by the sweeps (src/core/op/rule-check).
 */

/** Checks what the shape rule of an op with one output returned. */
export function checkOne(name: string, shape: unknown): Shape {
  if (Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0)) return shape;
  return fail(
    "op/shape",
    `${name}: the shape rule must give a shape, got ${describe(shape)}.`,
    { op: name, received: shape },
    "Return an array of integers >= 0.",
  );
}

/** Checks what the shape rule of an op with several outputs returned. */
export function checkShapes(name: string, shapes: readonly unknown[], parts: number): readonly Shape[] {
  if (shapes.length === parts) return shapes.map((shape) => checkOne(name, shape));
  return fail(
    "op/shape",
    `${name}: the shape rule must give ${parts} shapes, got ${shapes.length}.`,
    { op: name, parts },
    "Return one shape for each of the parts.",
  );
}

/** Checks what a pullback for all inputs returned. */
export function checkCount<T>(name: string, given: readonly T[], count: number): readonly T[] {
  if (Array.isArray(given) && given.length === count) return given;
  return fail(
    "op/rule-shape",
    `${name}: the pullback must give one cotangent for each of ${count} inputs, got ${describe(given)}.`,
    { op: name, expected: count },
    "Return an array with a cotangent, or null, for each input.",
  );
}

const isNumbers = (x: unknown): x is ArrayLike<number> => Array.isArray(x) || (ArrayBuffer.isView(x) && "length" in x);

/** Takes what an evaluate returned, instead of writing into its output, or throws. */
export function takeReturned(name: string, output: TensorData | readonly TensorData[], returned: object): void {
  if (returned === output) return;
  const outputs = ArrayBuffer.isView(output) ? [output] : output;
  const parts: readonly unknown[] = ArrayBuffer.isView(output) ? [returned] : Array.isArray(returned) ? returned : [];
  outputs.forEach((to, k) => {
    const part = parts[k];
    if (isNumbers(part) && part.length === to.length) {
      if (part !== to) to.set(part);
      return;
    }
    const received = isNumbers(part) ? `${part.length} numbers` : describe(part ?? returned);
    fail(
      "op/evaluate",
      `${name}: evaluate must write ${to.length} numbers into its output, or return them, got ${received}.`,
      { op: name, expected: to.length },
      "Write output[i] = ..., or output.set(...).",
    );
  });
}

/** Wraps what a custom op's evaluate threw, with the op and its inputs; errors of the library pass as they are. */
export function evaluateFailed(
  name: string,
  inputs: readonly { readonly shape: Shape; readonly dtype: string }[],
  cause: unknown,
): never {
  if (cause instanceof GradtapeError) throw cause;
  const kinds = inputs.map(({ shape, dtype }) => `${dtype}${list(shape)}`);
  const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : describe(cause);
  const shapes = inputs.map(({ shape }) => shape);
  const dtypes = inputs.map(({ dtype }) => dtype);
  return fail(
    "op/evaluate",
    `${name}: evaluate threw for inputs ${kinds.join(", ")}: ${said}${/[.!?]$/.test(said) ? "" : "."}`,
    { op: name, shapes, dtypes, cause },
    "What it threw is the cause of this error.",
  );
}
