import { describe, fail } from "./errors";
import { numberHint } from "./number-hint";
import { nearest } from "./suggest";

/**
 * Checks an options object: undefined, or a plain object with known names only. `[option/unknown]` names the nearest.
 * @internal
 */
export function checkOptions(where: string, options: unknown, known: readonly string[]): void {
  if (options === undefined || options === null) return;
  if (
    typeof options !== "object" ||
    Array.isArray(options) ||
    ArrayBuffer.isView(options) ||
    ("dtype" in options && "data" in options)
  ) {
    fail(
      "option/invalid",
      `${where}: options must be an object, got ${describe(options)}.`,
      { options, known },
      `Give them by name, as in { ${known[0]}: ... }. ${knownOptions(known)}`,
    );
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near === undefined ? knownOptions(known) : `Did you mean "${near}"?`;
    fail("option/unknown", `${where}: unknown option ${describe(name)}.`, { option: name, known, nearest: near }, hint);
  }
}

const knownOptions = (known: readonly string[]): string => `Known options: ${known.join(", ")}.`;

/** What a transform is given to transform, checked to be a function. @internal */
export function checkFunction(where: string, f: unknown, name = "f"): void {
  if (typeof f === "function") return;
  fail(
    "argument/function",
    `${where}: ${name} must be a function, got ${describe(f)}.`,
    { [name]: f },
    "Pass the function itself, not what it returns.",
  );
}

/** An option that must be one of a few words. @internal */
export function checkChoice<T extends string>(where: string, name: string, x: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === x);
  if (found !== undefined) return found;
  const near = typeof x === "string" ? nearest(x, choices) : undefined;
  return fail(
    "option/choice",
    `${where}: ${name} must be one of ${choices.map((c) => `"${c}"`).join(", ")}, got ${describe(x)}.`,
    { option: name, received: x, choices, nearest: near },
    near === undefined ? `Leave ${name} out for the default.` : `Did you mean "${near}"?`,
  );
}

/** An option that is true or false; if omitted, false. @internal */
export function checkFlag(where: string, name: string, x: unknown): boolean {
  if (x === undefined || x === null) return false;
  if (typeof x === "boolean") return x;
  return fail(
    "option/choice",
    `${where}: ${name} must be true or false, got ${describe(x)}.`,
    { option: name, received: x },
    `Write { ${name}: true }, or leave it out.`,
  );
}

/** An option that must be a number in a range. @internal */
export function checkNumber(where: string, name: string, x: unknown, min: number, max: number): number {
  if (typeof x === "number" && x >= min && x <= max) return x;
  return fail(
    "argument/number",
    `${where}: ${name} must be ${rangeText(min, max)}, got ${describe(x)}.`,
    { name, received: x, min, max },
    numberHint(x, min, max),
  );
}

function rangeText(min: number, max: number): string {
  if (min === Number.MIN_VALUE && max === Infinity) return "a number > 0";
  if (max === Infinity) return min === -Infinity ? "a number" : `a number >= ${min}`;
  if (max === 1 - Number.EPSILON / 2) return `a number from ${min} to below 1`;
  return max === Number.MAX_VALUE ? `a finite number >= ${min}` : `a number from ${min} to ${max}`;
}
