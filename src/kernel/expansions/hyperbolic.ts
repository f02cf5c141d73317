import {
  abs,
  add,
  choose,
  copySign,
  div,
  type Formula,
  type FormulaFunction,
  greatest,
  least,
  less,
  mul,
  sub,
} from "../formula";
import { expm1Double, polynomial, reduced, sumOf } from "./exponential";

/**
 * m / (m + 2) in float64 for -1 <= m <= 0, where m is the sum of a number and a small one: of the quotient of rounded numbers
 * the first 26 bits are kept, whose product with as many bits of m + 2 is exact, and the rest is made up for.
 */
function overTwoMore(m: Formula, small: Formula): Formula {
  const d = add(m, 2);
  const quotient = div(m, d);
  const shifted = mul(quotient, 2 ** 27 + 1);
  const first = sub(shifted, sub(shifted, quotient));
  const short = sub(add(d, 2 ** 27), 2 ** 27);
  const restOfD = add(add(sub(2, short), m), small);
  const left = add(sub(sub(m, mul(first, short)), mul(first, restOfD)), small);
  // 1 / (m + 2) is (1 - quotient) / 2.
  return add(first, mul(left, mul(sub(1, quotient), 0.5)));
}

/** From here on tanh is 1 in float32, and up to here x. */
const SATURATED = 7.90531110763549805;
const LINEAR = 0.0004;
/** tanh(x) as x P(x^2) / Q(x^2) between those, in float32: the rational function of Eigen's MathFunctionsImpl.h. */
const NUMERATOR = [
  -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-8, 1.48572235717979e-5,
  6.37261928875436e-4, 4.89352455891786e-3,
];
const DENOMINATOR = [1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3];

/**
 * tanh(x), odd, with the sign of zero. In float32 a rational function; in float64 m / (m + 2) for m = e^(-2 |x|) - 1, where no digits cancel.
 */
export const TANH: FormulaFunction = {
  is: "function",
  name: "tanh",
  arity: 1,
  plain: Math.tanh,
  float32: {
    ulp: 6,
    formula: (x) => {
      const c = least(greatest(x, -SATURATED), SATURATED);
      const z = mul(c, c);
      const y = div(mul(c, polynomial(z, NUMERATOR)), polynomial(z, DENOMINATOR));
      return choose(less(abs(x), LINEAR), x, y);
    },
  },
  float64: {
    ulp: 1,
    formula: (x) => {
      const by = reduced("float64", greatest(mul(abs(x), -2), -80));
      const m = expm1Double(by, sumOf(-1, by.power));
      return copySign(overTwoMore(...sumOf(...m)), x);
    },
  },
};
