import { describe, fail } from "../base/errors";
import { checkChoice, checkNumber, checkOptions } from "../base/options";
import { checkInteger } from "../base/shape";
import type { Value } from "../core/tensor/tensor";

/** What all checks of derivatives take. */
export interface CheckOptions {
  /** 1: the first derivatives; 2 (the default): the derivatives of those too. */
  readonly order?: 1 | 2 | undefined;
  /** Which ways of differentiating are checked; both by default. */
  readonly modes?: readonly ("forward" | "reverse")[] | undefined;
  /**
   * The first and largest step of the central differences; halved until they agree. Default 1/32 of the size of the
   * elements, at least 1/32.
   */
  readonly step?: number | undefined;
  /** Error allowed, relative to the derivative. Default 1e-6 for float64, 1e-3 where a float32 is among the inputs. */
  readonly relative?: number | undefined;
  /** Error allowed whatever the size of the derivative. Default 1e-10 for float64, 1e-5 with float32. */
  readonly absolute?: number | undefined;
  /** Directions, cotangents and cases are drawn from it: the same seed draws the same ones. Default 0. */
  readonly seed?: number | undefined;
}

/** One call of an op: its inputs, and its attributes if it has any. */
export interface OpCase<Attrs> {
  /** The inputs, in order. */
  readonly inputs: readonly Value[];
  /** The attributes: the last argument of the call. */
  readonly attrs?: Attrs | undefined;
}

/** Name of a law that `checkOp` holds an op to. */
export type Law =
  | "shape"
  | "declares"
  | "formula"
  | "primal"
  | "difference"
  | "adjoint"
  | "second order"
  | "batch"
  | "trace"
  | "compile";

/** What `checkOp` takes besides. */
export interface LawOptions extends CheckOptions {
  /** How many cases are drawn. Default 50. */
  readonly runs?: number | undefined;
  /** Which laws are checked. Default all of `laws`. */
  readonly laws?: readonly Law[] | undefined;
}

/** Options with their defaults filled in. */
export interface Settings {
  readonly order: 1 | 2;
  readonly forward: boolean;
  readonly reverse: boolean;
  readonly step: number | undefined;
  readonly relative: number | undefined;
  readonly absolute: number | undefined;
  readonly seed: number;
}

const KNOWN = ["order", "modes", "step", "relative", "absolute", "seed"];

/** The options of a check, checked; `more` names those it has besides. */
export function settingsOf(where: string, options: CheckOptions | undefined, more: readonly string[] = []): Settings {
  checkOptions(where, options, [...KNOWN, ...more]);
  const positive = (name: "step" | "relative" | "absolute") => {
    const x = options?.[name] ?? undefined;
    return x === undefined ? undefined : checkNumber(where, name, x, 0, Infinity);
  };
  const modes = checkChoices(where, "modes", options?.modes, ["forward", "reverse"] as const);
  return {
    order: checkInteger(where, "order", options?.order ?? 2, 1, 2) === 1 ? 1 : 2,
    forward: modes.includes("forward"),
    reverse: modes.includes("reverse"),
    step: positive("step"),
    relative: positive("relative"),
    absolute: positive("absolute"),
    seed: checkInteger(where, "seed", options?.seed ?? 0, Number.MIN_SAFE_INTEGER),
  };
}

/** Some of a few words, all of them if omitted. None at all would check nothing. */
export function checkChoices<T extends string>(
  where: string,
  name: string,
  x: unknown,
  all: readonly T[],
): readonly T[] {
  if (x === undefined || x === null) return all;
  if (Array.isArray(x) && x.length > 0) return Array.from(x, (word) => checkChoice(where, name, word, all));
  return fail(
    "option/choice",
    `${where}: ${name} must be an array of at least one of ${all.map((word) => `"${word}"`).join(", ")}, got ${describe(x)}.`,
    { option: name, received: x, choices: all },
    `Leave ${name} out for all of them.`,
  );
}

/** Errors that are allowed: by how much a right derivative can miss what it is compared with. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
  /** Uncertainty of a central difference that is granted at most, relative to it. */
  readonly granted: number;
}

/**
 * The errors allowed. `single`: a float32 is among the inputs or results. `rough`: results are float32 even where the inputs
 * are not, so that differences are rough too.
 */
export const toleranceOf = (settings: Settings, single: boolean, rough: boolean): Tolerance => ({
  relative: settings.relative ?? (single ? 1e-3 : 1e-6),
  absolute: settings.absolute ?? (single ? 1e-5 : 1e-10),
  // With 3e-5 an error of 1e-4 in a rule is always seen, however uncertain the difference is.
  granted: rough ? 0.03 : 3e-5,
});
