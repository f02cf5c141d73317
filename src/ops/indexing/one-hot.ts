import { checkDtype, type Dtype } from "../../base/dtype";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { checkAxis, checkInteger, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { type Handle, isSymbolic } from "../../core/tensor/handle";
import type { Indices, Tensor } from "../../core/tensor/tensor";
import { add, equal, type Formula, or } from "../../kernel/formula";
import { checkRange, toIndices } from "./index-checks";

interface OneHot {
  readonly size: number;
  /** Where the new axis stands in the result. */
  readonly axis: number;
  readonly dtype: Dtype;
}

const ONE_HOT: CoreOp<OneHot> = /* @__PURE__ */ makeOp<readonly [Handle], OneHot>({
  name: "oneHot",
  shape: ([shape], { size, axis }) => [...shape.slice(0, axis), size, ...shape.slice(axis)],
  dtype: (_, { dtype }) => dtype,
  evaluate: (out, [indices], { size, axis }) => {
    const at = indices.data;
    const inner = sizeOf(indices.shape.slice(axis));
    for (let i = 0; i < at.length; i++) {
      const row = Math.floor(i / inner) * size + (at[i] < 0 ? at[i] + size : at[i]);
      out[row * inner + (i % inner)] = 1;
    }
  },
  vjp: [null],
  batch: ([indices], _, attrs) => apply(ONE_HOT, [indices], { ...attrs, axis: attrs.axis + 1 }),
  lower: (on, [indices], { size, axis }, [{ shape, dtype }]) => {
    const one = on.reshape(indices, [...indices.shape.slice(0, axis), 1, ...indices.shape.slice(axis)]);
    const marks = (place: Formula, at: Formula): Formula => or(equal(place, at), equal(place, add(at, size)));
    return [on.map(dtype, marks, on.place(shape, axis), one)];
  },
});

/** Indices that no trace knows, checked where it runs, so that the marks themselves can be computed anywhere. */
const CHECKED: CoreOp<number> = /* @__PURE__ */ makeOp<readonly [Handle], number>({
  name: "checkIndices",
  shape: ([shape]) => shape,
  evaluate: (out, [indices], size) => {
    checkRange("oneHot", indices, size);
    out.set(indices.data);
  },
  vjp: [null],
  batch: ([indices], _, size) => apply(CHECKED, [indices], size),
});

/**
 * Marks each index by a 1 on an axis of zeros.
 *
 * Shape: `int32[...A, ...B] -> T[...A, size, ...B]`
 *
 * `y[a, j, b] = 1 if indices[a, b] = j, else 0`. No derivative: indices are integers.
 *
 * @param indices - an int32 tensor, an Int32Array, a number, or nested arrays of integers; negative ones count from
 *   the end
 * @param size - length of the new axis
 * @param options - axis: where the new axis stands in the result, default -1; dtype: default "float64"
 * @returns zeros and ones
 * @throws GradtapeError `index/invalid` for an index out of range or no integer, `dtype/index` for a tensor of another
 *   dtype, `tensor/ragged`, `axis/range`, `argument/integer`
 * @example
 * ```ts
 * import { oneHot } from "gradtape";
 * oneHot([2, 0], 3); // => [[0, 0, 1], [1, 0, 0]]
 * ```
 */
export function oneHot(
  indices: Indices,
  size: number,
  options?: { readonly axis?: number | undefined; readonly dtype?: Dtype | undefined },
): Tensor {
  refuseExtra("oneHot", "indices, size, options", 3, arguments);
  const rows = toIndices("oneHot", indices);
  checkInteger("oneHot", "size", size, 0);
  checkOptions("oneHot", options, ["axis", "dtype"]);
  const axis = checkAxis("oneHot", options?.axis ?? -1, rows.rank + 1);
  const dtype = checkDtype("oneHot", options?.dtype ?? "float64");
  if (isSymbolic(rows)) return apply(ONE_HOT, [apply(CHECKED, [rows], size)], { size, axis, dtype });
  checkRange("oneHot", rows, size);
  return apply(ONE_HOT, [rows], { size, axis, dtype });
}
