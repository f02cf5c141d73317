import { type TensorData, toFloat } from "../../base/dtype";
import { fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkChoice, checkOptions } from "../../base/options";
import { checkPlaces, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch, castTo, dtypeOfAll } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor, Value } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import { countBefore, countUpTo } from "../../numeric/order/bisection";
import { vectorOf } from "../define/vector-argument";
import { add, div, sub } from "../elementwise/arithmetic";
import { less, lessEqual } from "../elementwise/comparison";
import { lerp } from "../elementwise/lerp";
import { select } from "../elementwise/select";
import { alongAxis } from "./along-axis";
import { gatherAlong } from "./gather-scatter-op";

interface Search {
  /** Leading axes that vectors and values share: what vmap added. */
  readonly lead: number;
}

/** An op that looks each of the values up in a vector: inputs [...L, n] and [...L, ...V]. */
function searchOp(
  name: string,
  find: (numbers: TensorData, start: number, count: number, x: number) => number,
  check: (numbers: TensorData, start: number, count: number) => void = () => undefined,
): CoreOp<Search> {
  const op: CoreOp<Search> = makeOp<readonly [Handle, Handle], Search>({
    name,
    shape: ([vector, values], { lead }) => {
      checkPlaces(name, vector[lead]);
      return values;
    },
    dtype: () => "int32",
    evaluate: (out, [vector, values], { lead }) => {
      const [numbers, xs, count] = [vector.data, values.data, vector.shape[lead]];
      const each = sizeOf(values.shape.slice(lead));
      for (let start = 0; start < numbers.length; start += count) check(numbers, start, count);
      for (let i = 0; i < out.length; i++) out[i] = find(numbers, Math.floor(i / each) * count, count, xs[i]);
    },
    vjp: [null, null],
    batch: (inputs, batched, search, size) => {
      if (search.lead === 0 && !batched[0]) return apply(op, inputs, search);
      return apply(op, broadcastBatch(inputs, batched, size), { lead: search.lead + 1 });
    },
  });
  return op;
}

const LEFT = /* @__PURE__ */ searchOp("searchsorted", countBefore);
const RIGHT = /* @__PURE__ */ searchOp("searchsorted", countUpTo);

/** The knot on the left of x, such that there is one on its right, if there are two. */
const SEGMENT = /* @__PURE__ */ searchOp(
  "segment",
  (knots, start, count, x) => Math.max(0, Math.min(count - 2, countUpTo(knots, start, count, x) - 1)),
  (knots, start, count) => {
    for (let i = 1; i < count; i++) {
      const [left, right] = [knots[start + i - 1], knots[start + i]];
      if (left < right) continue;
      fail(
        "argument/knots",
        `interpolate: knots must increase strictly, got ${right} after ${left} at [${i}].`,
        { position: i, left, right },
        "Sort knots and values with take(..., argsort(knots)), and keep one of equal knots.",
      );
    }
  },
);

/**
 * Where values would have to be put into a vector in ascending order so that it stays in order.
 *
 * Shape: `T[n], T[...S] -> int32[...S]`
 *
 * With side "left" the number of those before the value, with "right" of those up to it: between equal elements the
 * value goes to the front, or to the end. The derivative is zero.
 *
 * NaN comes last. That the vector is in order is not checked.
 *
 * @param sorted - a vector in ascending order
 * @param values - a number or a tensor of any shape
 * @param options - side: "left" (default) or "right"
 * @returns positions from 0 to n, shaped like values
 * @throws GradtapeError `shape/rank` if sorted is no vector, `option/choice`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { searchsorted, tensor } from "gradtape";
 * const sorted = tensor([1, 2, 2, 3]);
 * searchsorted(sorted, tensor([0, 2, 5])); // => [0, 1, 4]
 * searchsorted(sorted, 2, { side: "right" }); // => 3
 * ```
 */
export function searchsorted(
  sorted: Tensor,
  values: Value,
  options?: { readonly side?: "left" | "right" | undefined },
): Tensor {
  refuseExtra("searchsorted", "sorted, values, options", 3, arguments);
  const where = "searchsorted";
  const vector = vectorOf(where, sorted, "sorted");
  const wanted = toHandle(where, values, "values");
  checkOptions(where, options, ["side"]);
  const side = checkChoice(where, "side", options?.side ?? "left", ["left", "right"]);
  return apply(side === "left" ? LEFT : RIGHT, [vector, wanted], { lead: 0 });
}

/**
 * The piecewise linear function through points: straight lines between the knots, constant outside.
 *
 * Shape: `F[...S], F[n], F[n] -> F[...S]`; integers give float64, mixed dtypes are promoted.
 *
 * Between the knots k[i] <= x < k[i + 1], with `t = (x - k[i]) / (k[i + 1] - k[i])`, `y = (1 - t) v[i] + t v[i + 1]`;
 * v[0] below the first knot and v[n - 1] from the last one on. Differentiable by x, knots and values.
 *
 * At a knot the slope by x is that to the right; it is 0 outside, so also at the last knot. NaN propagates.
 *
 * @param x - where the function is wanted: a number or a tensor
 * @param knots - a vector, strictly increasing
 * @param values - the values at the knots
 * @returns the values at x, shaped like x
 * @throws GradtapeError `argument/knots` if they do not increase, `shape/rank` if knots or values are no vectors,
 *   `shape/length` if there is not one value for each knot, `shape/empty-axis` without knots, `argument/tensor`
 * @example
 * ```ts
 * import { interpolate, tensor } from "gradtape";
 * interpolate(tensor([-1, 0.5, 3]), tensor([0, 1, 2]), tensor([10, 20, 0])); // => [10, 15, 0]
 * ```
 */
export function interpolate<X extends Value | boolean>(
  x: X,
  knots: Tensor,
  values: Tensor,
): X extends Tensor ? X : Tensor<readonly []>;
export function interpolate(x: Value | boolean, knots: Tensor, values: Tensor): Tensor {
  refuseExtra("interpolate", "x, knots, values", 3, arguments);
  const where = "interpolate";
  const [at, k, v] = [toHandle(where, x), vectorOf(where, knots, "knots"), vectorOf(where, values, "values")];
  const count = k.size;
  if (v.size !== count) {
    fail(
      "shape/length",
      `${where}: there must be one value for each knot, got ${count} knots and ${v.size} values.`,
      { knots: count, values: v.size },
      "Give knots and values the same length.",
    );
  }
  if (count === 0) {
    fail(
      "shape/empty-axis",
      `${where}: there are no knots.`,
      { shape: k.shape },
      "Give at least one knot with its value.",
    );
  }
  const dtype = toFloat(dtypeOfAll([k, v, at]));
  const left = apply(SEGMENT, [k, at], { lead: 0 });
  const right = count > 1 ? asHandle(add(left, 1)) : left;
  const take = (vector: Handle, places: Handle): Handle =>
    gatherAlong(castTo(vector, dtype), places, alongAxis(where, 0));
  const from = take(k, left);
  const t = div(sub(castTo(at, dtype), from), count > 1 ? sub(take(k, right), from) : 1);
  const inside = select(lessEqual(1, t), 1, select(less(t, 0), 0, t));
  return lerp(take(v, left), take(v, right), asHandle(inside, dtype));
}
