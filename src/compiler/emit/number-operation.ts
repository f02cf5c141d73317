import type { FunctionCode } from "../../kernel/assembler";
import type { Surroundings } from "../../kernel/vector";
import { givesTruth, type Operation, takesTruth } from "../lower/numbers";
import { emitPrimitive } from "./single-primitive";

/**
 * Leaves the result of an operation on doubles on the stack. `operand` leaves the k-th operand there. `allDoubles`: truths are
 * doubles 0 and 1 where they are kept.
 */
export function emitOperation(
  f: FunctionCode,
  around: Surroundings,
  operation: Operation,
  operand: (k: number) => void,
  allDoubles: boolean,
): void {
  const push = (k: number): void => {
    operand(k);
    if (allDoubles && takesTruth(operation, k)) f.double(0).op(0x62);
  };
  if (operation === "to truth") {
    operand(0);
    f.double(0).op(0x62);
  } else if (operation === "to number") {
    push(0);
    f.op(0xb7);
  } else if (operation.is === "function") {
    for (let k = 0; k < operation.arity; k++) push(k);
    f.call(around.callee(operation, false));
  } else emitPrimitive(f, operation, "float64", push);
  if (allDoubles && givesTruth(operation)) f.op(0xb7);
}
