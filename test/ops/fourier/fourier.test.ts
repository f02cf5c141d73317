import fc from "fast-check";
import {
  add,
  batchGrad,
  type Complex,
  cos,
  exp,
  fft,
  grad,
  hessian,
  hvp,
  ifft,
  irfft,
  jvp,
  mul,
  neg,
  reshape,
  rfft,
  roll,
  type Scalar,
  scan,
  slice,
  square,
  sub,
  sum,
  swapAxes,
  type Tensor,
  tensor,
  trace,
  vjp,
  vmap,
} from "gradtape";
import { gradcheck } from "gradtape/testing";
import { describe, expect, test } from "vitest";

const numbers = (size: number) =>
  fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: size, maxLength: size });
const lengths = fc.integer({ min: 1, max: 40 });
/** Real and imaginary parts of one length. */
const complexes = lengths.chain((n) => fc.tuple(numbers(n), numbers(n)));
/** Two tensors of a shape, and one of its axes. */
const lines = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }).chain((shape) => {
  const data = numbers(shape.reduce((p, q) => p * q, 1)).map((x): Tensor => tensor(x, { shape }));
  return fc.record({
    re: data,
    im: data,
    axis: fc.integer({ min: -shape.length, max: shape.length - 1 }),
  });
});
function assertLaw<T>(draw: fc.Arbitrary<T>, law: (x: T) => void): void {
  const property = fc.property(draw, (x) => {
    law(x);
  });
  fc.assert(property, { numRuns: 60 });
}

function expectSame(got: Tensor, want: Tensor, tolerance = 1e-12): void {
  expect(got.shape).toEqual(want.shape);
  expect(got.dtype).toBe(want.dtype);
  got.data.forEach((x, i) => {
    expect(Math.abs(x - want.data[i]), `${got} instead of ${want}`).toBeLessThanOrEqual(tolerance);
  });
}
const energy = ({ re, im }: Complex): Tensor => add(square(re), square(im));
const dot = (a: Complex, b: Complex): number => sum(add(mul(a.re, b.re), mul(a.im, b.im))).item();
const positive = (axis: number, x: Tensor) => (axis + x.rank) % x.rank;

/** One part of the transform along the last axis, by its sum. */
function bySum(x: Complex, sign: -1 | 1, part: "re" | "im"): Tensor {
  const n = x.re.shape[x.re.rank - 1];
  const rows = (t: Tensor) => reshape(t, [-1, n]).toArray() as number[][];
  const [re, im] = [rows(x.re), rows(x.im)];
  const data = re.map((row, r) =>
    row.map((_, k) =>
      row.reduce((total, a, j) => {
        const angle = (sign * 2 * Math.PI * ((j * k) % n)) / n;
        const [c, s, b] = [Math.cos(angle), Math.sin(angle), im[r][j]];
        return total + (part === "re" ? a * c - b * s : a * s + b * c);
      }, 0),
    ),
  );
  return reshape(tensor(data), x.re.shape);
}

