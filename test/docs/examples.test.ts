/*
 * Runs the documentation: every fenced `ts` block of blocks.ts is a test named by its file and line. `compile.test.ts`
 * compiles them.
 *
 * A block is a whole program: it imports what it uses from "gradtape", "gradtape/pure", "gradtape/testing",
 * "gradtape/pitfalls" or "gradtape/optim" (and ml-matrix and vitest, where a page is about them), may `await`, and says what it expects in comments:
 *
 *     add(1, 2); // => 3                      the value of the expression
 *     const y = tanh(tensor([0, 1])); // => [0, 0.761594]
 *                                             the value of the variable; tensors are compared by toArray()
 *     matmul(a, b); // => throws [shape/inner-dimension]
 *                                             a GradtapeError with that code
 *     matmul(a, b); // => throws [shape/inner-dimension]: inner sizes 3 and 1 differ
 *                                             and with these words in its message
 *     eye(2); // => [[1, 0],
 *             //     [0, 1]]                  an open bracket goes on in the comment lines below
 *
 * What is expected is a JavaScript expression, which may use names of the block. Strings, booleans and the fields of
 * objects must be equal; numbers agree to 1e-6 of their size. A number written with four or more significant digits
 * and a decimal point (0.7616) need only agree to its last digit. NaN equals NaN; -0 is asked for by writing -0.
 */
import * as gradtape from "gradtape";
import * as optim from "gradtape/optim";
import * as pitfalls from "gradtape/pitfalls";
import * as pure from "gradtape/pure";
import * as testing from "gradtape/testing";
import * as mlMatrix from "ml-matrix";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { blocksOf, sources } from "./blocks";

const MODULES: Readonly<Record<string, unknown>> = {
  gradtape,
  "gradtape/pure": pure,
  "gradtape/testing": testing,
  "gradtape/pitfalls": pitfalls,
  "ml-matrix": mlMatrix,
  vitest: { expect },
  "gradtape/optim": optim,
};

// ── What a comment expects

/** A number that has to agree only within a tolerance, because that is how many digits were written. */
class Written {
  constructor(
    readonly value: number,
    readonly tolerance: number,
  ) {}
}

/** The number that a literal stands for, with half a unit of its last digit as tolerance if four digits are written. */
function written(literal: string): number | Written {
  const value = Number(literal);
  const parts = /^-?(\d*)\.(\d+)(?:e([-+]?\d+))?$/i.exec(literal);
  if (parts === null) return value;
  const [, whole, fraction, exponent = "0"] = parts;
  if ((whole + fraction).replace(/^0+/, "").length < 4) return value;
  return new Written(value, 0.5 * 10 ** (Number(exponent) - fraction.length));
}

/** Rewrites the number literals of an expected value (in arrays, objects and by themselves) to calls of `written`. */
function withTolerances(expected: string): string {
  const tree = ts.createSourceFile("expected.ts", `(${expected})`, ts.ScriptTarget.ES2022, true);
  const edits: { start: number; end: number; literal: string }[] = [];
  const visit = (node: ts.Node): void => {
    const isNegative =
      ts.isPrefixUnaryExpression(node) &&
      node.operator === ts.SyntaxKind.MinusToken &&
      ts.isNumericLiteral(node.operand);
    if (isNegative || ts.isNumericLiteral(node)) {
      edits.push({ start: node.getStart(tree), end: node.end, literal: node.getText(tree).replaceAll("_", "") });
    } else if (ts.isPropertyAssignment(node)) visit(node.initializer);
    else if (
      ts.isParenthesizedExpression(node) ||
      ts.isArrayLiteralExpression(node) ||
      ts.isObjectLiteralExpression(node) ||
      ts.isExpressionStatement(node) ||
      ts.isSourceFile(node)
    )
      ts.forEachChild(node, visit);
  };
  visit(tree);
  let text = tree.text;
  for (const { start, end, literal } of edits.reverse())
    text = `${text.slice(0, start)}$written(${JSON.stringify(literal)})${text.slice(end)}`;
  return text;
}

