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
      `${op.name}: the rule for ${role} must give shape ${list(like.shape)}, got ${typeof given === "number" ? "a number" : "no tensor"}.`,
      { op: op.name, role, expected: like.shape },
      "Return a tensor with the shape and dtype of what the rule is for.",
    );
  }
  if (!sameShape(x.shape, like.shape)) {
    fail(
      "op/rule-shape",
      `${op.name}: the rule for ${role} must give shape ${list(like.shape)}, got ${list(x.shape)}.`,
      { op: op.name, role, received: x.shape, expected: like.shape },
      what.includes("cotangent")
        ? "Sum over broadcast axes with sumTo(cotangent, shapeOf(input))."
        : "A tangent has the shape of the output: use broadcastTo(tangent, shapeOf(output)).",
    );
  }
  if (x.dtype !== like.dtype) {
    fail(
      "op/rule-dtype",
      `${op.name}: the rule for ${role} must give ${like.dtype}, got ${x.dtype}.`,
      { op: op.name, role, received: x.dtype, expected: like.dtype },
      `Use cast(..., "${like.dtype}").`,
    );
  }
  return x;
}
