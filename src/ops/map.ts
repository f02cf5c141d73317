import type { Dtype } from "../base/dtype";
import { type Shape, sizeOf } from "../base/shape";
import { freshInputs, pullBack, pushForward } from "../core/differentiate";
import { type Handle, makeFilled, makeTensor, withoutHistory } from "../core/handle";
import { spread, sumAxes } from "../core/linear";
import { applyParts } from "../core/apply";
import { makeOp, type Op } from "../core/op";
import { type Program, replay, replayBatched, traceProgram } from "../core/tape";
import { moveAxis } from "./movement";

/*
 * The batch rule of an op that brings none: ONE op that loops over the samples, its body a tape. Its own rules are loops
 * over the tapes of the body's rules, so it can be differentiated and mapped again to any depth.
 */

interface MapAttrs {
  readonly body: Program;
  /** Inputs with a leading batch axis; the others are the same for every sample. */
  readonly batched: readonly boolean[];
  readonly size: number;
}

interface Kind {
  readonly shape: Shape;
  readonly dtype: Dtype;
}

const sampleKind = (x: Handle, batched: boolean): Kind => ({
  shape: batched ? x.shape.slice(1) : x.shape,
  dtype: x.dtype,
});

/** Shape and dtype of an output of a program. */
function outputKind(body: Program, output: number | Handle): Kind {
  if (typeof output !== "number") return output;
  if (output < body.inputs.length) return body.inputs[output];
  for (const step of body.steps) {
    const k = step.outputs.indexOf(output);
    if (k >= 0) return step.examples[k];
  }
  return { shape: [], dtype: "float64" };
}

/** Sample i of a batch: a view of its numbers. */
function sampleOf(x: Handle, i: number): Handle {
  const shape = x.shape.slice(1);
  const size = sizeOf(shape);
  return makeTensor(shape, x.dtype, x.data.subarray(i * size, (i + 1) * size));
}

const ops: Op<MapAttrs>[] = [];

/** The map op with a number of outputs. */
function mapOp(parts: number): Op<MapAttrs> {
  ops[parts] ??= makeOp({
    name: "map",
    parts,
    shapes: (_, { body, size }) => body.outputs.map((y) => [size, ...outputKind(body, y).shape]),
    dtypes: (_, { body }) => body.outputs.map((y) => outputKind(body, y).dtype),
    evaluate: (outputs, inputs, { body, batched, size }) => {
      for (let i = 0; i < size; i++) {
        const samples = inputs.map((x, k) => (batched[k] ? sampleOf(x, i) : withoutHistory(x)));
        replay(body, samples).forEach((y, k) => {
          outputs[k].set(y.data, i * y.size);
        });
      }
    },
    differentiable: () => true,
    pull: ({ inputs, attrs: { body, batched, size } }, yBars, wanted) => {
      const bars = yBars.filter((bar): bar is Handle => bar !== null);
      const kinds = [...inputs.map((x, k) => sampleKind(x, batched[k])), ...bars.map((bar) => sampleKind(bar, true))];
      return inputs.map((_, k) => {
        if (!wanted[k]) return null;
        const [rule] = traceProgram(kinds, (args) => [[pullBody(body, args, inputs.length, yBars, k)], undefined]);
        const flags = [...batched, ...bars.map(() => true)];
        const [xBar] = applyParts(mapOp(1), [...inputs, ...bars], { body: rule, batched: flags, size });
        return batched[k] ? xBar : sumAxes(xBar, [0]);
      });
    },
    push: ({ inputs, attrs: { body, batched, size } }, xDots) => {
      const moving = inputs.flatMap((_, k) => (xDots[k] ? [k] : []));
      const dots = xDots.filter((dot): dot is Handle => dot !== null);
      const kinds = [
        ...inputs.map((x, k) => sampleKind(x, batched[k])),
        ...dots.map((dot, j) => sampleKind(dot, batched[moving[j]])),
      ];
      const [rule] = traceProgram(kinds, (args) => [pushBody(body, args, inputs.length, moving), undefined]);
      const flags = [...batched, ...moving.map((k) => batched[k])];
      return applyParts(mapOp(body.outputs.length), [...inputs, ...dots], { body: rule, batched: flags, size });
    },
    batch: (inputs, mapped, { body, batched, size }, outer) => {
      const args = inputs.map((x, k) => (mapped[k] && batched[k] ? moveAxis(x, 0, 1) : x));
      const kinds = args.map((x, k) => sampleKind(x, batched[k]));
      const [inner] = traceProgram(kinds, (symbols) => {
        const { outputs, batched: varies } = replayBatched(body, symbols, mapped, outer);
        return [outputs.map((y, k) => (varies[k] ? y : spread(y, [outer, ...y.shape]))), undefined];
      });
      const outputs = applyParts(mapOp(inner.outputs.length), args, { body: inner, batched, size });
      return outputs.map((y) => moveAxis(y, 1, 0));
    },
    batching: "loop",
  });
  return ops[parts];
}

/** One sample's cotangent of input k. `args`: the inputs, then the cotangents that are there. */
function pullBody(
  body: Program,
  args: readonly Handle[],
  count: number,
  yBars: readonly (Handle | null)[],
  k: number,
): Handle {
  const xs = freshInputs(args.slice(0, count));
  const ys = replay(body, xs);
  let next = count;
  const cotangents = ys.map((y, part) => (yBars[part] === null ? makeFilled(y.shape, y.dtype, 0) : args[next++]));
  const { bars } = pullBack("map", { outputs: ys, cotangents, inputs: [xs[k]], release: false });
  return bars[0] ?? makeFilled(xs[k].shape, xs[k].dtype, 0);
}

/** One sample's tangents. `args`: the inputs, then the tangents of those that move. */
function pushBody(body: Program, args: readonly Handle[], count: number, moving: readonly number[]): Handle[] {
  const xs = freshInputs(args.slice(0, count));
  const ys = replay(body, xs);
  const inputs = moving.map((k) => xs[k]);
  const dots = pushForward("map", ys, inputs, args.slice(count));
  return ys.map((y, part) => dots[part] ?? makeFilled(y.shape, y.dtype, 0));
}

/** The derived batch rule of an op: its samples one after the other. */
export function mapSamples<Attrs>(
  op: Op<Attrs>,
  inputs: readonly Handle[],
  batched: readonly boolean[],
  attrs: Attrs,
  size: number,
): readonly Handle[] {
  const kinds = inputs.map((x, k) => sampleKind(x, batched[k]));
  const [body] = traceProgram(kinds, (symbols) => [applyParts(op, symbols, attrs), undefined]);
  return applyParts(mapOp(op.parts), inputs, { body, batched, size });
}
