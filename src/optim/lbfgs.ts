import { lengthOf } from "../numeric/matrix/householder";
import { dot, type Evaluate, isFinitePoint, type Point, ROUNDING, searchLine } from "./line-search";
import type { Reason } from "./outcome";

export interface LbfgsOptions {
  readonly maxIterations: number;
  readonly tolerance: number;
  /** Whether to go on; told after every step. */
  onStep(state: { iteration: number; point: Point; stepNorm: number }): boolean;
}

export interface Descent {
  readonly point: Point;
  readonly iterations: number;
  readonly reason: Reason;
}

const EPSILON = 2 ** -52;
/** How many steps are remembered: more than 20 seldom helps. */
const MEMORY = 10;

/** One step and the change of the gradient over it. */
interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly sy: number;
}

const largest = (x: Float64Array): number => x.reduce((most, xi) => Math.max(most, Math.abs(xi)), 0);
const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((ai, i) => ai - b[i]);

function addMultiple(x: Float64Array, factor: number, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i] += factor * y[i];
}

/** Minus the gradient times the approximate inverse Hessian (Nocedal and Wright, algorithm 7.4: two loops). */
function directionOf(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas = pairs.map(() => 0);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, sy } = pairs[k];
    alphas[k] = dot(s, q) / sy;
    addMultiple(q, -alphas[k], y);
  }
  const last = pairs.at(-1);
  const scale = last === undefined ? 1 : last.sy / dot(last.y, last.y);
  const r = q.map((x) => scale * x);
  pairs.forEach(({ s, y, sy }, k) => {
    addMultiple(r, alphas[k] - dot(y, r) / sy, s);
  });
  return r;
}

/** The steps remembered, and the last one if the function curves upwards along it. */
function remember(pairs: readonly Pair[], from: Point, to: Point): Pair[] {
  const [s, y] = [difference(to.x, from.x), difference(to.gradient, from.gradient)];
  const sy = dot(s, y);
  return sy > EPSILON * dot(y, y) ? [...pairs.slice(1 - MEMORY), { s, y, sy }] : [...pairs];
}

/**
 * The limited-memory BFGS method.
 *
 * @see D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization", Mathematical Programming
 * 45 (1989)
 */
export function lbfgs(evaluate: Evaluate, start: Float64Array, options: LbfgsOptions): Descent {
  const { maxIterations, tolerance, onStep } = options;
  let point = evaluate(start);
  let iterations = 0;
  let pairs: Pair[] = [];
  const done = (reason: Reason): Descent => ({ point, iterations, reason });
  if (!isFinitePoint(point)) return done("nonFinite");
  for (;;) {
    if (relativeGradient(point) <= tolerance) return done("gradient");
    if (iterations >= maxIterations) return done("maxIterations");
    const found = descend(evaluate, point, pairs);
    if (typeof found === "string") return done(found);
    const before = point;
    point = found.point;
    pairs = remember(found.pairs, before, point);
    iterations++;
    const stepNorm = lengthOf(difference(point.x, before.x));
    if (!onStep({ iteration: iterations, point, stepNorm })) return done("stopped");
    const stall = stalled(before, point, tolerance);
    if (stall !== null) return done(stall);
  }
}

/**
 * How much the value would change, relatively, if one parameter changed by its own size. Small values and parameters
 * count as 1.
 *
 * @see J. E. Dennis, R. B. Schnabel, "Numerical methods for unconstrained optimization" (1983), section 7.2
 */
function relativeGradient({ x, value, gradient }: Point): number {
  const changes = gradient.map((g, i) => g * Math.max(1, Math.abs(x[i])));
  return largest(changes) / Math.max(1, Math.abs(value));
}

/** A step along the quasi-Newton direction; if that leads nowhere, along the gradient with nothing remembered. */
function descend(
  evaluate: Evaluate,
  from: Point,
  pairs: readonly Pair[],
): { point: Point; pairs: readonly Pair[] } | Reason {
  let finite = false;
  const counted: Evaluate = (x) => {
    const point = evaluate(x);
    finite ||= isFinitePoint(point);
    return point;
  };
  for (const memory of pairs.length === 0 ? [pairs] : [pairs, []]) {
    const direction = directionOf(from.gradient, memory);
    const slope = dot(from.gradient, direction);
    if (!(slope < 0)) continue;
    const firstStep = memory.length > 0 ? 1 : Math.min(1, 1 / lengthOf(from.gradient));
    const point = searchLine(counted, { from, direction, slope }, firstStep);
    if (point !== null) return { point, pairs: memory };
    // What a step could have gained is less than rounding errors of the value.
    if (-slope <= 4 * ROUNDING * Math.abs(from.value)) return "value";
  }
  return finite ? "lineSearch" : "nonFinite";
}

/** Whether a step has changed too little to go on. */
function stalled(before: Point, after: Point, tolerance: number): Reason | null {
  const least = Math.max(tolerance * tolerance, EPSILON);
  const size = Math.max(Math.abs(before.value), Math.abs(after.value));
  if (Math.abs(before.value - after.value) <= least * size) return "value";
  return largest(difference(after.x, before.x)) <= least * largest(after.x) ? "step" : null;
}
