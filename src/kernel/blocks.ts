import type { Formula, FormulaFunction } from "./formula";
import { plainIn, rounders, type Steps, stepsOf } from "./interpret";
import {
  ABS,
  ADD,
  ADD_EXPONENT,
  AND,
  addExponentDouble,
  addExponentFloat,
  CEIL,
  CHOOSE,
  COPY_SIGN,
  copySign,
  DIV,
  EQUAL,
  EXPONENT_OF,
  exponentOfDouble,
  exponentOfFloat,
  FLOOR,
  GREATEST,
  LEAST,
  LESS,
  LESS_EQUAL,
  MANTISSA_OF,
  MAX,
  MIN,
  MUL,
  mantissaOfDouble,
  mantissaOfFloat,
  NEAREST,
  NEG,
  NOT,
  NOT_EQUAL,
  type NumberType,
  nearestEven,
  OR,
  type Primitive,
  SQRT,
  SUB,
  TRUNC,
} from "./primitives";

/*
 * Formulas run in JavaScript by blocks, one loop for each step: 1 to 3 ns for each of them. The same bits as `interpreter`
 * gives.
 */

/** Numbers at a time: the blocks of some forty steps fit the first cache. */
export const BLOCK = 256;

export type Block = Float64Array<ArrayBuffer>;
/** Numbers as arrays hold them. */
type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;
/** What one step does for n numbers; the operands that it lacks are not looked at. */
export type Loop = (out: Block, n: number, a: Block, b: Block, c: Block, ...more: Block[]) => void;

/* Every loop is spelled out: one that calls a function it is given is ten times slower. They take as long for one operation
   as for two, or for one and its rounding. */

/** Products that are used once, in a sum or a difference. */
type Fused = "product + c" | "product - c" | "c - product";
type Kernel = Primitive | Fused;

/** What does not depend on the type, but for rounding. */
const LOOPS: ReadonlyMap<Kernel, Loop> = /* @__PURE__ */ new Map<Kernel, Loop>([
  [
    ADD,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = a[i] + b[i];
    },
  ],
  [
    SUB,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = a[i] - b[i];
    },
  ],
  [
    MUL,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = a[i] * b[i];
    },
  ],
  [
    DIV,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = a[i] / b[i];
    },
  ],
  [
    NEG,
    (out, n, a) => {
      for (let i = 0; i < n; i++) out[i] = -a[i];
    },
  ],
  [
    ABS,
    (out, n, a) => {
      for (let i = 0; i < n; i++) out[i] = Math.abs(a[i]);
    },
  ],
  [
    SQRT,
    (out, n, a) => {
      for (let i = 0; i < n; i++) out[i] = Math.sqrt(a[i]);
    },
  ],
  [
    FLOOR,
    (out, n, a) => {
      for (let i = 0; i < n; i++) out[i] = Math.floor(a[i]);
    },
  ],
  [
    CEIL,
    (out, n, a) => {
      for (let i = 0; i < n; i++) out[i] = Math.ceil(a[i]);
    },
  ],
  [
    TRUNC,
    (out, n, a) => {
      for (let i = 0; i < n; i++) out[i] = Math.trunc(a[i]);
    },
  ],
  [
    NEAREST,
    (out, n, a) => {
      for (let i = 0; i < n; i++) out[i] = nearestEven(a[i]);
    },
  ],
  [
    MIN,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = Math.min(a[i], b[i]);
    },
  ],
  [
    MAX,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = Math.max(a[i], b[i]);
    },
  ],
  [
    LEAST,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = b[i] < a[i] ? b[i] : a[i];
    },
  ],
  [
    GREATEST,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = a[i] < b[i] ? b[i] : a[i];
    },
  ],
  [
    EQUAL,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = a[i] === b[i] ? 1 : 0;
    },
  ],
  [
    NOT_EQUAL,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = a[i] !== b[i] ? 1 : 0;
    },
  ],
  [
    LESS,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = a[i] < b[i] ? 1 : 0;
    },
  ],
  [
    LESS_EQUAL,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = a[i] <= b[i] ? 1 : 0;
    },
  ],
  [
    AND,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = a[i] & b[i];
    },
  ],
  [
    OR,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = a[i] | b[i];
    },
  ],
  [
    NOT,
    (out, n, a) => {
      for (let i = 0; i < n; i++) out[i] = 1 - a[i];
    },
  ],
  [
    CHOOSE,
    (out, n, a, b, c) => {
      for (let i = 0; i < n; i++) out[i] = a[i] !== 0 ? b[i] : c[i];
    },
  ],
  [
    COPY_SIGN,
    (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = copySign(a[i], b[i]);
    },
  ],
]);

