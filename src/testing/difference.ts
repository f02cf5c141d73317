import { joined, type Subject, valuesAt } from "./subject";

/** A derivative along a direction, without rules: its value and how far off it may be, per number of the result. */
export interface Difference {
  readonly value: Float64Array;
  readonly error: Float64Array;
}

/** Halvings of the step, at most and at least, and how often the leading error terms are cancelled. */
const MOST = 22;
const LEAST = 3;
const COLUMNS = 6;

/** Relative error after which smaller steps are not worth while. */
const GOOD = 1e-10;

const ROUNDING = 2 ** -52;

/** Points on a line whose differences show the noise of a function, and how far apart they are in parts of the step. */
const POINTS = 7;
const APART = 2 ** -26;
const APART_SINGLE = 2 ** -8;

/**
 * The central difference (f(x + hu) - f(x - hu)) / 2h for h = step, step / 2, step / 4, …, extrapolated to h = 0. Of all
 * extrapolations the one that agrees best with its neighbours is taken, so a kink or the edge of the domain within the
 * first steps does no harm: as long as there are steps that stay clear of it. Small steps drown in the rounding errors of
 * f, which are measured.
 *
 * @param single - whether f computes in float32
 * @see C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4 (1982).
 */
export function differenceAlong(
  subject: Subject,
  direction: readonly Float64Array[],
  step: number,
  single: boolean,
): Difference {
  const at = (h: number) => {
    const moved = subject.point.map((x, k) => x.map((xi, i) => xi + h * direction[k][i]));
    return joined(subject.call(valuesAt(subject, moved)));
  };
  const noise = noiseOf(at, step * (single ? APART_SINGLE : APART));
  let previous: Float64Array[] = [];
  let value = new Float64Array(0);
  let error = value;
  for (let level = 0; level <= MOST; level++) {
    const h = step / 2 ** level;
    const [plus, minus] = [at(h), at(-h)];
    const row = [plus.map((p, j) => (p === minus[j] ? 0 : (p - minus[j]) / (2 * h)))];
    if (level === 0) {
      value = row[0];
      error = row[0].map(() => Infinity);
    }
    for (let k = 1; k <= Math.min(level, COLUMNS); k++) {
      const weight = 4 ** k;
      const [last, older] = [row[k - 1], previous[k - 1]];
      const next = last.map((d, j) => d + (d - older[j]) / (weight - 1));
      row.push(next);
      for (let j = 0; j < next.length; j++) {
        const off = Math.max(Math.abs(next[j] - last[j]), Math.abs(next[j] - older[j])) + noise[j] / h;
        if (off < error[j]) [value[j], error[j]] = [next[j], off];
      }
    }
    previous = row;
    const scale = value.reduce((most, d) => Math.max(most, Math.abs(d)), 0);
    if (level >= LEAST && error.every((e) => e <= GOOD * scale)) break;
  }
  return { value, error };
}

/**
 * The rounding errors in each number of f: what is left of its differences of high order at points so near to each other
 * that f itself leaves nothing.
 *
 * @see J. J. Moré, S. M. Wild, "Estimating computational noise", SIAM J. Sci. Comput. 33 (2011).
 */
function noiseOf(at: (h: number) => Float64Array, apart: number): Float64Array {
  const samples = Array.from({ length: POINTS }, (_, i) => at((i - (POINTS - 1) / 2) * apart));
  return samples[0].map((_, j) => {
    let differences = samples.map((y) => y[j]);
    const size = Math.abs(differences[0]);
    let noise = Number.isFinite(size) ? ROUNDING * size : 0;
    let factor = 1;
    for (let k = 1; k < POINTS - 1; k++) {
      differences = differences.slice(1).map((d, i) => d - differences[i]);
      factor *= k / (2 * (2 * k - 1));
      if (k < 3) continue;
      const mean = differences.reduce((total, d) => total + d * d, 0) / differences.length;
      if (mean < Infinity) noise = Math.max(noise, Math.sqrt(factor * mean));
    }
    return noise;
  });
}
