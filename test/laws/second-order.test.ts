// The four ways to nest two modes agree where randomly drawn numbers never are: on the table of special values, and on
// lattices of small integers, where ties and zeros occur.
import * as gt from "gradtape";
import { checkOp } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { generator } from "../../src/testing/random";
import { Draw } from "./draw";
import type { Line } from "./line";
import { agree, secondBy } from "./second-order";
import { arithmeticRows } from "./special/arithmetic";
import { binaryRows } from "./special/binary";
import { specialCalls } from "./special/calls";
import { functionRows } from "./special/functions";
import { opOf } from "./special/op-of";
import { families, linesOf } from "./table";

type Cost = (...xs: gt.Tensor[]) => gt.Value;
const isFloat = (x: unknown): x is gt.Tensor => gt.isTensor(x) && x.dtype.startsWith("float");

/**
 * Where NaN in a value reaches second derivatives in one mode and not in another: products of matrices do not protect, and
 * neither does the variance of one number over 0, whose divisor is 0. There what is no NaN agrees.
 */
const unprotected = new Set([
  ...Object.keys(families["Linear systems"] ?? {}),
  ...Object.keys(families.Decompositions ?? {}),
  "variance",
]);
/** Cases where derivatives hold for matrices of the same rank alone, and their derivatives are no second ones. */
const ofOneRank = /lower rank/;

/** Elements that second derivatives are taken by at most. */
const ELEMENTS = 4;

/** Complaints about second derivatives of a cost by some of its elements, all pairs of them. */
function disagreements(
  cost: Cost,
  xs: readonly gt.Tensor[],
  random: () => number,
  { protects = true, symmetric = true } = {},
): string[] {
  const places = xs.flatMap((x, k) => Array.from({ length: x.size }, (_, i): [number, number] => [k, i]));
  while (places.length > ELEMENTS) places.splice(Math.floor(random() * places.length), 1);
  const pairs = places.flatMap((p, i) => places.map((q, j) => ({ p, q, i, j, second: secondBy(cost, xs, p, q) })));
  const finite = pairs.flatMap(({ second }) => Object.values(second)).filter(Number.isFinite);
  const scale = finite.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  const said = pairs
    .filter(({ second }) => !agree(protects ? second : withoutNaN(second), scale))
    .map(({ p, q, second }) => `by ${p} and ${q}: ${show(second)}`);
  for (const { p, q, i, j, second } of pairs) {
    const other = pairs.find((pair) => pair.i === j && pair.j === i)?.second;
    if (i >= j || other === undefined) continue;
    const both = { there: second["reverse reverse"], back: other["reverse reverse"] };
    if (symmetric && !agree(protects ? both : withoutNaN(both), scale))
      said.push(`not symmetric by ${p} and ${q}: ${show(both)}`);
  }
  return said;
}
const withoutNaN = (second: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(second).filter(([, x]) => !Number.isNaN(x)));
const show = (second: object) =>
  Object.entries(second)
    .map(([way, x]) => `${way} ${x}`)
    .join(", ");

/** The float leaves of a result, weighted unevenly and added up. */
function costOf(result: unknown): gt.Value {
  const leaves = gt.tree.leaves(result).map(({ value }) => value as gt.Value);
  const weighted = leaves
    .filter((y) => typeof y === "number" || isFloat(y))
    .map((y) => {
      if (typeof y === "number") return y;
      const weights = gt.tensor(
        Array.from({ length: y.size }, (_, i) => 1 + i / 4),
        { shape: y.shape as number[] },
      );
      return gt.sum(gt.mul(y, weights));
    });
  return weighted.reduce((a, b) => gt.add(a, b), 0);
}

/** A call as a function of its float tensors alone; null where it throws or has none. */
function costAt(call: (...xs: unknown[]) => unknown, inputs: readonly unknown[]): [Cost, gt.Tensor[]] | null {
  const floats = inputs.flatMap((x, k) => (isFloat(x) ? [k] : []));
  const cost: Cost = (...xs) => {
    const all = [...inputs];
    floats.forEach((k, i) => {
      all[k] = xs[i];
    });
    return costOf(call(...all));
  };
  const xs = floats.map((k) => inputs[k] as gt.Tensor);
  try {
    const y = cost(...xs);
    return xs.length === 0 || (!gt.isTensor(y) && typeof y !== "number") ? null : [cost, xs];
  } catch (error) {
    if (error instanceof gt.GradtapeError) return null;
    throw error;
  }
}

