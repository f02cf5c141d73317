import fc from "fast-check";
import { expect, test } from "vitest";
import { type Handle, makeTensor } from "../../../src/core/tensor/handle";
import { asHandle } from "../../../src/core/tensor/value";
import { pad } from "../../../src/ops/indexing/pad";
import { roll } from "../../../src/ops/movement/roll";
import { vjp } from "../../../src/transforms/vjp-jvp";
import { iota, nested } from "../nested";

const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 });
const shift = fc.integer({ min: -12, max: 12 });
const flatOf = (shape: readonly number[], index: readonly number[]) =>
  shape.reduce((flat, size, i) => flat * size + index[i], 0);
const modulo = (a: number, n: number) => ((a % n) + n) % n;

test("roll moves along axes, and round", () => {
  fc.assert(
    fc.property(shapes, fc.array(shift, { minLength: 3, maxLength: 3 }), fc.nat({ max: 7 }), (shape, shifts, pick) => {
      const x = iota(shape);
      const axis = shape.flatMap((_, i) => ((pick >> i) & 1 ? [i - (i % 2) * shape.length] : []));
      const by = axis.map((i) => shifts[modulo(i, shape.length)]);
      const from = (index: readonly number[]) =>
        index.map((k, i) => {
          const moved = axis.findIndex((a) => modulo(a, shape.length) === i);
          return moved < 0 ? k : modulo(k - by[moved], shape[i]);
        });
      expect(roll(x, by, { axis }).toArray()).toEqual(nested(shape, (index) => flatOf(shape, from(index))));
    }),
  );
});

test("one shift is for all axes, and without axes the numbers are rolled as if flat", () => {
  fc.assert(
    fc.property(shapes, shift, (shape, by) => {
      const x = iota(shape);
      const axis = shape.map((_, i) => i);
      expect(roll(x, by, { axis })).toEqual(
        roll(
          x,
          axis.map(() => by),
          { axis },
        ),
      );
      const flat = roll(x, by);
      expect(flat.shape).toEqual(shape);
      expect([...flat.data]).toEqual(Array.from(x.data, (_, i) => modulo(i - by, x.size)));
    }),
  );
});

test("long rows are moved as the short ones", () => {
  const x = iota([3, 100]);
  expect(roll(x, -30, { axis: 1 }).toArray()).toEqual(nested([3, 100], ([i = 0, j = 0]) => 100 * i + ((j + 30) % 100)));
});

test("the pullback of roll is the opposite roll", () => {
  fc.assert(
    fc.property(shapes, shift, (shape, by) => {
      const [, pullback] = vjp((y: Handle) => asHandle(roll(y, by)), [iota(shape)]);
      const yBar = iota(shape);
      expect(pullback(yBar)[0]).toEqual(roll(yBar, -by));
    }),
  );
});

/** np.pad on a list, as its documentation has it: the whole axis is mirrored at one edge and at the other in turn. */
function padded(list: readonly number[], before: number, after: number, mode: "reflect" | "replicate"): number[] {
  const last = list.length - 1;
  const at = (i: number): number => {
    if (i >= 0 && i <= last) return list[i];
    if (mode === "replicate" || last === 0) return list[i < 0 ? 0 : last];
    return at(i < 0 ? -i : 2 * last - i);
  };
  return Array.from({ length: before + list.length + after }, (_, i) => at(i - before));
}

const width = fc.integer({ min: 0, max: 9 });
const mode = fc.constantFrom("reflect" as const, "replicate" as const);

test("pad continues x along every axis, as NumPy does", () => {
  const size = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(size, size, width, width, width, width, mode, (rows, columns, top, bottom, left, right, how) => {
      const widths = [
        [top, bottom],
        [left, right],
      ] as const;
      const [i, j] = [
        padded([...Array(rows).keys()], top, bottom, how),
        padded([...Array(columns).keys()], left, right, how),
      ];
      const want = i.map((row) => j.map((column) => row * columns + column));
      expect(pad(iota([rows, columns]), widths, { mode: how }).toArray()).toEqual(want);
    }),
  );
});

test("the pullback of pad adds up what every number was copied to", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), width, width, mode, (size, before, after, how) => {
      const [y, pullback] = vjp((x: Handle) => pad(x, [[before, after]], { mode: how }), [iota([size])]);
      const yBar = makeTensor(
        y.shape,
        "float64",
        Float64Array.from(y.data, (_, i) => i + 1),
      );
      const want = new Array<number>(size).fill(0);
      y.data.forEach((from, i) => {
        want[from] = want[from] + i + 1;
      });
      expect(asHandle(pullback(yBar)[0]).toArray()).toEqual(want);
    }),
  );
});

test("pad keeps dtypes", () => {
  const bools = makeTensor([2], "bool", Uint8Array.of(1, 0));
  expect(pad(bools, 1, { mode: "replicate" }).toArray()).toEqual([true, true, false, false]);
});
