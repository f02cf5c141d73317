import { isFloat } from "../../base/dtype";
import { onFreshInputs } from "../../core/op/leaf";
import type { Kind, Program } from "../../core/op/op";
import { broadcastToShape } from "../../core/op/sweep-ops";
import { outputKind } from "../../core/program/capture";
import { replay, replayBatched, traceProgram } from "../../core/program/program";
import { pullBack, pushForward } from "../../core/sweep/differentiate";
import { type Handle, makeFilled, zeroLike } from "../../core/tensor/handle";

/** Cotangents of all inputs of a program, by running it and sweeping it; zeros where nothing arrives. */
export function pullProgram(
  body: Program,
  inputs: readonly Handle[],
  yBars: readonly (Handle | null)[],
  wanted: readonly boolean[],
): (Handle | null)[] {
  const [xs, ys] = onFreshInputs(inputs, (own) => replay(body, own));
  const outputs = ys.filter((y, k) => yBars[k] !== null && isFloat(y.dtype));
  const cotangents = ys.flatMap((y, k) => (yBars[k] !== null && isFloat(y.dtype) ? [yBars[k]] : []));
  const asked = xs.filter((_, k) => wanted[k]);
  const { cotangents: bars } = pullBack("a program", { outputs, cotangents, inputs: asked, free: false });
  let next = 0;
  return xs.map((x, k) => (wanted[k] ? (bars[next++] ?? zeroLike(x)) : null));
}

/** Tangents of all outputs of a program, by running it; zeros where nothing moves. */
export function pushProgram(body: Program, inputs: readonly Handle[], xDots: readonly (Handle | null)[]): Handle[] {
  const [xs, ys] = onFreshInputs(inputs, (own) => replay(body, own));
  const moving = xs.filter((_, k) => xDots[k] !== null);
  const tangents = xDots.filter((dot): dot is Handle => dot !== null);
  const dots = pushForward("a program", ys, moving, tangents);
  return ys.map((y, k) => dots[k] ?? makeFilled(y.shape, isFloat(y.dtype) ? y.dtype : "float64", 0));
}

/** The same without those of outputs that are no floats, and have no tangents. */
export function pushFloats(
  body: Program,
  inputs: readonly Handle[],
  xDots: readonly (Handle | null)[],
): (Handle | null)[] {
  const dots = pushProgram(body, inputs, xDots);
  return body.outputs.map((y, k) => (isFloat(outputKind(body, y).dtype) ? dots[k] : null));
}

/** A program over samples made into one over batches; every output gets the batch axis. */
export function batchProgram(
  body: Program,
  kinds: readonly Kind[],
  batched: readonly boolean[],
  size: number,
): Program {
  const wide = kinds.map(({ shape, dtype }, k) => ({ shape: batched[k] ? [size, ...shape] : shape, dtype }));
  const [program] = traceProgram(wide, (symbols) => {
    const { outputs, batched: varies } = replayBatched(body, symbols, batched, size);
    return [outputs.map((y, k) => (varies[k] ? y : broadcastToShape(y, [size, ...y.shape]))), undefined];
  });
  return program;
}
