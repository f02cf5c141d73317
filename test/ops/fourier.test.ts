import fc from "fast-check";
import {
  add,
  batchGrad,
  type Complex,
  exp,
  fft,
  grad,
  hessian,
  ifft,
  irfft,
  jvp,
  mean,
  mul,
  neg,
  rfft,
  roll,
  type Scalar,
  slice,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  unstack,
  vjp,
  vmap,
} from "gradtape";
import { gradcheck } from "gradtape/testing";
import { describe, expect, test } from "vitest";

const RUNS = { numRuns: 100 };
const numbers = (size: number) =>
  fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: size, maxLength: size });
const lengths = fc.integer({ min: 1, max: 40 });
/** Real and imaginary parts of one length. */
const complexes = lengths.chain((n) => fc.tuple(numbers(n), numbers(n)));
const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });
/** A tensor of some shape, and one of its axes. */
const lines = shapes.chain((shape) =>
  fc.record({
    x: numbers(shape.reduce((p, q) => p * q, 1)).map((data) => tensor(data, { shape })),
    axis: fc.integer({ min: -shape.length, max: shape.length - 1 }),
  }),
);
const hold = <T>(draw: fc.Arbitrary<T>, law: (x: T) => void) =>
  fc.assert(
    fc.property(draw, (x) => {
      law(x);
    }),
    RUNS,
  );

function expectSame(got: Tensor, want: Tensor, tolerance = 1e-12): void {
  expect(got.shape).toEqual(want.shape);
  expect(got.dtype).toBe(want.dtype);
  got.data.forEach((x, i) => {
    expect(Math.abs(x - want.data[i]), `${got} instead of ${want}`).toBeLessThanOrEqual(tolerance);
  });
}
const energy = ({ re, im }: Complex): Tensor => add(square(re), square(im));
const dot = (a: Complex, b: Complex): number => sum(add(mul(a.re, b.re), mul(a.im, b.im))).item();
const timesI = ({ re, im }: Complex): Complex => ({ re: neg(im), im: re });

describe("identities", () => {
  test("ifft is the inverse of fft, along every axis, also of real numbers", () => {
    hold(lines, ({ x, axis }) => {
      const back = ifft(fft(x, { axis }), { axis });
      expectSame(back.re, x);
      expectSame(back.im, mul(x, 0));
      const z = { re: x, im: exp(x) };
      const there = fft(ifft(z, { axis }), { axis });
      expectSame(there.re, z.re);
      expectSame(there.im, z.im);
    });
  });

  test("an axis is transformed line by line", () => {
    hold(lines, ({ x, axis }) => {
      const others = x.shape.map((_, i) => i).filter((i) => i !== (axis + x.rank) % x.rank);
      let f = (line: Tensor): Tensor => fft(line).re;
      for (const _ of others) {
        const inner = f;
        f = (rows) => stack(unstack(rows).map(inner));
      }
      // Bring the axis last by mapping over the others in turn.
      const order = [...others, (axis + x.rank) % x.rank];
      const last = vmapped(x, order);
      expectSame(vmapped(fft(x, { axis }).re, order), f(last));
    });
  });

  test("real numbers are complex ones without imaginary part, and rfft is their first half", () => {
    hold(lines, ({ x, axis }) => {
      const [real, complex, half] = [fft(x, { axis }), fft({ re: x, im: mul(x, 0) }, { axis }), rfft(x, { axis })];
      expectSame(real.re, complex.re);
      expectSame(real.im, complex.im);
      const at = (axis + x.rank) % x.rank;
      const part = (y: Tensor) => slice(y, [...half.re.shape.map((size, i) => (i === at ? { stop: size } : null))]);
      expectSame(half.re, part(real.re));
      expectSame(half.im, part(real.im));
    });
  });

  test("irfft is the inverse of rfft for even and odd lengths", () => {
    hold(lines, ({ x, axis }) => {
      const length = x.shape[(axis + x.rank) % x.rank];
      expectSame(irfft(rfft(x, { axis }), { axis, length }), x);
      if (length % 2 === 0) expectSame(irfft(rfft(x, { axis }), { axis }), x);
    });
  });

  test("energy is kept (Parseval)", () => {
    hold(complexes, ([a, b]) => {
      const z = { re: tensor(a), im: tensor(b) };
      expect(sum(energy(fft(z))).item()).toBeCloseTo(a.length * sum(energy(z)).item(), 9);
      const half = energy(rfft(z.re));
      const twice = half.toArray() as number[];
      const total = twice.reduce(
        (all, e, k) => all + e * (k === 0 || 2 * k === a.length ? 1 : 2),
        0,
      );
      expect(total).toBeCloseTo(a.length * sum(square(z.re)).item(), 9);
    });
  });

  test("a shift turns the phase", () => {
    hold(fc.tuple(complexes, fc.integer({ min: -50, max: 50 })), ([[a, b], shift]) => {
      const n = a.length;
      const z = { re: tensor(a), im: tensor(b) };
      const [y, shifted] = [fft(z), fft({ re: roll(z.re, shift), im: roll(z.im, shift) })];
      const angle = (k: number) => (-2 * Math.PI * (((k * shift) % n) + n)) / n;
      const c = tensor(a.map((_, k) => Math.cos(angle(k))));
      const s = tensor(a.map((_, k) => Math.sin(angle(k))));
      expectSame(shifted.re, sub(mul(y.re, c), mul(y.im, s)));
      expectSame(shifted.im, add(mul(y.re, s), mul(y.im, c)));
    });
  });

  test("a product of transforms is the transform of the circular convolution", () => {
    hold(complexes, ([a, b]) => {
      const n = a.length;
      const want = a.map((_, k) => a.reduce((total, x, j) => total + x * b[(k - j + n) % n], 0));
      const [p, q] = [rfft(tensor(a)), rfft(tensor(b))];
      const product = {
        re: sub(mul(p.re, q.re), mul(p.im, q.im)),
        im: add(mul(p.re, q.im), mul(p.im, q.re)),
      };
      expectSame(irfft(product, { length: n }), tensor(want), 1e-11);
    });
  });

  test("fft is linear over the complex numbers", () => {
    hold(complexes, ([a, b]) => {
      const z = { re: tensor(a), im: tensor(b) };
      const [turned, want] = [fft(timesI(z)), timesI(fft(z))];
      expectSame(turned.re, want.re);
      expectSame(turned.im, want.im);
    });
  });
});

/** The axes in another order. */
function vmapped(x: Tensor, order: readonly number[]): Tensor {
  return vmap((one: Tensor) => one)(tensor(x.toJSON(), {})) && permuted(x, order);
}
function permuted(x: Tensor, order: readonly number[]): Tensor {
  return order.length === 0 ? x : transposed(x, order);
}
