import { describe, fail } from "../base/errors";
import { elementsOf, Handle, makeTensor } from "../core/tensor/handle";
import { type Flat, matching } from "../core/tensor/tree";

/** The caller's buffers in the order of the leaves, checked. */
export function buffersOf(
  params: Flat,
  buffers: unknown,
  parameters: readonly Handle[],
  batchSize: number,
): (Float64Array | Float32Array)[] {
  const wrapped = wrap(buffers);
  return matching("materializeInto", params, wrapped, "buffers").map((leaf, k) => {
    const data = leaf instanceof Handle ? elementsOf(leaf) : null;
    const wanted = batchSize * parameters[k].size;
    const kind = parameters[k].dtype === "float64" ? Float64Array : Float32Array;
    if (data instanceof kind && data.length === wanted) return data;
    const received = data === null ? describe(leaf) : `${describe(data)} of ${data.length}`;
    return fail(
      "batch/buffer",
      `materializeInto: the buffer for ${params.paths[k] || "params"} must be a ${kind.name} of ${wanted} elements, got ${received}.`,
      { path: params.paths[k], expected: wanted },
      "It takes the gradients of all samples, one behind the other.",
    );
  });
}

/** Typed arrays of a tree as tensors on the same memory, so that trees can be compared. */
function wrap(x: unknown): unknown {
  if (x instanceof Float64Array) return makeTensor([x.length], "float64", x);
  if (x instanceof Float32Array) return makeTensor([x.length], "float32", x);
  if (Array.isArray(x)) return x.map(wrap);
  if (x instanceof Handle) {
    fail(
      "batch/buffer",
      `materializeInto: buffers must be typed arrays, got ${describe(x)}.`,
      { received: x },
      "Tensors are never written to.",
    );
  }
  if (typeof x !== "object" || x === null) return x;
  return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, wrap(value)]));
}
