import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import ts from "typescript";
import type { Case } from "../figure";

const ROOT = resolve(import.meta.dirname, "../..");
const TSC = join(ROOT, "node_modules/typescript/lib/tsc.js");
const RUNS = 6;
/** A strict user's options; declarations of packages unchecked, as their time is the same for both. */
const OPTIONS = {
  ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, noEmit: true, types: [] },
  ...{ target: "es2022", lib: ["es2022"], module: "nodenext", moduleResolution: "nodenext" },
};

const isNumeric = (node: ts.Expression): boolean =>
  ts.isArrayLiteralExpression(node) ? node.elements.every(isNumeric) : ts.isNumericLiteral(node);
const depthOf = (node: ts.Expression): number =>
  ts.isArrayLiteralExpression(node) ? 1 + Math.max(0, ...node.elements.map(depthOf)) : 0;

/** A program with every literal shape, in values and in types, written as number[]. */
function widened(text: string): string {
  const source = ts.createSourceFile("program.ts", text, ts.ScriptTarget.Latest, true);
  const edits: [start: number, end: number, text: string][] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node) && node.typeName.getText() === "Tensor" && node.typeArguments !== undefined) {
      edits.push([node.getStart(), node.getEnd(), "Tensor<number[]>"]);
    } else if (ts.isArrayLiteralExpression(node) && isNumeric(node) && ts.isCallExpression(node.parent)) {
      edits.push([node.getEnd(), node.getEnd(), ` as number${"[]".repeat(depthOf(node))}`]);
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  return edits.reduceRight((out, [start, end, put]) => out.slice(0, start) + put + out.slice(end), text);
}

/** A project of one program beside the package as built. */
function makeProject(folder: string, program: string): string {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(ROOT, join(folder, "node_modules/gradtape"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "program.ts"), program);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS, files: ["program.ts"] }));
  return folder;
}

/** What tsc prints; throws if it finds errors. */
function check(project: string, ...flags: readonly string[]): string {
  const { status, stdout } = spawnSync(process.execPath, [TSC, "-p", project, ...flags], { encoding: "utf8" });
  if (status !== 0) throw new Error(`types: the program does not compile.\n${stdout}`);
  return stdout;
}
function timed(project: string): number {
  const start = performance.now();
  check(project);
  return performance.now() - start;
}
const instantiations = (project: string): number =>
  Number(/Instantiations:\s+(\d+)/.exec(check(project, "--extendedDiagnostics"))?.[1]);

/** Whole processes of `tsc --noEmit`, in turn; the target is for the ratio of the shortest ones. */
export const types: Case = {
  name: "types",
  title: "A program of 300 lines checked by tsc: shapes literal, and the same written as number[]",
  run() {
    const folder = mkdtempSync(join(tmpdir(), "gradtape-types-"));
    try {
      const text = readFileSync(join(ROOT, "bench/types/program.ts"), "utf8");
      const literal = makeProject(join(folder, "literal"), text);
      const plain = makeProject(join(folder, "plain"), widened(text));
      const counts = [instantiations(literal), instantiations(plain)];
      const times: [number[], number[]] = [[], []];
      for (let i = 0; i < RUNS; i++) {
        times[0].push(timed(literal));
        times[1].push(timed(plain));
      }
      const [shortest, shortestPlain] = times.map((samples) => Math.min(...samples));
      return [
        { label: "shapes literal", unit: "ms", samples: times[0] },
        { label: "shapes number[]", unit: "ms", samples: times[1] },
        { label: "shortest / shortest", unit: "x", samples: [shortest / shortestPlain], target: 1.25 },
        { label: "types made, literal", unit: "", samples: [counts[0]] },
        { label: "types made, number[]", unit: "", samples: [counts[1]] },
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
