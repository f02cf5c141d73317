import { joined, type Subject, valuesAt } from "./subject";

/** A derivative along a direction, without rules: its value and how far off it may be, per element of the result. */
export interface Difference {
  readonly value: Float64Array;
  readonly error: Float64Array;
}

/** Halvings of the step, at least and at most, and how many error terms are cancelled. */
const LEAST = 4;
const MOST = 44;
const COLUMNS = 6;

/** Error, relative to the largest element, after which smaller steps are not worth while. */
const GOOD = 1e-10;
/** Error after which an element is lost in noise when this many levels in a row make it this much worse. */
const FAIR = 1e-6;
const WORSE = 10;
const IN_A_ROW = 3;
/** Halvings after which an element that has not changed at all is taken as constant. */
const STILL = 12;

const ROUNDING = 2 ** -52;

/** Points on a line whose differences show the noise of a function, and how far apart they are in parts of the step. */
const POINTS = 7;
/** Two distances that are no round numbers, lest rounding errors repeat from point to point and look smooth. */
const NEAR = [1.093e-8, 2.877e-8];
/** The same where f does not move over such a distance, as in float32. */
const FAR = [6.13e-5, 9.71e-5];

/**
 * The central difference (f(x + hu) - f(x - hu)) / 2h for h = step, step / 2, step / 4, …, extrapolated to h = 0. Of
 * all extrapolations the one that agrees best with its neighbors is taken, so a kink or the edge of the domain within
 * the first steps does no harm: as long as there are steps that stay clear of it. Small steps are lost in the rounding
 * errors of f, which are measured.
 *
 * @see C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4 (1982).
 */
export function differenceAlong(subject: Subject, direction: readonly Float64Array[], step: number): Difference {
  const at = lineThrough(subject, direction);
  const noise = noiseOf(at, step);
  let previous: Float64Array[] = [];
  let value = new Float64Array(0);
  let error = value;
  let settled: boolean[] = [];
  let worse: number[] = [];
  for (let level = 0; level <= MOST && !(level > LEAST && settled.every(Boolean)); level++) {
    const h = step / 2 ** level;
    const [plus, minus] = [at(h), at(-h)];
    const row = [plus.map((p, j) => (p === minus[j] ? 0 : (p - minus[j]) / (2 * h)))];
    if (level === 0) {
      value = row[0].slice();
      error = row[0].map(() => Infinity);
      settled = Array.from(value, () => false);
      worse = Array.from(value, () => 0);
    }
    let off = error;
    for (let k = 1; k <= Math.min(level, COLUMNS); k++) {
      const [last, older] = [row[k - 1], previous[k - 1]];
      const next = last.map((d, j) => d + (d - older[j]) / (4 ** k - 1));
      row.push(next);
      off = next.map((d, j) => Math.max(Math.abs(d - last[j]), Math.abs(d - older[j])) + noise[j] / h);
      for (let j = 0; j < next.length; j++) {
        if (off[j] < error[j] && !settled[j]) [value[j], error[j]] = [next[j], off[j]];
      }
    }
    previous = row;
    const scale = value.reduce((most, d) => Math.max(most, Math.abs(d)), 0);
    // What agrees once an element is lost in noise agrees by chance.
    worse = worse.map((count, j) => (off[j] > WORSE * error[j] ? count + 1 : 0));
    settled = settled.map((done, j) => {
      const drowns = error[j] <= FAIR * scale && worse[j] >= IN_A_ROW;
      const still = level >= STILL && value[j] === 0 && plus[j] === minus[j];
      return done || error[j] <= GOOD * scale || drowns || still;
    });
  }
  return { value, error };
}

/** f(x + hu) as a function of h. */
function lineThrough(subject: Subject, direction: readonly Float64Array[]): (h: number) => Float64Array {
  return (h) => {
    const moved = subject.point.map((x, k) => x.map((xi, i) => xi + h * direction[k][i]));
    return joined(subject.call(valuesAt(subject, moved)));
  };
}

/**
 * The rounding errors in each element of f: what is left of its differences of high order at points so near to each
 * other that f itself leaves nothing.
 *
 * @see J. J. Moré, S. M. Wild, "Estimating computational noise", SIAM J. Sci. Comput. 33 (2011).
 */
function noiseOf(at: (h: number) => Float64Array, step: number): Float64Array {
  const sample = (apart: number) => Array.from({ length: POINTS }, (_, i) => at((i - (POINTS - 1) / 2) * apart * step));
  const stuck = (samples: readonly Float64Array[], j: number) =>
    samples.filter((y, i) => i > 0 && y[j] === samples[i - 1][j]).length > POINTS / 2;
  const near = NEAR.map(sample);
  const far = near[0][0].some((_, j) => stuck(near[0], j)) ? FAR.map(sample) : near;
  return near[0][0].map((_, j) => {
    const looked = stuck(near[0], j) ? far : near;
    return looked.reduce((most, samples) => Math.max(most, noiseIn(samples.map((y) => y[j]))), 0);
  });
}

function noiseIn(samples: readonly number[]): number {
  const size = Math.abs(samples[0]);
  let noise = Number.isFinite(size) ? ROUNDING * size : 0;
  let differences = samples;
  let factor = 1;
  for (let k = 1; k < POINTS - 1; k++) {
    const last = differences;
    differences = last.slice(1).map((d, i) => d - last[i]);
    factor *= k / (2 * (2 * k - 1));
    if (k < 3) continue;
    const mean = differences.reduce((total, d) => total + d * d, 0) / differences.length;
    if (mean < Infinity) noise = Math.max(noise, Math.sqrt(factor * mean));
  }
  return noise;
}

/** Whether f goes on in another direction than it comes from: the point is a kink or a jump. */
export function turnsAt(subject: Subject, direction: readonly Float64Array[], step: number): boolean {
  const at = lineThrough(subject, direction);
  const h = step * FAR[0];
  const noise = noiseOf(at, step);
  const [left, here, right] = [at(-h), at(0), at(h)];
  const slope = (a: Float64Array, b: Float64Array, j: number) => (b[j] - a[j]) / h;
  const turn = here.map((_, j) => Math.abs(slope(left, here, j) - slope(here, right, j)));
  const scale = here.map((_, j) => Math.abs(slope(left, here, j)) + Math.abs(slope(here, right, j)));
  return turn.some((t, j) => t > 0.01 * scale[j] + (8 * noise[j]) / h);
}