describe("on the table of special values", () => {
  const rows = { ...arithmeticRows, ...functionRows, ...binaryRows };
  for (const [name, points] of Object.entries(rows)) {
    if (typeof points[0]?.[name in binaryRows ? 2 : 1] === "boolean") continue;
    test(name, () => {
      const arity = name in binaryRows ? 2 : 1;
      const op = opOf(name);
      const said = points.flatMap((row) => {
        const at = row.slice(0, arity) as number[];
        return [at.map((x) => gt.tensor(x)), at.map((x) => gt.tensor([x]))].flatMap((xs) =>
          disagreements((...ys) => gt.sum(op(...ys) as gt.Tensor), xs, generator(0)).map((what) => `at ${at}: ${what}`),
        );
      });
      expect(said).toEqual([]);
    });
  }
  for (const [name, calls] of Object.entries(specialCalls)) {
    test(name, () => {
      const said = calls.flatMap(({ says, f, xs, throws }) => {
        const found =
          throws === undefined
            ? costAt(
                f as never,
                xs.map((x) => (gt.isTensor(x) ? x : gt.tensor(x as number[]))),
              )
            : null;
        return found === null
          ? []
          : disagreements(...found, generator(0), {
              protects: !unprotected.has(name),
              symmetric: !ofOneRank.test(says),
            }).map((what) => `${says}: ${what}`);
      });
      expect(said).toEqual([]);
    });
  }
});

/** Elements of float inputs as integers. */
const whole = (x: unknown): unknown =>
  isFloat(x)
    ? gt.tensor(
        [...x.data].map((element) => Math.round(element)),
        { shape: x.shape as number[], dtype: x.dtype },
      )
    : x;

const SEEDS = Array.from({ length: 6 }, (_, i) => i);

/** A draw of a line with whole numbers. */
function drawWhole({ draw }: Line, seed: number): { inputs: gt.Value[]; attrs: unknown } {
  const { inputs, attrs } = draw(new Draw(generator(seed), "float64"));
  return { inputs: inputs.map((x) => whole(typeof x === "number" ? gt.tensor(x) : x) as gt.Tensor), attrs };
}

function onLattice(line: Line, seed: number, protects: boolean): string[] {
  const { inputs, attrs } = drawWhole(line, seed);
  const call = line.op as (...args: unknown[]) => unknown;
  const options = attrs === undefined ? [] : [attrs];
  const found = costAt((...xs) => call(...xs, ...options), inputs);
  if (found === null) return [];
  const where = `seed ${seed}, ${found[1].join("; ")}`;
  return disagreements(...found, generator(seed), { protects }).map((what) => `${where}: ${what}`);
}

/** What a difference of the first derivatives says against the second ones. */
function againstDifferences(line: Line, seed: number): string[] {
  const { inputs, attrs } = drawWhole(line, seed);
  try {
    checkOp(line.op, () => ({ inputs, attrs }), { runs: 1, seed, laws: ["second order"] });
    return [];
  } catch (error) {
    return [`${(error as Error).message} ${(error as gt.GradtapeError).hint}`];
  }
}

/** Ops with a kink, a pole or an end of their domain at an integer that is drawn: there a difference says nothing. */
const bent: readonly string[] = [
  ...["abs", "relu", "leakyRelu", "elu", "clip", "maximum", "minimum", "remainder", "max", "min", "quantile"],
  ...["log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal", "div", "std", "norm", "betainc"],
  ...["asin", "acos", "atanh", "acosh", "erfInv", "lgamma", "digamma", "logit", "xlogy"],
];

describe("on lattices of small integers", () => {
  for (const [family, table] of Object.entries(families)) {
    for (const [name, entry] of Object.entries(table)) {
      test(`${family}: ${name}`, () => {
        const said = linesOf(entry).flatMap((line) =>
          SEEDS.flatMap((seed) => onLattice(line, seed, !unprotected.has(name))),
        );
        expect(said).toEqual([]);
      });
    }
  }
  for (const family of ["Elementwise", "Reductions"]) {
    for (const [name, entry] of Object.entries(families[family] ?? {})) {
      if (bent.includes(name)) continue;
      test(`${family}: ${name}, against differences`, () => {
        const said = linesOf(entry).flatMap((line) =>
          SEEDS.slice(0, 4).flatMap((seed) => againstDifferences(line, seed)),
        );
        expect(said).toEqual([]);
      });
    }
  }
  const POINTS = [-2, -1, 0, 1, 2];
  for (const name of Object.keys(binaryRows)) {
    if (typeof binaryRows[name]?.[0]?.[2] === "boolean") continue;
    test(`${name}, all pairs`, () => {
      const said = POINTS.flatMap((a) =>
        POINTS.flatMap((b) =>
          disagreements(
            (...xs) => gt.sum(opOf(name)(...xs) as gt.Tensor),
            [gt.tensor(a), gt.tensor(b)],
            generator(0),
          ).map((what) => `at ${a}, ${b}: ${what}`),
        ),
      );
      expect(said).toEqual([]);
    });
  }
});
