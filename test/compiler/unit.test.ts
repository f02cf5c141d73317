// Every op compiled alone gives what its evaluate gives.
import { inspect } from "node:util";
import { expect } from "vitest";
import { Unit } from "../../src/compiler/unit";
import { applyParts } from "../../src/core/op/apply";
import { traceProgram } from "../../src/core/program/program";
import { withoutHistory } from "../../src/core/tensor/handle";
import { difference } from "./agreement";
import { visitEveryOp } from "./every-op";

visitEveryOp((call) => {
  const { op, inputs, attrs, outputs } = call;
  if (op.lower === undefined) return;
  const [program] = traceProgram(inputs, (symbols) => [applyParts(op, symbols, attrs), null]);
  const unit = new Unit(program, { reused: false, wide: true, deterministic: false });
  unit.run(inputs.map(withoutHistory)).forEach((y, k) => {
    const found = difference(call, k, y.data, true);
    if (found === null) return;
    expect.fail(inspect({ found, op: op.name, inputs, attrs, outputs, of: unit.text }, { depth: 6 }));
  });
});
