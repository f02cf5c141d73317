import { isFloat } from "../../base/dtype";
import { broadcastShapes } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch, broadcastToShape } from "../../core/op/sweep-ops";
import { Handle, makeTruth, zeroLike } from "../../core/tensor/handle";
import type { Value } from "../../core/tensor/tensor";
import * as formula from "../../kernel/expansions/builder";
import { type Binary, makeBinary } from "../define/define-elementwise";
import { pointwise, runTernary } from "../define/elementwise-loops";
import { operands } from "../define/elementwise-op";

/*
 * The choice between two values, for rules and masks: where with nothing to check. A condition is anything, and holds where it is not 0.
 * The comparisons here give 1 or 0: conditions of users are booleans, of which traces keep account.
 */

export const below: Binary = /* @__PURE__ */ makeBinary({
  name: "below",
  value: (a, b) => (a < b ? 1 : 0),
  formula: (a, b) => formula.choose(formula.less(a, b), 1, 0),
  derivatives: [0, 0],
});
export const notBelow: Binary = /* @__PURE__ */ makeBinary({
  name: "notBelow",
  value: (a, b) => (a < b ? 0 : 1),
  formula: (a, b) => formula.choose(formula.less(a, b), 0, 1),
  derivatives: [0, 0],
});
export const same: Binary = /* @__PURE__ */ makeBinary({
  name: "same",
  value: (a, b) => (a === b ? 1 : 0),
  formula: (a, b) => formula.choose(formula.equal(a, b), 1, 0),
  derivatives: [0, 0],
});

const CHOICE = /* @__PURE__ */ pointwise(
  (c, a, b) => (c !== 0 ? a : b),
  (c, a, b) => formula.choose(formula.notEqual(c, 0), a, b),
);

const SELECT: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle, Handle, Handle]>({
  name: "where",
  shape: (shapes) => shapes[0],
  dtype: ([, a]) => a,
  evaluate: (out, [c, a, b]) => runTernary(CHOICE, out, c.data, a.data, b.data),
  vjp: [
    null,
    ({ yBar, inputs: [c] }) => selectAlike(c, yBar, zeroLike(yBar)),
    ({ yBar, inputs: [c] }) => selectAlike(c, zeroLike(yBar), yBar),
  ],
  pushforward: ({ xDots: [, a, b], inputs: [c] }) => {
    const some = a ?? b;
    return some && selectAlike(c, a ?? zeroLike(some), b ?? zeroLike(some));
  },
  reads: { inputs: [true, false, false], output: false },
  batch: (inputs, batched, _, size) => apply(SELECT, broadcastBatch(inputs, batched, size), undefined),
  declares: { elementwise: true, linear: "jointly" },
  lower: (on, xs, _, [{ dtype }]) =>
    isFloat(xs[0].dtype) && !isFloat(dtype) ? null : [on.map(dtype, CHOICE.formula, ...xs)],
});

/** Of tensors of one shape, a and b of one dtype. */
const selectAlike = (c: Handle, a: Handle, b: Handle): Handle => apply(SELECT, [c, a, b], undefined);

/** Of tensors that broadcast, a and b of one dtype. */
export function selectBroadcast(c: Handle, a: Handle, b: Handle): Handle {
  const shape = broadcastShapes("where", c.shape, broadcastShapes("where", a.shape, b.shape));
  return selectAlike(broadcastToShape(c, shape), broadcastToShape(a, shape), broadcastToShape(b, shape));
}

/** Of values of any dtypes, by a condition that is a boolean or a number where the operands of the comparison were numbers. */
export function select(condition: Value | boolean, a: Value, b: Value): Value {
  const holds = Number(condition instanceof Handle || condition) !== 0;
  if (!(condition instanceof Handle) && typeof a !== "object" && typeof b !== "object") return holds ? a : b;
  const [x, y] = operands(a, b);
  return selectBroadcast(condition instanceof Handle ? condition : makeTruth(holds), x, y);
}
