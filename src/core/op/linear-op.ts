import type { Dtype, TensorData } from "../../base/dtype";
import type { Shape } from "../../base/shape";
import type { Handle } from "../tensor/handle";
import type { Tensor } from "../tensor/tensor";
import { apply } from "./apply";
import type { Lazy, Lower, Lowering } from "./op";
import { type CoreOp, coreOp, type Kind, type LinearFacts } from "./op";

/**
 * The definition of a linear op, for `defineLinear` and for the built-in linear ops. Its tangent is the op itself, its
 * cotangent the transpose.
 */
export interface LinearDefinition<Attrs, T extends Tensor = Tensor> {
  /** Prints, and starts every error message. */
  readonly name: string;
  /** Shape of the output; reads no numbers, throws the shape errors. */
  shape(shape: Shape, attrs: Attrs): Shape;
  /** Dtype of the output; if omitted, that of the input. */
  dtype?(dtype: Dtype, attrs: Attrs): Dtype;
  /** Writes the result into `output`, which is zero-filled. */
  evaluate(output: TensorData, input: T, attrs: Attrs): void;
  /** The transpose: from a cotangent of the output to one of the input, of the given shape and dtype. */
  transpose(yBar: T, shape: Shape, attrs: Attrs, dtype: Dtype): T;
  /** The op when the input has a leading batch axis; if omitted, the op is mapped over the samples in one loop. */
  batch?(input: T, attrs: Attrs): T;
  /** Facts about the op, besides that it is linear. */
  readonly declares?: LinearFacts<readonly [Shape], Attrs> | undefined;
  /** The output in terms of a lazy array, for compiled programs; null, or omitted: `evaluate` is called. */
  lower?(on: Lower, input: Lazy, attrs: Attrs, output: Kind): Lazy | null;
}

/** How an op of one input and one output is lowered, from the one lazy array to the other. */
export const loweringOf =
  <Attrs>(lower: NonNullable<LinearDefinition<Attrs>["lower"]>): Lowering<Attrs> =>
  (on, [x], attrs, [output]) => {
    const y = lower(on, x, attrs, output);
    return y && [y];
  };

/** The core record of a linear op, filled in directly: these ops are hot. */
export function makeLinear<Attrs>(
  definition: LinearDefinition<Attrs, Handle> & { batch(input: Handle, attrs: Attrs): Handle },
  more: Pick<CoreOp<Attrs>, "addCotangent"> = {},
): CoreOp<Attrs> {
  const op: CoreOp<Attrs> = coreOp({
    name: definition.name,
    shapes: ([shape], attrs) => [definition.shape(shape, attrs)],
    dtypes: ([dtype], attrs) => [definition.dtype === undefined ? dtype : definition.dtype(dtype, attrs)],
    evaluate: ([out], [x], attrs) => definition.evaluate(out, x, attrs),
    differentiable: () => true,
    readsInput: () => false,
    readsOutput: false,
    pullback: ({ inputs: [x], attrs }, [yBar]) => [yBar && definition.transpose(yBar, x.shape, attrs, x.dtype)],
    pushforward: ({ attrs }, [xDot]) => [xDot && apply(op, [xDot], attrs)],
    batch: ([x], _, attrs) => [definition.batch(x, attrs)],
    declares: { linear: "jointly", absorbing: true, ...definition.declares },
    ...(definition.lower === undefined ? null : { lower: loweringOf(definition.lower) }),
    ...more,
  });
  return op;
}
