import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { errorsOf, programOf, ROOT } from "./compiler";

/*
 * The snapshot of the public API (public-api.txt) held against the package. Types are compared declaration by declaration
 * as printed text; functions by the compiler: what the snapshot declares must be assignable to what the package exports,
 * and the other way round, with the package's own types in both.
 */
const SNAPSHOT = join(import.meta.dirname, "public-api.txt");

type Named = ts.TypeAliasDeclaration | ts.InterfaceDeclaration;
const isNamed = (node: ts.Node): node is Named => ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node);
const printer = ts.createPrinter({ removeComments: true });

/** A declaration without layout, comments, export, and the `readonly` and defaults that say nothing. */
function normal(node: Named, source: ts.SourceFile): string {
  const text = printer.printNode(ts.EmitHint.Unspecified, node, source);
  return text
    .replace(/\bexport |\bdeclare /g, "")
    .replace(/\s+/g, " ")
    .replace(/[()]/g, "")
    .replace(/[;,] ?\}/g, " }")
    .replace(/;/g, ",")
    .trim();
}

function typesOf(path: string): Map<string, string> {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    if (isNamed(node)) found.set(node.name.text, normal(node, source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

const snapshotTypes = typesOf(SNAPSHOT);
const packageTypes = new Map(sources(join(ROOT, "src")).flatMap((path) => [...typesOf(path)]));

test.each([
  ..."Sizes Broadcast Append Product Meets Fits Of ShapeOf Elementwise Reduced Drop Repeated Unstacked Gradient Batch Leaves Jacobian Filled Permuted".split(
    " ",
  ),
])("type %s is declared as in the snapshot", (name) => {
  expect(packageTypes.get(name)).toBe(snapshotTypes.get(name));
});

/** The snapshot with the package's own types: what is left are values and functions. */
function snapshotOfValues(): string {
  const text = readFileSync(SNAPSHOT, "utf8");
  const source = ts.createSourceFile("snapshot.d.ts", text, ts.ScriptTarget.Latest, true);
  const cuts: [number, number][] = [];
  const imported: string[] = [];
  const cut = (statements: readonly ts.Statement[], top: boolean): void => {
    for (const statement of statements) {
      const name = isNamed(statement) || ts.isClassDeclaration(statement) ? statement.name?.text : undefined;
      if (name !== undefined && packageTypes.has(name) && top) {
        cuts.push([statement.getFullStart(), statement.getEnd()]);
        imported.push(name);
      } else if (ts.isClassDeclaration(statement)) cuts.push([statement.getFullStart(), statement.getEnd()]);
    }
  };
  const [main] = source.statements.filter(ts.isModuleDeclaration);
  if (main.body !== undefined && ts.isModuleBlock(main.body)) cut(main.body.statements, true);
  let kept = text;
  for (const [start, end] of cuts.reverse()) kept = kept.slice(0, start) + kept.slice(end);
  return kept
    .replaceAll('"gradtape', '"snapshot')
    .replaceAll('from "snapshot"', 'from "gradtape"')
    .replace(
      'declare module "snapshot" {',
      `declare module "snapshot" {\n  import type { ${imported.join(", ")} } from "gradtape";`,
    );
}

const CHECK = `
import type * as wanted from "snapshot";
import type * as wantedPitfalls from "snapshot/pitfalls";
import type * as wantedTesting from "snapshot/testing";
import * as actual from "gradtape";
import * as pitfalls from "gradtape/pitfalls";
import * as testing from "gradtape/testing";
export const promised: typeof wanted = actual;
declare const declared: typeof wanted;
export const given: Pick<typeof actual, keyof typeof wanted> = declared;
export const promisedPitfalls: typeof wantedPitfalls = pitfalls;
declare const declaredPitfalls: typeof wantedPitfalls;
export const givenPitfalls: Pick<typeof pitfalls, keyof typeof wantedPitfalls> = declaredPitfalls;
export const promisedTesting: typeof wantedTesting = testing;
declare const declaredTesting: typeof wantedTesting;
export const givenTesting: Pick<typeof testing, keyof typeof wantedTesting> = declaredTesting;
`;

/** What the compiler says of some text beside the package. */
function diagnose(files: Readonly<Record<string, string>>): string[] {
  const texts = new Map(Object.entries(files).map(([name, text]) => [join(ROOT, "test/types", name), text]));
  const paths = [...texts.keys()];
  return errorsOf(programOf(paths, texts), paths);
}

test("values and functions have the types of the snapshot, both ways", { timeout: 120_000 }, () => {
  expect(diagnose({ "declared.d.ts": snapshotOfValues(), "check.ts": CHECK })).toEqual([]);
});

test("the check notices a difference", { timeout: 120_000 }, () => {
  const wrong = snapshotOfValues().replace(
    "export function eye<const N extends number>(n: N,",
    "export function eye<const N extends number>(n: string,",
  );
  expect(diagnose({ "declared.d.ts": wrong, "check.ts": CHECK })).not.toEqual([]);
});
