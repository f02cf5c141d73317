import fc from "fast-check";
import {
  add,
  exp,
  grad,
  hessian,
  hvp,
  jvp,
  linalg,
  matmul,
  mul,
  type Scalar,
  sum,
  swapAxes,
  type Tensor,
  tensor,
  trace,
  vmap,
} from "gradtape";
import { gradcheck } from "gradtape/testing";
import { expect, test } from "vitest";
import { cofactorsByMinors, expanded, type Matrix, matrixOf, ofRank, seeds } from "../../numeric/matrix/drawn-matrix";
import { expectEvery } from "../../support";
import { drawn, expectNear, regular } from "./matrices";

const size = fc.integer({ min: 1, max: 5 });
const det = (a: Tensor) => linalg.det(a);
const scalarDet = (a: Tensor): Scalar => linalg.det(a);
const asTensor = ({ rows, columns, data }: Matrix) => tensor(data, { shape: [rows, columns] });

test("det(A B) = det A det B, for all matrices on leading axes", () => {
  fc.assert(
    fc.property(size, fc.constantFrom([], [2], [2, 2]), seeds, (n, lead, seed) => {
      const [a, b] = [drawn([...lead, n, n], seed), drawn([...lead, n, n], seed + 1)];
      expectNear(det(matmul(a, b)), mul(det(a), det(b)));
    }),
  );
});

test("det is the expansion by minors, and slogdet its sign and logarithm", () => {
  fc.assert(
    fc.property(size, fc.integer({ min: 0, max: 1 }), seeds, (n, lack, seed) => {
      const a = ofRank(n, lack, seed);
      const want = expanded(a);
      expect(det(asTensor(a)).item()).toBeCloseTo(want, 8);
      const { sign, logAbsDet } = linalg.slogdet(asTensor(a));
      expect(mul(sign, exp(logAbsDet)).item()).toBeCloseTo(want, 8);
    }),
  );
});

test.each([0, 1, 2, 3])("the gradient is the transposed adjugate where the rank is %d below full", (lack) => {
  fc.assert(
    fc.property(size, seeds, (n, seed) => {
      const a = ofRank(n, lack, seed);
      const gradient = grad(scalarDet)(asTensor(a));
      expectNear(gradient, asTensor(cofactorsByMinors(a)), 9);
      if (lack > 1 && n > 1) expectNear(gradient, asTensor(matrixOf(n, n, () => 0)), 9);
    }),
  );
});

test.each([0, 1, 2, 3])("the Hessian is made of minors of size n - 2 where the rank is %d below full", (lack) => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 4 }), seeds, (n, seed) => {
      const a = ofRank(n, lack, seed);
      const got = hessian(scalarDet)(asTensor(a));
      // det is linear in every row: differences of cofactors are exact.
      const want = Array.from({ length: n * n }, (_, place) => {
        const moved = matrixOf(n, n, (i, j) => a.data[i * n + j] + (i * n + j === place ? 1 : 0));
        const [after, before] = [cofactorsByMinors(moved), cofactorsByMinors(a)];
        return Array.from(after.data, (x, k) => x - before.data[k]);
      });
      expectNear(got, tensor(want.flat(), { shape: [n, n, n, n] }), 9);
    }),
    { numRuns: 30 },
  );
});

test.each([0, 1, 2])("derivatives agree with differences to order 2 where the rank is %d below full", (lack) => {
  for (const seed of [3, 4, 5]) gradcheck(det, [asTensor(ofRank(3, lack, seed))]);
});

test("a third derivative at a singular matrix, by a fourth-order polynomial along a line", () => {
  // det(a + t e) is a polynomial of degree 4 whose coefficients follow from five values.
  const [a, e] = [asTensor(ofRank(4, 2, 7)), drawn([4, 4], 8)];
  const along = (t: Tensor): Tensor => linalg.det(add(a, mul(e, t)));
  const derivative = (f: (t: Tensor) => Tensor) => (t: Tensor) => jvp(f, [t], [tensor(1)])[1];
  const values = [-2, -1, 0, 1, 2].map((t) => along(tensor(t)).item()) as [number, number, number, number, number];
  const third = (values[4] - 2 * values[3] + 2 * values[1] - values[0]) / 2;
  expect(derivative(derivative(derivative(along)))(tensor(0)).item()).toBeCloseTo(third, 9);
  const back = (f: (t: Tensor) => Tensor) => grad((t: Tensor): Scalar => f(t));
  expect(back(back(back(along)))(tensor(0)).item()).toBeCloseTo(third, 9);
});

test("the gradient of slogdet is the transposed inverse, that of the sign is 0", () => {
  fc.assert(
    fc.property(size, fc.constantFrom([], [3]), seeds, (n, lead, seed) => {
      const a = regular([...lead, n, n], seed);
      const of = (part: "sign" | "logAbsDet") => grad((x: Tensor) => sum(linalg.slogdet(x)[part]))(a);
      expectNear(swapAxes(of("logAbsDet"), -1, -2), linalg.inv(a));
      expectEvery(of("sign").data, (x) => x === 0);
    }),
  );
  gradcheck((a: Tensor) => linalg.slogdet(a).logAbsDet, [regular([2, 3, 3], 2)]);
});

test("inside vmap no sample is looped over, to second order", () => {
  const f = (a: Tensor) => [linalg.det(a), grad(scalarDet)(a), hvp(scalarDet)(a, a), linalg.slogdet(a).logAbsDet];
  const tape = trace((a: Tensor) => vmap(f)(a))(regular([4, 3, 3], 1));
  expect(tape.equations.map(({ op }) => op)).not.toContain("map");
});
