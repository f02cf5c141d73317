import { apply } from "../../core/op/apply";
import { makeConstantOp, type Op } from "../../core/op/op";
import { type Handle, isSymbolic, withoutHistory } from "../../core/tensor/handle";

const STOP: Op<undefined> = /* @__PURE__ */ makeConstantOp<undefined>({
  name: "stopGradient",
  shapes: (shapes) => shapes,
  dtypes: (dtypes) => dtypes,
  evaluate: ([out], [x]) => out.set(x.data),
  batch: ([x]) => [apply(STOP, [x], undefined)],
});

/** The same numbers as a constant: on the tape only as long as they are not known. */
export const stopGradientOf = (x: Handle): Handle => (isSymbolic(x) ? apply(STOP, [x], undefined) : withoutHistory(x));
