import { isFloat } from "../../base/dtype";
import { replay, traceProgram } from "../../core/program/program";
import { type Handle, withoutHistory } from "../../core/tensor/handle";
import { type Bounds, type Call, counted, evaluated, type Finding, finding } from "./call";
import { checkElementwise, checkLinear, type DrawNumbers, withNumbers } from "./dependence";
import { checkContraction } from "./equation";
import { checkLoop } from "./loop";
import { checkPlacement, checkRegroup, checkScale, checkSelection } from "./moved";

/** What a call is held to its declarations with. */
export interface Means {
  random(): number;
  readonly draw: DrawNumbers;
  /** The errors allowed; `single`: where float32 is about. */
  bounds(single: boolean): Bounds;
}

/** Facts about the one output of an op. */
const OF_ONE_OUTPUT = ["contraction", "regroup", "scale", "placement", "selection"] as const;

/** Holds a call to what its op declares: its own inputs, and others drawn where the op is linear. */
export function checkDeclarations(call: Call, { random, draw, bounds }: Means): Finding | null {
  const { op, inputs, attrs, outputs } = call;
  const { declares } = op;
  const several = OF_ONE_OUTPUT.find((fact) => declares[fact] !== undefined);
  if (several !== undefined && outputs.length !== 1) {
    const text = `${op.name} declares a ${several}, but has ${counted(outputs.length, "output")}`;
    return finding(text, `A ${several} is for ops that have one output.`, outputs.length, 1);
  }
  const allowed = bounds([...inputs, ...outputs].some(({ dtype }) => dtype === "float32"));
  const found = checkElementwise(call, random) ?? checkLoop(call) ?? checkLinear(call, draw, allowed);
  if (found !== null || several === undefined) return found;
  const drawn = inputs.map((x) => (isFloat(x.dtype) ? withNumbers(x, draw(x.size)) : x));
  for (const own of [call, { ...call, inputs: drawn, outputs: evaluated(op, drawn, attrs) }]) {
    const wrong =
      checkContraction(own, allowed) ??
      checkRegroup(own) ??
      checkScale(own, allowed) ??
      checkPlacement(own) ??
      checkSelection(own, allowed);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** Calls `visit` for every call of an op that a function of tensors makes; for none where it cannot be traced. */
export function everyCall(
  f: (symbols: readonly Handle[]) => readonly Handle[],
  inputs: readonly Handle[],
  visit: (call: Call) => void,
): boolean {
  const examples = inputs.map(withoutHistory);
  let program: Parameters<typeof replay>[0];
  try {
    [program] = traceProgram(examples, (symbols) => [f(symbols), null]);
  } catch {
    // A function that asks for values has no trace.
    return false;
  }
  replay(program, examples, ({ op, attrs }, xs) => {
    const given = xs.map(withoutHistory);
    const outputs = evaluated(op, given, attrs);
    visit({ op, inputs: given, attrs, outputs });
    return outputs;
  });
  return true;
}
