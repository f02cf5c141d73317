// Every exported op under every law. Cases come from test/laws/cases, seeds from fast-check; checkOp names the rest.
import fc from "fast-check";
import * as gradtape from "gradtape";
import { checkOp, type Law, laws } from "gradtape/testing";
import { afterAll, describe, expect, test } from "vitest";
import { generator } from "../../src/testing/random";
import { Draw, type FloatDtype } from "./draw";
import type { Line } from "./line";
import { checkPerSample } from "./per-sample";
import { Results } from "./record";
import { families, linesOf, noOps } from "./table";

/** Unless FAST_CHECK_RUNS says otherwise. */
const RUNS = 20;
const RUNS_FLOAT32 = 8;
const RUNS_PER_SAMPLE = 6;

const results = new Results("laws");
afterAll(() => results.write());

function hold(lines: readonly Line[], chosen: readonly Law[], dtype: FloatDtype, runs: number): void {
  for (const { op, draw } of lines) {
    const property = fc.property(fc.integer(), (seed) =>
      checkOp(op, (random) => draw(new Draw(random, dtype)), { seed, runs: 1, laws: chosen }),
    );
    // checkOp looks for a small case itself: a seed cannot be shrunk.
    const numRuns = fc.readConfigureGlobal()?.numRuns ?? Math.ceil(runs / lines.length);
    fc.assert(property, { numRuns, endOnFailure: true });
  }
}

for (const [family, table] of Object.entries(families)) {
  describe(family, () => {
    for (const [name, entry] of Object.entries(table)) {
      for (const law of laws) {
        test(`${name}: ${law}`, () => {
          hold(linesOf(entry), [law], "float64", RUNS);
          results.add(family, name, law);
        });
      }
      test(`${name}: per sample`, () => {
        const lines = linesOf(entry);
        for (const { op, draw } of lines) {
          const property = fc.property(fc.integer(), (seed) =>
            checkPerSample(op, draw(new Draw(generator(seed), "float64"))),
          );
          fc.assert(property, { numRuns: Math.ceil(RUNS_PER_SAMPLE / lines.length) });
        }
        results.add(family, name, "per sample");
      });
      test(`${name}: float32`, () => {
        const first = laws.filter((law) => law !== "second order");
        hold(linesOf(entry), first, "float32", RUNS_FLOAT32);
        results.add(family, name, "float32");
      });
    }
  });
}

describe("the table of ops", () => {
  const exported = [
    ...Object.entries(gradtape).flatMap(([name, x]) => (typeof x === "function" ? [name] : [])),
    ...Object.keys(gradtape.loss).map((name) => `loss.${name}`),
    ...Object.keys(gradtape.linalg).map((name) => `linalg.${name}`),
  ];
  const held = Object.values(families).flatMap((table) => Object.keys(table));

  test("every exported function is held to the laws, or is listed as no op", () => {
    expect(exported.filter((name) => !held.includes(name) && !noOps.includes(name))).toEqual([]);
  });

  test("every line and every exception is of an exported function, and of one list only", () => {
    const names = [...held.filter((name) => !name.startsWith("Tensor.")), ...noOps];
    expect(names.filter((name) => !exported.includes(name))).toEqual([]);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  test("docs/ops.md says what ran (npm run docs:ops)", () => {
    const { page, ran } = results.comparePage();
    expect(page).toEqual(ran);
  });
});
