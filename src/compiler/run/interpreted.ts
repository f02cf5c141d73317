import { allocate } from "../../base/allocate";
import type { TensorData } from "../../base/dtype";
import { applyParts } from "../../core/op/apply";
import type { Kind } from "../../core/op/op";
import { STRONG } from "../../core/tape/page";
import { elementsOf, Handle, makeScalar, makeTensor } from "../../core/tensor/handle";
import { Workspace } from "../../kernel/expression-blocks";
import { plainIn } from "../../kernel/interpret";
import { loopsInBlocks } from "../../kernel/loops-in-blocks";
import { arityOf } from "../lower/numbers";
import type { Buffer, Call, Kernel, NumberProgram } from "../schedule/kernels";
import { readBy, writtenBy } from "../schedule/place";
import type { Schedule } from "../schedule/schedule";
import type { Runner } from "./machine";
import { productInBlocks } from "./products-in-blocks";

/*
 * Run, where WebAssembly is refused: kernels in JavaScript, with the bits of the module that would be emitted with deterministic
 * instructions.
 */

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

/** Runs an op on its inputs, and takes copies of its results. */
function callOp({ op, attrs, inputs, outputs }: Call, { arrays }: Workspace): void {
  const given = inputs.map((x) => (x instanceof Handle ? x : makeTensor(x.shape, x.dtype, arrays[x.buffer.id])));
  applyParts(op, given, attrs).forEach((y, k) => {
    arrays[outputs[k].buffer.id].set(elementsOf(y));
  });
}

/** A program of doubles: constants, the last one first, inputs, and what the instructions give, in one array. */
function runNumberProgram({ numbers, inputs, outputs }: NumberProgram, space: Workspace): () => void {
  const { operations, constants } = numbers;
  const first = constants.length;
  const plains = operations.map((f): ((...x: number[]) => number) => {
    if (f === "to number") return (x) => x;
    return f === "to truth" ? (x) => Number(x !== 0) : plainIn(f, "float64");
  });
  const arities = operations.map(arityOf);
  const code = Int32Array.from(numbers.code);
  const operands = Int32Array.from(numbers.operands, (x) => x + first);
  const values = new Float64Array(first + inputs.length + code.length);
  values.set([...constants].reverse());
  return () => {
    inputs.forEach(({ id }, k) => {
      values[first + k] = space.arrays[id][0];
    });
    for (let i = 0, at = first + inputs.length; i < code.length; i++, at++) {
      const plain = plains[code[i]];
      const arity = arities[code[i]];
      const a = values[operands[3 * i]];
      if (arity === 1) values[at] = plain(a);
      else if (arity === 2) values[at] = plain(a, values[operands[3 * i + 1]]);
      else values[at] = plain(a, values[operands[3 * i + 1]], values[operands[3 * i + 2]]);
    }
    outputs.forEach(({ id }, k) => {
      space.arrays[id][0] = values[numbers.outputs[k] + first];
    });
  };
}

/** What runs a kernel on the arrays of a workspace. */
function runOf(kernel: Kernel, { on }: Schedule, space: Workspace): () => void {
  if (kernel.is === "loops") return loopsInBlocks(on, kernel, space);
  if (kernel.is === "product") return productInBlocks(kernel, space);
  if (kernel.is === "call") return () => callOp(kernel, space);
  if (kernel.is === "numbers") return runNumberProgram(kernel, space);
  const single = { kept: [], folded: [], by: null, strides: [], start: 0 };
  const stores = kernel.stores.map(({ value, out }) =>
    loopsInBlocks(on, { is: "loops", ...single, value, result: value, out }, space),
  );
  return () => {
    for (const run of stores) run();
  };
}

/** A program in JavaScript, with the memory of one run. */
class Interpretation {
  busy = false;
  private readonly space = new Workspace();
  private readonly constants: readonly TensorData[];
  private readonly steps: readonly (() => void)[];

  constructor(private readonly schedule: Schedule) {
    const { kernels, buffers } = schedule;
    this.constants = buffers.map(({ role, elements, dtype, size }) => {
      if (role !== "constant" || elements === undefined) return NOTHING;
      const data = allocate(dtype, size, "compile");
      data.set(elements);
      return data;
    });
    const last = new Map<Buffer, number>();
    kernels.forEach((kernel, k) => {
      for (const buffer of [...readBy(kernel, buffers), ...writtenBy(kernel)]) last.set(buffer, k);
    });
    const { space } = this;
    const dead: Buffer[][] = kernels.map(() => []);
    for (const [buffer, k] of last) if (buffer.role === "temporary") dead[k].push(buffer);
    const made = new Set<Buffer>();
    this.steps = kernels.map((kernel, k) => {
      const run = runOf(kernel, schedule, space);
      const written = kernel.is === "numbers" ? kernel.outputs : writtenBy(kernel);
      // Several kernels may write parts of one array.
      const fresh = written.filter((buffer) => !made.has(buffer));
      for (const buffer of fresh) made.add(buffer);
      return () => {
        for (const { id, dtype, size } of fresh) space.arrays[id] = allocate(dtype, size, "compile");
        run();
        for (const { id } of dead[k]) space.arrays[id] = NOTHING;
      };
    });
  }

  /** The arrays of the results. */
  run(inputs: readonly TensorData[]): readonly TensorData[] {
    const { space, schedule } = this;
    this.busy = true;
    try {
      space.arrays = [...this.constants];
      inputs.forEach((data, k) => {
        space.arrays[schedule.inputs[k].id] = data;
      });
      for (const step of this.steps) step();
      return schedule.outputs.map(({ id }) => space.arrays[id]);
    } finally {
      space.arrays = [];
      this.busy = false;
    }
  }
}

/** A compiled program that runs without WebAssembly. */
export class Interpreted implements Runner {
  private readonly known: Interpretation[] = [];

  constructor(
    private readonly schedule: Schedule,
    private readonly kinds: readonly Kind[],
  ) {}

  run(inputs: readonly Handle[]): Handle[] {
    const results = this.idle().run(inputs.map(elementsOf));
    return this.kinds.map(({ shape, dtype }, k) =>
      dtype === "float64" && shape.length === 0
        ? makeScalar(results[k][0], STRONG)
        : makeTensor(shape, dtype, results[k]),
    );
  }

  runNumbers(inputs: readonly number[]): number[] {
    return this.idle()
      .run(inputs.map((x) => Float64Array.of(x)))
      .map(([x]) => x);
  }

  /** One that is not running: an op that is called may run the program again. */
  private idle(): Interpretation {
    const idle = this.known.find(({ busy }) => !busy) ?? new Interpretation(this.schedule);
    if (!this.known.includes(idle)) this.known.push(idle);
    return idle;
  }
}