/** The expectation that stands behind a statement: the rest of its line, and lines below while a bracket is open. */
function expectationAfter(text: string, end: number): string | undefined {
  const [first, ...below] = text.slice(end).split("\n");
  const comment = /^\s*\/\/ => (.*)$/.exec(first);
  if (comment === null) return undefined;
  let expected = comment[1].trim();
  const isOpen = () => (expected.match(/[[{(]/g) ?? []).length > (expected.match(/[\]})]/g) ?? []).length;
  for (const line of below) {
    const more = /^\s*\/\/(.*)$/.exec(line);
    if (more === null || !isOpen()) break;
    expected += ` ${more[1].trim()}`;
  }
  return expected;
}

/** A program whose expectations are calls: $value(actual, expected, line) and $throws(thunk, code, words, line). */
function withChecks(code: string): string {
  const tree = ts.createSourceFile("example.ts", code, ts.ScriptTarget.ES2022, true);
  const edits: { start: number; end: number; text: string }[] = [];
  let found = 0;
  const check = (statement: ts.Statement): void => {
    const expected = expectationAfter(code, statement.end);
    if (expected === undefined) return;
    found++;
    const start = statement.getStart(tree);
    const line = tree.getLineAndCharacterOfPosition(statement.end).line + 1;
    const error = /^throws \[([^\]]+)\](?:: (.+))?$/.exec(expected);
    if (error !== null) {
      const thunk = `async () => { ${statement.getText(tree)} }`;
      const [, name, words = ""] = error;
      const call = `await $throws(${thunk}, ${JSON.stringify(name)}, ${JSON.stringify(words)}, ${line});`;
      edits.push({ start, end: statement.end, text: call });
    } else if (ts.isExpressionStatement(statement)) {
      const actual = statement.expression.getText(tree);
      edits.push({ start, end: statement.end, text: `$value((${actual}), ${withTolerances(expected)}, ${line});` });
    } else if (ts.isVariableStatement(statement)) {
      const { name } = statement.declarationList.declarations[0];
      if (!ts.isIdentifier(name)) throw new Error(`line ${line}: "// =>" needs one variable, not a pattern`);
      const call = ` $value(${name.text}, ${withTolerances(expected)}, ${line});`;
      edits.push({ start: statement.end, end: statement.end, text: call });
    } else throw new Error(`line ${line}: "// =>" must follow an expression or a const`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node) || ts.isVariableStatement(node)) check(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  const asked = (code.match(/\/\/ =>/g) ?? []).length;
  if (asked !== found) throw new Error(`${asked} "// =>" comments, but ${found} stand directly behind a statement`);
  let text = code;
  for (const { start, end, text: insert } of edits.sort((a, b) => b.start - a.start))
    text = text.slice(0, start) + insert + text.slice(end);
  return text;
}

// ── Comparing

/** Says where and how a value differs from what is expected, or nothing. */
function difference(actual: unknown, expected: unknown, path = "value"): string | undefined {
  const is = gradtape.isTensor(actual) ? actual.toArray() : ArrayBuffer.isView(actual) ? elementsOf(actual) : actual;
  const wanted = expected instanceof Written ? expected.value : expected;
  const differs = `${path} is ${show(is)}, expected ${show(wanted)}`;
  if (typeof wanted === "number") {
    if (typeof is !== "number") return differs;
    if (Object.is(is, wanted) || (is === wanted && !Object.is(wanted, -0))) return undefined;
    const tolerance = Math.max(Math.abs(wanted) * 1e-6, expected instanceof Written ? expected.tolerance : 0, 1e-12);
    return Math.abs(is - wanted) <= tolerance * (1 + 1e-9) && !Object.is(wanted, -0) ? undefined : differs;
  }
  if (typeof wanted !== "object" || wanted === null) return Object.is(is, wanted) ? undefined : differs;
  if (typeof is !== "object" || is === null || Array.isArray(is) !== Array.isArray(wanted)) return differs;
  const keys = Object.keys(wanted);
  if (Object.keys(is).length !== keys.length) return differs;
  for (const key of keys) {
    if (!(key in is)) return differs;
    const at = Array.isArray(is) ? `${path}[${key}]` : `${path}.${key}`;
    const below = difference(Reflect.get(is, key), Reflect.get(wanted, key), at);
    if (below !== undefined) return below;
  }
  return undefined;
}

