/**
 * Fits the 27 problems of the NIST StRD collection for nonlinear regression, from both starts, and compares with the
 * certified values.
 *
 *   npm run demo:nist   some seconds; fails if fewer than 26 problems from start 2 or 22 from start 1 have six digits
 */

import { models } from "../../test/optim/nist/models";
import { solve } from "../../test/optim/nist/solve";
import { formatTable } from "../digits/terminal";

const DIGITS = 6;
const WANTED = { 1: 22, 2: 26 } as const;

const begun = performance.now();
const names = Object.keys(models);
const results = names.flatMap((name) => [solve(name, 1), solve(name, 2)]);

console.log(
  formatTable({
    caption: `${names.length} problems of the NIST StRD collection, by leastSquares with its default options`,
    head: ["problem", "start", "iterations", "stopped by", "correct digits", "sum of squares", "certified"],
    rows: results.map(({ name, start, outcome, logRelativeError, certifiedSum }) => [
      name,
      String(start),
      String(outcome.iterations),
      outcome.reason,
      logRelativeError.toFixed(1),
      outcome.value.toExponential(6),
      certifiedSum.toExponential(6),
    ]),
  }),
);
console.log("\nCorrect digits: those of the worst parameter, -log10(|b - c| / |c|); 11 are certified.\n");

for (const start of [1, 2] as const) {
  const right = results.filter((r) => r.start === start && r.logRelativeError >= DIGITS).length;
  const holds = right >= WANTED[start];
  console.log(`${holds ? "ok    " : "FAILED"} start ${start}: ${right} of ${names.length} with ${DIGITS} digits`);
  if (!holds) process.exitCode = 1;
}
console.log(`Done in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
