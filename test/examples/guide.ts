// What tests of recipes share: results, each worked out once, and what the guide shows.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { linesOf } from "../../examples/recipes/all";

export const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

export const guide = read("docs/guides/recipes.md");

/** What a recipe gives; run once, whoever asks. */
const results = new Map<() => unknown, unknown>();
export function once<R>(run: () => R): R {
  const found = results.has(run) ? results.get(run) : run();
  results.set(run, found);
  return found as R;
}

const rowsOf = (lines: string) =>
  lines
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/[\s,]+/))
    .map(([path, ...values]) => ({ path, values: values.map(Number) }));

/** Training may end a little elsewhere when sums are added in another order: a tenth, or two hundredths. */
export function expectPrinted(name: string, result: object): void {
  const block = new RegExp(`^npm run demo:recipes -- ${name}\n([^\`]+)\`\`\``, "m").exec(guide);
  const [printed, given] = [rowsOf(block?.[1] ?? ""), rowsOf(linesOf(result).join("\n"))];
  const heads = ({ path, values }: (typeof given)[number]) => `${path} ${values.length}`;
  expect(printed.map(heads)).toEqual(given.map(heads));
  for (const [i, { path, values }] of given.entries())
    for (const [j, value] of values.entries())
      expect(Math.abs(printed[i].values[j] - value), path).toBeLessThanOrEqual(Math.max(0.02, 0.1 * Math.abs(value)));
}
