/** What an error carries besides its text: names and values that a program can read. */
export type Facts = Readonly<Record<string, unknown>>;

/** Characters of a message, whatever it quotes: a path, a key, a shape. */
const MOST = 1000;

/**
 * The one error class of the library. `message` starts with the name of the function that was called; `code` is stable
 * and meant for programs; `facts` holds what was received and what would be right; `hint` says what to do.
 *
 * @example
 * ```ts
 * import { add, GradtapeError, type Tensor, tensor } from "gradtape";
 * const a: Tensor = tensor([1, 2]);
 * const b: Tensor = tensor([1, 2, 3]);
 * let code = "";
 * try {
 *   add(a, b);
 * } catch (error) {
 *   if (error instanceof GradtapeError) code = error.code;
 * }
 * code; // => "shape/broadcast"
 * ```
 */
export class GradtapeError extends Error {
  /** Stable identification, `"shape/broadcast"` for instance: the guide on errors lists them all. */
  readonly code: string;
  /** Names and values the message is made of; not printed with the error, for they may be large. */
  declare readonly facts: Facts;
  /** What to do about it, when the library knows. */
  readonly hint?: string | undefined;

  /** @internal */
  constructor(code: string, message: string, facts: Facts = {}, hint?: string) {
    const text = short(message, MOST);
    super(
      hint === undefined ? text : `${text} ${short(hint, MOST)}`,
      "cause" in facts ? { cause: facts.cause } : undefined,
    );
    this.name = "GradtapeError";
    this.code = code;
    Object.defineProperty(this, "facts", { value: facts, configurable: true });
    this.hint = hint;
  }
}

/**
 * Throws a GradtapeError; an expression of type never, so that it can stand where a value is wanted.
 * @internal
 */
export function fail(code: string, message: string, facts: Facts, hint: string): never {
  throw new GradtapeError(code, message, facts, hint);
}

/**
 * How a received value reads in an error: short, quoted, never a dump.
 * @internal
 */
export function describe(x: unknown): string {
  if (typeof x === "string") return JSON.stringify(short(x));
  if (typeof x === "function") return x.name === "" ? "a function" : `function ${short(String(x.name))}`;
  if (Array.isArray(x)) return elements(x, 2);
  if (typeof x === "object" && x !== null) {
    if (Symbol.for("gradtape.tensor") in x) return "a tensor";
    const made = Object.getPrototypeOf(x)?.constructor?.name;
    return typeof made !== "string" || made === "Object" || made === "" ? "an object" : `a ${short(made)}`;
  }
  return Object.is(x, -0) ? "-0" : typeof x === "bigint" ? `${short(String(x))}n` : short(String(x));
}

const short = (text: string, most = 40): string => (text.length > most ? `${text.slice(0, most - 3)}...` : text);

/** A few elements, of arrays in arrays too, but not at any depth: an array may contain itself. */
function elements(x: readonly unknown[], depth: number): string {
  const few = depth > 0 && x.length <= 8;
  const text = few ? `[${x.map((y) => (Array.isArray(y) ? elements(y, depth - 1) : describe(y))).join(", ")}]` : "";
  return few && text.length <= 160 ? text : `an array of ${x.length}`;
}

/** What to do with what an async function returned; undefined for anything else. @internal */
export const promiseHint = (x: unknown): string | undefined =>
  typeof x === "object" && x !== null && "then" in x
    ? "Await what is needed before: a function that is differentiated cannot be async."
    : undefined;

/**
 * A shape or a list of numbers as text: `[2, 3]`.
 * @internal
 */
export const list = (numbers: readonly unknown[]): string =>
  `[${numbers
    .slice(0, SHOWN)
    .map((x) => (typeof x === "string" ? short(x, 160) : describe(x)))
    .join(", ")}${numbers.length > SHOWN ? ", ..." : ""}]`;
const SHOWN = 32;
