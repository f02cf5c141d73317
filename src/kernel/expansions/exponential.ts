import {
  add,
  applied,
  choose,
  div,
  equal,
  type Formula,
  type FormulaFunction,
  greatest,
  least,
  less,
  mul,
  sub,
} from "../formula";
import { ADD_EXPONENT, EXPONENT_OF, MANTISSA_OF, TO_LOW_BITS } from "../primitives";

/** A polynomial by Horner's rule: coefficients from the highest power on. */
export const polynomial = (x: Formula, [highest, ...rest]: readonly number[]): Formula =>
  rest.reduce<Formula>((y, c, k) => add(mul(k === 0 ? highest : y, x), c), x);

/** 2 ** n, where t is n + {@link TO_LOW_BITS}. */
export const powerOfTwo = (t: Formula): Formula => applied(ADD_EXPONENT, 1, t);

/** The logarithm of 2 in two parts; products of the first with exponents are exact. */
export const LN2_FLOAT = [0.693359375, -2.1219444e-4] as const;
export const LN2_DOUBLE = [6.9314718036912381649e-1, 1.90821492927058770002e-10] as const;

/**
 * (e^r - 1 - r) / r^2 for |r| <= log(2) / 2: the polynomial with the smallest error relative to e^r, 3.1e-9, by the exchange
 * method of Remez.
 */
const EXP_FLOAT = [
  0.001381456502713263, 0.008368744514882565, 0.04166838899254799, 0.1666652113199234, 0.4999999403953552,
];

/** P of c = r - r^2 P(r^2), where e^r = 1 + r + r c / (2 - c): e_exp.c of FreeBSD's msun. */
const EXP_DOUBLE = [
  4.13813679705723846039e-8, -1.6533902205465251539e-6, 6.61375632143793436117e-5, -2.77777777770155933842e-3,
  1.66666666666666019037e-1,
];

/** The c of e^r = 1 + 2 r / (2 - c). */
export function expRemainder(r: Formula): Formula {
  const z = mul(r, r);
  return sub(r, mul(z, polynomial(z, EXP_DOUBLE)));
}

/** The terms of a product that is NaN, infinite, subnormal or 0 where e^x is: the last factor alone leaves the normal range. */
interface Scaled {
  /** x between bounds beyond which e^x is 0 or infinite. */
  readonly x: Formula;
  /** The nearest integer to x / log(2). */
  readonly n: Formula;
  /** A power of 2. */
  readonly first: Formula;
  /** e^x is e^(x - n log(2)) times first times last. */
  readonly last: Formula;
}

function scaled(given: Formula, magic: number, lowest: number, highest: number, lift: number): Scaled {
  const negative = less(given, 0);
  const x = least(greatest(given, lowest), highest);
  const offset = choose(negative, magic + lift, magic - 1);
  const t = add(mul(x, Math.LOG2E), offset);
  // Where all is lost, a product with 0 is exact; to round to 0 takes many times as long.
  const smallest = choose(less(given, lowest), 0, 2 ** -lift);
  return { x, n: sub(t, offset), first: powerOfTwo(t), last: choose(negative, smallest, 2) };
}

/**
 * e^x: infinite and 0 at the ends, gradually less precise where it is subnormal. x is n log(2) + r; e^r is a polynomial in
 * float32 and the rational function of FreeBSD's msun in float64.
 */
export const EXP: FormulaFunction = {
  is: "function",
  name: "exp",
  arity: 1,
  plain: Math.exp,
  float32: {
    ulp: 1.1,
    formula: (given) => {
      const { x, n, first, last } = scaled(given, TO_LOW_BITS.float32, -104, 89, 25);
      const r = sub(sub(x, mul(n, LN2_FLOAT[0])), mul(n, LN2_FLOAT[1]));
      const tail = mul(mul(r, r), polynomial(r, EXP_FLOAT));
      return mul(mul(add(add(tail, r), 1), first), last);
    },
  },
  float64: {
    ulp: 1,
    formula: (given) => {
      const { x, n, first, last } = scaled(given, TO_LOW_BITS.float64, -746, 710, 54);
      const high = sub(x, mul(n, LN2_DOUBLE[0]));
      const low = mul(n, LN2_DOUBLE[1]);
      const r = sub(high, low);
      const c = expRemainder(r);
      const y = sub(1, sub(sub(low, div(mul(r, c), sub(2, c))), high));
      return mul(mul(y, first), last);
    },
  },
};

/** P of log(1 + f) = f - f^2 / 2 + f^3 P(f) between the roots of 1/2 and 2: logf.c of Cephes. */
const LOG_FLOAT = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
];
/** P of log(1 + f) = f - (h - s (h + z P(z))), where h = f^2 / 2, s = f / (2 + f), z = s^2: e_log.c of FreeBSD's msun. */
const LOG_DOUBLE = [
  1.479819860511658591e-1, 1.531383769920937332e-1, 1.818357216161805012e-1, 2.222219843214978396e-1,
  2.857142874366239149e-1, 3.999999999940941908e-1, 6.66666666666673513e-1,
];

/** The logarithm at the ends: -Infinity of 0, NaN of negative numbers, Infinity and NaN of themselves. */
const logEnds = (x: Formula, y: Formula): Formula =>
  choose(
    less(x, Number.POSITIVE_INFINITY),
    choose(less(0, x), y, choose(equal(x, 0), Number.NEGATIVE_INFINITY, Number.NaN)),
    x,
  );

/** x as (1 + f) 2^k, also where it is subnormal. */
function factored(x: Formula, smallest: number, lift: number): { readonly f: Formula; readonly k: Formula } {
  const tiny = less(x, smallest);
  const normal = choose(tiny, mul(x, 2 ** lift), x);
  return {
    f: sub(applied(MANTISSA_OF, normal), 1),
    k: sub(applied(EXPONENT_OF, normal), choose(tiny, lift, 0)),
  };
}

/** log(x): the logarithm of its mantissa, which is between the roots of 1/2 and 2, and its exponent times log(2). */
export const LOG: FormulaFunction = {
  is: "function",
  name: "log",
  arity: 1,
  plain: Math.log,
  float32: {
    ulp: 1,
    formula: (x) => {
      const { f, k } = factored(x, 2 ** -126, 24);
      const z = mul(f, f);
      const cubic = mul(mul(polynomial(f, LOG_FLOAT), f), z);
      const y = sub(add(cubic, mul(k, LN2_FLOAT[1])), mul(z, 0.5));
      return logEnds(x, add(add(f, y), mul(k, LN2_FLOAT[0])));
    },
  },
  float64: {
    ulp: 1,
    formula: (x) => {
      const { f, k } = factored(x, 2 ** -1022, 54);
      const s = div(f, add(f, 2));
      const z = mul(s, s);
      const half = mul(mul(f, 0.5), f);
      const rest = mul(s, add(half, mul(z, polynomial(z, LOG_DOUBLE))));
      const y = sub(add(rest, mul(k, LN2_DOUBLE[1])), half);
      return logEnds(x, add(add(y, f), mul(k, LN2_DOUBLE[0])));
    },
  },
};
