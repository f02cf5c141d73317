import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import * as formula from "../../kernel/expansions/builder";
import { between } from "../../numeric/order/bisection";
import { mulZero } from "../define/elementwise-op";
import { sub } from "./arithmetic";

const BETWEEN = /* @__PURE__ */ formula.called("lerp", between);

/** Inputs a, b and t, of one shape and dtype; t is from 0 to 1. */
const LERP: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle, Handle, Handle]>({
  name: "lerp",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [a, b, t]) => {
    const [x, y, weights] = [a.data, b.data, t.data];
    for (let i = 0; i < out.length; i++) out[i] = between(x[i], y[i], weights[i]);
  },
  vjp: [
    ({ yBar, inputs: [, , t] }) => mulZero(yBar, sub(1, t)),
    ({ yBar, inputs: [, , t] }) => mulZero(yBar, t),
    ({ yBar, inputs: [a, b] }) => mulZero(yBar, sub(b, a)),
  ],
  jvp: [
    ({ xDot, inputs: [, , t] }) => mulZero(xDot, sub(1, t)),
    ({ xDot, inputs: [, , t] }) => mulZero(xDot, t),
    ({ xDot, inputs: [a, b] }) => mulZero(xDot, sub(b, a)),
  ],
  reads: { output: false },
  batch: (inputs, batched, _, size) => apply(LERP, broadcastBatch(inputs, batched, size), undefined),
  declares: { elementwise: true },
  // Between numbers of different signs a formula would lose digits in float32.
  lower: (on, xs, _, [{ dtype }]) => [on.map(dtype, (...x) => formula.applied(BETWEEN, ...x), ...xs)],
});

/** `(1 - t) a + t b`, exactly a at t = 0 and b at t = 1. */
export const lerp = (a: Handle, b: Handle, t: Handle): Handle => apply(LERP, [a, b, t], undefined);
