// Runs the laws, then writes docs/ops.md from what passed: npm run docs:ops. With `-t name` it runs those of the ops whose
// names are matched by the pattern (npm run docs:ops -- -t sinc), and leaves the rows of all others as they are.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { forget, PAGE, pageOf } from "./record";
import { families } from "./table";

const { t: pattern } = parseArgs({ options: { t: { type: "string", short: "t" } } }).values;
const names = Object.values(families).flatMap((table) => Object.keys(table));
const asked = pattern === undefined ? names : names.filter((name) => new RegExp(pattern).test(name));
if (asked.length === 0) throw new Error(`no op is named like "${pattern}"`);

// "sinc: adjoint", "sinc at special numbers": all tests of an op, and none that compares the page as it was.
const escaped = asked.map((name) => name.replace(/[.]/g, "\\."));
const filter = pattern === undefined ? "^(?!.*docs/ops.md)" : `(^| )(${escaped.join("|")})(:| )(?!.*docs/ops.md)`;
forget();
const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "--config", "test/vitest.config.ts", "--project", "laws", "-t", filter],
  { stdio: "inherit" },
);
if (status !== 0) throw new Error("a law does not hold: docs/ops.md stays as it was");
writeFileSync(PAGE, pageOf(readFileSync(PAGE, "utf8"), asked));
