import { promote } from "../../base/dtype";
import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { broadcastShapes } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch, broadcastToShape, castTo } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";

const WHERE = "linalg.cross";

/** Inputs of one shape. */
const CROSS: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle, Handle]>({
  name: "cross",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [a, b]) => {
    const [x, y] = [a.data, b.data];
    // A product of integers may need more bits than a double has.
    const minor = (j: number, k: number): number =>
      out instanceof Int32Array ? Math.imul(x[j], y[k]) - Math.imul(x[k], y[j]) : x[j] * y[k] - x[k] * y[j];
    for (let i = 0; i < out.length; i += 3) {
      out[i] = minor(i + 1, i + 2);
      out[i + 1] = minor(i + 2, i);
      out[i + 2] = minor(i, i + 1);
    }
  },
  vjp: [({ yBar, inputs: [, b] }) => product(b, yBar), ({ yBar, inputs: [a] }) => product(yBar, a)],
  jvp: [({ xDot, inputs: [, b] }) => product(xDot, b), ({ xDot, inputs: [a] }) => product(a, xDot)],
  reads: { output: false },
  batch: (inputs, batched, _, size) => apply(CROSS, broadcastBatch(inputs, batched, size), undefined),
  declares: { linear: "each" },
});
const product = (a: Handle, b: Handle): Handle => apply(CROSS, [a, b], undefined);

function demandVector(name: string, x: Tensor): asserts x is Handle {
  if (!(x instanceof Handle)) notATensor(WHERE, x, name, true);
  if (x.shape[x.shape.length - 1] === 3) return;
  fail(
    "linalg/cross",
    `${WHERE}: the last axis of ${name} must have size 3, got shape ${list(x.shape)}.`,
    { name, shape: x.shape },
    "Put the three components of the vectors along the last axis.",
  );
}

/**
 * The cross product of vectors in space.
 *
 * Shape: `T[...A, 3], T[...B, 3] -> T[...broadcast, 3]`.
 *
 * `y = (a₂b₃ - a₃b₂, a₃b₁ - a₁b₃, a₁b₂ - a₂b₁)`; cotangents `aBar = b × yBar`, `bBar = yBar × a`.
 *
 * int32 wraps around, modulo 2^32. NaN propagates; zeros do not protect from infinities.
 * @param a - vectors along the last axis
 * @param b - vectors along the last axis
 * @returns the products, of the promoted dtype
 * @throws GradtapeError `linalg/cross` for a last axis of another size, `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * linalg.cross(tensor([1, 0, 0]), tensor([0, 1, 0])); // => [0, 0, 1]
 * ```
 */
export function cross(a: Tensor, b: Tensor): Tensor {
  refuseExtra("linalg.cross", "a, b", 2, arguments);
  demandVector("a", a);
  demandVector("b", b);
  const dtype = promote(a.dtype, b.dtype);
  const shape = broadcastShapes(WHERE, a.shape, b.shape);
  return product(broadcastToShape(castTo(a, dtype), shape), broadcastToShape(castTo(b, dtype), shape));
}
