import { describe, fail } from "./errors";
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
    fail("option/invalid", `${where}: options are an object with ${known.join(", ")}, got ${describe(options)}.`, {
      options,
    });
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near === undefined ? `Options: ${known.join(", ")}.` : `${near}?`;
    fail("option/unknown", `${where}: unknown option "${name}".`, { option: name, known, nearest: near }, hint);
  }
}

/** What a transform is given to transform, checked to be a function. @internal */
export function checkFunction(where: string, f: unknown): void {
  if (typeof f !== "function") fail("argument/function", `${where}: f is a function, got ${describe(f)}.`, { f });
}

/** An option that must be one of a few words. @internal */
export function checkChoice<T extends string>(where: string, name: string, x: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === x);
  return (
    found ??
    fail(
      "option/choice",
      `${where}: ${name} is one of ${choices.map((c) => `"${c}"`).join(", ")}, got ${describe(x)}.`,
      {
        option: name,
        received: x,
        choices,
      },
    )
  );
}

/** An option that is true or false; if omitted, false. @internal */
export function checkFlag(where: string, name: string, x: unknown): boolean {
  if (x === undefined || x === null) return false;
  if (typeof x === "boolean") return x;
  return fail("option/choice", `${where}: ${name} is true or false, got ${describe(x)}.`, {
    option: name,
    received: x,
  });
}

/** An option that must be a number in a range. @internal */
export function checkNumber(where: string, name: string, x: unknown, min: number, max: number): number {
  if (typeof x === "number" && x >= min && x <= max) return x;
  const range =
    max === Infinity ? (min === -Infinity ? "a number" : `a number >= ${min}`) : `a number from ${min} to ${max}`;
  return fail("argument/number", `${where}: ${name} is ${range}, got ${describe(x)}.`, { name, received: x, min, max });
}
