// What every op does at 0, -0, ties, ±Infinity, NaN, huge and tiny numbers, empty axes, axes of size 1, single numbers.
import * as gt from "gradtape";
import { afterAll, describe, expect, test } from "vitest";
import { untyped } from "../support";
import { Results } from "./record";
import { arithmeticRows } from "./special/arithmetic";
import { binaryRows } from "./special/binary";
import { specialCalls as calls } from "./special/calls";
import { functionRows } from "./special/functions";
import { type Op, opOf } from "./special/op-of";
import type { Call } from "./special/row";
import { families } from "./table";

const results = new Results("special");
afterAll(() => results.write());

const show = (x: unknown) => (Object.is(x, -0) ? "-0" : String(x));

const isNear = (got: unknown, want: number): boolean =>
  typeof got === "number" && Math.abs(got - want) <= 1e-12 * Math.abs(want) + 1e-322;

/** Same sign of zero, same NaN; else within rounding. */
function expectNumber(got: unknown, want: number | boolean | null, what: string): void {
  if (want === null) return;
  const rounded = typeof want === "number" && Number.isFinite(want) && want !== 0;
  if (rounded ? !isNear(got, want) : !Object.is(got, want)) {
    expect.fail(`${what}: got ${show(got)}, want ${show(want)}`);
  }
}

/** Derivatives of zero may have either sign. */
function expectDerivative(got: unknown, want: number | undefined, what: string): void {
  if (want === undefined) return;
  expectNumber(got === 0 ? 0 : got, want === 0 ? 0 : want, what);
}

const unaryRows = { ...arithmeticRows, ...functionRows };

/** Every row as plain numbers, as 0-d tensors, and all rows as one tensor; derivatives by grad, vjp and jvp. */
function expectRows(op: Op, rows: readonly (readonly (number | boolean | null | undefined)[])[], arity: number): void {
  const inputsOf = (row: readonly unknown[]) => row.slice(0, arity) as number[];
  const columns = Array.from({ length: arity }, (_, k) => gt.tensor(rows.map((row) => inputsOf(row)[k])));
  const whole = (op(...columns) as gt.Tensor).toArray() as unknown[];
  for (const [i, row] of rows.entries()) {
    const at = `at ${inputsOf(row).map(show).join(", ")}`;
    expectNumber(op(...inputsOf(row)), row[arity] as number | null, `number ${at}`);
    const single = op(...inputsOf(row).map((x) => gt.tensor(x)));
    expectNumber(gt.isTensor(single) ? single.toArray() : single, row[arity] as number | null, `0-d tensor ${at}`);
    expectNumber(whole[i], row[arity] as number | null, `tensor ${at}`);
  }
  if (typeof rows[0]?.[arity] === "boolean") return;
  const f = (...xs: gt.Value[]) => op(...xs) as gt.Value;
  const ones = gt.ones([rows.length]);
  const backward = gt.vjp(f, columns)[1](untyped(ones));
  const zero = gt.vjp(f, columns)[1](untyped(gt.zerosLike(ones)));
  for (let k = 0; k < arity; k++) {
    const direction = columns.map((_, j) => (j === k ? ones : gt.zerosLike(ones)));
    const forward = gt.jvp(f, columns, untyped(direction))[1] as gt.Tensor;
    for (const [i, row] of rows.entries()) {
      const want = row[arity + 1 + k] as number | undefined;
      const at = `by input ${k} at ${inputsOf(row).map(show).join(", ")}`;
      const scalar = gt.grad((xs: number[]) => f(...xs))(inputsOf(row));
      expectDerivative(scalar[k], want, `grad ${at}`);
      expectDerivative(backward[k]?.data[i], want, `vjp ${at}`);
      expectDerivative(forward.data[i], want, `jvp ${at}`);
      expectDerivative(zero[k]?.data[i], 0, `a cotangent of 0 ${at}`);
    }
  }
}

const asTensor = (x: Call["xs"][number]): gt.Tensor => (gt.isTensor(x) ? x : gt.tensor(x as number[]));
const arrayOf = (y: unknown): unknown => {
  if (Array.isArray(y)) return y.map(arrayOf);
  return gt.isTensor(y) ? y.toArray() : y;
};

function expectNested(got: unknown, want: unknown, what: string, zeros: "signed" | "any"): void {
  if (Array.isArray(want)) {
    if (!Array.isArray(got) || got.length !== want.length) expect.fail(`${what}: got ${JSON.stringify(got)}`);
    for (const [i, item] of want.entries()) expectNested(got[i], item, `${what}[${i}]`, zeros);
  } else if (zeros === "any") expectDerivative(got, want as number, what);
  else expectNumber(got, want as number, what);
}

function expectCall({ f, xs, value, shape, gradients, throws }: Call): void {
  const tensors = xs.map(asTensor);
  if (throws !== undefined) {
    let code: unknown;
    try {
      f(...tensors);
    } catch (error) {
      code = (error as gt.GradtapeError).code;
    }
    expect(code).toBe(throws);
    return;
  }
  const y = f(...tensors);
  if (value !== undefined) expectNested(arrayOf(y), value, "value", Object.is(value, -0) ? "signed" : "any");
  if (shape !== undefined) expect((y as gt.Tensor).shape).toEqual(shape);
  if (gradients === undefined) return;
  const total = (inputs: gt.Tensor[]) =>
    [f(...inputs)].flat().reduce<gt.Scalar>((sum, part) => gt.add(sum, gt.sum(part as gt.Tensor)), 0);
  const got = gt
    .grad(total)(tensors)
    .map((g) => g.toArray());
  gradients.forEach((want, k) => {
    if (want !== undefined) expectNested(got[k], want, `gradient ${k}`, "any");
  });
}

for (const [family, table] of Object.entries(families)) {
  describe(family, () => {
    for (const name of Object.keys(table)) {
      const [unary, binary] = [unaryRows[name], binaryRows[name]];
      const cases = (calls[name] ?? []).map((call): [says: string, run: () => void] => [
        call.says,
        () => expectCall(call),
      ]);
      if (unary !== undefined) cases.push(["at special numbers", () => expectRows(opOf(name), unary, 1)]);
      if (binary !== undefined) cases.push(["at special numbers", () => expectRows(opOf(name), binary, 2)]);
      let left = cases.length;
      for (const [says, run] of cases) {
        test(`${name} ${says}`, () => {
          run();
          left--;
          if (left === 0) results.add(family, name, "special");
        });
      }
    }
  });
}

describe("the table of special values", () => {
  const rows = [...Object.keys(unaryRows), ...Object.keys(binaryRows), ...Object.keys(calls)];
  const ops = Object.values(families).flatMap((table) => Object.keys(table));

  test("has every op, and nothing else", () => {
    expect(ops.filter((name) => !rows.includes(name))).toEqual([]);
    expect(rows.filter((name) => !ops.includes(name))).toEqual([]);
  });

  test("docs/ops.md says what ran (npm run docs:ops)", () => {
    const { page, ran } = results.comparePage();
    expect(page).toEqual(ran);
  });
});
