import type { FormulaFunction } from "./formula";
import { plainIn, rounders } from "./interpret";
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
 * Primitives in JavaScript, a block of numbers at a time: one loop for each, 1 to 3 ns for each number. The same bits as
 * `interpreter` gives.
 */

/** Numbers at a time: the blocks of some forty steps fit the first cache. */
export const BLOCK = 256;

export type Block = Float64Array<ArrayBuffer>;
/** What one step does for n numbers; the operands that it lacks are not looked at. */
export type Loop = (out: Block, n: number, a: Block, b: Block, c: Block, ...more: Block[]) => void;

/* Every loop is spelled out: one that calls a function it is given is ten times slower. They take as long for one operation
   as for two, or for one and its rounding. */

/** What does not depend on the type, but for rounding. */
const LOOPS: ReadonlyMap<Primitive, Loop> = /* @__PURE__ */ new Map<Primitive, Loop>([
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
const OWN_LOOPS: Readonly<Record<NumberType, ReadonlyMap<Primitive, Loop>>> = {
  float32: /* @__PURE__ */ new Map<Primitive, Loop>([
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
  float64: /* @__PURE__ */ new Map<Primitive, Loop>([
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
  int32: /* @__PURE__ */ new Map<Primitive, Loop>([
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

/** The loop of a primitive or of a function that is called, on numbers of a type. */
export const loopFor = (f: Primitive | FormulaFunction, type: NumberType): Loop =>
  (f.is === "primitive" ? (OWN_LOOPS[type].get(f) ?? LOOPS.get(f)) : undefined) ??
  calling(plainIn(f, type), f.arity, type);
