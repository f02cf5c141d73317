// Convolutions against their definition, and the identities that tie them to each other.
import fc from "fast-check";
import {
  add,
  batchGrad,
  compile,
  concat,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  expandDims,
  grad,
  loss,
  matmul,
  maxPool2d,
  mul,
  relu,
  reshape,
  type Scalar,
  split,
  stack,
  sum,
  type Tensor,
  tensor,
  trace,
  tree,
  vjp,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { axisOf, naiveY, numbers } from "../../numeric/convolution/reference";

interface Axis {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
}
const axis: fc.Arbitrary<Axis> = fc
  .record({
    size: fc.integer({ min: 1, max: 7 }),
    window: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    padding: fc.integer({ min: 0, max: 3 }),
  })
  .filter(({ size, window, dilation, padding }) => size + 2 * padding > (window - 1) * dilation);

const drawn = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  groups: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 3 }),
  filters: fc.integer({ min: 1, max: 3 }),
  rows: axis,
  columns: axis,
  seed: fc.nat(1000),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

const make = (shape: readonly number[], seed: number): Tensor =>
  tensor(
    numbers(
      Float64Array,
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    { shape },
  );

const optionsOf = ({ rows, columns, groups }: Drawn) => ({
  stride: [rows.stride, columns.stride],
  padding: [rows.padding, columns.padding],
  dilation: [rows.dilation, columns.dilation],
  groups,
});
const imagesOf = ({ images, groups, channels, rows, columns, seed }: Drawn): Tensor =>
  make([images, groups * channels, rows.size, columns.size], seed);
const kernelOf = ({ groups, channels, filters, rows, columns, seed }: Drawn): Tensor =>
  make([groups * filters, channels, rows.window, columns.window], seed + 1);

const places = ({ size, window, stride, dilation, padding }: Axis) =>
  Math.floor((size + 2 * padding - dilation * (window - 1) - 1) / stride) + 1;
/** What the convolution leaves over at the end of an axis. */
const over = ({ size, window, stride, dilation, padding }: Axis) =>
  (size + 2 * padding - dilation * (window - 1) - 1) % stride;

function expectNear(got: Tensor, want: Tensor, tolerance = 1e-10): void {
  expect(got.shape).toEqual(want.shape);
  for (let i = 0; i < want.size; i++) {
    expect(Math.abs(got.data[i] - want.data[i])).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(want.data[i])));
  }
}
const numberOf = (x: Scalar): number => (typeof x === "number" ? x : x.item());
const inner = (a: Tensor, b: Tensor): number => numberOf(sum(mul(a, b)));

describe("conv2d", () => {
  test("is its definition, for any sizes and options", () => {
    fc.assert(
      fc.property(drawn, (d) => {
        const { images, groups, channels, filters } = d;
        const axes = [d.rows, d.columns].map(({ size, window, stride, dilation, padding }) =>
          axisOf(size, window, { stride, dilation, before: padding }),
        ) as [ReturnType<typeof axisOf>, ReturnType<typeof axisOf>];
        const [x, k] = [imagesOf(d), kernelOf(d)];
        const y = conv2d(x, k, optionsOf(d));
        expect(y.shape).toEqual([images, groups * filters, places(d.rows), places(d.columns)]);
        expect(y.data).toEqual(naiveY({ images, groups, channels, filters, axes }, x.data, k.data, Float64Array));
      }),
    );
  });

  test("has with padding same ceil(n / stride) places, the odd zero at the end", () => {
    fc.assert(
      fc.property(drawn, (d) => {
        const [x, k] = [imagesOf(d), kernelOf(d)];
        const padding = "same";
        const y = conv2d(x, k, { ...optionsOf(d), padding });
        expect(y.shape.slice(2)).toEqual([d.rows, d.columns].map(({ size, stride }) => Math.ceil(size / stride)));
        // The same with the zeros written out.
        const needed = ({ size, window, stride, dilation }: Axis) =>
          Math.max(0, (Math.ceil(size / stride) - 1) * stride + (window - 1) * dilation + 1 - size);
        const [top, left] = [needed(d.rows) >> 1, needed(d.columns) >> 1];
        const whole = [
          d.images,
          d.groups * d.channels,
          d.rows.size + needed(d.rows),
          d.columns.size + needed(d.columns),
        ];
        const padded = make(whole, 0).data.slice().fill(0);
        x.data.forEach((value, i) => {
          const [row, column] = [Math.floor(i / d.columns.size), i % d.columns.size];
          const [plane, at] = [Math.floor(row / d.rows.size), (row % d.rows.size) + top];
          padded[(plane * whole[2] + at) * whole[3] + left + column] = value;
        });
        expectNear(conv2d(tensor(padded, { shape: whole }), k, { ...optionsOf(d), padding: "valid" }), y);
      }),
    );
    const x = tensor([[[1, 2, 3, 4]]]);
    expect(conv1d(x, tensor([[[100, 10, 1]]]), { padding: "same", stride: 2 }).toArray()).toEqual([[[123, 340]]]);
  });

  test("of groups is the groups one behind the other", () => {
    fc.assert(
      fc.property(drawn, (d) => {
        const { groups, ...options } = optionsOf(d);
        const [xs, ks] = [split(imagesOf(d), groups, { axis: 1 }), split(kernelOf(d), groups)];
        const alone = xs.map((x, g) => conv2d(x, ks[g], options));
        expectNear(conv2d(imagesOf(d), kernelOf(d), optionsOf(d)), concat(alone, { axis: 1 }));
      }),
    );
  });

  test("is rounded once in float32, and promotes", () => {
    const [x, k] = [make([2, 3, 6, 5], 1), make([4, 3, 3, 2], 2)];
    const single = (t: Tensor) => tensor(Float32Array.from(t.data), { shape: t.shape });
    const double = (t: Tensor) => tensor(Float64Array.from(t.data), { shape: t.shape });
    const y = conv2d(single(x), single(k));
    expect(y.dtype).toBe("float32");
    expect(y.data).toEqual(Float32Array.from(conv2d(double(single(x)), double(single(k))).data));
    expect(conv2d(single(x), k).dtype).toBe("float64");
    expect(conv2d(tensor([[[[true]]]]), tensor([[[[true]]]])).dtype).toBe("int32");
  });
});

