// Formulas over arrays as programs run them where WebAssembly is refused: as elementwise kernels, by blocks of numbers.
import { Expressions, type Stored } from "../../src/kernel/expression";
import { Workspace } from "../../src/kernel/expression-blocks";
import type { Formula } from "../../src/kernel/formula";
import type { Loops } from "../../src/kernel/loops";
import { loopsInBlocks } from "../../src/kernel/loops-in-blocks";
import type { NumberType } from "../../src/kernel/primitives";

type Numbers = Float32Array | Float64Array | Int32Array;

/** Computes n numbers of each formula from n of each input, which are of a type; a truth is 0 or 1. */
export function runByBlocks(
  formulas: readonly Formula[],
  { type, always }: { readonly type: NumberType; readonly always: boolean },
  outputs: readonly Numbers[],
  inputs: readonly Numbers[],
  n = inputs[0].length,
): void {
  const on = new Expressions(always);
  const space = new Workspace();
  space.arrays = [...inputs, ...outputs];
  const stored = space.arrays.map((_, id): Stored => ({ id, dtype: type, size: n, address: -1 }));
  const reads = inputs.map((_, k) => on.read(stored[k], 0, [1]));
  formulas.forEach((formula, k) => {
    const value = on.convert(on.formula(formula, type, reads), type);
    const place = { out: stored[inputs.length + k], strides: [1], start: 0 };
    const loops: Loops = { is: "loops", kept: [n], folded: [], by: null, value, result: value, ...place };
    loopsInBlocks(on, loops, space)();
  });
}
