import { sizeOf } from "../../base/shape";
import type { Loop } from "../../core/op/op";
import { replay } from "../../core/program/program";
import { type Handle, makeTensor } from "../../core/tensor/handle";
import { type Call, counted, evaluated, type Finding, finding } from "./call";

const HINT = "A loop takes its first carry, the xs and the constants, and gives the last carry and a row of each step.";

/** The outputs as those of the loop that the op says it is, bit by bit; and as those of the op of the same loop. */
export function checkLoop(call: Call): Finding | null {
  const { op, inputs, attrs, outputs } = call;
  const loop = op.declares.loop?.(attrs as never) ?? null;
  if (loop === null) return null;
  const { body, carries, xs } = loop;
  const wrong = (text: string): Finding => finding(`the loop that ${op.name} declares ${text}`, HINT, loop);
  if (body.inputs.length !== inputs.length || body.outputs.length !== outputs.length) {
    const [ins, outs] = [counted(body.inputs.length, "input"), counted(body.outputs.length, "output")];
    return wrong(`has a body of ${ins} and ${outs}, the op ${inputs.length} and ${outputs.length}`);
  }
  if (inputs.slice(carries, carries + xs).some((x) => x.shape[0] !== loop.length)) {
    return wrong(`has length ${loop.length}, which not all of its xs have`);
  }
  const again = loop.with(body, carries);
  const results = [
    ["gives", byHand(loop, inputs)],
    ["gives, with its own body,", evaluated(again.op, inputs, again.attrs).map((y) => y.data)],
  ] as const;
  for (const [words, wanted] of results) {
    for (const [k, y] of outputs.entries()) {
      const i = y.data.findIndex((value, at) => !Object.is(value, wanted[k][at]));
      if (i < 0 && wanted[k].length === y.size) continue;
      return wrong(`${words} ${wanted[k][i]} for element ${i} of output ${k}, its evaluate ${y.data[i]}`);
    }
  }
  return null;
}

/** The body run step by step, on rows cut out here. */
function byHand({ body, carries, xs, length, reverse }: Loop, inputs: readonly Handle[]): ArrayLike<number>[] {
  const rowAt = (x: Handle, i: number): Handle => {
    const shape = x.shape.slice(1);
    return makeTensor(shape, x.dtype, x.data.slice(i * sizeOf(shape), (i + 1) * sizeOf(shape)));
  };
  let carry = inputs.slice(0, carries);
  const rows: ArrayLike<number>[][] = body.outputs.slice(carries).map(() => []);
  for (let step = 0; step < length; step++) {
    const i = reverse ? length - 1 - step : step;
    const taken = inputs.slice(carries, carries + xs).map((x) => rowAt(x, i));
    const results = replay(body, [...carry, ...taken, ...inputs.slice(carries + xs)]);
    carry = results.slice(0, carries);
    for (const [k, row] of results.slice(carries).entries()) rows[k][i] = row.data;
  }
  return [...carry.map((x) => x.data), ...rows.map((parts) => parts.flatMap((row) => Array.from(row)))];
}
