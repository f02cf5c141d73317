import {
  abs,
  add,
  applied,
  choose,
  div,
  type Formula,
  type FormulaFunction,
  greatest,
  least,
  less,
  mul,
  sub,
  type Term,
} from "../formula";
import { ADD_EXPONENT, TO_LOW_BITS } from "../primitives";

/** The types that have expansions. */
export type Floats = "float32" | "float64";

/** A polynomial by Horner's rule: coefficients from the highest power on. */
export const polynomial = (x: Formula, [highest, ...rest]: readonly number[]): Formula =>
  rest.reduce<Formula>((y, c, k) => add(mul(k === 0 ? highest : y, x), c), x);

/** a + b where |a| >= |b|, or where the sum is exact: the sum, and what rounding it lost. */
export function sumOf(a: Term, b: Term): readonly [sum: Formula, lost: Formula] {
  const sum = add(a, b);
  return [sum, sub(b, sub(sum, a))];
}

/** The logarithm of 2 in two parts; products of the first with exponents are exact. */
export const LN2 = {
  float32: [0.693359375, -2.1219444e-4],
  float64: [6.9314718036912381649e-1, 1.90821492927058770002e-10],
} as const;

/** e^x as 2^n e^(high - low), where r = high - low is between -log(2) / 2 and log(2) / 2. */
interface Parts {
  /** 2^n, or what `offset` makes of it. */
  readonly power: Formula;
  readonly high: Formula;
  readonly low: Formula;
  readonly r: Formula;
}

/**
 * @param offset - the constant that rounds, plus what is added to n in `power`
 * @param near - what n is found by, if it is not x itself
 */
export function reduced(type: Floats, x: Formula, offset: Term = TO_LOW_BITS[type], near = x): Parts {
  const t = add(mul(near, Math.LOG2E), offset);
  const n = sub(t, offset);
  const high = sub(x, mul(n, LN2[type][0]));
  const low = mul(n, LN2[type][1]);
  return { power: applied(ADD_EXPONENT, 1, t), high, low, r: sub(high, low) };
}

/**
 * e^x of which the last factor alone leaves the normal numbers: NaN, infinite, subnormal and 0 as a product.
 * @param lift - what keeps the smallest powers normal
 * @param ofRest - e^r
 */
function scaled(
  type: Floats,
  given: Formula,
  [lowest, highest, lift]: readonly [number, number, number],
  ofRest: (by: Parts) => Formula,
): Formula {
  const inner = reduced(type, given);
  const negative = less(given, 0);
  const x = least(greatest(given, lowest), highest);
  const by = reduced(type, x, choose(negative, TO_LOW_BITS[type] + lift, TO_LOW_BITS[type] - 1));
  // Where all is lost, a product with 0 is exact; to round to 0 takes many times as long.
  const smallest = choose(less(given, lowest), 0, 2 ** -lift);
  const atTheEnds = mul(mul(ofRest(by), by.power), choose(negative, smallest, 2));
  // Mostly no lane is at the ends, and what is for them is not computed.
  return choose(less(abs(given), NORMAL[type]), mul(ofRest(inner), inner.power), atTheEnds);
}

/** e^x and its power of 2 are normal numbers for all |x| below this. */
const NORMAL = { float32: 87, float64: 708 } as const;

/**
 * (e^r - 1 - r) / r^2 for |r| <= log(2) / 2, by the exchange method of Remez: with the smallest error relative to e^r,
 * 3.1e-9, and to e^r - 1, 1.3e-8.
 */
const EXP_FLOAT = [
  0.001381456502713263, 0.008368744514882565, 0.04166838899254799, 0.1666652113199234, 0.4999999403953552,
];
const EXPM1_FLOAT = [0.0013946492690593004, 0.008366608992218971, 0.04166628047823906, 0.1666654348373413, 0.5];

/** e^r in float32 for |r| <= log(2) / 2. */
export const expOfRest = (r: Formula): Formula => add(add(mul(mul(r, r), polynomial(r, EXP_FLOAT)), r), 1);

/** P of c = r - r^2 P(r^2), where e^r = 1 + r + r c / (2 - c): e_exp.c of FreeBSD's msun. */
const EXP_DOUBLE = [
  4.13813679705723846039e-8, -1.6533902205465251539e-6, 6.61375632143793436117e-5, -2.77777777770155933842e-3,
  1.66666666666666019037e-1,
];

/** e^r - 1 - high in float64, which is about r^2 / 2. */
function restInDouble({ r, low }: Parts): Formula {
  const z = mul(r, r);
  const c = sub(r, mul(z, polynomial(z, EXP_DOUBLE)));
  return sub(div(mul(r, c), sub(2, c)), low);
}

/**
 * e^x: infinite and 0 at the ends, gradually less precise where it is subnormal. e^r is a polynomial in float32 and the
 * rational function of FreeBSD's msun in float64.
 */
export const EXP: FormulaFunction = {
  is: "function",
  name: "exp",
  arity: 1,
  plain: Math.exp,
  float32: {
    ulp: 1.1,
    formula: (x) => scaled("float32", x, [-104, 89, 25], ({ r }) => expOfRest(r)),
  },
  float64: {
    ulp: 1,
    formula: (x) => scaled("float64", x, [-746, 710, 54], (by) => add(1, add(by.high, restInDouble(by)))),
  },
};

/** e^x - 1 in float32 where 2^n is normal, as 2^n (e^r - 1) + (2^n - 1). `half`: half of it, by half the power. */
export function expm1Float({ r, power }: Parts, one = 1): Formula {
  const rest = add(mul(mul(r, r), polynomial(r, EXPM1_FLOAT)), r);
  return add(mul(power, rest), sub(power, one));
}

/** e^x - 1 in float64 likewise, as a sum of two numbers the second of which is smaller. `first`: power - 1. */
export function expm1Double(by: Parts, [first, lostFirst]: ReturnType<typeof sumOf>): readonly [Formula, Formula] {
  const [sum, lost] = sumOf(first, mul(by.power, by.high));
  return [sum, add(mul(by.power, restInDouble(by)), add(lost, lostFirst))];
}

/** e^x - 1 by half of it, which does not overflow before it does; x itself where that is the nearest number. */
const expm1By = (
  type: Floats,
  x: Formula,
  [lowest, highest, tiny]: readonly [number, number, number],
  half: (by: Parts) => Formula,
) =>
  choose(
    less(abs(x), tiny),
    x,
    mul(half(reduced(type, least(greatest(x, lowest), highest), TO_LOW_BITS[type] - 1)), 2),
  );

/** e^x - 1, with all digits near 0. */
export const EXPM1: FormulaFunction = {
  is: "function",
  name: "expm1",
  arity: 1,
  plain: Math.expm1,
  float32: { ulp: 2, formula: (x) => expm1By("float32", x, [-40, 89, 2 ** -25], (by) => expm1Float(by, 0.5)) },
  float64: {
    ulp: 1,
    formula: (x) => expm1By("float64", x, [-80, 710, 2 ** -54], (by) => add(...expm1Double(by, sumOf(by.power, -0.5)))),
  },
};
