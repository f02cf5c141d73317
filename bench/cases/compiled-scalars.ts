import { performance } from "node:perf_hooks";
import type { Scalar } from "gradtape";
import { type Column, check, column, EAGER, FRESH, time } from "../columns";
import { type Comparison, type Library, type Limit, numbers, type Report, type Setting } from "../figure";
import type { Budget, Remote } from "../measure";
import { type Foreign, loadRose } from "../peer";

/** The arithmetic of a library, or of plain numbers. */
interface Arithmetic<T> {
  add(a: T, b: T | number): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  sqrt(a: T): T;
}

/** The sum of the entries of L, where L Lᵀ = M Mᵀ + n I and the numbers of M are given row by row. */
function sumOfFactor<T>({ add, sub, mul, div, sqrt }: Arithmetic<T>, m: readonly T[], n: number): T {
  const factor: T[][] = [];
  let total: T | null = null;
  for (let i = 0; i < n; i++) {
    const row: T[] = [];
    factor.push(row);
    for (let j = 0; j <= i; j++) {
      let entry = mul(m[i * n], m[j * n]);
      for (let k = 1; k < n; k++) entry = add(entry, mul(m[i * n + k], m[j * n + k]));
      if (i === j) entry = add(entry, n);
      for (let k = 0; k < j; k++) entry = sub(entry, mul(row[k], factor[j][k]));
      const found = i === j ? sqrt(entry) : div(entry, factor[j][j]);
      row.push(found);
      total = total === null ? found : add(total, found);
    }
  }
  return total ?? m[0];
}

/** How many ops the value of an n x n matrix takes: the gradient's are not counted. */
function operationsOf(n: number): number {
  let count = 0;
  const counted = <A extends readonly number[]>(f: (...x: A) => number) => {
    return (...x: A): number => {
      count++;
      return f(...x);
    };
  };
  const arithmetic: Arithmetic<number> = {
    add: counted((a: number, b: number) => a + b),
    sub: counted((a: number, b: number) => a - b),
    mul: counted((a: number, b: number) => a * b),
    div: counted((a: number, b: number) => a / b),
    sqrt: counted((a: number) => Math.sqrt(a)),
  };
  sumOfFactor(arithmetic, Array.from(numbers(n * n)), n);
  return count;
}

const ROSE = "Rose";

/** A new function, traced and compiled: what is done before and in its first call. */
type Fresh = () => (m: readonly number[]) => ArrayLike<number>;

/** The gradient, made anew by each call: a function that was compiled before is not compiled again. */
function ours(
  { add, sub, mul, div, sqrt, grad, compile, valueOf }: Library,
  n: number,
  how: "eager" | "compiled",
): Fresh {
  const arithmetic: Arithmetic<Scalar> = { add, sub, mul, div, sqrt };
  return () => {
    const gradient = grad((m: readonly Scalar[]) => sumOfFactor(arithmetic, m, n));
    const run = how === "compiled" ? compile(gradient) : gradient;
    return (m) => run(m).map((x) => valueOf(x));
  };
}

/** The same by Rose, which compiles asynchronously. */
async function rosesGradient(rose: Foreign, n: number): Promise<ReturnType<Fresh>> {
  const { Real, Vec, compile, fn, vjp } = rose;
  const Params = Vec(n * n, Real);
  const value = fn([Params], Real, (m: Foreign) => {
    const list = Array.from({ length: n * n }, (_, i) => m[i]);
    return sumOfFactor(rose as unknown as Arithmetic<Foreign>, list, n);
  });
  const gradient = fn([Params], Params, (m: Foreign) => vjp(value)(m).grad(1));
  const compiled = (await compile(gradient)) as unknown as (m: readonly number[]) => number[];
  return compiled;
}

/** First calls of functions made anew, one after another. */
const firstCalls = (make: () => ReturnType<Fresh> | Promise<ReturnType<Fresh>>, m: readonly number[]): Remote => ({
  async time(runs) {
    const start = performance.now();
    for (let i = 0; i < runs; i++) (await make())(m);
    return performance.now() - start;
  },
});

const matrix = (n: number): number[] => Array.from(numbers(n * n));

/** What a size is held to, of Rose (null where Rose fails) or by itself. */
interface Held {
  readonly rose: number | null;
  readonly nanoseconds?: number;
  readonly milliseconds?: number;
}

const part =
  (n: number, held: Held, first: Budget = {}) =>
  async ({ library }: Setting): Promise<Report> => {
    const m = matrix(n);
    const operations = operationsOf(n);
    const row = `n = ${n} (${operations.toLocaleString("en-US")} ops)`;
    const firstRow = `n = ${n}: first call of a new function (trace, compile and run)`;
    const [eager, make] = [ours(library, n, "eager")(), ours(library, n, "compiled")];
    const compiled = make();
    const columns = [column(EAGER, () => [eager(m)]), column(FRESH, () => [compiled(m)])];
    const firsts: Pick<Column, "name" | "subject">[] = [{ name: FRESH, subject: firstCalls(make, m) }];
    const rose = held.rose === null ? null : await loadRose();
    if (rose !== null) {
      const run = await rosesGradient(rose, n);
      columns.push(column(ROSE, () => [run(m)]));
      firsts.push({ name: ROSE, subject: firstCalls(() => rosesGradient(rose, n), m) });
    }
    const note = check(row, columns, 1e-11);
    const cells = await time({ [row]: columns }, { sample: 1, warmUp: 300, total: 1500 });
    cells.push(...(await time({ [firstRow]: firsts }, { total: 2000, ...first })));
    return { cells, limits: limitsOf(row, firstRow, operations, held), notes: [note] };
  };

function limitsOf(row: string, first: string, operations: number, held: Held): Limit[] {
  const of = [row, FRESH] as const;
  const ofFirst = [first, FRESH] as const;
  const limits: Limit[] = [];
  if (held.rose !== null) {
    limits.push({ of, to: [row, ROSE], unit: "x", asked: held.rose });
    limits.push({ of: ofFirst, to: [first, ROSE], unit: "x", asked: held.rose });
  }
  if (held.nanoseconds !== undefined) limits.push({ of, unit: "ns/op", asked: held.nanoseconds, operations });
  if (held.milliseconds !== undefined) limits.push({ of: ofFirst, unit: "ms", asked: held.milliseconds });
  return limits;
}

const LARGE: Held = { rose: null, nanoseconds: 8, milliseconds: 2000 };

export const compiledScalars: Comparison = {
  name: "compiled-scalars",
  title: "gradient of a Cholesky factor of n x n numbers in scalar ops, by all n² numbers; Rose fails from n = 32 on",
  parts: {
    "8": part(8, { rose: 1 }),
    "16": part(16, { rose: 1 }),
    "32": part(32, LARGE, { warmUp: 1, samples: 5, total: 0 }),
    "64": part(64, LARGE, { warmUp: 1, samples: 3, total: 0 }),
  },
};
