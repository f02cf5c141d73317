import {
  add,
  applied,
  choose,
  copySign,
  div,
  equal,
  type Formula,
  type FormulaFunction,
  less,
  mul,
  sub,
} from "../formula";
import { EXPONENT_OF, MANTISSA_OF } from "../primitives";
import { type Floats, LN2, polynomial, sumOf } from "./exponential";

/**
 * P of log(1 + f) = f - (h - s (h + z P(z))), where h = f^2 / 2, s = f / (2 + f), z = s^2, between the roots of 1/2 and 2:
 * e_logf.c and e_log.c of FreeBSD's msun.
 */
const SERIES = {
  float32: [0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693],
  float64: [
    1.479819860511658591e-1, 1.531383769920937332e-1, 1.818357216161805012e-1, 2.222219843214978396e-1,
    2.857142874366239149e-1, 3.999999999940941908e-1, 6.66666666666673513e-1,
  ],
} as const;

/** A number as (1 + f) 2^k. */
interface Factored {
  readonly f: Formula;
  readonly k: Formula;
}

const factored = (x: Formula): Factored => ({ f: sub(applied(MANTISSA_OF, x), 1), k: applied(EXPONENT_OF, x) });

/** The same where x may be subnormal: that is multiplied first. */
function factoredAll(type: Floats, x: Formula): Factored {
  const [smallest, lift] = type === "float32" ? [2 ** -126, 24] : [2 ** -1022, 54];
  const tiny = less(x, smallest);
  const { f, k } = factored(choose(tiny, mul(x, 2 ** lift), x));
  return { f, k: sub(k, choose(tiny, lift, 0)) };
}

/** log(1 + f) as f - half + rest. */
function termsOf(type: Floats, f: Formula): { readonly half: Formula; readonly rest: Formula } {
  const s = div(f, add(f, 2));
  const z = mul(s, s);
  const half = mul(mul(f, 0.5), f);
  return { half, rest: mul(s, add(half, mul(z, polynomial(z, SERIES[type])))) };
}

/** The logarithm at the ends: -Infinity of 0, NaN of negative numbers, Infinity and NaN of themselves. */
const ends = (x: Formula, y: Formula): Formula =>
  choose(less(x, Infinity), choose(less(0, x), y, choose(equal(x, 0), -Infinity, NaN)), x);

/** The natural logarithm of (1 + f) 2^k and `more`, which is small. */
function natural(type: Floats, { f, k }: Factored, more?: Formula): Formula {
  const { half, rest } = termsOf(type, f);
  const small = sub(add(rest, mul(k, LN2[type][1])), half);
  return add(add(more === undefined ? small : add(small, more), f), mul(k, LN2[type][0]));
}

const logIn = (type: Floats, x: Formula): Formula => ends(x, natural(type, factoredAll(type, x)));

/** log(x): the logarithm of its mantissa, which is between the roots of 1/2 and 2, and its exponent times log(2). */
export const LOG: FormulaFunction = {
  is: "function",
  name: "log",
  arity: 1,
  plain: Math.log,
  float32: { ulp: 1, formula: (x) => logIn("float32", x) },
  float64: { ulp: 1, formula: (x) => logIn("float64", x) },
};

/** log(1 + x): of the rounded sum, and what rounding lost divided by it. */
function log1pIn(type: Floats, x: Formula): Formula {
  const u = add(x, 1);
  const lost = div(sub(x, sub(u, 1)), u);
  return copySign(ends(u, natural(type, factored(u), lost)), x);
}

/** log(1 + x), with all digits near 0. */
export const LOG1P: FormulaFunction = {
  is: "function",
  name: "log1p",
  arity: 1,
  plain: Math.log1p,
  float32: { ulp: 1, formula: (x) => log1pIn("float32", x) },
  float64: { ulp: 1, formula: (x) => log1pIn("float64", x) },
};

/** 1 / log(2) in two parts: products of the first with numbers of 21 bits are exact in float64. */
const PER_LN2 = [1.44269504072144627571, 1.67517131648865118353e-10] as const;

/** The logarithm to base 2, exact at powers of 2: e_log2.c of FreeBSD's msun. */
export const LOG2: FormulaFunction = {
  is: "function",
  name: "log2",
  arity: 1,
  plain: Math.log2,
  float32: {
    ulp: 2,
    formula: (x) => {
      const { f, k } = factoredAll("float32", x);
      const { half, rest } = termsOf("float32", f);
      return ends(x, add(mul(sub(f, sub(half, rest)), Math.LOG2E), k));
    },
  },
  float64: {
    ulp: 1,
    formula: (x) => {
      const { f, k } = factoredAll("float64", x);
      const { half, rest } = termsOf("float64", f);
      const difference = sub(f, half);
      const shifted = mul(difference, 2 ** 32 + 1);
      const high = sub(shifted, sub(shifted, difference));
      const low = add(sub(sub(f, high), half), rest);
      const [sum, lost] = sumOf(k, mul(high, PER_LN2[0]));
      return ends(x, add(add(add(mul(add(low, high), PER_LN2[1]), mul(low, PER_LN2[0])), lost), sum));
    },
  },
};
