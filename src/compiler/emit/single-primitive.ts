import type { FunctionCode } from "../../kernel/assembler";
import type { NumberType, Primitive } from "../../kernel/primitives";
import { EXTRACT } from "../../kernel/vector";

/** The instructions that put a number in every lane of a vector. */
const SPLAT: Readonly<Record<NumberType, number>> = { float64: 0x14, float32: 0x13, int32: 0x11 };

/**
 * Leaves a primitive of single numbers on the stack; `push` leaves its k-th operand there. Where it has no instructions for single
 * numbers, those for vectors.
 */
export function emitPrimitive(
  f: FunctionCode,
  primitive: Primitive,
  within: NumberType,
  push: (k: number) => void,
): void {
  const { arity, order, scalar, vector } = primitive;
  const code = scalar[within];
  for (const k of order ?? Array.from({ length: arity }).keys()) {
    push(k);
    if (code === undefined) f.simd(SPLAT[within]);
  }
  if (code !== undefined) {
    f.raw(code);
    return;
  }
  f.raw(vector[within] ?? []);
  f.simd(EXTRACT[within]).op(0);
}
