import { allocate, share } from "../../base/allocate";
import { checkDtype, isFloat } from "../../base/dtype";
import { describe, fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { broadcastsTo, checkShape, type Shape } from "../../base/shape";
import { makeLeaf } from "../../core/op/leaf";
import { broadcastToShape, reshapeTo } from "../../core/op/sweep-ops";
import { now, STRONG, VARIABLE } from "../../core/tape/page";
import {
  elementsOf,
  type Handle,
  isSymbolic,
  makeFilled,
  makeTensor,
  withoutHistory,
  zeroLike,
} from "../../core/tensor/handle";
import type { DtypeOption, Of, Tensor, TensorJson, Value } from "../../core/tensor/tensor";
import { isHandle, tensorHint, toHandle } from "../../core/tensor/tensor-argument";
import { cast, convertInto } from "../elementwise/cast";
import { checkFit, type Nested, readData, type ShapeOfData, type TensorOptions, type TypedArray } from "./read-data";

/**
 * A tensor from numbers. See also {@link variable}.
 *
 * Shape: the shape of nested arrays, `[length]` for a typed array, `[]` for one number, or `shape` if given.
 *
 * Numbers give float64, booleans bool, typed arrays their own dtype: a Uint8Array gives bool and holds 0 and 1 only (give a
 * `dtype` when the bytes are numbers), other integer arrays give int32. `dtype` casts as {@link cast} does. A result of
 * toJSON is read back as it was, with `"NaN"`, `"Infinity"` and `"-Infinity"`.
 *
 * The elements are copied. `copy: false` adopts a typed array of the tensor's dtype, which must not be written to any
 * more.
 *
 * @param data - a number, a boolean, nested arrays of numbers or of booleans, a typed array, or a result of toJSON
 * @param options - shape: default that of the data; dtype: default that of the data; copy: default true, false adopts a
 * typed array
 * @returns a tensor without history
 * @throws GradtapeError `tensor/ragged` with the path; `tensor/shape` when `shape` holds another number of elements;
 * `tensor/data` for anything else than numbers; `tensor/copy`; `cast/invalid`
 * @example
 * ```ts
 * import { tensor } from "gradtape";
 * tensor([[1, 2], [3, 4]]).shape; // => [2, 2]
 * tensor([1, 2, 3, 4], { shape: [2, 2] }); // => [[1, 2], [3, 4]]
 * tensor([true, false]).dtype; // => "bool"
 * tensor([[1, 2], [3]]); // => throws [tensor/ragged]
 * ```
 */
export function tensor<
  const D extends Nested | TypedArray | TensorJson,
  const R extends Shape | undefined = undefined,
  Q extends R = R, // R again: the result alone, written with R, would take on whatever shape is expected of it
>(
  data: D,
  options?: TensorOptions<R>,
): Q extends Shape ? Tensor<Q> : D extends TensorJson ? Tensor : Of<ShapeOfData<D>>;
export function tensor(data: unknown, options?: TensorOptions): Tensor {
  refuseExtra("tensor", "data, options", 2, arguments);
  return readData("tensor", data, options);
}

/**
 * A variable: a tensor whose derivatives {@link backward} gives. What is computed from it is recorded.
 *
 * Shape: as {@link tensor}.
 *
 * Float only; plain numbers become float64. The history of a given tensor is dropped: each call makes a fresh variable.
 *
 * @param initial - its elements: data as for {@link tensor}, or a tensor
 * @param options - shape: default that of the data; dtype: default that of the data; copy: default true, false adopts a
 * typed array
 * @returns a tracked tensor
 * @throws GradtapeError `dtype/unsupported` for int32 and bool; `trace/value` for a symbolic tensor; what tensor throws
 * @example
 * ```ts
 * import { backward, square, sum, variable } from "gradtape";
 * const x = variable([1, 2]);
 * backward(sum(square(x)), x); // => [2, 4]
 * variable([true]); // => throws [dtype/unsupported]
 * ```
 */
export function variable<S extends Shape, const R extends Shape | undefined = undefined, Q extends R = R>(
  initial: Tensor<S>,
  options?: TensorOptions<R>,
): Q extends Shape ? Tensor<Q> : Tensor<S>;
export function variable<
  const D extends Nested | TypedArray,
  const R extends Shape | undefined = undefined,
  Q extends R = R,
>(initial: D, options?: TensorOptions<R>): Q extends Shape ? Tensor<Q> : Of<ShapeOfData<D>>;
export function variable(initial: unknown, options?: TensorOptions): Tensor {
  refuseExtra("variable", "initial, options", 2, arguments);
  const x = isHandle("variable", initial) ? adapt(initial, options) : readData("variable", initial, options);
  if (!isFloat(x.dtype)) {
    fail(
      "dtype/unsupported",
      `variable: a variable must be float64 or float32, got ${x.dtype}.`,
      { dtype: x.dtype },
      'Derivatives exist for floats only: give { dtype: "float64" }.',
    );
  }
  return makeLeaf(x, VARIABLE, now(), STRONG);
}

function adapt(x: Handle, options: TensorOptions | undefined): Handle {
  checkOptions("variable", options, ["shape", "dtype", "copy"]);
  if (isSymbolic(x)) {
    fail(
      "trace/value",
      `variable: a symbolic tensor of shape ${list(x.shape)} has no values to start a variable from.`,
      { shape: x.shape, dtype: x.dtype },
      "Inside vmap and trace, differentiate with grad.",
    );
  }
  const plain = withoutHistory(x);
  const shaped = options?.shape == null ? plain : reshapeTo(plain, checkFit("variable", options.shape, x.size));
  const y = options?.dtype == null ? shaped : toHandle("variable", cast(shaped, checkDtype("variable", options.dtype)));
  // The variable is another tensor: what is written to the elements of one is not in the other.
  return y !== plain || y.body === null || options?.copy === false
    ? y
    : makeTensor(y.shape, y.dtype, share(elementsOf(y)));
}

function constant(where: string, shape: Shape, value: number, options: DtypeOption | undefined): Handle {
  checkOptions(where, options, ["dtype"]);
  return makeFilled(checkShape(where, shape), checkDtype(where, options?.dtype ?? "float64"), value, where);
}

/**
 * A tensor of zeros.
 *
 * Shape: `shape`, float64 unless `dtype` says otherwise.
 *
 * @param shape - its shape
 * @param options - `dtype`
 * @returns a tensor without history
 * @throws GradtapeError `shape/invalid`, `dtype/unknown`
 * @example
 * ```ts
 * import { zeros } from "gradtape";
 * zeros([2, 2]); // => [[0, 0], [0, 0]]
 * ```
 */
export function zeros<const S extends Shape>(shape: S, options?: DtypeOption): Tensor<S>;
export function zeros(shape: Shape, options?: DtypeOption): Tensor {
  refuseExtra("zeros", "shape, options", 2, arguments);
  return constant("zeros", shape, 0, options);
}

/**
 * A tensor of ones.
 *
 * Shape: `shape`, float64 unless `dtype` says otherwise.
 *
 * @param shape - its shape
 * @param options - `dtype`
 * @returns a tensor without history
 * @throws GradtapeError `shape/invalid`, `dtype/unknown`
 * @example
 * ```ts
 * import { ones } from "gradtape";
 * ones([2], { dtype: "bool" }); // => [true, true]
 * ```
 */
export function ones<const S extends Shape>(shape: S, options?: DtypeOption): Tensor<S>;
export function ones(shape: Shape, options?: DtypeOption): Tensor {
  refuseExtra("ones", "shape, options", 2, arguments);
  return constant("ones", shape, 1, options);
}

/**
 * A tensor that repeats one value, or a tensor broadcast to a shape.
 *
 * Shape: `shape`; float64 for a number, bool for a boolean, the dtype of a tensor, unless `dtype` says otherwise.
 *
 * The derivative by a tensor is the sum of the cotangent over the axes it was repeated along.
 *
 * @param shape - its shape
 * @param value - a number, a boolean, or a tensor that broadcasts to `shape`
 * @param options - `dtype`
 * @returns a tensor of the shape
 * @throws GradtapeError `shape/broadcast` for a tensor that does not fit; `shape/invalid`, `dtype/unknown`, `cast/invalid`
 * @example
 * ```ts
 * import { full, tensor } from "gradtape";
 * full([3], 7); // => [7, 7, 7]
 * full([2, 2], tensor([1, 2])); // => [[1, 2], [1, 2]]
 * ```
 */
export function full<const S extends Shape>(shape: S, value: Value | boolean, options?: DtypeOption): Tensor<S>;
export function full(shape: Shape, value: Value | boolean, options?: DtypeOption): Tensor {
  refuseExtra("full", "shape, value, options", 3, arguments);
  checkOptions("full", options, ["dtype"]);
  const wanted = checkShape("full", shape);
  const dtype = options?.dtype == null ? null : checkDtype("full", options.dtype);
  if (isHandle("full", value)) {
    if (!broadcastsTo(value.shape, wanted)) {
      fail(
        "shape/broadcast",
        `full: a value of shape ${list(value.shape)} does not broadcast to shape ${list(wanted)}.`,
        { from: value.shape, to: wanted },
        "Sizes, counted from the last axis, must be equal, or 1 in what is repeated.",
      );
    }
    return broadcastToShape(dtype === null ? value : toHandle("full", cast(value, dtype)), wanted);
  }
  if (typeof value !== "number" && typeof value !== "boolean") {
    fail(
      "argument/tensor",
      `full: value must be a number, a boolean or a tensor, got ${describe(value)}.`,
      { value },
      tensorHint(value),
    );
  }
  const to = dtype ?? (typeof value === "boolean" ? "bool" : "float64");
  const one = allocate(to, 1);
  convertInto("full", one, [Number(value)], to);
  return makeFilled(wanted, to, one[0], "full");
}

/**
 * Zeros of the shape and dtype of a tensor.
 *
 * Shape: `any[...S] -> same[...S]`.
 *
 * Nothing is recorded: the result does not vary with x.
 *
 * @param x - a tensor
 * @returns a tensor without history
 * @example
 * ```ts
 * import { tensor, zerosLike } from "gradtape";
 * zerosLike(tensor([1, 2])); // => [0, 0]
 * ```
 */
export function zerosLike<X extends Tensor>(x: X): X;
export function zerosLike(x: Tensor): Tensor {
  refuseExtra("zerosLike", "x", 1, arguments);
  return zeroLike(toHandle("zerosLike", x));
}

/**
 * Ones of the shape and dtype of a tensor.
 *
 * Shape: `any[...S] -> same[...S]`.
 *
 * Nothing is recorded: the result does not vary with x.
 *
 * @param x - a tensor
 * @returns a tensor without history
 * @example
 * ```ts
 * import { onesLike, tensor } from "gradtape";
 * onesLike(tensor([1, 2])); // => [1, 1]
 * ```
 */
export function onesLike<X extends Tensor>(x: X): X;
export function onesLike(x: Tensor): Tensor {
  refuseExtra("onesLike", "x", 1, arguments);
  const like = toHandle("onesLike", x);
  return makeFilled(like.shape, like.dtype, 1);
}
