import { isFloat } from "../base/dtype";
import { fail, GradtapeError, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { formatNumber } from "../base/format";
import { checkFunction } from "../base/options";
import { userLine } from "../base/user-line";
import { type Monitor, origins, withMonitor } from "../core/op/monitor";
import type { CoreOp, Direction, Origin } from "../core/op/op";
import { Handle } from "../core/tensor/handle";
import type { Value } from "../core/tensor/tensor";
import { mapTensors } from "../core/tensor/tree";

interface Found {
  readonly value: number;
  readonly position: number;
  readonly shape: readonly number[];
}

const numbersOf = (x: Value): ArrayLike<number> => {
  if (typeof x === "number") return [x];
  if (!(x instanceof Handle) || !isFloat(x.dtype)) return [];
  return x.body === null ? [x.value] : (x.body.data ?? []);
};

const shapeOf = (x: Value): readonly number[] => (typeof x === "number" ? [] : x.shape);

/** The first NaN of some values, or the first element that is not finite. */
function find(xs: readonly (Value | null)[], wanted: (x: number) => boolean): Found | null {
  for (const x of xs) {
    if (x === null || x === undefined) continue;
    const numbers = numbersOf(x);
    for (let i = 0; i < numbers.length; i++) {
      if (wanted(numbers[i])) return { value: numbers[i], position: i, shape: shapeOf(x) };
    }
  }
  return null;
}

const isInfinite = (x: number): boolean => x === Infinity || x === -Infinity;

/** What came out that did not go in: a NaN from none, or an Infinity from finite numbers. */
function created(inputs: readonly (Value | null)[], outputs: readonly (Value | null)[]): Found | null {
  const nan = find(outputs, Number.isNaN);
  if (nan !== null) return find(inputs, Number.isNaN) === null ? nan : null;
  const infinite = find(outputs, isInfinite);
  return infinite === null || find(inputs, (x) => !Number.isFinite(x)) !== null ? null : infinite;
}

const WAYS: Readonly<Record<Direction, string>> = {
  forward: "",
  backward: " in the backward pass",
  tangent: " in the forward-mode derivative",
};

class Checker implements Monitor {
  /** The rule or step that is running. */
  private origin: Origin | null = null;
  /** Rules are judged by what they give: inside, a where or a zero may still take an Infinity away. */
  private inside = 0;
  /** An Infinity inside a traced rule, which may still be taken away. */
  suspect: (() => never) | null = null;
  private readonly places = new Map<number, Origin>();

  private here(): Origin {
    return this.origin ?? { line: userLine(), direction: "forward", rule: null };
  }

  onValue(op: string, inputs: readonly Value[], outputs: readonly Value[]): void {
    if (this.inside > 0) return;
    const found = created(inputs, outputs);
    if (found === null) return;
    const origin = this.here();
    const report = (): never => say(op, origin, found, inputs);
    if (origin.direction === "forward" || Number.isNaN(found.value)) report();
    this.suspect ??= report;
  }

  onEntry(entry: object | number): void {
    const origin = this.here();
    if (typeof entry === "number") this.places.set(entry, origin);
    else origins.set(entry, origin);
  }

  rule<T extends readonly (Value | null)[]>(
    direction: Direction,
    op: CoreOp,
    entry: object | number,
    given: readonly (Handle | null)[],
    run: () => T,
  ): T {
    const line = (typeof entry === "number" ? this.places.get(entry) : origins.get(entry))?.line;
    const origin = { line, direction, rule: op.name };
    const results = this.within(origin, 1, run);
    const found = created(given, results);
    if (found !== null) say(op.name, origin, found, given);
    return results;
  }

  step<T>(origin: Origin | undefined, run: () => T): T {
    return origin === undefined ? run() : this.within(origin, 0, run);
  }

  private within<T>(origin: Origin, deeper: number, run: () => T): T {
    const before = this.origin;
    this.origin = origin;
    this.inside += deeper;
    try {
      return run();
    } finally {
      this.origin = before;
      this.inside -= deeper;
    }
  }
}

function say(op: string, { line, direction, rule }: Origin, found: Found, given: readonly (Value | null)[]): never {
  const name = rule === null || rule === op ? op : `${op}, for ${rule},`;
  const shapes = given.flatMap((x) => (x === null ? [] : [list(shapeOf(x))])).join(", ");
  const at = found.shape.length === 0 ? "" : ` at position ${found.position} of shape ${list(found.shape)}`;
  const of = direction === "forward" ? `from shapes ${shapes}` : `from finite numbers of shape ${shapes}`;
  return fail(
    "numerics/non-finite",
    `checkNumerics: ${name} gives ${formatNumber(found.value)}${at}${WAYS[direction]}, ${of}.`,
    {
      op: rule ?? op,
      direction,
      value: found.value,
      position: found.position,
      shape: found.shape,
      inputs: given.flatMap((x) => (x === null ? [] : [shapeOf(x)])),
      source: line,
    },
    line === undefined ? "The stack of this error shows the call." : `Called at ${line}.`,
  );
}

/**
 * The same function, which stops at the first NaN or Infinity and names the op that made it.
 *
 * Forward, an op is named when it makes a NaN out of none, or an Infinity out of finite numbers; backward and in forward
 * mode, when its rule does. `checkNumerics(grad(f))` looks at both passes. The error has the op, the direction, the shapes
 * and the line of your program that called the op, in the backward pass too; any other error of the library that comes
 * out has that line in `facts.source`. An Infinity meant as such is named too. Only in this mode is anything looked at or
 * remembered; what an asynchronous function does after its first await is not.
 *
 * @param f - any function, a gradient mostly
 * @returns the function with the same arguments and results
 * @throws GradtapeError `numerics/non-finite`
 * @example
 * ```ts
 * import { checkNumerics, grad, log, mul, type Scalar, sqrt, sub } from "gradtape";
 * const f = (x: Scalar): Scalar => mul(sqrt(x), log(sub(x, 1)));
 * checkNumerics(f)(0.5); // => throws [numerics/non-finite]
 * checkNumerics(grad((x: Scalar) => sqrt(x)))(0); // => throws [numerics/non-finite]
 * checkNumerics(f)(1.5); // => -0.8489285
 * ```
 */
export function checkNumerics<A extends readonly unknown[], Y>(f: (...args: A) => Y): (...args: A) => Y {
  refuseExtra("checkNumerics", "f", 1, arguments);
  checkFunction("checkNumerics", f);
  return (...args) => {
    const checker = new Checker();
    try {
      const y = withMonitor(checker, () => f(...args));
      checkResult(args, y, checker);
      return y;
    } catch (error) {
      if (error instanceof GradtapeError && error.facts.source === undefined) {
        const facts = { ...error.facts, source: userLine(error.stack) };
        Object.defineProperty(error, "facts", { value: facts });
      }
      throw error;
    }
  };
}

/** What no op made came with the arguments, or from a function outside the library. */
function checkResult(args: readonly unknown[], y: unknown, checker: Checker): void {
  const isBad = (x: number): boolean => !Number.isFinite(x);
  const found = find(valuesOf(y), isBad);
  if (found === null) return;
  checker.suspect?.();
  const given = find(valuesOf(args), isBad);
  fail(
    "numerics/non-finite",
    `checkNumerics: the result has ${formatNumber(found.value)}, which no op made: ${given === null ? "it was computed outside the library" : `the arguments hold ${formatNumber(given.value)}`}.`,
    { op: null, direction: "forward", value: found.value, position: found.position, shape: found.shape },
    "Look at the arguments and constants first.",
  );
}

function valuesOf(tree: unknown): Value[] {
  const found: Value[] = [];
  mapTensors(tree, (x) => {
    found.push(x);
    return x;
  });
  // The set grows while it is read: a tree may be deep, and contain itself.
  const parts = new Set<unknown>([tree]);
  for (const part of parts) {
    if (typeof part !== "object" || part === null || part instanceof Handle) continue;
    for (const x of Object.values(part)) {
      if (typeof x === "number") found.push(x);
      else parts.add(x);
    }
  }
  if (typeof tree === "number") found.push(tree);
  return found;
}
