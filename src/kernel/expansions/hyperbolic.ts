import { abs, add, copySign, div, type Formula, type FormulaFunction, greatest, mul, sub } from "../formula";
import { TO_LOW_BITS } from "../primitives";
import { expRemainder, LN2_DOUBLE, LN2_FLOAT, polynomial, powerOfTwo } from "./exponential";

/** (e^r - 1 - r) / r^2 for |r| <= log(2) / 2, with the smallest error relative to e^r - 1, 1.3e-8. */
const EXPM1_FLOAT = [0.0013946492690593004, 0.008366608992218971, 0.04166628047823906, 0.1666654348373413, 0.5];

/** tanh(x) from m = e^(-2 |x|) - 1, with the sign of x. */
const fromExpm1 = (x: Formula, m: Formula): Formula => copySign(div(m, add(m, 2)), x);

/**
 * tanh(x), odd, with the sign of zero: m / (m + 2) for m = e^(-2 |x|) - 1, which is 2^n (e^r - 1) + (2^n - 1) for
 * -2 |x| = n log(2) + r: no digits cancel.
 */
export const TANH: FormulaFunction = {
  is: "function",
  name: "tanh",
  arity: 1,
  plain: Math.tanh,
  float32: {
    ulp: 2.8,
    formula: (x) => {
      const y = greatest(mul(abs(x), -2), -40);
      const t = add(mul(y, Math.LOG2E), TO_LOW_BITS.float32);
      const n = sub(t, TO_LOW_BITS.float32);
      const r = sub(sub(y, mul(n, LN2_FLOAT[0])), mul(n, LN2_FLOAT[1]));
      const q = add(mul(mul(r, r), polynomial(r, EXPM1_FLOAT)), r);
      const s = powerOfTwo(t);
      return fromExpm1(x, add(mul(s, q), sub(s, 1)));
    },
  },
  float64: {
    ulp: 3,
    formula: (x) => {
      const y = greatest(mul(abs(x), -2), -80);
      const t = add(mul(y, Math.LOG2E), TO_LOW_BITS.float64);
      const n = sub(t, TO_LOW_BITS.float64);
      const high = sub(y, mul(n, LN2_DOUBLE[0]));
      const low = mul(n, LN2_DOUBLE[1]);
      const r = sub(high, low);
      const c = expRemainder(r);
      const q = add(sub(div(mul(r, c), sub(2, c)), low), high);
      const s = powerOfTwo(t);
      return fromExpm1(x, add(mul(s, q), sub(s, 1)));
    },
  },
};
