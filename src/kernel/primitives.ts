/*
 * The only things that an emitter knows: some thirty functions of numbers and truths at one place, each with the instructions
 * of WebAssembly that compute it and its twin in JavaScript. All other functions are formulas of these (./expansions), or are
 * called. See https://webassembly.github.io/spec/core/binary/instructions.html for the numbers of instructions.
 */

/** What numbers are computed in. Elements of dtype bool count as int32, 0 or 1. */
export type NumberType = "float32" | "float64" | "int32";

/** Bytes of instructions that replace the operands on the stack by the result. */
type Code = readonly number[];

/** A function of numbers at one place that every target has. */
export interface Primitive {
  /** What it is beside a function. */
  readonly is: "primitive";
  /** For printing only. */
  readonly name: string;
  /** How many operands it has. */
  readonly arity: number;
  /** Whether it gives a truth: a mask of bits in vectors, 0 or 1 elsewhere. */
  readonly truth: boolean;
  /** Which operands are truths. */
  readonly takes: readonly ("number" | "truth")[];
  /** Whether the order of its two operands does not matter. */
  readonly commutes: boolean;
  /** About how many instructions of a processor it is. */
  readonly cost: number;
  /** The order in which its operands are pushed; as they come if omitted. @internal */
  readonly order?: readonly number[];
  /** Four floats, two doubles, four integers at once. @internal */
  readonly vector: Readonly<Partial<Record<NumberType, Code>>>;
  /** One at a time. @internal */
  readonly scalar: Readonly<Partial<Record<NumberType, Code>>>;
  /** The twin in JavaScript, for operands of the type; the interpreter rounds what it gives to the type. */
  readonly plain: (...x: number[]) => number;
  /** Where the twin differs from `plain`. */
  readonly twins?: Readonly<Partial<Record<NumberType, (...x: number[]) => number>>>;
}

const unsigned = (x: number): number[] => (x < 128 ? [x] : [(x & 127) | 128, x >> 7]);
const simd = (...instructions: number[]): Code => instructions.flatMap((code) => [0xfd, ...unsigned(code)]);

/** One instruction or several, of float32, float64, int32. */
type Codes = readonly [float32: number | Code | null, float64: number | Code | null, int32?: number | Code | null];

interface Fields extends Partial<Omit<Primitive, "is" | "name" | "plain" | "arity" | "vector" | "scalar">> {
  /** Instructions of vectors. */
  readonly v?: Codes | (() => Codes);
  /** Instructions of numbers alone. */
  readonly s?: Codes;
}

const asCode = (wrap: (code: number) => Code, codes: Codes | undefined): Primitive["vector"] => {
  const [float32, float64, int32] = (codes ?? []).map((code) => (typeof code === "number" ? wrap(code) : code));
  return {
    ...(float32 ? { float32 } : null),
    ...(float64 ? { float64 } : null),
    ...(int32 ? { int32 } : null),
  };
};

function primitive(name: string, plain: Primitive["plain"], { v, s, ...fields }: Fields): Primitive {
  return {
    is: "primitive",
    name,
    plain,
    arity: plain.length,
    truth: false,
    takes: new Array<"number">(plain.length).fill("number"),
    commutes: false,
    cost: 1,
    vector: asCode(simd, typeof v === "function" ? v() : v),
    scalar: asCode((code) => [code], s),
    ...fields,
  };
}

export const ADD = /* @__PURE__ */ primitive("add", (a, b) => a + b, {
  v: [0xe4, 0xf0, 0xae],
  s: [0x92, 0xa0, 0x6a],
  commutes: true,
});
export const SUB = /* @__PURE__ */ primitive("sub", (a, b) => a - b, {
  v: [0xe5, 0xf1, 0xb1],
  s: [0x93, 0xa1, 0x6b],
});
export const MUL = /* @__PURE__ */ primitive("mul", (a, b) => a * b, {
  v: [0xe6, 0xf2, 0xb5],
  s: [0x94, 0xa2, 0x6c],
  twins: { int32: Math.imul },
  commutes: true,
});
export const DIV = /* @__PURE__ */ primitive("div", (a, b) => a / b, { v: [0xe7, 0xf3], s: [0x95, 0xa3], cost: 4 });
export const NEG = /* @__PURE__ */ primitive("neg", (a) => -a, { v: [0xe1, 0xed, 0xa1], s: [0x8c, 0x9a] });
export const ABS = /* @__PURE__ */ primitive("abs", (a) => Math.abs(a), { v: [0xe0, 0xec, 0xa0], s: [0x8b, 0x99] });
export const SQRT = /* @__PURE__ */ primitive("sqrt", (a) => Math.sqrt(a), {
  v: [0xe3, 0xef],
  s: [0x91, 0x9f],
  cost: 4,
});
// Integers are what these give already: no instruction.
export const FLOOR = /* @__PURE__ */ primitive("floor", (a) => Math.floor(a), {
  v: [0x68, 0x75, []],
  s: [0x8e, 0x9c, []],
});
export const CEIL = /* @__PURE__ */ primitive("ceil", (a) => Math.ceil(a), {
  v: [0x67, 0x74, []],
  s: [0x8d, 0x9b, []],
});
export const TRUNC = /* @__PURE__ */ primitive("trunc", (a) => Math.trunc(a), {
  v: [0x69, 0x7a, []],
  s: [0x8f, 0x9d, []],
});

