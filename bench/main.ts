// Figures of the built package: npm run bench [-- names of cases] [--processes N] [--library FILE] [--against FILE]
// Every case runs in a process of its own; with --against, processes of two builds take turns. A comparison of programs has
// processes for its parts; with --against, both builds are in each of them, and what it prints is Markdown.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { beside } from "./cases/beside";
import { classifier } from "./cases/classifier";
import { compiledNetworks } from "./cases/compiled-networks";
import { compiledScalars } from "./cases/compiled-scalars";
import { compiledVectors } from "./cases/compiled-vectors";
import { fixedPrices } from "./cases/fixed-prices";
import { higherOrder, loops } from "./cases/higher-order";
import { perSampleMemory, perSampleProducts } from "./cases/per-sample-products";
import { rosenbrock } from "./cases/rosenbrock";
import { scalars } from "./cases/scalars";
import { perSample, smallNetwork } from "./cases/small-network";
import { types } from "./cases/types";
import { visits } from "./cases/visits";
import { wideNetwork } from "./cases/wide-network";
import { combined } from "./columns";
import { type Case, type Comparison, type Figure, type Library, type Report, summary } from "./figure";
import { page, pooledReport } from "./table";

const cases: readonly Case[] = [
  scalars,
  visits,
  rosenbrock,
  smallNetwork,
  perSample,
  perSampleProducts,
  perSampleMemory,
  wideNetwork,
  classifier,
  higherOrder,
  loops,
  fixedPrices,
  ...beside,
  types,
];

const comparisons: readonly Comparison[] = [compiledNetworks, compiledVectors, compiledScalars];
const everything: readonly (Case | Comparison)[] = [...cases, ...comparisons];

const here = fileURLToPath(import.meta.url);
const built = resolve(here, "../../dist/index.js");

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    processes: { type: "string", default: "1" },
    library: { type: "string", default: built },
    against: { type: "string" },
    /** One case, or this part of one comparison, here, its figures as one line of JSON: how this program calls itself. */
    inside: { type: "boolean", default: false },
    part: { type: "string" },
  },
});

/** The cases named, all by default. */
function chosen(): readonly (Case | Comparison)[] {
  const unknown = names.find((name) => !everything.some((c) => c.name === name));
  if (unknown !== undefined) {
    console.error(`bench: no case is named ${unknown}. There are: ${everything.map(({ name }) => name).join(", ")}.`);
    process.exit(2);
  }
  return names.length === 0 ? everything : everything.filter(({ name }) => names.includes(name));
}

const shorten = (x: number): string => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));
const loadNow = (): string =>
  loadavg()
    .map((x) => x.toFixed(1))
    .join(" ");

/** What a process of one case prints, with one build; of one part of a comparison, with two. */
function processOf<Result>(name: string, library: string, more: readonly string[] = []): Result {
  const flags = [...process.execArgv.filter((flag) => flag !== "--expose-gc"), "--expose-gc"];
  const result = spawnSync(process.execPath, [...flags, here, "--inside", "--library", library, ...more, name], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 28,
  });
  const line = (result.stdout ?? "").split("\n").find((text) => /^[[{]/.test(text));
  if (result.status !== 0 || line === undefined) throw new Error(`bench: the case ${name} failed.`);
  return JSON.parse(line);
}

/** Samples of the same figure of several processes, together. */
const pooled = (runs: readonly Figure[][]): Figure[] =>
  runs[0].map((figure, k) => ({ ...figure, samples: runs.flatMap((run) => run[k].samples) }));

function print(figures: readonly Figure[], others: readonly Figure[] | null): void {
  const head = ["", "median", "min", "max", "samples", "target", ""];
  if (others !== null) head.push("other median", "other min", "this / other");
  const rows = figures.map(({ label, unit, samples, target }, k) => {
    const { median, min, max } = summary(samples);
    const near = min <= (target ?? 0) && unit !== "x" ? "met by the min" : "missed";
    const verdict = target === undefined ? "" : median <= target ? "met" : near;
    const row = [label, `${shorten(median)} ${unit}`, shorten(min), shorten(max), `${samples.length}`];
    row.push(target === undefined ? "" : `<= ${target}`, verdict);
    if (others !== null) {
      const other = summary(others[k].samples);
      row.push(shorten(other.median), shorten(other.min), (median / other.median).toFixed(2));
    }
    return row;
  });
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  for (const row of [head, ...rows]) {
    const cells = row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i])));
    console.log(`  ${cells.join("  ").trimEnd()}`);
  }
}

/** A case, in processes of one build or of two in turn. */
function runCase({ name }: Case): void {
  const runs: Figure[][] = [];
  const otherRuns: Figure[][] = [];
  for (let i = 0; i < Number(options.processes); i++) {
    runs.push(processOf(name, resolve(options.library)));
    if (options.against !== undefined) otherRuns.push(processOf(name, resolve(options.against)));
  }
  print(pooled(runs), options.against === undefined ? null : pooled(otherRuns));
}

/** A comparison, all of its parts or the one that is named. */
function runComparison({ name, parts }: Comparison): void {
  const reports = Object.keys(parts)
    .filter((part) => options.part === undefined || part === options.part)
    .map((part) => {
      const more = ["--part", part, ...(options.against === undefined ? [] : ["--against", resolve(options.against)])];
      const count = Number(options.processes);
      return pooledReport(Array.from({ length: count }, () => processOf<Report>(name, resolve(options.library), more)));
    });
  console.log(`\n${page(combined(reports))}`);
}

const load = async (file: string): Promise<Library> => await import(pathToFileURL(file).href);

/** What a process of its own does: the case, or the part, that it was started for. */
async function inside(): Promise<Figure[] | Report> {
  const [library, file] = [await load(options.library), options.library];
  const [one] = chosen();
  if (!("parts" in one)) return one.run(library);
  return one.parts[options.part ?? ""]({
    library,
    file,
    other: options.against === undefined ? null : await load(options.against),
  });
}

if (options.inside) {
  console.log(JSON.stringify(await inside()));
} else {
  for (const file of [options.library, options.against ?? built]) {
    if (!existsSync(file)) throw new Error(`bench: there is no ${relative("", file)}; run npm run build first.`);
  }
  const model = cpus()[0]?.model ?? "unknown processor";
  console.log(`${model}, ${availableParallelism()} cores, Node ${process.versions.node}, load ${loadNow()}`);
  for (const one of chosen()) {
    console.log(`\n${one.name}: ${one.title}`);
    if ("parts" in one) runComparison(one);
    else runCase(one);
  }
  console.log(`\nload at the end ${loadNow()}`);
}
