import { type Monitor, withMonitor } from "../../src/core/op/monitor";
import { Handle } from "../../src/core/tensor/handle";

/** What a computation costs, whatever the machine. */
export interface Cost {
  /** Multiplications of contractions: of matrix products and convolutions. */
  readonly multiplications: number;
  /** Numbers that ops have written: results that are no input as it is. */
  readonly written: number;
}

type Shape = readonly number[];

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** Each number of y meets one filter of k: [filters, channels, height, width]. */
const ofConvolution = (y: Shape, k: Shape): number => sizeOf(y) * sizeOf(k.slice(1));

/** Multiplications of an op, by the shapes of its inputs and of its output. */
const contractions: Readonly<Record<string, (a: Shape, b: Shape, out: Shape) => number>> = {
  // Either matrix may be read transposed, so the inner size is what is left of the first one beside the rows of the result.
  matmul: (a, _, out) => {
    const rows = out[out.length - 2];
    return rows === 0 ? 0 : (sizeOf(out) * sizeOf(a.slice(-2))) / rows;
  },
  conv: (_, k, y) => ofConvolution(y, k),
  convInput: (y, k) => ofConvolution(y, k),
  convKernel: (_, y, k) => ofConvolution(y, k),
};

/** Counts what f does. Tracing on symbols costs nothing; steps of programs that run inside of ops count. */
export function costOf(f: () => unknown): Cost {
  let [multiplications, written] = [0, 0];
  const counter: Monitor = {
    onValue: (op, inputs, outputs) => {
      const [a, b] = inputs;
      const given = new Set(inputs.flatMap((x) => (x instanceof Handle ? [x.body?.data] : [])));
      for (const y of outputs) {
        if (!(y instanceof Handle)) written++;
        else if (y.body === null) written++;
        else if (y.body.data && !given.has(y.body.data)) written += y.size;
      }
      const [y] = outputs;
      if (a instanceof Handle && b instanceof Handle && y instanceof Handle) {
        multiplications += contractions[op]?.(a.shape, b.shape, y.shape) ?? 0;
      }
    },
    onEntry: () => undefined,
    rule: (_, __, ___, ____, run) => run(),
    step: (_, run) => run(),
  };
  withMonitor(counter, f);
  return { multiplications, written };
}
