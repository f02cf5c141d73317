// A user's derivatives: what transforms give, exported without a type.
import {
  add,
  backward,
  checkNumerics,
  checkpoint,
  cond,
  customGradient,
  detach,
  explain,
  fixedPoint,
  forLoop,
  grad,
  hessian,
  hvp,
  implicitRoot,
  jacobian,
  jvp,
  less,
  matmul,
  mul,
  ones,
  type Scalar,
  scan,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  trace,
  tree,
  type Value,
  valueAndGrad,
  variable,
  vjp,
  vmap,
  whileLoop,
  zeros,
} from "gradtape";
import { classifier, cost } from "./model.js";

export interface Spring {
  readonly stiffness: number;
  rest?: Tensor<readonly [3]>;
  readonly ends: readonly [Tensor<readonly [3]>, Tensor<readonly [3]>];
}
const energy = (s: Spring, gravity: number) =>
  add(mul(s.stiffness, sum(square(sub(s.ends[0], s.ends[1])))), mul(gravity, sum(s.ends[0])));

export const slope = grad(energy);
export const both = valueAndGrad(energy);
export const withAux = valueAndGrad((s: Spring) => [energy(s, 1), { length: s.ends }], { aux: true });
export const training = valueAndGrad(cost);
export const pulled = vjp(
  (a: Tensor<readonly [3]>, b: Tensor<readonly [2, 3]>) => matmul(b, a),
  [ones([3]), ones([2, 3])],
);
export const pushed = jvp((a: Tensor<readonly [3]>) => square(a), [ones([3])], [ones([3])]);
export const jacobianOf = jacobian((s: Spring) => ({ gap: sub(s.ends[0], s.ends[1]) }));
export const hessianOf = hessian((x: { u: Tensor<readonly [3]>; v: number }) => mul(sum(square(x.u)), x.v));
export const product = hvp(energy);
export const mapped = vmap(energy, { inAxes: [0, null] });
export const leaf = variable([1, 2, 3]);
export const swept = backward(sum(square(leaf)), { leaf, all: [leaf] });
export const cheap = checkpoint(energy);
export const cut = <X>(x: X) => [stopGradient(x), detach(x)] as const;
export const clipped = customGradient(
  (x: Tensor<readonly [3]>) => square(x),
  ({ yBar }) => [yBar],
);
export const sums = (xs: Tensor<readonly [number, 3]>) =>
  scan((c: Tensor<readonly [3]>, x: Tensor<readonly [3]>) => [add(c, x), { c }] as const, zeros([3]), xs);
export const chosen = (flag: Tensor, x: Tensor<readonly [3]>) =>
  cond(
    flag,
    (a: Tensor<readonly [3]>) => sum(a),
    (a) => sum(square(a)),
    x,
  );
export const grown = (x: Tensor<readonly []>) =>
  whileLoop(
    (c: { x: Scalar }) => less(c.x, 9),
    (c) => ({ x: mul(c.x, 2) }),
    { x },
  );
export const counted = (x: Scalar) => forLoop(0, 3, (i, c: Scalar) => add(c, i), x);
export const root = implicitRoot(
  (x: number, a: number) => sub(square(x), a),
  (a) => Math.sqrt(a),
);
export const fixed = fixedPoint(
  (x: Tensor<readonly [3]>, a: number) => mul(x, a),
  () => zeros([3]),
);
export const tape = trace(energy)({ stiffness: 1, ends: [ones([3]), ones([3])] }, 2);
export const rows = explain(tape).rows;
export const equations = tape.equations.map(({ op, attrs }) => ({ op, attrs }));
export const checked = checkNumerics(grad(energy));
export const step = <P>(params: P, gradient: P) =>
  tree.map((p: Tensor, g: Tensor) => sub(p, mul(0.1, g)), params, gradient as never);
export const sizes = tree.map((x) => x.size, classifier);
export const differentiated = (f: (x: Scalar) => Scalar) => grad(grad(f));
export const generic = (x: Value, y: Value) => add(mul(x, y), square(x));
