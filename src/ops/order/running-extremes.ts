import { refuseExtra } from "../../base/extra-arguments";
import { checkPlaces, sizesAround } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import type { Handle } from "../../core/tensor/handle";
import type { AxisOption, Tensor } from "../../core/tensor/tensor";
import { recordPlaces } from "../../numeric/rows/cumulative";
import { checkedArguments } from "./cumulative";
import { numbersAt } from "./sorting";

interface Extremes {
  readonly axis: number;
  /** 1 for the largest, -1 for the smallest. */
  readonly sign: 1 | -1;
}

const RECORD_PLACES: CoreOp<Extremes> = /* @__PURE__ */ makeOp<readonly [Handle], Extremes>({
  name: "recordPlaces",
  shape: ([shape], { axis }) => {
    checkPlaces("recordPlaces", shape[axis]);
    return shape;
  },
  dtype: () => "int32",
  evaluate: (out, [x], { axis, sign }) => recordPlaces(out, x.data, ...sizesAround(x.shape, axis), sign),
  vjp: [null],
  batch: ([x], _, { axis, sign }) => apply(RECORD_PLACES, [x], { axis: axis + 1, sign }),
});

function extremes(where: string, x: Tensor, options: AxisOption | undefined, sign: 1 | -1): Tensor {
  const [from, axis] = checkedArguments(where, x, options);
  return numbersAt(where, from, apply(RECORD_PLACES, [from], { axis, sign }), axis);
}

/**
 * Running maxima along an axis. See also {@link max}, and {@link cummin} for minima.
 *
 * Shape: `T[...S] -> T[...S]`
 *
 * `y[i] = max(x[0], ..., x[i])`. Each cotangent goes to the element that set the maximum, the first of equal ones.
 *
 * NaN stays in all maxima that follow, and takes their cotangents.
 *
 * @param x - a tensor of any dtype
 * @param options - axis: default -1
 * @returns the maxima, shaped like x
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { cummax, grad, sum, type Tensor, tensor } from "gradtape";
 * cummax(tensor([1, 3, 2, 5])); // => [1, 3, 3, 5]
 * grad((x: Tensor) => sum(cummax(x)))(tensor([1, 3, 2, 5])); // => [1, 2, 0, 1]
 * ```
 */
export function cummax<X extends Tensor>(x: X, options?: AxisOption): X;
export function cummax(x: Tensor, options?: AxisOption): Tensor {
  refuseExtra("cummax", "x, options", 2, arguments);
  return extremes("cummax", x, options, 1);
}

/**
 * Running minima along an axis. See also {@link min}, and {@link cummax} for maxima.
 *
 * Shape: `T[...S] -> T[...S]`
 *
 * `y[i] = min(x[0], ..., x[i])`. Each cotangent goes to the element that set the minimum, the first of equal ones.
 *
 * NaN stays in all minima that follow, and takes their cotangents.
 *
 * @param x - a tensor of any dtype
 * @param options - axis: default -1
 * @returns the minima, shaped like x
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { cummin, tensor } from "gradtape";
 * cummin(tensor([[3, 1], [2, 4]]), { axis: 0 }); // => [[3, 1], [2, 1]]
 * ```
 */
export function cummin<X extends Tensor>(x: X, options?: AxisOption): X;
export function cummin(x: Tensor, options?: AxisOption): Tensor {
  refuseExtra("cummin", "x, options", 2, arguments);
  return extremes("cummin", x, options, -1);
}
