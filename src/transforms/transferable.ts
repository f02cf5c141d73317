import type { Dtype, TensorData } from "../base/dtype";
import { refuseExtra } from "../base/extra-arguments";
import { elementsOf, Handle, noteRead } from "../core/tensor/handle";
import type { Tensor } from "../core/tensor/tensor";
import { isPlainTensor } from "../core/tensor/tensor-argument";
import { flatten } from "../core/tensor/tree";
import { readData, type TensorOptions } from "../ops/create/read-data";

/** A tensor as plain data: what workers, postMessage, structuredClone and IndexedDB can take. */
export interface TransferableTensor {
  /** What the elements are. */
  readonly dtype: Dtype;
  /** Size of each axis. */
  readonly shape: readonly number[];
  /** The elements, row by row; bool uses bytes, 0 or 1. */
  readonly data: TensorData;
}
/** A tree with its tensors as plain data. */
export type TransferableTree<P> = P extends number | boolean
  ? P
  : P extends Tensor
    ? TransferableTensor
    : { readonly [K in keyof P]: TransferableTree<P[K]> };

/**
 * A tree of tensors as plain data, to be sent to a worker or stored. `postMessage(data, transfer)` sends it without a
 * copy; `postMessage(data)` copies it. {@link fromTransferable} makes tensors of it.
 *
 * Shape: every tensor becomes `{ dtype, shape, data }`, every number stays.
 *
 * The elements are copied: the buffers belong to nothing else, and the tree stays as it is. History stays behind.
 *
 * @param params - plain objects and arrays, nested, with numbers and tensors at the ends
 * @returns the tree as plain data, and the buffers in it, which may be transferred
 * @throws GradtapeError `tree/leaf` with the path of what is no leaf, `trace/value` for a symbol
 * @example
 * ```ts
 * import { tensor, tree } from "gradtape";
 * const { data, transfer } = tree.toTransferable({ w: tensor([1, 2]), rate: 0.5 });
 * const received: unknown = structuredClone(data, { transfer }); // what the other side of postMessage gets
 * tree.fromTransferable(received); // => { w: [1, 2], rate: 0.5 }
 * ```
 */
export function toTransferable<P>(params: P): {
  /** Plain objects, arrays, numbers and typed arrays. */
  readonly data: TransferableTree<P>;
  /** The buffers of all tensors. */
  readonly transfer: ArrayBuffer[];
} {
  refuseExtra("tree.toTransferable", "params", 1, arguments);
  const transfer: ArrayBuffer[] = [];
  const { leaves, build } = flatten("tree.toTransferable", params);
  const plain = leaves.map((x) => {
    if (!(x instanceof Handle)) return x;
    noteRead(x, Infinity);
    // Not slice: the copy of an array in shared memory would be one too.
    const [from, dtype, shape] = [elementsOf(x), x.dtype, [...x.shape]];
    const buffer = new ArrayBuffer(from.byteLength);
    const data = viewOf(from, buffer);
    data.set(from);
    transfer.push(buffer);
    return { dtype, shape, data };
  });
  return { data: build<TransferableTree<P>>(plain), transfer };
}

/** A view of a buffer, of the kind of an array. */
function viewOf(like: TensorData, buffer: ArrayBuffer): TensorData {
  if (like instanceof Float64Array) return new Float64Array(buffer);
  if (like instanceof Float32Array) return new Float32Array(buffer);
  return like instanceof Int32Array ? new Int32Array(buffer) : new Uint8Array(buffer);
}

/**
 * The tree of tensors that {@link toTransferable} made plain data of, here or in another thread.
 *
 * Shape: every `{ dtype, shape, data }` becomes a tensor, every number stays.
 *
 * The elements are copied: the tensors share memory with nothing.
 *
 * @param data - what toTransferable gave, as it is, cloned or transferred
 * @returns the tree
 * @throws GradtapeError `tree/leaf` with the path of what is no leaf, `tensor/shape` for elements that do not fit their
 * shape, `tensor/data` and `dtype/unknown` for data that toTransferable did not make
 * @example
 * ```ts
 * import { type Tensor, tensor, tree } from "gradtape";
 * const { data } = tree.toTransferable({ mask: tensor([true, false]) });
 * tree.fromTransferable<{ mask: Tensor }>(data).mask; // => [true, false]
 * ```
 */
export function fromTransferable<P>(data: unknown): P {
  const where = "tree.fromTransferable";
  refuseExtra(where, "data", 1, arguments);
  const read = (x: unknown): Handle | undefined => {
    if (!isPlainTensor(x)) return undefined;
    const { dtype, shape } = x as TensorOptions;
    return readData(where, x.data, { dtype, shape });
  };
  const { leaves, build } = flatten(where, data, { name: "data", read });
  return build<P>(leaves);
}
