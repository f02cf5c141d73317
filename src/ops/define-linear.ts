import type { TensorData } from "../base/dtype";
import type { Shape } from "../base/shape";
import type { Tensor } from "../core/tensor";
import { defineOp, type Op, type OpDefinition } from "./define-op";

/** A linear op of one input: its tangent is itself, its cotangent the transpose beside it. */
export interface LinearDefinition<Attrs> {
  readonly name: string;
  shape(shape: Shape, attrs: Attrs): Shape;
  evaluate(output: TensorData, input: Tensor, attrs: Attrs): void;
  /** The transpose: from a cotangent of the output to one of the input, of the given shape. */
  transpose(yBar: Tensor, shape: Shape, attrs: Attrs): Tensor;
  /** The op when the input has a leading batch axis; without it ONE loop over the samples. */
  batch?(input: Tensor, attrs: Attrs): Tensor;
}

/**
 * Makes a linear op of one input from its value and its transpose.
 */
export function defineLinear<Attrs = undefined>(definition: LinearDefinition<Attrs>): Op<readonly [Tensor], Attrs>;
export function defineLinear(definition: LinearDefinition<unknown>): Op<readonly [Tensor], unknown> {
  const { name, shape, evaluate, transpose, batch } = definition;
  const op: Op<readonly [Tensor], unknown> = defineOp<readonly [Tensor], unknown>({
    name,
    shape: ([x], attrs) => shape(x, attrs),
    evaluate: (output, [x], attrs) => evaluate(output, x, attrs),
    vjp: [({ yBar, inputs: [x], attrs }) => transpose(yBar, x.shape, attrs)],
    jvp: [({ xDot, attrs }) => op(xDot, attrs)],
    ...(batch === undefined ? {} : { batch: ([x]: readonly [Tensor], _: unknown, attrs: unknown) => batch(x, attrs) }),
    reads: { inputs: [false], output: false },
    declares: { linear: "jointly" },
  });
  return op;
}

/**
 * Makes an op that is linear in each of its two inputs, from its value and its two pullbacks.
 */
export function defineBilinear<Attrs = undefined>(
  definition: Pick<OpDefinition<readonly [Tensor, Tensor], Attrs>, "name" | "shape" | "evaluate" | "vjp" | "batch">,
): Op<readonly [Tensor, Tensor], Attrs> {
  return defineOp<readonly [Tensor, Tensor], Attrs>({
    ...definition,
    reads: { inputs: [true, true], output: false },
    declares: { linear: "each" },
  });
}
