import { floorQuotient, floorRemainder } from "../../numeric/special/elementary";
import { type Binary, makeBinary } from "../define/define-elementwise";
import { neg } from "./arithmetic";

/**
 * a divided by b, rounded down: floor(a / b). With {@link remainder}, a is `b floorDivide(a, b) + remainder(a, b)`.
 *
 * Shape: `T[...A], T[...B] -> T[...broadcast]`; bool counts as int32.
 *
 * An integer also where a / b rounds up to the next one: floorDivide(1, 0.1) is 9, as 0.1 is a little more than a tenth. The
 * derivative is 0 everywhere, also at the jumps.
 *
 * By 0 it is that of a / b, ±Infinity or NaN, of int32 tensors 0; that of ±Infinity is NaN; by ±Infinity it is 0, or -1 where
 * a has the other sign. 0 comes with the sign of a / b. NaN propagates.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns integers, of the promoted dtype; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { floorDivide, tensor } from "gradtape";
 * floorDivide(tensor([5, -5, 5.5]), 3); // => [1, -2, 1]
 * floorDivide(5, -3); // => -2
 * ```
 */
export const floorDivide: Binary = /* @__PURE__ */ makeBinary(
  { name: "floorDivide", value: floorQuotient, derivatives: [0, 0] },
  { integers: true },
);

/**
 * The remainder of a divided by b: a - floor(a / b) b, with the sign of b (JavaScript's % has the sign of a). See also
 * {@link floorDivide}.
 *
 * Shape: `T[...A], T[...B] -> T[...broadcast]`; bool counts as int32.
 *
 * `dy/da = 1`, `dy/db = -floor(a / b)`, also at the jumps.
 *
 * 0 comes with the sign of b.
 *
 * By 0 the remainder is NaN, of int32 tensors 0; that of ±Infinity is NaN; by ±Infinity it is a, or b where a has the
 * other sign. NaN propagates.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns the remainder; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { remainder, tensor } from "gradtape";
 * remainder(tensor([5, -5, 5.5]), 3); // => [2, 1, 2.5]
 * remainder(5, -3); // => -1
 * ```
 */
export const remainder: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "remainder",
    value: floorRemainder,
    derivatives: [1, (a, b) => neg(floorDivide(a, b))],
  },
  {
    integers: true,
    reads: "x",
  },
);
