import { describe, fail, list, promiseHint } from "../base/errors";
import { onFreshInputs } from "../core/op/leaf";
import { handlesOf } from "../core/op/leaves";
import type { Kind, Program } from "../core/op/op";
import { broadcastToShape, castTo } from "../core/op/sweep-ops";
import { replay, replayBatched, traceProgram } from "../core/program/program";
import { pullBack } from "../core/sweep/differentiate";
import { Handle, makeFilled, makeScalar, makeTensor, zeroLike } from "../core/tensor/handle";
import { oddSize } from "../core/tensor/odd-size";
import { type Flat, flatten, placeIn, samplesHint } from "../core/tensor/tree";
import { gatherAlong } from "../ops/indexing/gather-scatter-op";
import { firstOf } from "../ops/program/map-samples";
import { cut } from "./rows";

/** The loss of one sample, and its gradient by every parameter, as programs over (parameters, sample). */
export interface SamplePrograms {
  readonly params: Flat;
  readonly parameters: readonly Handle[];
  readonly batch: readonly Handle[];
  readonly size: number;
  /** The loss of one sample; f runs once, to be traced. */
  readonly loss: Program;
  /** The same with its gradient, made of it when it is first wanted. */
  lossAndGradient(): Program;
}

/** The batch taken apart: tensors with one common leading size. */
export function batchOf(
  where: string,
  batch: unknown,
): { readonly flat: Flat; readonly leaves: Handle[]; readonly size: number } {
  const flat = flatten(where, batch, { name: "batch" });
  const leaves = flat.leaves.map((leaf, k) => {
    if (leaf instanceof Handle && leaf.shape.length > 0) return leaf;
    return fail(
      "batch/length",
      `${where}: ${placeIn("batch", flat.paths[k])} is a single number and has no batch axis.`,
      { path: flat.paths[k] },
      samplesHint(batch) ?? "Pass what all samples share as a further argument.",
    );
  });
  const size = leaves.length === 0 ? 0 : leaves[0].shape[0];
  if (leaves.some(({ shape }) => shape[0] !== size)) differInLength(where, flat, leaves);
  if (size === 0) fail("batch/empty", `${where}: the batch is empty.`, { size }, "Give at least one sample.");
  return { flat, leaves, size };
}

function differInLength(where: string, flat: Flat, leaves: readonly Handle[]): never {
  const { text, odd, common } = oddSize(
    leaves.map(({ shape, dtype }, k) => ({ place: placeIn("batch", flat.paths[k]), size: shape[0], shape, dtype })),
  );
  const { shape, dtype } = leaves[odd];
  return fail(
    "batch/length",
    `${where}: leaves of the batch must have one length: ${text}.`,
    {
      path: flat.paths[odd],
      length: shape[0],
      expected: common,
      shape,
      dtype,
      paths: flat.paths,
      shapes: leaves.map((x) => x.shape),
    },
    "Every leaf must have one row for each sample; pass what all samples share as a further argument.",
  );
}

/** What the loss of one sample gave, checked to be one number. */
function sampleLoss(where: string, y: unknown): Handle {
  if (typeof y === "number") return makeScalar(y);
  if (y instanceof Handle && y.shape.length === 0) return y;
  const received = y instanceof Handle ? `a tensor of shape ${list(y.shape)}` : describe(y);
  return fail(
    "grad/non-scalar",
    `${where}: the loss of one sample must be a scalar, got ${received}.`,
    { received: y },
    y instanceof Handle
      ? "The function sees one sample: drop the batch axis, or reduce with sum or mean."
      : (promiseHint(y) ?? "Return a number or a tensor of shape []."),
  );
}

/** An array of samples in the place of a batch is one sample to the loss, which fails on it: says so. */
function refuseSamples(where: string, batch: unknown, cause: unknown): never {
  const hint = samplesHint(batch);
  if (hint === undefined || !Array.isArray(batch)) throw cause;
  return fail(
    "batch/samples",
    `${where}: the batch must be a tree shaped like one sample, its leaves with a leading axis for all samples, got an array of ${batch.length} trees that are alike.`,
    { received: batch, cause },
    hint,
  );
}