/** The nearest integer, of two the even one. */
export function nearestEven(x: number): number {
  if (!(Math.abs(x) < 2 ** 52)) return x;
  const low = Math.floor(x);
  const above = x - low;
  const y = above < 0.5 || (above === 0.5 && low % 2 === 0) ? low : low + 1;
  return y === 0 && (x < 0 || Object.is(x, -0)) ? -0 : y;
}
/** The nearest integer, of two the even one. */
export const NEAREST = /* @__PURE__ */ primitive("nearest", nearestEven, {
  v: [0x6a, 0x94, []],
  s: [0x90, 0x9e, []],
});

/** The smaller one; NaN if one is, and -0 is smaller than 0: Math.min. */
export const MIN = /* @__PURE__ */ primitive("min", (a, b) => Math.min(a, b), {
  v: [0xe8, 0xf4, 0xb6],
  s: [0x96, 0xa4],
  cost: 4,
});
/** The larger one; NaN if one is, and 0 is larger than -0: Math.max. */
export const MAX = /* @__PURE__ */ primitive("max", (a, b) => Math.max(a, b), {
  v: [0xe9, 0xf5, 0xb8],
  s: [0x97, 0xa5],
  cost: 4,
});
/** `b < a ? b : a`: a where one is NaN. */
export const LEAST = /* @__PURE__ */ primitive("least", (a, b) => (b < a ? b : a), { v: [0xea, 0xf6, 0xb6] });
/** `a < b ? b : a`: a where one is NaN. */
export const GREATEST = /* @__PURE__ */ primitive("greatest", (a, b) => (a < b ? b : a), { v: [0xeb, 0xf7, 0xb8] });

const TEST = { truth: true } as const;
export const EQUAL = /* @__PURE__ */ primitive("equal", (a, b) => Number(a === b), {
  ...TEST,
  commutes: true,
  v: [0x41, 0x47, 0x37],
  s: [0x5b, 0x61, 0x46],
});
export const NOT_EQUAL = /* @__PURE__ */ primitive("notEqual", (a, b) => Number(a !== b), {
  ...TEST,
  commutes: true,
  v: [0x42, 0x48, 0x38],
  s: [0x5c, 0x62, 0x47],
});
export const LESS = /* @__PURE__ */ primitive("less", (a, b) => Number(a < b), {
  ...TEST,
  v: [0x43, 0x49, 0x39],
  s: [0x5d, 0x63, 0x48],
});
export const LESS_EQUAL = /* @__PURE__ */ primitive("lessEqual", (a, b) => Number(a <= b), {
  ...TEST,
  v: [0x45, 0x4b, 0x3d],
  s: [0x5f, 0x65, 0x4c],
});

const TRUTHS = { truth: true, takes: ["truth", "truth"], commutes: true } as const;
const AND_CODE = 0x4e;
const OR_CODE = 0x50;
export const AND = /* @__PURE__ */ primitive("and", (a, b) => a & b, {
  ...TRUTHS,
  v: [AND_CODE, AND_CODE, AND_CODE],
  s: [0x71, 0x71, 0x71],
});
export const OR = /* @__PURE__ */ primitive("or", (a, b) => a | b, {
  ...TRUTHS,
  v: [OR_CODE, OR_CODE, OR_CODE],
  s: [0x72, 0x72, 0x72],
});
export const NOT = /* @__PURE__ */ primitive("not", (a) => 1 - a, {
  truth: true,
  takes: ["truth"],
  v: [0x4d, 0x4d, 0x4d],
  s: [0x45, 0x45, 0x45],
});

/** The second operand where the first, a truth, holds, else the third: numbers, both of which are computed. */
export const CHOOSE = /* @__PURE__ */ primitive("choose", (c, a, b) => (c ? a : b), {
  takes: ["truth", "number", "number"],
  order: [1, 2, 0],
  v: [0x52, 0x52, 0x52],
  s: [0x1b, 0x1b, 0x1b],
});

