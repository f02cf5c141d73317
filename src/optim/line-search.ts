/** A function of several variables at one point. */
export interface Point {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  /** The unit of rounding of the value: that of float64 if it is left out. */
  readonly unit?: number;
}

export type Evaluate = (x: Float64Array) => Point;

/** A point on the line, with the derivative along it. */
interface Trial {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
  readonly point: Point;
}

/** The line x + step * direction from a point. */
export interface Line {
  readonly from: Point;
  readonly direction: Float64Array;
  /** Derivative along the direction at the start: < 0. */
  readonly slope: number;
}

/** Sufficient decrease and curvature (Nocedal and Wright: 1e-4 and 0.9 for quasi-Newton directions). */
const DECREASE = 1e-4;
export const CURVATURE = 0.9;
const GROWTH = 4;
const MOST_TRIALS = 40;
/** What rounding errors of a value may be: some units. */
export const roundingOf = ({ value, unit = 2 ** -52 }: Point): number => 16 * unit * Math.abs(value);

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Whether everything at a point is finite. */
export const isFinitePoint = ({ value, gradient }: Point): boolean =>
  Number.isFinite(value) && gradient.every(Number.isFinite);

/** The step within the bracket where the cubic through both ends has its minimum, kept off the ends. */
function interpolate(low: Trial, high: Trial): number {
  const width = high.step - low.step;
  const middle = low.step + 0.5 * width;
  if (!isFinitePoint(high.point)) return middle;
  // Nocedal and Wright, equation 3.59.
  const d1 = low.slope + high.slope - (3 * (low.value - high.value)) / (low.step - high.step);
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - low.slope * high.slope);
  const step = high.step - (width * (high.slope + d2 - d1)) / (high.slope - low.slope + 2 * d2);
  const [near, far] = [low.step + 0.1 * width, high.step - 0.1 * width];
  const inside = width > 0 ? step >= near && step <= far : step <= near && step >= far;
  return inside ? step : Number.isNaN(step) ? middle : Math.abs(step - near) < Math.abs(step - far) ? near : far;
}

/**
 * A step that satisfies the strong Wolfe conditions, the whole direction first, or at least that of sufficient decrease; null where none was found.
 * Where the function is infinite or NaN it counts as too high.
 *
 * @see J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, algorithms 3.5 and 3.6
 */
export function searchLine(evaluate: Evaluate, line: Line): Point | null {
  const { from, direction, slope } = line;
  // Values that agree to rounding are no reason to go back: near a minimum the slope still says where it is.
  const rounding = roundingOf(from);
  let trials = 0;
  const trialAt = (step: number): Trial => {
    trials++;
    const point = evaluate(from.x.map((x, i) => x + step * direction[i]));
    return { step, value: point.value, slope: dot(point.gradient, direction), point };
  };
  const tooHigh = ({ step, value, point }: Trial): boolean =>
    !isFinitePoint(point) || value > from.value + DECREASE * step * slope + rounding;
  const isFlat = (trial: Trial): boolean => Math.abs(trial.slope) <= -CURVATURE * slope;

  const zoom = (a: Trial, b: Trial): Point | null => {
    let [low, high] = [a, b];
    while (trials < MOST_TRIALS) {
      const trial = trialAt(interpolate(low, high));
      if (trial.step === low.step || trial.step === high.step) break;
      if (tooHigh(trial) || trial.value > low.value + rounding) high = trial;
      else {
        if (isFlat(trial)) return trial.point;
        if (trial.slope * (high.step - low.step) >= 0) high = low;
        low = trial;
      }
    }
    return low.step > 0 && low.value <= from.value ? low.point : null;
  };

  let before: Trial = { step: 0, value: from.value, slope, point: from };
  let step = 1;
  for (;;) {
    const trial = trialAt(step);
    if (tooHigh(trial) || (before.step > 0 && trial.value > before.value + rounding)) return zoom(before, trial);
    if (isFlat(trial) || trials >= MOST_TRIALS) return trial.point;
    if (trial.slope >= 0) return zoom(trial, before);
    before = trial;
    step *= GROWTH;
  }
}
