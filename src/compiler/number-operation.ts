import type { FunctionCode } from "../kernel/assembler";
import type { Surroundings } from "../kernel/vector";
import type { Operation } from "./numbers";

/** How many operands an operation has. */
export const arityOf = (operation: Operation): number => (typeof operation === "string" ? 1 : operation.arity);

/** Whether an operation gives a truth. */
export const givesTruth = (operation: Operation): boolean =>
  operation === "to truth" || (typeof operation === "object" && operation.is === "primitive" && operation.truth);

/** Whether the k-th operand of an operation is a truth. */
export const takesTruth = (operation: Operation, k: number): boolean =>
  operation === "to number" ||
  (typeof operation === "object" && operation.is === "primitive" && operation.takes[k] === "truth");

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
  } else {
    const code = operation.scalar.float64;
    for (const k of operation.order ?? Array.from({ length: operation.arity }).keys()) {
      push(k);
      if (code === undefined) f.simd(0x14);
    }
    if (code !== undefined) f.raw(code);
    else {
      f.raw(operation.vector.float64 ?? []);
      f.simd(0x21).op(0);
    }
  }
  if (allDoubles && givesTruth(operation)) f.op(0xb7);
}