function elementsOf(view: ArrayBufferView): unknown[] {
  return Array.from(view as Float64Array);
}

function show(value: unknown): string {
  return typeof value === "number"
    ? String(Object.is(value, -0) ? "-0" : value)
    : (JSON.stringify(value) ?? String(value));
}

// ── Running

const AsyncFunction = (async () => {}).constructor as new (...text: string[]) => (...args: unknown[]) => Promise<void>;

/** Runs a program; errors name the line of the file. */
async function run(code: string, file: string): Promise<void> {
  const { outputText } = transpile(withChecks(code), file);
  const load = (name: string) => {
    if (name in MODULES) return MODULES[name];
    throw new Error(`an example may only import ${Object.keys(MODULES).join(", ")}; this one imports ${name}`);
  };
  const value = (actual: unknown, expected: unknown, line: number) => {
    const message = difference(actual, expected);
    if (message !== undefined) throw new Error(`${file}:${line}: ${message}`);
  };
  const throws = async (thunk: () => Promise<unknown>, code: string, words: string, line: number) => {
    const error = await thunk().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) throw new Error(`${file}:${line}: nothing was thrown, expected [${code}]`);
    if (!(error instanceof gradtape.GradtapeError)) throw error;
    if (error.code !== code) throw new Error(`${file}:${line}: [${error.code}] was thrown, expected [${code}]`);
    if (!error.message.includes(words)) throw new Error(`${file}:${line}: "${error.message}" has not "${words}"`);
  };
  // Named as a file, so that the library knows that its lines are a user's.
  const program = `${outputText}\n//# sourceURL=file:///documentation/${file}`;
  await new AsyncFunction("require", "exports", "$value", "$throws", "$written", program)(
    load,
    {},
    value,
    throws,
    written,
  );
}

/** JavaScript with CommonJS imports; syntax errors are thrown. */
function transpile(code: string, file: string): ts.TranspileOutput {
  const output = ts.transpileModule(code, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  const [error] = output.diagnostics ?? [];
  if (error !== undefined) {
    const line = code.slice(0, error.start).split("\n").length;
    throw new Error(`${file}:${line}: ${ts.flattenDiagnosticMessageText(error.messageText, "\n")}`);
  }
  return output;
}

describe("examples in the documentation", () => {
  for (const { file, lines } of sources)
    for (const { line, run: runs, code } of blocksOf(lines))
      test(`${file}:${line}`, async () => {
        if (runs) await run(code, file);
        else transpile(code, file);
      });
});

describe("the comparison of examples", () => {
  test.each<[unknown, unknown]>([
    [1, 1.1],
    [1, 1.000002],
    [0.76, written("0.7616")],
    [0.54, written("0.5")],
    [0, -0],
    [Number.NaN, 0],
    [[1, 2], [1]],
    [{ a: 1, b: 2 }, { a: 1 }],
    ["1", 1],
    [undefined, null],
  ])("%j is not %j", (actual, expected) => {
    expect(difference(actual, expected)).toMatch(/^value/);
  });

  test("digits that were written are the tolerance", () => {
    expect(difference([0.76159], [written("0.7616")])).toBeUndefined();
    expect(difference([1.0000005, Number.NaN], [1, Number.NaN])).toBeUndefined();
  });

  test("an error is held to its code and its words", async () => {
    const add = 'import { add, tensor } from "gradtape";\nadd(tensor([1, 2]), tensor([1, 2, 3]) as any); // => throws';
    await run(`${add} [shape/broadcast]: [2] and [3]`, "page");
    await expect(run(`${add} [shape/broadcast]: [2] and [4]`, "page")).rejects.toThrow('has not "[2] and [4]"');
    await expect(run(`${add} [shape/rank]`, "page")).rejects.toThrow(
      "[shape/broadcast] was thrown, expected [shape/rank]",
    );
  });

  test("a comment that would check nothing is an error", () => {
    expect(() => withChecks("// => 3")).toThrow('1 "// =>" comments, but 0');
  });
});