describe("identities", () => {
  test("every line along an axis is transformed by its sum", () => {
    assertLaw(lines, ({ re, im, axis }) => {
      const last = (x: Tensor) => swapAxes(x, axis, -1);
      const z = { re: last(re), im: last(im) };
      const n = re.shape[positive(axis, re)];
      for (const part of ["re", "im"] as const) {
        expectSame(last(fft({ re, im }, { axis })[part]), bySum(z, -1, part));
        expectSame(last(ifft({ re, im }, { axis })[part]), mul(bySum(z, 1, part), 1 / n));
        const real = { re: z.re, im: mul(z.im, 0) };
        expectSame(last(fft(re, { axis })[part]), bySum(real, -1, part));
        expectSame(last(ifft(re, { axis })[part]), mul(bySum(real, 1, part), 1 / n));
      }
    });
  });

  test("ifft is the inverse of fft", () => {
    assertLaw(lines, ({ re, im, axis }) => {
      const back = ifft(fft({ re, im }, { axis }), { axis });
      expectSame(back.re, re);
      expectSame(back.im, im);
      expectSame(ifft(fft(re, { axis }), { axis }).im, mul(re, 0));
    });
  });

  test("rfft is the first half of fft", () => {
    assertLaw(lines, ({ re: x, axis }) => {
      const [whole, half] = [fft(x, { axis }), rfft(x, { axis })];
      const size = half.re.shape[positive(axis, x)];
      const first = x.shape.map((_, i) => (i === positive(axis, x) ? { stop: size } : null));
      expect(size).toBe(Math.floor(x.shape[positive(axis, x)] / 2) + 1);
      expectSame(half.re, slice(whole.re, first));
      expectSame(half.im, slice(whole.im, first));
    });
  });

  test("irfft is the inverse of rfft, for even and odd lengths", () => {
    assertLaw(lines, ({ re: x, axis }) => {
      const length = x.shape[positive(axis, x)];
      expectSame(irfft(rfft(x, { axis }), { axis, length }), x);
      if (length % 2 === 0) expectSame(irfft(rfft(x, { axis }), { axis }), x);
    });
  });

  test("energy is kept (Parseval)", () => {
    assertLaw(complexes, ([a, b]) => {
      const z = { re: tensor(a), im: tensor(b) };
      expect(sum(energy(fft(z))).item()).toBeCloseTo(a.length * sum(energy(z)).item(), 9);
    });
  });

  test("a shift turns the phase", () => {
    assertLaw(fc.tuple(complexes, fc.integer({ min: -50, max: 50 })), ([[a, b], shift]) => {
      const n = a.length;
      const [re, im] = [tensor(a), tensor(b)];
      const [y, shifted] = [fft({ re, im }), fft({ re: roll(re, shift), im: roll(im, shift) })];
      const angles = a.map((_, k) => (-2 * Math.PI * ((k * shift) % n)) / n);
      const [c, s] = [tensor(angles.map(Math.cos)), tensor(angles.map(Math.sin))];
      expectSame(shifted.re, sub(mul(y.re, c), mul(y.im, s)), 1e-11);
      expectSame(shifted.im, add(mul(y.re, s), mul(y.im, c)), 1e-11);
    });
  });

  test("a product of transforms is the transform of the circular convolution", () => {
    assertLaw(complexes, ([a, b]) => {
      const n = a.length;
      const want = a.map((_, k) => a.reduce((total, x, j) => total + x * b[(k - j + n) % n], 0));
      const [p, q] = [rfft(tensor(a)), rfft(tensor(b))];
      const re = sub(mul(p.re, q.re), mul(p.im, q.im));
      const im = add(mul(p.re, q.im), mul(p.im, q.re));
      expectSame(irfft({ re, im }, { length: n }), tensor(want), 1e-11);
    });
  });

  test("i times z has i times the transform of z", () => {
    assertLaw(complexes, ([a, b]) => {
      const [re, im] = [tensor(a), tensor(b)];
      const [turned, y] = [fft({ re: neg(im), im: re }), fft({ re, im })];
      expectSame(turned.re, neg(y.im));
      expectSame(turned.im, y.re);
    });
  });
});

