import { isFloat } from "../base/dtype";
import { describe, fail } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { applyParts } from "../core/op/apply";
import { pullThrough } from "../core/op/elementwise-rules";
import { gradientTree, handlesOf } from "../core/op/leaves";
import type { Program, Step } from "../core/op/op";
import { accumulate, broadcastToShape, divideBy, sumAxes } from "../core/op/sweep-ops";
import { replayBatched, traceProgram } from "../core/program/program";
import { Handle, makeScalar } from "../core/tensor/handle";
import type { Scalar, Value } from "../core/tensor/tensor";
import { flatten } from "../core/tensor/tree";
import type { Batch, Gradient } from "../core/tensor/tree-types";
import { asHandle } from "../core/tensor/value";
import { batchOf } from "../per-sample/sample-program";
import { grad } from "../transforms/grad";
import { vmap } from "../transforms/vmap";

const WHERE = "averagedErrorGrad";

/** The program with all its slots as outputs: what passes through every op can then be averaged. */
const withAllSlots = (program: Program): Program => ({
  ...program,
  outputs: Array.from({ length: program.slots }, (_, k) => k),
});

/** The mean over the batch of every slot: floats are averaged, what is not is computed again from averages. */
function meansOf(
  program: Program,
  args: readonly Handle[],
  flags: readonly boolean[],
  size: number,
): (operand: number | Handle) => Handle {
  const { outputs, batched } = replayBatched(withAllSlots(program), args, flags, size);
  const means = new Array<Handle | null>(program.slots).fill(null);
  outputs.forEach((x, slot) => {
    if (!batched[slot]) means[slot] = x;
    else if (isFloat(x.dtype)) means[slot] = divideBy(sumAxes(x, [0]), size);
  });
  const read = (operand: number | Handle): Handle => {
    if (typeof operand !== "number") return operand;
    return (
      means[operand] ??
      fail(
        "pitfalls/integer",
        `${WHERE}: predict uses an integer or bool leaf of the sample, which has no average.`,
        {},
        "Give class indices as oneHot(indices, classes), and cast other leaves to a float dtype.",
      )
    );
  };
  for (const step of program.steps) {
    step.outputs.forEach((slot, k) => {
      means[slot] ??= applyParts(step.op, step.inputs.map(read), step.attrs)[k];
    });
  }
  return read;
}

/** Slots that depend on the first `count` inputs. */
function dependents(program: Program, count: number): boolean[] {
  const depends = Array.from({ length: program.slots }, (_, k) => k < count);
  for (const step of program.steps) {
    const some = step.inputs.some((x, k) => typeof x === "number" && depends[x] && step.op.differentiable(k));
    for (const slot of step.outputs) depends[slot] = some;
  }
  return depends;
}

/** Sends one cotangent back through the program with averages as residuals. */
function sendBack(
  program: Program,
  count: number,
  mean: (operand: number | Handle) => Handle,
  cotangent: Handle,
): (Handle | null)[] {
  const bars = new Array<Handle | null>(program.slots).fill(null);
  const depends = dependents(program, count);
  const give = (operand: number | Handle, bar: Handle): void => {
    if (typeof operand !== "number" || !depends[operand]) return;
    const there = bars[operand];
    bars[operand] = there === null ? bar : accumulate(there, bar);
  };
  give(program.outputs[0], cotangent);
  for (const step of [...program.steps].reverse()) pullStep(step, bars, depends, mean, give);
  return bars.slice(0, count);
}

function pullStep(
  step: Step,
  bars: readonly (Handle | null)[],
  depends: readonly boolean[],
  mean: (operand: number | Handle) => Handle,
  give: (operand: number | Handle, bar: Handle) => void,
): void {
  const yBars = step.outputs.map((slot) => bars[slot]);
  if (yBars.every((bar) => bar === null)) return;
  const residuals = { inputs: step.inputs.map(mean), outputs: step.outputs.map(mean), attrs: step.attrs };
  const wanted = step.inputs.map((x, k) => typeof x === "number" && depends[x] && step.op.differentiable(k));
  pullThrough(step.op, residuals, yBars, wanted).forEach((bar, k) => {
    if (wanted[k] && bar !== null) give(step.inputs[k], asHandle(bar, residuals.inputs[k].dtype));
  });
}