test("conv1d is conv2d with one row", () => {
  fc.assert(
    fc.property(drawn, ({ rows: _, columns, ...d }) => {
      const x = make([d.images, d.groups * d.channels, columns.size], d.seed);
      const k = make([d.groups * d.filters, d.channels, columns.window], d.seed + 1);
      const { stride, padding, dilation } = columns;
      const y = conv1d(x, k, { stride: [stride], padding: [padding], dilation: [dilation], groups: d.groups });
      const flat = conv2d(expandDims(x, { axis: 2 }), expandDims(k, { axis: 2 }), {
        stride: [1, stride],
        padding: [0, padding],
        dilation: [1, dilation],
        groups: d.groups,
      });
      expectNear(expandDims(y, { axis: 2 }), flat);
    }),
  );
});

describe("the transposes", () => {
  test("are adjoint: <x, conv2d(y, k)> = <convTranspose2d(x, k), y>", () => {
    fc.assert(
      fc.property(drawn, (d) => {
        const [y, k] = [imagesOf(d), kernelOf(d)];
        const x = make([d.images, d.groups * d.filters, places(d.rows), places(d.columns)], d.seed + 2);
        const outputPadding = [over(d.rows), over(d.columns)];
        const transposed = convTranspose2d(x, k, { ...optionsOf(d), outputPadding });
        expect(transposed.shape).toEqual(y.shape);
        const want = inner(x, conv2d(y, k, optionsOf(d)));
        expect(inner(transposed, y)).toBeCloseTo(want, 6);
        // And in the kernel.
        const [kBar] = vjp((kernel: Tensor) => conv2d(y, kernel, optionsOf(d)), [k])[1](x);
        expect(inner(kBar, k)).toBeCloseTo(want, 6);
        expectNear(vjp((images: Tensor) => conv2d(images, k, optionsOf(d)), [y])[1](x)[0], transposed);
      }),
    );
  });

  test("have the sizes of PyTorch", () => {
    const size = (n: number, window: number, options: object) =>
      convTranspose1d(make([1, 1, n], 1), make([1, 1, window], 1), options).shape[2];
    expect(size(4, 3, {})).toBe(6);
    expect(size(4, 3, { stride: 2 })).toBe(9);
    expect(size(4, 3, { stride: 2, padding: 1 })).toBe(7);
    expect(size(4, 3, { stride: 2, padding: 1, outputPadding: 1 })).toBe(8);
    expect(size(4, 3, { dilation: 2, outputPadding: 1 })).toBe(9);
    expect(size(1, 1, { stride: 3, outputPadding: 2 })).toBe(3);
    expect(conv2d(make([2, 3, 10, 11], 1), make([4, 3, 3, 5], 1), { stride: 2, padding: 1 }).shape).toEqual([
      2, 4, 5, 5,
    ]);
  });

  test("in one dimension are those of one row", () => {
    const [x, k] = [make([2, 4, 5], 1), make([4, 3, 3], 2)];
    const options = { stride: 2, padding: 1, outputPadding: 1, dilation: 2, groups: 2 };
    const rows = convTranspose2d(expandDims(x, { axis: 3 }), expandDims(k, { axis: 3 }), {
      ...options,
      stride: [2, 1],
      padding: [1, 0],
      outputPadding: [1, 0],
    });
    expectNear(expandDims(convTranspose1d(x, k, options), { axis: 3 }), rows);
  });
});

