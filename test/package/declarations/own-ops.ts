// A user's ops of every kind.
import {
  add,
  defineBilinear,
  defineBinary,
  defineLinear,
  defineOp,
  defineReduction,
  defineUnary,
  GradtapeError,
  isTensor,
  matmul,
  mul,
  type OpDefinition,
  type Shape,
  type Tensor,
  transpose,
  type Value,
} from "gradtape";

export const cube = defineUnary({ name: "cube", value: (x) => x ** 3, derivative: (x) => mul(3, mul(x, x)) });
export const blend = defineBinary({ name: "blend", value: (a, b) => (a + b) / 2, derivatives: [0.5, () => 0.5] });
export const shiftBy = defineLinear<{ readonly by: number }>({
  name: "shiftBy",
  shape: (shape) => shape,
  evaluate: (output, input) => output.set(input.data),
  transpose: (yBar) => yBar,
});
export const outer = defineBilinear({
  name: "outer",
  shape: ([a, b]): Shape => [...a, ...b],
  evaluate() {},
  vjp: [({ yBar, inputs: [, b] }) => matmul(yBar, b), ({ yBar, inputs: [a] }) => matmul(transpose(yBar), a)],
});
const definition: OpDefinition<readonly [x: Tensor, y: Tensor], { readonly scale: number }> = {
  name: "scaled",
  shape: ([x]) => x,
  evaluate() {},
  vjp: [({ yBar, attrs }) => mul(yBar, attrs.scale), null],
};
export const scaled = defineOp(definition);
export const halves = defineOp<[Tensor]>({
  name: "halves",
  parts: 2,
  shape: ([x]) => [x, x],
  evaluate() {},
  vjp: [({ yBars: [a, b] }) => add(a ?? 0, b ?? 0)],
});
export const largest = defineReduction({
  name: "largest",
  initial: -Infinity,
  combine: Math.max,
  derivative: (x) => x,
});
export const table = { cube, blend, shiftBy, outer, scaled, halves, largest };
export const codeOf = (error: unknown) =>
  error instanceof GradtapeError ? { code: error.code, facts: error.facts } : null;
export const asTensors = (xs: readonly Value[]) => xs.filter(isTensor);
