// What ran, for docs/ops.md: the page is made of nothing else.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { innerOps } from "./inner-ops";
import { families } from "./table";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const fileOf = (part: Part) => path(`./.results/${part}.json`);
export const PAGE = path("../../docs/ops.md");

/** Columns of the page by the test file that answers for them, and what has to pass for a mark in each. */
export const COLUMNS = {
  laws: {
    value: ["shape", "declares", "formula", "primal"],
    vjp: ["adjoint"],
    jvp: ["difference"],
    "second order": ["second order"],
    vmap: ["batch"],
    "per sample": ["per sample"],
    traced: ["trace"],
    compiled: ["compile"],
    float32: ["float32"],
  },
  special: { "special values": ["special"] },
} as const satisfies Record<string, Record<string, readonly string[]>>;
export type Part = keyof typeof COLUMNS;

/** What passed, by family and op. */
export type Passed = Record<string, Record<string, string[]>>;

const MARK = "✓";

/** Collects what passes. */
export class Results {
  readonly passed: Passed = {};
  constructor(private readonly part: Part) {}

  /** Every test of `name` for an op of the family has passed. */
  add(family: string, op: string, name: string): void {
    this.passed[family] ??= {};
    this.passed[family][op] ??= [];
    this.passed[family][op].push(name);
  }

  write(): void {
    const file = fileOf(this.part);
    mkdirSync(path("./.results"), { recursive: true });
    writeFileSync(file, `${JSON.stringify(this.passed, null, 1)}\n`);
  }

  /** The columns of the page that these results answer for, as they are and as they should be, by op. */
  comparePage(): { page: Record<string, string[]>; ran: Record<string, string[]> } {
    const ran: Record<string, string[]> = {};
    for (const ops of Object.values(this.passed)) {
      for (const [op, passed] of Object.entries(ops)) ran[op] = cellsOf(this.part, passed);
    }
    const page: Record<string, string[]> = {};
    const before = this.part === "laws" ? 0 : Object.keys(COLUMNS.laws).length;
    const count = Object.keys(COLUMNS[this.part]).length;
    const [tables] = readFileSync(PAGE, "utf8").split(INNER);
    for (const line of tables.split("\n")) {
      const cells = line.split("|").map((cell) => cell.trim());
      const op = /^`(.+)`$/.exec(cells[1] ?? "")?.[1];
      if (op === undefined) continue;
      const own = cells.slice(2 + before, 2 + before + count);
      if (this.part === "laws" || own.some((cell) => cell !== "")) page[op] = own;
    }
    return { page, ran };
  }
}

const cellsOf = (part: Part, passed: readonly string[]): string[] =>
  Object.values(COLUMNS[part]).map((needed: readonly string[]) =>
    needed.every((name) => passed.includes(name)) ? MARK : "",
  );

/** Throws away what ran before. */
export function forget(): void {
  rmSync(path("./.results"), { recursive: true, force: true });
}

const opOf = (row: string): string | undefined => /^\| `(.+?)` /.exec(row)?.[1];

/**
 * docs/ops.md: rows of the ops `asked` are made of what the two test files wrote down, all others are those of the page
 * before. Nothing is made of a part of the tests of an op: each of the laws and the special values must have passed.
 */
export function pageOf(before: string, asked: readonly string[]): string {
  const read = (part: Part) => JSON.parse(readFileSync(fileOf(part), "utf8")) as Passed;
  const [laws, special] = [read("laws"), read("special")];
  const names = Object.values(COLUMNS).flatMap((columns) => Object.keys(columns));
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rowsBefore = new Map(before.split("\n").map((line) => [opOf(line), line]));
  const rowOf = (family: string, op: string): string => {
    if (!asked.includes(op)) {
      const kept = rowsBefore.get(op);
      if (kept === undefined) throw new Error(`docs/ops.md has no row of ${op} yet: ask for it too`);
      return kept;
    }
    const marks = [...cellsOf("laws", laws[family]?.[op] ?? []), ...cellsOf("special", special[family]?.[op] ?? [])];
    if (marks.includes("")) throw new Error(`not all tests of ${op} have run: ${names[marks.indexOf("")]} is missing`);
    return row([`\`${op}\``, ...marks]);
  };
  const tables = Object.entries(families).map(([family, table]) => {
    const rows = Object.keys(table).map((op) => rowOf(family, op));
    return [`## ${family}`, "", row(["op", ...names]), row(["---", ...names.map(() => ":-:")]), ...rows].join("\n");
  });
  return `${[INTRODUCTION, ...tables, innerSection()].join("\n\n")}\n`;
}

const INNER = "## Ops that derivatives are made of";

/** The last section: the ops that tapes print and that no function is named after. */
export const innerSection = (): string =>
  [
    INNER,
    "",
    "A tape (`trace`, `explain`) prints these too. They belong to the package, not to its interface.",
    "",
    "| op | what it is |",
    "| --- | --- |",
    ...Object.entries(innerOps).map(([name, sentence]) => `| \`${name}\` | ${sentence} |`),
  ].join("\n");

const INTRODUCTION = `# Ops

<!-- Made by \`npm run docs:ops\` from the tests that passed; a test compares it with what ran. -->

Every op, and the laws it is held to by the tests: on random inputs, shapes and options, in float64 and in float32.

- **value**: the shape rule says what evaluating gives, and being observed changes no bit of it. What ops declare of
  themselves, those of the derivatives too, is what they do, and their formulas give what they give.
- **vjp**: the transpose of the jvp, for random cotangents and tangents. Results that are not floats have derivative zero.
  Each component is the sum over the dense Jacobian in which exactly 0 absorbs, for huge and infinite ones too; so is the jvp.
- **jvp**: equals a central difference.
- **second order**: the same for the derivative of the derivative, forward and reverse.
- **vmap**: equals a stack of calls, whichever inputs are mapped; of the gradient too.
- **per sample**: everything that batchGrad gives of a loss made of the op, by each input in turn, equals a loop over the samples.
- **traced**: traced and replayed equals called; of the gradient too.
- **compiled**: compiled gives what a call gives, up to rounding; of the gradient too. Ops without a lowering are called back.
- **float32**: all of this but the second order, in single precision.
- **special values**: zeros of both signs, ties, infinities, NaN, huge and tiny numbers, empty axes, axes of size 1 and single numbers, each as written down in a table.`;