describe("in batches", () => {
  const opsOf = (f: (...xs: Tensor[]) => Tensor, ...xs: Tensor[]): string[] =>
    trace(f)(...xs).equations.map(({ op }) => op);

  test("every mapping of x, kernel and cotangent is a stack of calls, to second order, without a loop", () => {
    fc.assert(
      fc.property(drawn, fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), (d, mapped) => {
        fc.pre(mapped.includes(true));
        const shapes = [
          imagesOf(d),
          kernelOf(d),
          make([d.images, d.groups * d.filters, places(d.rows), places(d.columns)], 3),
        ];
        const args = shapes.map(({ shape }, i) => make(mapped[i] ? [3, ...shape] : shape, d.seed + i));
        const f = (x: Tensor, k: Tensor, bar: Tensor): Tensor[] => {
          const [y, pull] = vjp((...xs: Tensor[]) => conv2d(xs[0], xs[1], optionsOf(d)), [x, k]);
          return [y, ...pull(bar)];
        };
        const inAxes = mapped.map((is) => (is ? 0 : null));
        const batched = (...xs: Tensor[]) => vmap(f, { inAxes })(...(xs as [Tensor, Tensor, Tensor]));
        const got = batched(...args);
        const rows = [0, 1, 2].map((i) =>
          f(...(args.map((x, j) => (mapped[j] ? x.at(i) : x)) as [Tensor, Tensor, Tensor])),
        );
        got.forEach((y, j) => {
          expectNear(y, stack(rows.map((row) => row[j])));
        });
        expect(opsOf((...xs) => sum(batched(...xs)[1]), ...args)).not.toContain("map");
      }),
      { numRuns: 60 },
    );
  });

  test("of no samples nothing is computed", () => {
    const shapes = [
      [0, 1, 2, 4, 4],
      [0, 2, 1, 3, 3],
    ];
    const [x, k] = shapes.map((shape) => tensor(new Float64Array(0), { shape })) as [Tensor, Tensor];
    const f = (a: Tensor, b: Tensor) => conv2d(a, b, { groups: 2 });
    const back = vmap((a: Tensor, b: Tensor) => vjp(f, [a, b])[1](f(a, b))[1]);
    for (const run of [vmap(f), compile(vmap(f))]) expect(run(x, k).shape).toEqual([0, 1, 2, 2, 2]);
    for (const run of [back, compile(back)]) expect(run(x, k).shape).toEqual([0, 2, 1, 3, 3]);
  });
});

test("the per-sample gradients of a small network of convolutions are those of a loop", () => {
  const params = {
    first: make([3, 1, 3, 3], 1),
    bias: make([3], 2),
    second: make([4, 3, 2, 2], 3),
    dense: make([4, 5], 4),
  };
  type Sample = { x: Tensor; y: Tensor };
  const cost = (p: typeof params, { x, y }: Sample): Scalar => {
    const one = relu(add(conv2d(reshape(x, [1, 1, 8, 8]), p.first, { padding: "same" }), reshape(p.bias, [3, 1, 1])));
    const two = relu(conv2d(maxPool2d(one, { window: 2 }), p.second, { stride: 2 }));
    const scores = matmul(sum(two, { axis: [0, 2, 3] }), p.dense);
    return loss.crossEntropy(mul(0.01, scores), y);
  };
  const batch = { x: make([6, 8, 8], 5), y: tensor(Int32Array.of(0, 1, 2, 3, 4, 0)) };
  const gradients = batchGrad(cost)(params, batch);
  const rows = [...batch.y.data.keys()].map((i) => grad(cost)(params, { x: batch.x.at(i), y: batch.y.at(i) }));
  const all = gradients.materialize();
  for (const { path, value } of tree.leaves(all)) {
    const key = path as keyof typeof params;
    expectNear(value as Tensor, stack(rows.map((row) => row[key])));
  }
  expect(gradients.explain().toString()).not.toContain("loop");
});
