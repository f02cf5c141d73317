import { apply } from "../../core/op/apply";
import { makeOp, type Op } from "../../core/op/op";
import { broadcastBatch, plus } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import { between } from "../../numeric/order/bisection";
import { mulZeroLeft } from "../define/elementwise-op";
import { sub } from "./arithmetic";

/** Inputs a, b and t, of one shape and dtype; t is from 0 to 1. */
const BLEND: Op<undefined> = /* @__PURE__ */ makeOp<undefined>({
  name: "blend",
  shapes: ([shape]) => [shape],
  dtypes: ([dtype]) => [dtype],
  evaluate: ([out], [a, b, t]) => {
    const [x, y, weights] = [a.data, b.data, t.data];
    for (let i = 0; i < out.length; i++) out[i] = between(x[i], y[i], weights[i]);
  },
  differentiable: () => true,
  readsOutput: false,
  pull: ({ inputs: [a, b, t] }, [yBar], wanted) => [
    wanted[0] && yBar ? mulZeroLeft(yBar, sub(1, t)) : null,
    wanted[1] && yBar ? mulZeroLeft(yBar, t) : null,
    wanted[2] && yBar ? mulZeroLeft(yBar, sub(b, a)) : null,
  ],
  push: ({ inputs: [a, b, t] }, [aDot, bDot, tDot]) => {
    const parts = [
      aDot && mulZeroLeft(aDot, sub(1, t)),
      bDot && mulZeroLeft(bDot, t),
      tDot && mulZeroLeft(tDot, asHandle(sub(b, a))),
    ];
    return [parts.reduce(plus, null)];
  },
  batch: (inputs, batched, _, size) => [apply(BLEND, broadcastBatch(inputs, batched, size), undefined)],
  declares: { elementwise: true },
});

/** `(1 - t) a + t b`, exactly a at t = 0 and b at t = 1. */
export const blend = (a: Handle, b: Handle, t: Handle): Handle => apply(BLEND, [a, b, t], undefined);
