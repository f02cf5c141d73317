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
import { type HeldLaw, runsPerLine } from "./runs";
import { families, linesOf, noOps } from "./table";

const results = new Results("laws");
afterAll(() => results.write());

/** Holds an op, by each of its lines, to some laws; fails with the smallest case that breaks one. */
function assertLaws(lines: readonly Line[], laws: readonly Law[], dtype: FloatDtype, runs: number): void {
  for (const { op, draw } of lines) {
    const property = fc.property(fc.integer(), (seed) =>
      checkOp(op, (random) => draw(new Draw(random, dtype)), { seed, runs: 1, laws }),
    );
    // checkOp looks for a small case itself: a seed cannot be shrunk.
    fc.assert(property, { numRuns: runs, endOnFailure: true });
  }
}

/** The same for the law of per-sample gradients. */
function assertPerSample(lines: readonly Line[], runs: number): void {
  for (const { op, draw } of lines) {
    const property = fc.property(fc.integer(), (seed) =>
      checkPerSample(op, draw(new Draw(generator(seed), "float64"))),
    );
    fc.assert(property, { numRuns: runs });
  }
}

const firstOrder = laws.filter((law) => law !== "second order");

for (const [family, table] of Object.entries(families)) {
  describe(family, () => {
    for (const [name, entry] of Object.entries(table)) {
      const lines = linesOf(entry);
      const testLaw = (law: HeldLaw, check: (runs: number) => void): void => {
        test(`${name}: ${law}`, () => {
          check(runsPerLine(law, lines.length));
          results.add(family, name, law);
        });
      };
      for (const law of laws) testLaw(law, (runs) => assertLaws(lines, [law], "float64", runs));
      testLaw("per sample", (runs) => assertPerSample(lines, runs));
      testLaw("float32", (runs) => assertLaws(lines, firstOrder, "float32", runs));
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
