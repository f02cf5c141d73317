// What ran, for docs/ops.md: the page is made of nothing else.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const RESULTS = path("./.results");
const PAGE = path("../../docs/ops.md");

/** Columns of the page that a test file answers for, and what has to pass for a mark in each. */
export const COLUMNS = {
  laws: {
    value: ["shape", "primal"],
    "jvp, vjp": ["difference", "adjoint"],
    "second order": ["second order"],
    vmap: ["batch"],
    trace: ["trace"],
    float32: ["float32"],
  },
  special: { "special values": ["special"] },
} as const;

/** Laws that passed, by op. */
export type Passed = Record<string, string[]>;

/** Collects what passed, writes it down, and compares the page with it. */
export class Record_ {
  readonly passed: Passed = {};
  constructor(private readonly name: keyof typeof COLUMNS) {}

  add(op: string, law: string): void {
    this.passed[op] = [...(this.passed[op] ?? []), law];
  }

  write(): void {
    mkdirSync(RESULTS, { recursive: true });
    writeFileSync(`${RESULTS}/${this.name}.json`, `${JSON.stringify(this.passed, null, 1)}\n`);
  }
}
