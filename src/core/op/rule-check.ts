import { fail, list } from "../../base/errors";
import { sameShape } from "../../base/shape";
import { Handle, makeFilled } from "../tensor/handle";
import type { Value } from "../tensor/tensor";
import type { CoreOp } from "./op";

/** A cotangent or tangent that a rule returned, checked to have the shape and dtype of the tensor it belongs to. */
export function checked(op: CoreOp, what: string, k: number, given: Value, like: Handle): Handle {
  const x = given instanceof Handle ? given : null;
  if (x !== null && x.dtype === like.dtype && sameShape(x.shape, like.shape)) return x;
  const role = `${what} ${k}`;
  if (x === null) {
    if (typeof given === "number" && like.shape.length === 0) return makeFilled(like.shape, like.dtype, given);
    return fail(
      "op/rule-shape",
      `${op.name}: the rule for ${role} gives ${typeof given === "number" ? "a number" : "no tensor"}, not shape ${list(like.shape)}.`,
      { op: op.name, role, expected: like.shape },
      "A rule gives a tensor shaped like what it is for.",
    );
  }
  if (!sameShape(x.shape, like.shape)) {
    fail(
      "op/rule-shape",
      `${op.name}: the rule for ${role} gives shape ${list(x.shape)}, not ${list(like.shape)}.`,
      { op: op.name, role, received: x.shape, expected: like.shape },
      "Sum over broadcast axes with sumTo(cotangent, shapeOf(input)).",
    );
  }
  if (x.dtype !== like.dtype) {
    fail(
      "op/rule-dtype",
      `${op.name}: the rule for ${role} gives ${x.dtype}, not ${like.dtype}.`,
      { op: op.name, role, received: x.dtype, expected: like.dtype },
      "Use cast(cotangent, dtypeOf(input)).",
    );
  }
  return x;
}
