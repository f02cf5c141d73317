import { abs, add, copySign, div, type Formula, type FormulaFunction, greatest, mul, sub } from "../formula";
import { expm1Double, expm1Float, reduced, sumOf } from "./exponential";

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

/**
 * tanh(x), odd, with the sign of zero: m / (m + 2) for m = e^(-2 |x|) - 1, where no digits cancel.
 */
export const TANH: FormulaFunction = {
  is: "function",
  name: "tanh",
  arity: 1,
  plain: Math.tanh,
  float32: {
    ulp: 2.8,
    formula: (x) => {
      const m = expm1Float(reduced("float32", greatest(mul(abs(x), -2), -40)));
      return copySign(div(m, add(m, 2)), x);
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
