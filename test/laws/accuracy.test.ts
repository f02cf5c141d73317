// Value, first and second derivative of every elementwise op over a logarithmic grid of its whole domain, against
// arithmetic of 1000 digits: test/fixtures/accuracy/make.py writes it.
import { readFileSync } from "node:fs";
import * as gt from "gradtape";
import { expect, test } from "vitest";
import { elementwise } from "./cases/elementwise";

type Cell = number | "+" | "-";
type Fixture = Readonly<Record<"unary" | "binary", Readonly<Record<string, readonly (readonly Cell[])[]>>>>;
const file = new URL("../fixtures/accuracy/accuracy.json", import.meta.url);
const fixture = JSON.parse(readFileSync(file, "utf8")) as Fixture;

const RELATIVE = 1e-12;
const ABSOLUTE = 2 ** -1022;
/** What a change of the inputs by some last bits does anyway. */
const UNITS = 8 * 2 ** -53;

const numberOf = (x: Cell | undefined): number => (x === "+" ? Infinity : x === "-" ? -Infinity : (x as number));

/** Functions under the name of the op they belong to, with what the fixture calls them. */
const variants: Readonly<Record<string, readonly [op: string, f: (x: gt.Value) => gt.Value]>> = {
  geluTanh: ["gelu", (x) => gt.gelu(x, { approximate: "tanh" })],
  polygamma1: ["polygamma", (x) => gt.polygamma(1, x)],
  polygamma2: ["polygamma", (x) => gt.polygamma(2, x)],
};
type Op = (...xs: gt.Value[]) => gt.Value;
const opOf = (name: string): Op => (variants[name]?.[1] ?? Reflect.get(gt, name)) as Op;

interface Wanted {
  readonly what: string;
  readonly got: number;
  readonly want: number;
  /** The sum of |x dy/dx|. */
  readonly moved: number;
}

/** What misses by more than it may, worst first. */
function missesOf(all: readonly Wanted[]): string[] {
  const misses = all.flatMap(({ what, got, want, moved }) => {
    const bound = RELATIVE * Math.abs(want) + UNITS * moved + ABSOLUTE;
    if (Object.is(got, want) || Math.abs(got - want) <= bound) return [];
    // The last number before infinity, give or take the bound.
    const edge = Math.abs(want) === Infinity && want * got > 0 && Math.abs(got) > Number.MAX_VALUE * (1 - RELATIVE);
    return edge ? [] : [{ says: `${what}: got ${got}, want ${want}`, ratio: Math.abs(got - want) / bound }];
  });
  return misses
    .sort((p, q) => q.ratio - p.ratio)
    .map(({ says, ratio }) => `${says} (${ratio.toPrecision(2)} times too far)`);
}

/** Value, gradient and second derivatives [aa, ab, bb] at every row: by numbers, in reverse over reverse. */
function byNumbers(f: Op, at: number[]): number[] {
  const slope =
    (k: number) =>
    (...xs: gt.Value[]) =>
      gt.grad((inputs: gt.Value[]) => f(...inputs) as never)(xs)[k] as gt.Value;
  const one = (x: unknown) => gt.valueOf(x as gt.Value) as number;
  const gradient = at.map((_, k) => one(slope(k)(...at)));
  const second = at.flatMap((_, k) => {
    const row = gt.grad((inputs: gt.Value[]) => slope(k)(...inputs) as never)(at as gt.Value[]) as unknown[];
    return row.slice(k).map(one);
  });
  return [one(f(...at)), ...gradient, ...second];
}