const bits = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));
const bitsOfFloat = (x: number): number => {
  bits.setFloat32(0, x);
  return bits.getInt32(0);
};
const floatOfBits = (x: number): number => {
  bits.setInt32(0, x);
  return bits.getFloat32(0);
};
const highOfDouble = (x: number): number => {
  bits.setFloat64(0, x);
  return bits.getInt32(0);
};
const lowOfDouble = (x: number): number => {
  bits.setFloat64(0, x);
  return bits.getInt32(4);
};
/** A double with other high bits. */
const withHigh = (x: number, high: number): number => {
  bits.setFloat64(0, x);
  bits.setInt32(0, high);
  return bits.getFloat64(0);
};

/** What is added to an integer so that the low bits of the sum are that integer: float32, float64. */
export const TO_LOW_BITS = { float32: 12582912, float64: 6755399441055744 } as const;

export const addExponentFloat = (x: number, t: number): number => floatOfBits(bitsOfFloat(x) + (bitsOfFloat(t) << 23));
export const addExponentDouble = (x: number, t: number): number =>
  withHigh(x, highOfDouble(x) + (lowOfDouble(t) << 20));
/**
 * x times 2 ** n, where t is n + {@link TO_LOW_BITS}: the low bits of t are added to the exponent of x. Only where x and the
 * result are normal.
 */
export const ADD_EXPONENT = /* @__PURE__ */ primitive("addExponent", (x, t) => x * 2 ** t, {
  cost: 2,
  v: () => [
    [0x41, 23, ...simd(0xab), ...simd(0xae)],
    [0x41, 52, ...simd(0xcb), ...simd(0xce)],
  ],
  twins: { float32: addExponentFloat, float64: addExponentDouble },
});

const constantOf = (low: number, high: number): Code => [
  ...simd(0x0c),
  ...new Uint8Array(Int32Array.of(low, high, low, high).buffer),
];

/** The bits of the square root of 1/2: as a float; the high ones as a double, whose low ones are left out. */
const ROOT = 0x3f3504f3;
const HIGH_ROOT = 0x3fe6a09e;
/** The bits of 1, the high ones as a double, from those of the root. */
const TO_ONE = 0x3ff00000 - HIGH_ROOT;

export const exponentOfFloat = (x: number): number => (bitsOfFloat(x) - ROOT) >> 23;
export const exponentOfDouble = (x: number): number => ((highOfDouble(x) + TO_ONE) >>> 20) - 1023;
/** The exponent of a positive normal number whose mantissa is {@link MANTISSA_OF}, as a number. Finite for all bits. */
export const EXPONENT_OF = /* @__PURE__ */ primitive("exponentOf", (x) => Math.floor(Math.log2(x) + 0.5), {
  cost: 3,
  v: () => [
    [...constantOf(ROOT, ROOT), ...simd(0xb1), 0x41, 23, ...simd(0xac, 0xfa)],
    // The exponent as the low bits of 2 ** 52 + 1023 + exponent.
    [
      ...constantOf(0, TO_ONE),
      ...simd(0xce),
      0x41,
      52,
      ...simd(0xcd),
      ...constantOf(0, 0x43300000),
      ...simd(0x50),
      ...constantOf(1023, 0x43300000),
      ...simd(0xf1),
    ],
  ],
  twins: { float32: exponentOfFloat, float64: exponentOfDouble },
});

export const mantissaOfFloat = (x: number): number => floatOfBits(((bitsOfFloat(x) - ROOT) & 0x007fffff) + ROOT);
export const mantissaOfDouble = (x: number): number =>
  withHigh(x, ((highOfDouble(x) - HIGH_ROOT) & 0x000fffff) + HIGH_ROOT);
/** The mantissa of a positive normal number, between the roots of 1/2 and of 2. It is so for all bits. */
export const MANTISSA_OF = /* @__PURE__ */ primitive("mantissaOf", (x) => x / 2 ** Math.floor(Math.log2(x) + 0.5), {
  cost: 3,
  v: () => [
    [
      ...constantOf(ROOT, ROOT),
      ...simd(0xb1),
      ...constantOf(0x007fffff, 0x007fffff),
      ...simd(0x4e),
      ...constantOf(ROOT, ROOT),
      ...simd(0xae),
    ],
    [
      ...constantOf(0, HIGH_ROOT),
      ...simd(0xd1),
      ...constantOf(-1, 0x000fffff),
      ...simd(0x4e),
      ...constantOf(0, HIGH_ROOT),
      ...simd(0xce),
    ],
  ],
  twins: { float32: mantissaOfFloat, float64: mantissaOfDouble },
});

/** The absolute value of x with the sign of y. */
export const copySign = (x: number, y: number): number => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x));
/** The absolute value of the first operand with the sign of the second, which is not NaN unless the first is. */
export const COPY_SIGN = /* @__PURE__ */ primitive("copySign", copySign, {
  v: () => [
    [...constantOf(0x7fffffff, 0x7fffffff), ...simd(0x52)],
    [...constantOf(-1, 0x7fffffff), ...simd(0x52)],
  ],
  s: [0x98, 0xa6],
});
