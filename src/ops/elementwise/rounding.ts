import * as formula from "../../kernel/expansions/builder";
import { roundHalfEven } from "../../numeric/special/elementary";
import { makeUnary, type Unary } from "../define/define-elementwise";

/**
 * The largest integer <= x. See also {@link ceil}, {@link trunc} and {@link round}.
 *
 * Shape: `T[...S] -> T[...S]`; bool counts as int32.
 *
 * The derivative is 0 everywhere, also at the steps.
 *
 * -0, infinities and NaN stay what they are.
 * @param x - a number or a tensor
 * @returns integers, shaped like x, of the dtype of x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { floor, tensor } from "gradtape";
 * floor(tensor([1.5, -1.5])); // => [1, -2]
 * ```
 */
export const floor: Unary = /* @__PURE__ */ makeUnary(
  { name: "floor", value: Math.floor, formula: formula.floor, derivative: 0 },
  { integers: true },
);

/**
 * The smallest integer >= x. See also {@link floor}, {@link trunc} and {@link round}.
 *
 * Shape: `T[...S] -> T[...S]`; bool counts as int32.
 *
 * The derivative is 0 everywhere, also at the steps.
 *
 * -0, infinities and NaN stay what they are; ceil(-0.5) is -0.
 * @param x - a number or a tensor
 * @returns integers, shaped like x, of the dtype of x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { ceil, tensor } from "gradtape";
 * ceil(tensor([1.5, -1.5])); // => [2, -1]
 * ```
 */
export const ceil: Unary = /* @__PURE__ */ makeUnary(
  { name: "ceil", value: Math.ceil, formula: formula.ceil, derivative: 0 },
  { integers: true },
);

/**
 * The integer part of x: the nearest integer towards 0.
 *
 * Shape: `T[...S] -> T[...S]`; bool counts as int32.
 *
 * The derivative is 0 everywhere, also at the steps.
 *
 * -0, infinities and NaN stay what they are; trunc(-0.5) is -0.
 * @param x - a number or a tensor
 * @returns integers, shaped like x, of the dtype of x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { tensor, trunc } from "gradtape";
 * trunc(tensor([1.5, -1.5])); // => [1, -1]
 * ```
 */
export const trunc: Unary = /* @__PURE__ */ makeUnary(
  { name: "trunc", value: Math.trunc, formula: formula.trunc, derivative: 0 },
  { integers: true },
);

/**
 * The nearest integer; halves go to the even one.
 *
 * Shape: `T[...S] -> T[...S]`; bool counts as int32.
 *
 * The derivative is 0 everywhere, also at the steps.
 *
 * -0, infinities and NaN stay what they are. Math.round takes halves up.
 * @param x - a number or a tensor
 * @returns integers, shaped like x, of the dtype of x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { round, tensor } from "gradtape";
 * round(tensor([0.5, 1.5, 2.5])); // => [0, 2, 2]
 * ```
 */
export const round: Unary = /* @__PURE__ */ makeUnary(
  { name: "round", value: roundHalfEven, formula: formula.nearest, derivative: 0 },
  { integers: true, digits: true },
);