/**
 * The gradient one gets by averaging the output error over the batch and sending that one average back through the
 * network once: NOT the gradient of the mean loss. Here to be compared with, not to be used.
 *
 * Every sample runs forward; d loss / d output is averaged over the samples; one backward pass through `predict` sends
 * the average back, with every input and output that a rule reads replaced by its mean over the batch. A derivative that
 * its rule writes in the output is taken at the mean output (tanh: 1 - mean(y)²), any other at the mean input.
 *
 * Shape: `(P, S) -> Y` and `(Y, S) -> F[]` become `(P, [B, ...S]) -> P`.
 *
 * @param predict - the output for one sample: logits, the output activation being part of the loss
 * @param loss - the loss of one sample from its output
 * @returns a function of the parameters and a batch (every leaf of a sample with a leading axis B)
 * @throws GradtapeError `pitfalls/integer` if predict uses an integer leaf of the sample; `trace/value` if its
 * structure depends on the values of the sample; `batch/length`, `batch/empty`
 * @example
 * ```ts
 * import { grad, loss, mean, mul, tanh, tensor } from "gradtape";
 * import { averagedErrorGrad } from "gradtape/pitfalls";
 * const predict = (w: number, s: { x: number; y: number }) => tanh(mul(w, s.x));
 * const cost = (output: number, s: { x: number; y: number }) => loss.linear(output, s.y);
 * // Both errors are -1, and so is their average; but the inputs average to 0, and so does everything after them.
 * averagedErrorGrad(predict, cost)(1, { x: tensor([1, -1]), y: tensor([1, -1]) }); // => 0
 * ```
 */
export function averagedErrorGrad<P, S, Y extends Value>(
  predict: (params: P, sample: S) => Y,
  loss: (output: Y, sample: S) => Scalar,
): (params: P, batch: Batch<S>) => Gradient<P> {
  refuseExtra("averagedErrorGrad", "predict, loss", 2, arguments);
  return (params, batch) => {
    const flat = flatten(WHERE, params, { differentiable: true });
    const { flat: samples, leaves, size } = batchOf(WHERE, batch);
    const parameters = handlesOf(flat.leaves);
    const count = parameters.length;
    const kinds = [...parameters, ...leaves.map((x) => ({ shape: x.shape.slice(1), dtype: x.dtype }))];
    const [program] = traceProgram(kinds, (symbols) => {
      const y = predict(flat.build<P>(symbols.slice(0, count)), samples.build<S>(symbols.slice(count)));
      return [[outputOf(y)], undefined];
    });
    const flags = [...parameters.map(() => false), ...leaves.map(() => true)];
    const args = [...parameters, ...leaves];
    const { outputs, batched } = replayBatched(program, args, flags, size);
    const predictions = batched[0] ? outputs[0] : broadcastToShape(outputs[0], [size, ...outputs[0].shape]);
    const errorOf = (y: Handle, ...leaf: Handle[]): Handle =>
      asHandle(grad((output: Y) => loss(output, samples.build<S>(leaf)))(asOutput<Y>(y)));
    const errors: unknown = vmap(errorOf)(predictions, ...leaves);
    const average = errors instanceof Handle ? divideBy(sumAxes(errors, [0]), size) : makeScalar(0);
    return gradientTree(flat, sendBack(program, count, meansOf(program, args, flags, size), average));
  };
}

/** What predict sees and gives is a tensor even where its type says number. */
const asOutput = <Y extends Value>(y: Handle): Y => y as Value as Y;

function outputOf(y: unknown): Handle {
  if (typeof y === "number") return makeScalar(y);
  if (y instanceof Handle) return y;
  return fail(
    "argument/tensor",
    `${WHERE}: predict must return a number or a tensor, got ${describe(y)}.`,
    { received: y },
    "Join several predictions with stack or concat.",
  );
}