/** What does. */
const OWN_LOOPS: Readonly<Record<NumberType, ReadonlyMap<Kernel, Loop>>> = {
  float32: /* @__PURE__ */ new Map<Kernel, Loop>([
    [
      ADD,
      (out, n, a, b) => {
        for (let i = 0; i < n; i++) out[i] = Math.fround(a[i] + b[i]);
      },
    ],
    [
      SUB,
      (out, n, a, b) => {
        for (let i = 0; i < n; i++) out[i] = Math.fround(a[i] - b[i]);
      },
    ],
    [
      MUL,
      (out, n, a, b) => {
        for (let i = 0; i < n; i++) out[i] = Math.fround(a[i] * b[i]);
      },
    ],
    [
      DIV,
      (out, n, a, b) => {
        for (let i = 0; i < n; i++) out[i] = Math.fround(a[i] / b[i]);
      },
    ],
    [
      SQRT,
      (out, n, a) => {
        for (let i = 0; i < n; i++) out[i] = Math.fround(Math.sqrt(a[i]));
      },
    ],
    [
      "product + c",
      (out, n, a, b, c) => {
        for (let i = 0; i < n; i++) out[i] = Math.fround(Math.fround(a[i] * b[i]) + c[i]);
      },
    ],
    [
      "product - c",
      (out, n, a, b, c) => {
        for (let i = 0; i < n; i++) out[i] = Math.fround(Math.fround(a[i] * b[i]) - c[i]);
      },
    ],
    [
      "c - product",
      (out, n, a, b, c) => {
        for (let i = 0; i < n; i++) out[i] = Math.fround(c[i] - Math.fround(a[i] * b[i]));
      },
    ],
    [
      ADD_EXPONENT,
      (out, n, a, b) => {
        for (let i = 0; i < n; i++) out[i] = addExponentFloat(a[i], b[i]);
      },
    ],
    [
      EXPONENT_OF,
      (out, n, a) => {
        for (let i = 0; i < n; i++) out[i] = exponentOfFloat(a[i]);
      },
    ],
    [
      MANTISSA_OF,
      (out, n, a) => {
        for (let i = 0; i < n; i++) out[i] = mantissaOfFloat(a[i]);
      },
    ],
  ]),
  float64: /* @__PURE__ */ new Map<Kernel, Loop>([
    [
      "product + c",
      (out, n, a, b, c) => {
        for (let i = 0; i < n; i++) out[i] = a[i] * b[i] + c[i];
      },
    ],
    [
      "product - c",
      (out, n, a, b, c) => {
        for (let i = 0; i < n; i++) out[i] = a[i] * b[i] - c[i];
      },
    ],
    [
      "c - product",
      (out, n, a, b, c) => {
        for (let i = 0; i < n; i++) out[i] = c[i] - a[i] * b[i];
      },
    ],
    [
      ADD_EXPONENT,
      (out, n, a, b) => {
        for (let i = 0; i < n; i++) out[i] = addExponentDouble(a[i], b[i]);
      },
    ],
    [
      EXPONENT_OF,
      (out, n, a) => {
        for (let i = 0; i < n; i++) out[i] = exponentOfDouble(a[i]);
      },
    ],
    [
      MANTISSA_OF,
      (out, n, a) => {
        for (let i = 0; i < n; i++) out[i] = mantissaOfDouble(a[i]);
      },
    ],
  ]),
  int32: /* @__PURE__ */ new Map<Kernel, Loop>([
    [
      ADD,
      (out, n, a, b) => {
        for (let i = 0; i < n; i++) out[i] = (a[i] + b[i]) | 0;
      },
    ],
    [
      SUB,
      (out, n, a, b) => {
        for (let i = 0; i < n; i++) out[i] = (a[i] - b[i]) | 0;
      },
    ],
    [
      MUL,
      (out, n, a, b) => {
        for (let i = 0; i < n; i++) out[i] = Math.imul(a[i], b[i]);
      },
    ],
    [
      NEG,
      (out, n, a) => {
        for (let i = 0; i < n; i++) out[i] = -a[i] | 0;
      },
    ],
    [
      ABS,
      (out, n, a) => {
        for (let i = 0; i < n; i++) out[i] = Math.abs(a[i]) | 0;
      },
    ],
    [
      DIV,
      (out, n, a, b) => {
        for (let i = 0; i < n; i++) out[i] = (a[i] / b[i]) | 0;
      },
    ],
    [
      SQRT,
      (out, n, a) => {
        for (let i = 0; i < n; i++) out[i] = Math.sqrt(a[i]) | 0;
      },
    ],
  ]),
};