describe("derivatives", () => {
  test("cotangents go back by the transpose: <w, F z> = <transpose(F) w, z>", () => {
    assertLaw(lines, ({ re, im, axis }) => {
      const n = re.shape[positive(axis, re)];
      const w = { re: cos(re), im: exp(im) };
      for (const transform of [fft, ifft]) {
        const [y, back] = vjp((z: Complex) => transform(z, { axis }), [{ re, im }]);
        const [zBar] = back(w);
        expect(dot(w, y)).toBeCloseTo(dot(zBar, { re, im }), 9);
        const [real, realBack] = vjp((x: Tensor) => transform(x, { axis }), [re]);
        expect(dot(w, real)).toBeCloseTo(sum(mul(realBack(w)[0], re)).item(), 9);
      }
      const [half, halfBack] = vjp((x: Tensor) => rfft(x, { axis }), [re]);
      const v = { re: cos(half.re), im: exp(half.im) };
      expect(dot(v, half)).toBeCloseTo(sum(mul(halfBack(v)[0], re)).item(), 9);
      const [x, inverseBack] = vjp((z: Complex) => irfft(z, { axis, length: n }), [v]);
      const [vBar] = inverseBack(re);
      expect(sum(mul(re, x)).item()).toBeCloseTo(dot(vBar, v), 9);
    });
  });

  test.each([1, 2, 3, 6, 7, 11, 17])("of losses through transforms, to second order, n = %i", (n) => {
    const x = tensor(Array.from({ length: n }, (_, i) => Math.sin(3 * i + 1)));
    const y = tensor(Array.from({ length: n }, (_, i) => Math.cos(2 * i)));
    const quartic = (z: Complex): Scalar => sum(square(energy(z)));
    gradcheck((a: Tensor, b: Tensor) => quartic(fft({ re: a, im: b })), [x, y]);
    gradcheck((a: Tensor) => quartic(ifft(a)), [x]);
    gradcheck((a: Tensor) => sum(mul(exp(rfft(a).im), rfft(a).re)), [x]);
    gradcheck((a: Tensor, b: Tensor) => sum(exp(irfft({ re: a, im: b }, { length: 2 * n - 1 }))), [x, y]);
    if (n > 1) gradcheck((a: Tensor, b: Tensor) => sum(exp(irfft({ re: a, im: b }))), [x, y]);
  });

  test("the gradient of the energy is 2 n x, and its Hessian 2 n", () => {
    const x: Tensor = tensor([1, -2, 0.5, 3, 1]);
    const f = (v: Tensor): Scalar => sum(energy(fft(v)));
    expectSame(grad(f)(x), mul(10, x));
    const wanted = Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, (_, j) => (i === j ? 10 : 0)));
    expectSame(hessian(f)(x), tensor(wanted));
    expectSame(hvp(f)(x, x), mul(10, x));
  });

  test("pushed forward they are the transforms of the tangents, also of one part alone", () => {
    const [re, im]: Tensor[] = [tensor([1, 2, 3]), tensor([0.5, 0, -1])];
    const [, dot] = jvp((a: Tensor) => fft({ re: a, im }).im, [re], [im]);
    expectSame(dot, fft(im).im);
    const [, turned] = jvp((b: Tensor) => fft({ re, im: b }).re, [im], [re]);
    expectSame(turned, neg(fft(re).im));
    const [, real] = jvp((b: Tensor) => irfft({ re, im: b }, { length: 5 }), [im], [re]);
    expectSame(real, irfft({ re: mul(re, 0), im: re }, { length: 5 }));
  });

  test("per sample, inside vmap, scan and trace", () => {
    const batch = tensor([
      [1, 2, 3, 4],
      [0, 1, 0, -1],
    ]);
    const f = (w: Tensor, x: Tensor): Scalar => sum(square(irfft({ re: mul(w, rfft(x).re), im: mul(w, rfft(x).im) })));
    const w: Tensor = tensor([1, 0.5, 2]);
    const each = [0, 1].map((i) => grad(f)(w, batch.at(i)).toArray());
    expectSame(batchGrad(f)(w, batch).materialize(), tensor(each as number[][]));
    const mapped = vmap((x: Tensor) => fft(x))(batch);
    expectSame(mapped.re, fft(batch).re);
    const columns = vmap((x: Tensor) => fft(x), { inAxes: 1, outAxes: 1 })(batch);
    expectSame(columns.im, fft(batch, { axis: 0 }).im);
    const [, ys] = scan((c: Tensor, x: Tensor) => [c, rfft(add(c, x)).re], batch.at(0), batch);
    expectSame(ys, rfft(add(batch, batch.at(0))).re);
    const tape = trace((x: Tensor) => fft(x).re)(batch.at(0));
    expectSame(tape.replay(batch.at(1)), fft(batch.at(1)).re);
    // Real numbers cost no second input, and the op keeps nothing.
    expect(tape.equations.map(({ op, inputs }) => [op, inputs.length])).toEqual([["fft", 1]]);
  });
});

describe("dtypes", () => {
  test("integers give float64, float32 is computed in double precision and rounded", () => {
    const whole = fft(tensor([1, 2, 4], { dtype: "int32" }));
    expect([whole.re.dtype, whole.im.dtype]).toEqual(["float64", "float64"]);
    expect(rfft(tensor([true, false])).re.toArray()).toEqual([1, 1]);
    const x = Array.from({ length: 101 }, (_, i) => Math.fround(Math.sin(i)));
    const [wide, narrow] = [fft(tensor(x)), fft(tensor(x, { dtype: "float32" }))];
    expect(narrow.re.dtype).toBe("float32");
    expect(Array.from(narrow.re.data)).toEqual(Array.from(wide.re.data, Math.fround));
    expect(Array.from(narrow.im.data)).toEqual(Array.from(wide.im.data, Math.fround));
    const mixed = fft({ re: tensor(x, { dtype: "float32" }), im: tensor(x) });
    expect(mixed.re.dtype).toBe("float64");
    const g = grad((v: Tensor): Scalar => sum(square(rfft(v).re)))(tensor(x, { dtype: "float32" }));
    expect(g.dtype).toBe("float32");
  });
});
