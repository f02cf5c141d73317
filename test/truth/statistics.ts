// Plain arrays and loops, on purpose: the truth is not to be computed with what it is to test.

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Population covariances: of the columns of x with each other, and with y. */
export function covariance(x: readonly (readonly number[])[], y: readonly number[]): { xx: number[][]; xy: number[] } {
  const columns = (x[0] ?? []).map((_, j) => x.map((row) => row[j]));
  const between = (a: readonly number[], b: readonly number[]) => {
    const [meanA, meanB] = [average(a), average(b)];
    return average(a.map((value, i) => (value - meanA) * (b[i] - meanB)));
  };
  return { xx: columns.map((a) => columns.map((b) => between(a, b))), xy: columns.map((a) => between(a, y)) };
}

/** Solves a x = b for a positive definite matrix, by elimination (which needs no pivoting there). */
export function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]]);
  const n = rows.length;
  const at = (i: number, j: number) => rows[i]?.[j];
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = at(i, k) / at(k, k);
      rows[i] = rows[i].map((entry, j) => entry - factor * at(k, j));
    }
  }
  return rows.map((_, i) => at(i, n) / at(i, i));
}
