/**
 * Trains a small network on real handwritten digits, measures per-sample gradients on the way, writes report.html.
 *
 *   npm run demo              a minute at most; fails below 96 percent
 *   npm run demo -- --small   seconds: less data, fewer epochs, the same checks
 */
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { grad, random, trace, tree } from "gradtape";
import { check } from "./checks";
import { first, load } from "./data";
import { gradientNorms, measure } from "./measure";
import { CLASSES, cost, HIDDEN, initialize, PIXELS } from "./model";
import { reportPage } from "./report/page";
import { averagedError } from "./shortcut";
import { normTable, outcomeTable, parameterTable, percent } from "./tables";
import { formatTable, progressBar } from "./terminal";
import { type GradientOf, type Settings, train } from "./train";

const SEED = 1;
/** Samples whose gradients are spelled out; not a power of two, so that dividing by it rounds. */
const MEASURED = 150;

const begun = performance.now();
const { small } = parseArgs({ options: { small: { type: "boolean", default: false } } }).values;
const plan = small
  ? { digits: 1000, epochs: 8, accuracy: 0.85 }
  : { digits: Number.POSITIVE_INFINITY, epochs: 30, accuracy: 0.96 };
const [startKey, orderKey] = random.split(random.key(SEED));
const settings: Settings = { epochs: plan.epochs, batchSize: 32, rate: 0.1, momentum: 0.9, key: orderKey };

const data = { train: first(plan.digits, load("train")), test: load("test") };
const start = initialize(startKey);
const size = tree.leaves(start).reduce((sum, { value }) => sum + (typeof value === "number" ? 1 : value.size), 0);
console.log(`Handwritten digits with gradtape: a ${PIXELS}-${HIDDEN}-${CLASSES} tanh network, ${size} parameters`);
console.log(`${data.train.count} digits to train on, ${data.test.count} by other writers to test on, seed ${SEED}`);
if (small) console.log("Reduced run (--small): less data and fewer epochs, the same checks at a lower accuracy.");
console.log();

const right = trainBy("gradient of the mean", grad(cost));
const shortcut = trainBy("shortcut            ", averagedError);
const runs = { right, shortcut };

const some = first(MEASURED, data.train);
const measured = { start: measure(start, some.digits), trained: measure(right.params, some.digits) };
const norms = {
  start: gradientNorms(start, data.train.digits),
  trained: gradientNorms(right.params, data.train.digits),
};
for (const table of [outcomeTable(runs), parameterTable(measured), normTable(norms)]) {
  console.log(`\n${formatTable(table)}`);
}

const checks = check(measured, runs, plan.accuracy);
console.log();
for (const { claim, holds } of checks) console.log(`${holds ? "ok    " : "FAILED"} ${claim}`);

const oneDigit = tree.map((x) => x.at(0), some.digits);
const tape = trace(cost)(start, oneDigit);
const tapeInputs = [start, oneDigit].flatMap((argument) => tree.leaves(argument).map(({ path }) => path));
const file = fileURLToPath(new URL("report.html", import.meta.url));
const findings = { small, runs, measured, measuredOn: MEASURED, norms, checks, tape, tapeInputs, ...data };
writeFileSync(file, await reportPage(findings));
console.log(`\nReport: ${relative(process.cwd(), file)}`);
console.log(`Done in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
if (!checks.every(({ holds }) => holds)) process.exitCode = 1;

function trainBy(name: string, gradientOf: GradientOf) {
  const show = progressBar(name);
  return train(gradientOf, start, data, settings, (done, { epoch, test }) =>
    show(done, `epoch ${epoch}/${settings.epochs}, test accuracy ${percent(test.accuracy)}`),
  );
}
