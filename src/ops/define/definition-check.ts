import { describe, fail } from "../../base/errors";
import { checkOptions } from "../../base/options";

/** What may stand under a key of a definition, besides undefined where the key is optional. */
export type Part = "function" | "rules" | "partial" | "partials" | "number" | "parts" | "any";

const isRule = (x: unknown): boolean => typeof x === "function" || x === null;
const isPartial = (x: unknown): boolean => typeof x === "function" || typeof x === "number";

const PARTS: Readonly<Record<Part, readonly [holds: (x: unknown) => boolean, wanted: string]>> = {
  function: [(x) => typeof x === "function", "a function"],
  rules: [
    (x) => Array.isArray(x) && Array.from(x).every(isRule),
    "an array of functions and nulls, one for each input",
  ],
  partial: [isPartial, "a number or a function"],
  partials: [
    (x) => Array.isArray(x) && x.length === 2 && Array.from(x).every(isPartial),
    "two numbers or functions, one for each input",
  ],
  number: [(x) => typeof x === "number", "a number"],
  parts: [(x) => Number.isInteger(x) && Number(x) > 0, "a number of outputs"],
  any: [() => true, "anything"],
};

/** Checks the definition of an op when it is defined: not one call of the op would say so well what is wrong. */
export function checkDefinition(
  where: string,
  definition: object,
  required: Readonly<Record<string, Part>>,
  optional: Readonly<Record<string, Part>> = {},
): void {
  const wrong = (place: string, wanted: string, x: unknown): never =>
    fail(
      "op/definition",
      `${where}: ${place} must be ${wanted}, got ${describe(x)}.`,
      { place, received: x },
      `A definition has ${["name", ...Object.keys(required)].join(", ")}.`,
    );
  if (typeof definition !== "object" || definition === null) wrong("the definition", "an object", definition);
  checkOptions(where, definition, ["name", ...Object.keys(required), ...Object.keys(optional)]);
  const name: unknown = Reflect.get(definition, "name");
  if (typeof name !== "string" || name === "") wrong("name", "a text", name);
  for (const [key, part] of Object.entries({ ...required, ...optional })) {
    const x: unknown = Reflect.get(definition, key);
    const [holds, wanted] = PARTS[part];
    if (!holds(x) && (x !== undefined || key in required)) wrong(`${key} of ${String(name)}`, wanted, x);
  }
}
