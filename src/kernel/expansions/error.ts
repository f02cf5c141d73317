import { abs, add, choose, copySign, div, type Expansion, type Formula, least, less, mul, neg, sub } from "../formula";
import { TO_LOW_BITS } from "../primitives";
import { expOfRest, polynomial, reduced } from "./exponential";

/*
 * The error function, its complement and the normal distribution in float32; in float64 they are called.
 */

/** Numerator and denominator of e^(a^2) erfc(a) for 0 <= a <= 10.1: nearly the least error, 6e-9; no terms cancel. */
const SCALED_TAIL = [
  [0.03280048817396164, 0.22923724353313446, 0.7316421270370483, 1.23844575881958, 1],
  [0.058136653155088425, 0.4063388407230377, 1.3254395723342896, 2.4023094177246094, 2.366825580596924, 1],
] as const;

/** P of erf(a) = a + a P(a^2) for 0 <= a <= 0.75: the same, 1.4e-9. */
const CENTER = [
  -0.0006749510066583753, 0.005114344879984856, -0.026834623888134956, 0.11283376812934875, -0.3761261999607086,
  0.12837916612625122,
];

/** e^(a^2) erfc(a) where a is b / unit. */
function scaledTail(b: Formula, unit: number): Formula {
  const [numerator, denominator] = SCALED_TAIL.map((terms) =>
    polynomial(
      b,
      terms.map((c, k) => c / unit ** (terms.length - 1 - k)),
    ),
  );
  return div(numerator, denominator);
}

/** erf(x), odd, with the sign of zero: a polynomial about 0, and 1 - erfc(|x|). */
export const ERF_FLOAT: Expansion = {
  ulp: 2,
  formula: (x) => {
    const a = least(abs(x), 4);
    const z = mul(a, a);
    const { power, r } = reduced("float32", neg(z));
    const tail = mul(mul(expOfRest(r), power), scaledTail(a, 1));
    return copySign(choose(less(a, 0.75), add(a, mul(a, polynomial(z, CENTER))), sub(1, tail)), x);
  },
};

/**
 * share e^(-rate b^2) times `scaledTail` of b = |x|, down to the smallest number. b^2 is s^2 + (b - s) (b + s), where s is so
 * short that its square is exact: otherwise its rounding would be magnified.
 */
function tailOf(x: Formula, rate: number, share: number): Formula {
  const lift = 30;
  const unit = Math.sqrt(1 / rate);
  const size = abs(x);
  const largest = 10.1 * unit;
  const b = least(size, largest);
  const s = sub(add(b, 2 ** 15), 2 ** 15);
  const square = mul(mul(s, s), -rate);
  const { power, high, low } = reduced("float32", square, TO_LOW_BITS.float32 + lift, mul(mul(b, b), -rate));
  const r = sub(sub(high, mul(mul(sub(b, s), add(b, s)), rate)), low);
  const product = mul(mul(expOfRest(r), scaledTail(b, unit)), power);
  return mul(product, choose(less(largest, size), 0, share * 2 ** -lift));
}

/** erfc(x) = 1 - erf(x), with all digits where it is small. */
export const ERFC_FLOAT: Expansion = {
  ulp: 7,
  formula: (x) => {
    const tail = tailOf(x, 1, 1);
    return choose(less(x, 0), sub(2, tail), tail);
  },
};

/** The normal distribution function, erfc(-x / sqrt(2)) / 2, with all digits where it is small. */
export const NDTR_FLOAT: Expansion = {
  ulp: 7,
  formula: (x) => {
    const tail = tailOf(x, 0.5, 0.5);
    return choose(less(0, x), sub(1, tail), tail);
  },
};