/** The same at all rows at once: by tensors, in forward over reverse. */
function byTensors(f: Op, columns: readonly gt.Tensor[]): number[][] {
  const ones = gt.onesLike(columns[0] as gt.Tensor);
  const slopes = (...xs: gt.Value[]) => gt.vjp((...ys: gt.Value[]) => f(...ys), xs)[1](ones as never) as gt.Value[];
  const gradient = slopes(...columns) as gt.Tensor[];
  const second = columns.flatMap((_, k) => {
    const direction = columns.map((x, j) => (j === k ? gt.onesLike(x) : gt.zerosLike(x)));
    const [, tangents] = gt.jvp(
      (...xs: gt.Value[]) => slopes(...xs) as never,
      [...columns] as gt.Value[],
      direction as never,
    );
    return (tangents as unknown as gt.Tensor[]).slice(k);
  });
  const all = [f(...columns) as gt.Tensor, ...gradient, ...second];
  return Array.from({ length: columns[0]?.size ?? 0 }, (_, i) => all.map((x) => x.data[i] as number));
}

const NAMES = { 1: ["y", "y'", "y''"], 2: ["y", "ya", "yb", "yaa", "yab", "ybb"] } as const;

/** The sums of |x dy/dx| of value and derivatives; rows end with those of the second ones. */
function movedOf(at: number[], want: number[], last: number[]): number[] {
  const times = (x: number, y: number) => (x === 0 ? 0 : Math.abs(x * y));
  if (at.length === 1)
    return [times(at[0] as number, want[1] as number), times(at[0] as number, want[2] as number), ...last];
  const [a, b] = at as [number, number];
  const [, ya, yb, yaa, yab, ybb] = want as [number, number, number, number, number, number];
  return [times(a, ya) + times(b, yb), times(a, yaa) + times(b, yab), times(a, yab) + times(b, ybb), ...last];
}

for (const [kind, arity] of [
  ["unary", 1],
  ["binary", 2],
] as const) {
  for (const [name, rows] of Object.entries(fixture[kind])) {
    test(`${name} is accurate over its domain, to the second derivative`, () => {
      const f = opOf(name);
      const count = NAMES[arity].length;
      const points = rows.map((row) => row.slice(0, arity).map(numberOf));
      const columns = Array.from({ length: arity }, (_, k) => gt.tensor(points.map((at) => at[k] as number)));
      const ofTensors = byTensors(f, columns);
      const all = rows.flatMap((row, i) => {
        const at = points[i] as number[];
        const want = row.slice(arity, arity + count).map(numberOf);
        const moved = movedOf(at, want, row.slice(arity + count).map(numberOf));
        const place = `at ${at.join(", ")}`;
        return [["numbers", byNumbers(f, at)] as const, ["tensors", ofTensors[i] as number[]] as const].flatMap(
          ([by, got]) =>
            want.map((w, k) => ({
              what: `${NAMES[arity][k]} by ${by} ${place}`,
              got: got[k] as number,
              want: w,
              moved: moved[k] as number,
            })),
        );
      });
      const misses = missesOf(all);
      expect(misses.slice(0, 12), `${misses.length} of ${all.length} are off`).toEqual([]);
    });
  }
}

/** Elementwise ops that are no smooth functions of floats, or have a test of their accuracy elsewhere. */
const EXEMPT = {
  "are constant or linear, piece by piece": [
    "neg",
    "sign",
    "floor",
    "ceil",
    "round",
    "trunc",
    "clip",
    "add",
    "sub",
    "maximum",
    "minimum",
    "where",
    "nanToNum",
    "floorDivide",
    "dropout",
    "cast",
  ],
  "give booleans": [
    "equal",
    "notEqual",
    "less",
    "lessEqual",
    "greater",
    "greaterEqual",
    "logicalAnd",
    "logicalOr",
    "logicalXor",
    "logicalNot",
    "isNaN",
    "isFinite",
    "isInf",
  ],
  "are held to their stated bounds by test/ops/elementwise/incomplete-gamma-beta.test.ts": [
    "gammainc",
    "gammaincc",
    "betainc",
  ],
};

test("every elementwise op is here", () => {
  const here = [...Object.keys(fixture.unary), ...Object.keys(fixture.binary)].map(
    (name) => variants[name]?.[0] ?? name,
  );
  const exempt = Object.values(EXEMPT).flat();
  expect(Object.keys(elementwise).filter((name) => !here.includes(name) && !exempt.includes(name))).toEqual([]);
  expect(exempt.filter((name) => here.includes(name))).toEqual([]);
});
