/**
 * a to the power b with the values of C's pow: pow(1, b) and pow(-1, ±Infinity) are 1.
 *
 * @internal
 */
export const power = (a: number, b: number): number => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b);

/**
 * The derivative of a^b, m times by a and n times by b.
 *
 * Method: m times by a it is `p(b) a^(b - m)` with `p(b) = b (b - 1) ... (b - m + 1)`; by b then follow, with
 * `l = log(a)`, the terms `choose(n, k) p^(k)(b) l^(n - k) a^(b - m)`.
 *
 * Special values: where a is 0 and b >= 0, a^b does not vary with b, and every derivative that b has a part in is 0; a
 * factor that is exactly 0 makes a product 0, so that at (0, 0) the derivative by a is 0 too.
 *
 * @internal
 */
export function powerBy(byBase: number, byExponent: number, a: number, b: number): number {
  if (a === 0 && b >= 0 && byExponent > 0) return 0;
  const factor = byExponent === 0 ? falling(b, byBase) : factorOf(byBase, byExponent, Math.log(a), b);
  return factor === 0 ? 0 : timesPower(factor, a, b - byBase);
}

/** b (b - 1) ... (b - m + 1). */
function falling(b: number, m: number): number {
  let product = 1;
  for (let i = 0; i < m; i++) product *= b - i;
  return product;
}

/** What stands before a^(b - m), from the Taylor coefficients of p at b: n! times that of p(b + h) exp(l h) at h^n. */
function factorOf(m: number, n: number, log: number, b: number): number {
  if (m === 0) return n === 1 ? log : log ** n;
  let p = [1];
  for (let i = 0; i < m; i++) {
    p = Array.from({ length: Math.min(p.length, n) + 1 }, (_, k) => (b - i) * (p[k] ?? 0) + (p[k - 1] ?? 0));
  }
  let sum = 0;
  let share = 1;
  for (let k = 0; k <= n && k < p.length; k++) {
    if (p[k] !== 0 && share !== 0) sum += share * p[k] * log ** (n - k);
    share *= n - k;
  }
  return sum;
}

/** factor a^b, also where the power alone leaves the range. */
function timesPower(factor: number, a: number, b: number): number {
  const whole = power(a, b);
  const size = Math.abs(whole);
  if (size > 1e-290 && size < Infinity) return factor * whole;
  if (a === 0 || !Number.isFinite(a) || !Number.isFinite(b)) return whole === 0 ? 0 : factor * whole;
  const half = Math.abs(a) ** (b / 2);
  return (whole < 0 ? -1 : 1) * (factor * half) * half;
}