/** A function that is called for every number, whose results are rounded. */
function calling(f: (...x: number[]) => number, arity: number, type: NumberType): Loop {
  const round = rounders[type];
  if (arity === 1)
    return (out, n, a) => {
      for (let i = 0; i < n; i++) out[i] = round(f(a[i]));
    };
  if (arity === 2)
    return (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = round(f(a[i], b[i]));
    };
  return (out, n, ...of) => {
    const operands = of.slice(0, arity);
    for (let i = 0; i < n; i++) out[i] = round(f(...operands.map((x) => x[i])));
  };
}

const loopOf = (kernel: Kernel, type: NumberType): Loop | undefined => OWN_LOOPS[type].get(kernel) ?? LOOPS.get(kernel);

/** The loop of a primitive or of a function that is called, on numbers of a type. */
export const loopFor = (f: Primitive | FormulaFunction, type: NumberType): Loop =>
  (f.is === "primitive" ? loopOf(f, type) : undefined) ?? calling(plainIn(f, type), f.arity, type);

/** A loop over what was computed before. */
interface Task {
  readonly loop: Loop;
  readonly of: readonly number[];
  /** The number of what it computes. */
  readonly to: number;
}

/** One loop for a sum or difference and a product that it is of. */
interface Fusion {
  readonly kernel: Fused;
  readonly of: readonly number[];
  /** The number of the product. */
  readonly product: number;
}

/** `products`: operands of those that are used once. */
function fusionOf(
  f: object,
  [a, b]: readonly number[],
  products: ReadonlyMap<number, readonly number[]>,
): Fusion | undefined {
  if (f !== ADD && f !== SUB) return undefined;
  const second = products.get(b);
  if (second !== undefined) {
    return { kernel: f === ADD ? "product + c" : "c - product", of: [...second, a], product: b };
  }
  const first = products.get(a);
  return first && { kernel: f === ADD ? "product + c" : "product - c", of: [...first, b], product: a };
}

function tasksOf({ inputs, numbers, steps, results }: Steps, type: NumberType): Task[] {
  const uses = new Map<number, number>();
  for (const at of [...steps.flatMap(({ of }) => of), ...results]) uses.set(at, (uses.get(at) ?? 0) + 1);
  const products = new Map<number, readonly number[]>();
  const tasks = new Map<number, Task>();
  let to = inputs + numbers.length;
  for (const { f, of } of steps) {
    const fusion = fusionOf(f, of, products);
    if (fusion !== undefined) tasks.delete(fusion.product);
    if (f === MUL && type !== "int32" && uses.get(to) === 1) products.set(to, of);
    const loop = (fusion && loopOf(fusion.kernel, type)) ?? loopFor(f, type);
    tasks.set(to, { loop, of: fusion?.of ?? of, to });
    to++;
  }
  return [...tasks.values()];
}

/** Formulas of inputs that are arrays. */
export interface BlockInterpreter {
  /** Computes n numbers of each output from n of each input. A truth is 0 or 1. An output may be one of the inputs. */
  run(outputs: readonly Numbers[], inputs: readonly Numbers[], n: number): void;
}

/**
 * Formulas as a function of arrays of numbers of a type, parts that they have in common computed once. `always`: functions of
 * float64 by their expansions too.
 */
export function blockInterpreter(formulas: readonly Formula[], type: NumberType, always: boolean): BlockInterpreter {
  const steps = stepsOf(formulas, type, always);
  const { inputs, numbers, results } = steps;
  const tasks = tasksOf(steps, type);
  const blocks: Block[] = Array.from({ length: inputs }, () => new Float64Array(BLOCK));
  for (const value of numbers) blocks.push(new Float64Array(BLOCK).fill(value));
  const first = blocks.length;
  const lastUse = new Map<number, number>();
  tasks.forEach(({ of }, k) => {
    for (const at of of) lastUse.set(at, k);
  });
  for (const at of results) lastUse.set(at, tasks.length);
  const free: Block[] = [];
  const runs = tasks.map(({ loop, of, to }, k) => {
    const operands = of.map((at) => blocks[at]);
    // A loop may write over an operand: it reads at a place before it writes there.
    for (const at of new Set(of)) if (at >= first && lastUse.get(at) === k) free.push(blocks[at]);
    const out = free.pop() ?? new Float64Array(BLOCK);
    blocks[to] = out;
    return { loop, out, operands };
  });
  const from = results.map((at) => blocks[at]);
  return {
    run(outputs, given, n) {
      for (let start = 0; start < n; start += BLOCK) {
        const count = Math.min(BLOCK, n - start);
        for (let k = 0; k < inputs; k++) blocks[k].set(given[k].subarray(start, start + count));
        for (const {
          loop,
          out,
          operands: [a, b, c, ...more],
        } of runs)
          loop(out, count, a, b, c, ...more);
        for (let k = 0; k < outputs.length; k++) outputs[k].set(from[k].subarray(0, count), start);
      }
    },
  };
}
