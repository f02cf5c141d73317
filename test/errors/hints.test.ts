// Every error of the library says what to do, held by reading every call of `fail`.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const src = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "src");

/** Calls that may go without a hint, as "file: code", and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

/** Where a call stands, and its arguments. */
interface Call {
  readonly place: string;
  readonly code: string;
  readonly arguments: readonly ts.Expression[];
}

/** The calls of `fail` in a file. */
function callsIn(path: string, text: string): Call[] {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const calls: Call[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText(tree) === "fail") {
      const code = node.arguments[0]?.getText(tree).replaceAll('"', "") ?? "";
      const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
      calls.push({ place: `src/${path}:${line} [${code}]`, code: `${path}: ${code}`, arguments: [...node.arguments] });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return calls;
}

/** The branches of an expression that chooses between several. */
function branchesOf(x: ts.Expression): ts.Expression[] {
  if (ts.isParenthesizedExpression(x)) return branchesOf(x.expression);
  return ts.isConditionalExpression(x) ? [...branchesOf(x.whenTrue), ...branchesOf(x.whenFalse)] : [x];
}

const isNothing = (x: ts.Expression): boolean =>
  x.kind === ts.SyntaxKind.NullKeyword || x.getText() === "undefined" || (ts.isStringLiteralLike(x) && x.text === "");

/** Whether a call says what to do, in each of its branches, with a sentence where it is written there. */
function hasHint({ arguments: given }: Call): boolean {
  if (given.length !== 4) return false;
  return branchesOf(given[3]).every((x) => !isNothing(x) && (!ts.isStringLiteralLike(x) || /[.?]$/.test(x.text)));
}

const calls = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    return callsIn(relative(src, file).replaceAll("\\", "/"), readFileSync(file, "utf8"));
  });

test("every call of fail has a code, a message, facts and a hint", () => {
  expect(calls.length).toBeGreaterThan(200);
  expect(calls.filter((call) => !(call.code in EXCEPTIONS) && !hasHint(call)).map(({ place }) => place)).toEqual([]);
});

test("every exception is a call without a hint", () => {
  const without = calls.filter((call) => !hasHint(call)).map(({ code }) => code);
  expect(Object.keys(EXCEPTIONS).filter((code) => !without.includes(code))).toEqual([]);
});

test.each([
  ['fail("a/b", "f: no.", {}, "Do that.")', true],
  ['fail("a/b", "f: no.", {}, hint)', true],
  ['fail("a/b", "f: no.", {})', false],
  ['fail("a/b", "f: no.", {}, undefined)', false],
  ['fail("a/b", "f: no.", {}, "")', false],
  ['fail("a/b", "f: no.", {}, "Do that")', false],
  ['fail("a/b", "f: no.", {}, x ? "Do that." : undefined)', false],
  ['fail("a/b", "f: no.", {}, x ? "Do that." : (y ? "Or that." : null))', false],
])("the test sees it: %s", (text, sound) => {
  expect(callsIn("a.ts", text).map(hasHint)).toEqual([sound]);
});
