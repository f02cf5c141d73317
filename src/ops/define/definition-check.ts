import { describe, fail } from "../../base/errors";
import { checkOptions } from "../../base/options";

/** What may stand under a key of a definition, besides undefined where the key is optional. */
export type Part =
  | "function"
  | "rules"
  | "partial"
  | "partials"
  | "number"
  | "parts"
  | "facts"
  | "linear facts"
  | "any";

const isRule = (x: unknown): boolean => typeof x === "function" || x === null;
const isObject = (x: unknown): boolean => typeof x === "object" && x !== null && !Array.isArray(x);
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
  facts: [isObject, "an object"],
  "linear facts": [isObject, "an object"],
  any: [() => true, "anything"],
};

const LINEAR_FACTS = ["contraction", "regroup", "scale", "placement", "selection"];
/** The facts that `declares` may have. */
const FACTS: Readonly<Partial<Record<Part, readonly string[]>>> = {
  facts: ["linear", "elementwise", ...LINEAR_FACTS],
  "linear facts": LINEAR_FACTS,
};

/** What must stand under a fact, and whether it does. */
const factOf = (key: string, x: unknown): readonly [holds: boolean, wanted: string] =>
  key === "linear"
    ? [x === "jointly" || x === "each", '"jointly" or "each"']
    : key === "elementwise" || key === "regroup"
      ? [typeof x === "boolean", "true or false"]
      : [typeof x === "function", "a function"];

/** Checks the definition of an op when it is defined: not one call of the op would say so well what is wrong. */
export function checkDefinition(
  where: string,
  definition: object,
  required: Readonly<Record<string, Part>>,
  optional: Readonly<Record<string, Part>> = {},
): void {
  const hint = `A definition has ${["name", ...Object.keys(required)].join(", ")}.`;
  const wrong = (place: string, wanted: string, x: unknown, advice = hint): never =>
    fail("op/definition", `${where}: ${place} must be ${wanted}, got ${describe(x)}.`, { place, received: x }, advice);
  if (typeof definition !== "object" || definition === null) wrong("the definition", "an object", definition);
  checkOptions(where, definition, ["name", ...Object.keys(required), ...Object.keys(optional)]);
  const name: unknown = Reflect.get(definition, "name");
  if (typeof name !== "string" || name === "") wrong("name", "a text", name);
  for (const [key, part] of Object.entries({ ...required, ...optional })) {
    const x: unknown = Reflect.get(definition, key);
    const [holds, wanted] = PARTS[part];
    if (!holds(x) && (x !== undefined || key in required)) wrong(`${key} of ${String(name)}`, wanted, x);
    const facts = FACTS[part];
    if (facts === undefined || x === undefined) continue;
    checkOptions(`${where}: ${key} of ${String(name)}`, x, facts);
    for (const [fact, given] of Object.entries(Object(x))) {
      const [right, should] = factOf(fact, given);
      const advice = `Leave ${fact} out if it is not so.`;
      if (!right && given !== undefined) wrong(`${fact} in ${key} of ${String(name)}`, should, given, advice);
    }
  }
}
