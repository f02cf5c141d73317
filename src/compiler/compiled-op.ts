import { isFloat } from "../base/dtype";
import { applyParts } from "../core/op/apply";
import { byParts, coreOp, type Program } from "../core/op/op";
import { traceProgram } from "../core/program/program";
import { elementsOf, type Handle } from "../core/tensor/handle";
import { batchProgram, pullProgram, pushFloats } from "../ops/program/program-rules";
import { type Settings, Unit } from "./unit";

/*
 * A compiled program as an op: what transforms differentiate and batch. Its derivatives are compiled programs in turn.
 */

/** A compiled program, and those of its derivatives as far as they have been asked for. */
export class CompiledProgram {
  readonly unit: Unit;
  private readonly derived = new Map<string, CompiledProgram>();

  constructor(
    readonly program: Program,
    private readonly settings: Settings,
  ) {
    this.unit = new Unit(program, settings);
  }

  /** A program that is made of this one, compiled when it is first asked for. */
  derive(key: string, make: () => Program): CompiledProgram {
    const known = this.derived.get(key) ?? new CompiledProgram(make(), { ...this.settings, reused: false });
    this.derived.set(key, known);
    return known;
  }
}

interface Attrs {
  readonly compiled: CompiledProgram;
}

/** The program of a function of tensors like others. */
function programOn(like: readonly Handle[], f: (symbols: readonly Handle[]) => readonly Handle[]): Program {
  const kinds = like.map(({ shape, dtype }) => ({ shape, dtype }));
  return traceProgram(kinds, (symbols) => [f(symbols), undefined])[0];
}
const maskOf = (flags: readonly boolean[]): string => flags.map(Number).join("");

/** Runs a compiled program as an op on the tape. */
export const applyCompiled = (compiled: CompiledProgram, inputs: readonly Handle[]): readonly Handle[] =>
  applyParts(compiledOp(compiled.program.outputs.length), inputs, { compiled });

/** Cotangents by a compiled program of them. */
function pull(
  own: CompiledProgram,
  inputs: readonly Handle[],
  yBars: readonly (Handle | null)[],
  wanted: readonly boolean[],
): (Handle | null)[] {
  const given = yBars.flatMap((bar) => (bar === null ? [] : [bar]));
  const all = [...inputs, ...given];
  const key = `pull ${maskOf(wanted)} ${maskOf(yBars.map((bar) => bar !== null))}`;
  const derived = own.derive(key, () =>
    programOn(all, (symbols) => {
      let next = inputs.length;
      const bars = yBars.map((bar) => (bar === null ? null : symbols[next++]));
      return pullProgram(own.program, symbols.slice(0, inputs.length), bars, wanted).filter((bar) => bar !== null);
    }),
  );
  const bars = applyCompiled(derived, all);
  let next = 0;
  return wanted.map((want) => (want ? bars[next++] : null));
}

function push(own: CompiledProgram, inputs: readonly Handle[], xDots: readonly (Handle | null)[]): (Handle | null)[] {
  const given = xDots.flatMap((dot) => (dot === null ? [] : [dot]));
  const all = [...inputs, ...given];
  const floats = own.unit.kinds.map(({ dtype }) => isFloat(dtype));
  const derived = own.derive(`push ${maskOf(xDots.map((dot) => dot !== null))}`, () =>
    programOn(all, (symbols) => {
      let next = inputs.length;
      const dots = xDots.map((dot) => (dot === null ? null : symbols[next++]));
      return pushFloats(own.program, symbols.slice(0, inputs.length), dots).filter((dot) => dot !== null);
    }),
  );
  const dots = applyCompiled(derived, all);
  let next = 0;
  return floats.map((float) => (float ? dots[next++] : null));
}

const compiledOp = /* @__PURE__ */ byParts<Attrs>((parts) =>
  coreOp<Attrs>({
    name: "compiled",
    parts,
    shapes: (_, { compiled }) => compiled.unit.kinds.map(({ shape }) => shape),
    dtypes: (_, { compiled }) => compiled.unit.kinds.map(({ dtype }) => dtype),
    evaluate: (outputs, inputs, { compiled }) => {
      compiled.unit.run(inputs).forEach((y, k) => {
        outputs[k].set(elementsOf(y));
      });
    },
    differentiable: () => true,
    readsInput: () => true,
    readsOutput: false,
    pullback: ({ inputs, attrs: { compiled } }, yBars, wanted) => pull(compiled, inputs, yBars, wanted),
    pushforward: ({ inputs, attrs: { compiled } }, xDots) => push(compiled, inputs, xDots),
    batch: (inputs, batched, { compiled }, size) => {
      const kinds = inputs.map((x, k) => ({ shape: batched[k] ? x.shape.slice(1) : x.shape, dtype: x.dtype }));
      const key = `batch ${maskOf(batched)} ${size}`;
      const derived = compiled.derive(key, () => batchProgram(compiled.program, kinds, batched, size));
      return applyCompiled(derived, inputs);
    },
    lower: (on, inputs, { compiled }) => on.run(compiled.program, inputs),
  }),
);
