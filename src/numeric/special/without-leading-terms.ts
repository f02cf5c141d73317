/*
 * Functions without their first terms, which would cancel about 0.
 */

/**
 * log(1 + x) - x, for x > -1.
 *
 * Method: with r = x / (2 + x), log(1 + x) is 2 artanh(r), so that the difference is 2 (r^3/3 + r^5/5 + ...) - x r for
 * -0.6 < x < 1.6; the difference itself elsewhere. Error below 2 units of 2^-52, relative (measured on 10,000 points).
 * @internal
 */
export function log1pMinus(x: number): number {
  if (!(x > -0.6 && x < 1.6)) return Math.log1p(x) - x;
  const r = x / (2 + x);
  const s = r * r;
  let power = r * s;
  let sum = power / 3;
  for (let k = 5; ; k += 2) {
    power *= s;
    const next = sum + power / k;
    if (next === sum) return 2 * sum - x * r;
    sum = next;
  }
}

/**
 * exp(x) - 1 - x.
 *
 * Method: the series for |x| < 0.5, the difference elsewhere. Error below 4 units of 2^-52, relative (measured on
 * 10,000 points).
 * @internal
 */
export function expm1Minus(x: number): number {
  if (!(Math.abs(x) < 0.5)) return Math.expm1(x) - x;
  let term = (x * x) / 2;
  let sum = term;
  for (let k = 3; ; k++) {
    term *= x / k;
    const next = sum + term;
    if (next === sum) return sum;
    sum = next;
  }
}
