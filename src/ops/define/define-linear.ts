import { refuseExtra } from "../../base/extra-arguments";
import type { OpDefinition } from "../../core/op/definition";
import { type LinearDefinition, loweringOf } from "../../core/op/linear-op";
import type { Tensor } from "../../core/tensor/tensor";
import { defineOp, type Op } from "./define-op";
import { checkDefinition } from "./definition-check";

/**
 * Defines a linear op of one input from its value and its transpose.
 *
 * Shape: `T[...S] -> T[...shape(S)]`.
 *
 * `y = A x`: the tangent is `A xDot`, the cotangent `Aᵀ yBar`. No values are kept for the sweep, only shapes.
 * @param definition - name, shape rule, value, transpose; if the batch rule is omitted, the op is mapped over the samples
 * in one loop
 * @returns the op: called with the input, and with the attributes if there are any
 * @throws GradtapeError `op/shape`, `op/rule-shape`, `op/rule-dtype` naming the op, where a rule breaks its contract
 * @example
 * ```ts
 * import { defineLinear, grad, mul, type Op, sum, type Tensor, tensor } from "gradtape";
 * const reverse: Op<readonly [Tensor]> = defineLinear({
 *   name: "reverse",
 *   shape: (shape) => shape,
 *   evaluate: (output, x) => {
 *     output.set(x.data.slice().reverse());
 *   },
 *   transpose: (yBar) => reverse(yBar),
 * });
 * reverse(tensor([1, 2, 3])); // => [3, 2, 1]
 * grad((x: Tensor) => sum(mul(reverse(x), tensor([1, 2, 3]))))(tensor([0, 0, 0])); // => [3, 2, 1]
 * ```
 */
export function defineLinear<Attrs = undefined>(definition: LinearDefinition<Attrs>): Op<readonly [Tensor], Attrs>;
export function defineLinear(definition: LinearDefinition<unknown>): Op<readonly [Tensor], unknown> {
  refuseExtra("defineLinear", "definition", 1, arguments);
  checkDefinition(
    "defineLinear",
    definition,
    { shape: "function", evaluate: "function", transpose: "function" },
    { dtype: "function", batch: "function", declares: "linear facts", lower: "function" },
  );
  const { name, shape, dtype, evaluate, transpose, batch, declares, lower } = definition;
  const op: Op<readonly [Tensor], unknown> = defineOp<readonly [Tensor], unknown>({
    name,
    shape: ([x], attrs) => shape(x, attrs),
    dtype: ([x], attrs) => (dtype === undefined ? x : dtype(x, attrs)),
    evaluate: (output, [x], attrs) => evaluate(output, x, attrs),
    vjp: [({ yBar, inputs: [x], attrs }) => transpose(yBar, x.shape, attrs, x.dtype)],
    jvp: [({ xDot, attrs }) => op(xDot, attrs)],
    ...(batch === undefined ? {} : { batch: ([x]: readonly [Tensor], _: unknown, attrs: unknown) => batch(x, attrs) }),
    reads: { inputs: [false], output: false },
    declares: { linear: "jointly", ...declares },
    ...(lower === undefined ? {} : { lower: loweringOf(lower) }),
  });
  return op;
}

/**
 * Defines an op that is linear in each of its two inputs, from its value and its two pullbacks.
 *
 * Shape: `T[...A], T[...B] -> T[...shape(A, B)]`.
 *
 * Its pushforwards are derived; both inputs are kept for the sweep, the output is not.
 * @param definition - name, shape rule, value, two pullbacks; if the batch rule is omitted, the op is mapped over the
 * samples in one loop
 * @returns the op: called with both inputs, and with the attributes if there are any
 * @throws GradtapeError `op/shape`, `op/rule-shape`, `op/rule-dtype` naming the op, where a rule breaks its contract
 * @example
 * ```ts
 * import { defineBilinear, jvp, matmul, tensor } from "gradtape";
 * const products = defineBilinear({
 *   name: "products",
 *   shape: ([a, b]) => [...a, ...b],
 *   evaluate: (output, [a, b]) => {
 *     a.data.forEach((x, i) => {
 *       b.data.forEach((y, j) => {
 *         output[i * b.size + j] = x * y;
 *       });
 *     });
 *   },
 *   vjp: [({ yBar, inputs: [, b] }) => matmul(yBar, b), ({ yBar, inputs: [a] }) => matmul(a, yBar)],
 * });
 * const [a, b] = [tensor([1, 2]), tensor([3, 4])];
 * const [y, yDot] = jvp(products, [a, b], [tensor([1, 0]), tensor([0, 1])]);
 * y; // => [[3, 4], [6, 8]]
 * yDot; // => [[3, 5], [0, 2]]
 * ```
 */
export function defineBilinear<Attrs = undefined>(
  definition: Pick<
    OpDefinition<readonly [Tensor, Tensor], Attrs>,
    "name" | "shape" | "evaluate" | "vjp" | "batch" | "lower"
  >,
): Op<readonly [Tensor, Tensor], Attrs> {
  refuseExtra("defineBilinear", "definition", 1, arguments);
  checkDefinition(
    "defineBilinear",
    definition,
    { shape: "function", evaluate: "function", vjp: "rules" },
    { batch: "function", lower: "function" },
  );
  return defineOp<readonly [Tensor, Tensor], Attrs>({
    ...definition,
    reads: { inputs: [true, true], output: false },
    declares: { linear: "each" },
  });
}
