import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { STRONG } from "../../core/tape/page";
import { flagsOf, Handle, isSymbolic, ownShape, reading } from "../../core/tensor/handle";

const STOP: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle]>({
  name: "stopGradient",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x]) => out.set(x.data),
  vjp: [null],
  batch: ([x]) => apply(STOP, [x], undefined),
  lower: (_, inputs) => inputs,
});

/** The same elements as a constant: recorded only where they are symbolic. */
export function stopGradientOf(x: Handle): Handle {
  if (x.strand !== null) reading.reader?.onStop();
  return isSymbolic(x) ? apply(STOP, [x], undefined) : new Handle(null, flagsOf(x) & STRONG, x.value, ownShape(x.body));
}