/** Traces the loss of one sample. */
export function samplePrograms<P>(
  where: string,
  f: (params: P, sample: unknown) => unknown,
  params: P,
  batch: unknown,
): SamplePrograms {
  const flat = flatten(where, params, { differentiable: true });
  const { flat: samples, leaves, size } = batchOf(where, batch);
  const parameters = handlesOf(flat.leaves);
  const kinds = [...parameters, ...leaves.map(firstOf)];
  const count = parameters.length;
  const lossOf = (symbols: readonly Handle[]): unknown => {
    try {
      return f(flat.build<P>(symbols.slice(0, count)), samples.build(symbols.slice(count)));
    } catch (cause) {
      return refuseSamples(where, batch, cause);
    }
  };
  const [loss] = traceProgram(kinds, (symbols) => [[sampleLoss(where, lossOf(symbols))], undefined]);
  let both: Program | undefined;
  const lossAndGradient = (): Program => {
    both ??= withGradient(where, loss, kinds, count);
    return both;
  };
  return { params: flat, parameters, batch: leaves, size, loss, lossAndGradient };
}

/** A program of one scalar, which gives its gradient by the first `count` inputs besides. */
function withGradient(where: string, loss: Program, kinds: readonly Kind[], count: number): Program {
  const [program] = traceProgram(kinds, (symbols) => {
    const [xs, [y]] = onFreshInputs(symbols.slice(0, count), (own) => replay(loss, [...own, ...symbols.slice(count)]));
    const one = makeFilled([], y.dtype, 1);
    const { cotangents: bars } = pullBack(where, { outputs: [y], cotangents: [one], inputs: xs, free: false });
    return [[y, ...xs.map((x, k) => bars[k] ?? zeroLike(x))], undefined];
  });
  return program;
}

/** The samples from `start` on. */
export const rowsOf = ({ batch, size }: SamplePrograms, start: number, n: number): readonly Handle[] =>
  n === size ? batch : batch.map((x) => cut(x, start, n));

/** Some of the samples. */
export function samplesAt(programs: SamplePrograms, samples: readonly number[]): SamplePrograms {
  const at = makeTensor([samples.length], "int32", Int32Array.from(samples));
  const along = { where: "batchGrad", axis: 0, lead: 0, trail: 0 };
  return { ...programs, size: samples.length, batch: programs.batch.map((x) => gatherAlong(x, at, along)) };
}

/** Losses [n], or losses and gradients [n, ...], of the samples from `start` on. */
export function runSamples(
  programs: SamplePrograms,
  which: "loss" | "lossAndGradient",
  start: number,
  n: number,
  parameters = programs.parameters,
): Handle[] {
  const rows = rowsOf(programs, start, n);
  const flags = [...parameters.map(() => false), ...rows.map(() => true)];
  const program = which === "loss" ? programs.loss : programs.lossAndGradient();
  const { outputs, batched } = replayBatched(program, [...parameters, ...rows], flags, n);
  return outputs.map((y, k) => (batched[k] ? y : broadcastToShape(y, [n, ...y.shape])));
}

/** The gradient of the sum of weight times loss, over n samples from `start` on: one pass forward, one back. */
export function weightedGradient(programs: SamplePrograms, weights: Handle, start: number, n: number): Handle[] {
  const [xs, [losses]] = onFreshInputs(programs.parameters, (own) => runSamples(programs, "loss", start, n, own));
  const cotangents = [castTo(weights, losses.dtype)];
  const { cotangents: bars } = pullBack("batchGrad", { outputs: [losses], cotangents, inputs: xs });
  return xs.map((x, k) => bars[k] ?? zeroLike(x));
}
