import { applyParts } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { byParts, type CoreOp, type Kind, type Program } from "../../core/op/op";
import { sumAxes } from "../../core/op/sweep-ops";
import { outputKind } from "../../core/program/capture";
import { replay, traceProgram } from "../../core/program/program";
import { type Handle, isSymbolic, rowOf, withoutHistory } from "../../core/tensor/handle";
import { moveAxis } from "../movement/reshape-transpose";
import { batchProgram, pullProgram, pushProgram } from "./program-rules";

/*
 * The batch rule of an op that defines none: ONE op that loops over the samples, its body a tape. Its own rules are
 * loops over the tapes of the body's rules, so it can be differentiated and mapped again to any depth.
 */

interface MapAttrs {
  readonly body: Program;
  /** Inputs with a leading batch axis; the others are the same for every sample. */
  readonly batched: readonly boolean[];
  readonly size: number;
}

const sampleKind = (x: Handle, batched: boolean): Kind => ({
  shape: batched ? x.shape.slice(1) : x.shape,
  dtype: x.dtype,
});

/** What a function of one sample of a batch is traced for: the first, or its shape where there are no values. */
export const firstOf = (x: Handle): Kind =>
  x.shape[0] > 0 && !isSymbolic(x) ? rowOf(x, 0) : { shape: x.shape.slice(1), dtype: x.dtype };

/** The map op with a number of outputs. */
const mapOp: (parts: number) => CoreOp<MapAttrs> = /* @__PURE__ */ byParts<MapAttrs>((parts) =>
  makeOp<readonly Handle[], MapAttrs>(
    {
      name: "map",
      parts,
      shape: (_, { body, size }) => body.outputs.map((y) => [size, ...outputKind(body, y).shape]),
      dtype: (_, { body }) => body.outputs.map((y) => outputKind(body, y).dtype),
      evaluate: (outputs, inputs, { body, batched, size }) => {
        for (let i = 0; i < size; i++) {
          const samples = inputs.map((x, k) => (batched[k] ? rowOf(x, i) : withoutHistory(x)));
          replay(body, samples).forEach((y, k) => {
            outputs[k].set(y.data, i * y.size);
          });
        }
      },
      pullback: ({ yBars, inputs, attrs: { body, batched, size }, wanted }) => {
        const bars = yBars.filter((bar): bar is Handle => bar !== null);
        const kinds = [...inputs.map((x, k) => sampleKind(x, batched[k])), ...bars.map((bar) => sampleKind(bar, true))];
        const [rule] = traceProgram(kinds, (args) => {
          let next = inputs.length;
          const given = yBars.map((bar) => (bar === null ? null : args[next++]));
          const xBars = pullProgram(body, args.slice(0, inputs.length), given, wanted);
          return [xBars.filter((bar): bar is Handle => bar !== null), undefined];
        });
        const flags = [...batched, ...bars.map(() => true)];
        const results = runMap([...inputs, ...bars], { body: rule, batched: flags, size });
        let next = 0;
        return inputs.map((_, k) => {
          if (!wanted[k]) return null;
          const xBar = results[next++];
          return batched[k] ? xBar : sumAxes(xBar, [0]);
        });
      },
      pushforward: ({ xDots, inputs, attrs: { body, batched, size } }) => {
        const moving = inputs.flatMap((_, k) => (xDots[k] ? [k] : []));
        const dots = xDots.filter((dot): dot is Handle => dot !== null);
        const kinds = [...inputs, ...dots].map((x, k) =>
          sampleKind(x, k < inputs.length ? batched[k] : batched[moving[k - inputs.length]]),
        );
        const [rule] = traceProgram(kinds, (args) => {
          const given = inputs.map((_, k) => (moving.includes(k) ? args[inputs.length + moving.indexOf(k)] : null));
          return [pushProgram(body, args.slice(0, inputs.length), given), undefined];
        });
        const flags = [...batched, ...moving.map((k) => batched[k])];
        return runMap([...inputs, ...dots], { body: rule, batched: flags, size });
      },
      batch: (inputs, mapped, { body, batched, size }, outer) => {
        const args = inputs.map((x, k) => (mapped[k] && batched[k] ? moveAxis(x, 0, 1) : x));
        const inner = batchProgram(body, body.inputs, mapped, outer);
        return runMap(args, { body: inner, batched, size }).map((y) => moveAxis(y, 1, 0));
      },
    },
    { batch: "loop" },
  ),
);

const runMap = (inputs: readonly Handle[], attrs: MapAttrs): readonly Handle[] =>
  applyParts(mapOp(attrs.body.outputs.length), inputs, attrs);

/** The derived batch rule of an op: its samples one after the other. */
export function mapSamples<Attrs>(
  op: CoreOp<Attrs>,
  inputs: readonly Handle[],
  batched: readonly boolean[],
  attrs: Attrs,
  size: number,
): readonly Handle[] {
  const kinds = inputs.map((x, k) => sampleKind(x, batched[k]));
  const [body] = traceProgram(kinds, (symbols) => [applyParts(op, symbols, attrs), undefined]);
  return runMap(inputs, { body, batched, size });
}
