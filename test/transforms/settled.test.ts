// Law: what a transform returns at the outermost level is watched only if somebody outside can differentiate it, in every
// nesting of two transforms. What an inner transform leaves on the tape observes nothing once its function has ended.
import {
  backward,
  checkpoint,
  grad,
  hessian,
  hvp,
  implicitRoot,
  isTensor,
  jacobian,
  jvp,
  mul,
  type Scalar,
  scan,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  tree,
  valueAndGrad,
  valueOf,
  variable,
  vjp,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";

type Fn = (x: Scalar) => Scalar;
const s = (x: unknown): Scalar => x as Scalar;

/** Each transform as a map from scalar functions to scalar functions. */
const ways: Readonly<Record<string, (f: Fn) => Fn>> = {
  grad: (f) => (x) => s(grad(f)(x)),
  "value of valueAndGrad": (f) => (x) => s(valueAndGrad(f)(x)[0]),
  "gradient of valueAndGrad": (f) => (x) => s(valueAndGrad(f)(x)[1]),
  aux: (f) => (x) => s(valueAndGrad((v: Scalar) => [f(v), f(v)] as const, { aux: true })(x)[2]),
  "output of jvp": (f) => (x) => s(jvp(f, [x], [1 as never])[0]),
  jvp: (f) => (x) => s(jvp(f, [x], [1 as never])[1]),
  "output of vjp": (f) => (x) => s(vjp(f, [x])[0]),
  vjp: (f) => (x) => s(vjp(f, [x])[1](1 as never)[0]),
  jacobian: (f) => (x) => s(jacobian(f)(x)),
  "jacobian, forward": (f) => (x) => s(jacobian(f, { mode: "forward" })(x)),
  hessian: (f) => (x) => s(hessian(f)(x)),
  hvp: (f) => (x) => s(hvp(f)(x, 1 as never)),
  vmap: (f) => (x) => sum(vmap((_: Tensor, v: Scalar) => f(v), { inAxes: [0, null] })(tensor([0]), x) as Tensor),
  checkpoint: (f) => (x) => checkpoint(f)(x),
  scan: (f) => (x) => s(scan((c: Scalar) => [f(c), undefined] as const, x, undefined, { length: 2 })[0]),
  implicitRoot: (f) => (x) =>
    f(
      implicitRoot(
        (r: Scalar, v: Scalar) => sub(mul(r, r), square(v)),
        (v: Scalar): Scalar => valueOf(v),
      )(x),
    ),
};
const tensors = new Set(["vmap"]);

/** What depends on the inner and the outer input, in ways whose rules keep both on the tape. */
const bodies: Readonly<Record<string, (z: Scalar, w: Scalar) => Scalar>> = {
  "z (z w)": (z, w) => mul(z, mul(z, w)),
  "(z z) w": (z, w) => mul(mul(z, z), w),
  "(z z w) (z w)": (z, w) => mul(mul(mul(z, z), w), mul(z, w)),
  "sin(z w) z²": (z, w) => mul(sin(mul(z, w)), square(z)),
};

const unwatched = (result: unknown): void => {
  for (const { value } of tree.leaves(result)) expect(isTensor(value) && value.watched).toBe(false);
};

describe.each(Object.keys(ways))("%s outside", (outer) => {
  test.each(Object.keys(ways))("%s inside", (inner) => {
    for (const [name, body] of Object.entries(bodies)) {
      const results = [
        (w: Scalar): Scalar => ways[inner]?.((z) => body(z, w))(0.7) ?? 0,
        (w: Scalar): Scalar => ways[inner]?.((z) => body(z, w))(w) ?? 0,
      ].map((f) => ways[outer]?.(f)(0.4));
      for (const result of results) {
        unwatched(result);
        if (!tensors.has(outer) && !tensors.has(inner)) expect(typeof result, name).toBe("number");
      }
    }
  });
});

describe("what is watched from outside stays so", () => {
  test.each(Object.keys(ways))("%s", (inner) => {
    const w: Tensor = variable(0.4);
    const result = ways[inner]?.((z) => mul(sin(z), mul(z, w)))(0.7);
    expect(isTensor(result) && result.watched).toBe(true);
    const slope = backward(s(result), w).item();
    const h = 1e-6;
    const at = (v: number): number => valueOf(ways[inner]?.((z) => mul(sin(z), mul(z, v)))(0.7) ?? Number.NaN);
    expect(slope).toBeCloseTo((at(0.4 + h) - at(0.4 - h)) / (2 * h), 5);
  });
});

test("an inner input observes nothing once its function has ended", () => {
  expect(grad((w: Scalar): Scalar => s(grad((z: Scalar) => mul(z, mul(z, w)))(3)))(2)).toBe(6);
  const roots = implicitRoot(
    ({ p, q }: { p: Scalar; q: Scalar }, a: Scalar) => ({ p: sub(mul(p, p), a), q: sub(mul(p, q), mul(a, a)) }),
    (a: Scalar) => ({ p: Math.sqrt(valueOf(a)), q: valueOf(a) ** 1.5 }),
  );
  const g = (a: Scalar): Scalar => mul(roots(a).p, roots(a).q);
  expect(grad(grad(g))(9)).toBeCloseTo(2, 10);
  expect(hessian(g)(9)).toBeCloseTo(2, 10);
});

test("a tensor that escapes from a function is a constant later", () => {
  let escaped: Scalar = 0;
  grad((z: Scalar): Scalar => {
    escaped = mul(z, z);
    return z;
  })(3);
  expect(grad((w: Scalar): Scalar => mul(w, mul(w, escaped)))(2)).toBe(36);
  expect(grad((w: Scalar): Scalar => mul(w, w))(escaped)).toBe(18);
});

test("an outer input that is still open observes", () => {
  const f = (w: Scalar): Scalar => {
    const [y, pullback] = vjp((z: Scalar) => mul(z, mul(z, w)), [3]);
    return mul(y, s(pullback(1 as never)[0]));
  };
  // 9 w times 6 w.
  expect(grad(f)(2)).toBe(216);
  expect(grad((w: Scalar): Scalar => s(grad(f)(w)))(2)).toBe(108);
});
