import type { Dtype, TensorData } from "../../base/dtype";
import type { Shape } from "../../base/shape";
import type { Handle } from "../tensor/handle";
import { apply } from "./apply";
import { type Declarations, makeOp, type Op } from "./op";

/** A linear op of one input: its tangent is itself, its cotangent the transpose beside it. */
export interface Linear<Attrs> {
  readonly name: string;
  shape(shape: Shape, attrs: Attrs): Shape;
  dtype?(dtype: Dtype, attrs: Attrs): Dtype;
  evaluate(output: TensorData, x: Handle, attrs: Attrs): void;
  transpose(yBar: Handle, shape: Shape, attrs: Attrs, dtype: Dtype): Handle;
  batch(x: Handle, attrs: Attrs): Handle;
  readonly normPreserving?: boolean;
}

/** The op of a linear definition. */
export function makeLinear<Attrs>(definition: Linear<Attrs>): Op<Attrs> {
  const op: Op<Attrs> = makeOp({
    name: definition.name,
    shapes: ([shape], attrs) => [definition.shape(shape, attrs)],
    dtypes: ([dtype], attrs) => [definition.dtype === undefined ? dtype : definition.dtype(dtype, attrs)],
    evaluate: ([out], [x], attrs) => definition.evaluate(out, x, attrs),
    differentiable: () => true,
    readsInput: () => false,
    readsOutput: false,
    pull: ({ inputs: [x], attrs }, [yBar]) => [yBar && definition.transpose(yBar, x.shape, attrs, x.dtype)],
    push: ({ attrs }, [xDot]) => [xDot && apply(op, [xDot], attrs)],
    batch: ([x], _, attrs) => [definition.batch(x, attrs)],
    declares: linearDeclarations(definition.normPreserving),
  });
  return op;
}
const linearDeclarations = (normPreserving = false): Declarations => ({ linear: "jointly", normPreserving });
