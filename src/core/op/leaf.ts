import type { Shape } from "../../base/shape";
import { FRESH, KIND_BITS } from "../tape/page";
import { Strand } from "../tape/strand";
import { Handle, isSymbolic } from "../tensor/handle";
import { scalarCode } from "./entry";
import { type CoreOp, coreOp } from "./op";
import { record, recordScalar } from "./record";

/*
 * Where history begins: leaves (variables, fresh inputs, symbols), and the alias that links a fresh input to a tensor
 * that is tracked already. That link is all there is to nesting.
 */

let leaves = 0;

/** A leaf with the elements of x: kind 0 a variable, FRESH an input of a transform, SYMBOLIC a symbol. */
export function makeLeaf(x: Handle, kind: number, birth: number): Handle {
  leaves++;
  return new Handle(new Strand(null, birth), leaves * (1 << KIND_BITS) + kind, x.value, x.body);
}

/** Another handle of the leaf at a place, which is negative. */
export const leafAt = (place: number, value: number, body: Handle["body"]): Handle =>
  new Handle(ANY_LEAF, -place, value, body);
const ANY_LEAF = /* @__PURE__ */ new Strand(null, 0);

/** The core's own op, the identity, that links a fresh input to a tracked tensor. */
export const ALIAS: CoreOp = /* @__PURE__ */ coreOp({
  name: "alias",
  shapes: (shapes: readonly Shape[]) => shapes,
  dtypes: (dtypes) => dtypes,
  evaluate: ([out], [x]) => out.set(x.data),
  differentiable: () => true,
  readsInput: () => false,
  readsOutput: false,
  pullback: (_, yBars) => yBars,
  pushforward: (_, xDots) => xDots,
  batch: (inputs) => inputs,
  partialA: 1,
  declares: { linear: "jointly", normPreserving: true, elementwise: true },
});

const ALIAS_CODE = /* @__PURE__ */ scalarCode(ALIAS);

/** An input of a transform: a leaf, or, when x is itself tracked, an entry linked to x. */
export function freshInput(x: Handle, birth: number): Handle {
  if (x.strand === null) return makeLeaf(x, FRESH, birth);
  let alias: Handle;
  if (x.body === null) alias = recordScalar(ALIAS_CODE, x, null, x.value);
  else {
    alias = new Handle(null, 0, 0, x.body);
    record(ALIAS, [x], [alias], undefined, isSymbolic(x));
  }
  const page = alias.strand?.page;
  if (page) page.flags[alias.index] |= FRESH;
  return alias;
}
