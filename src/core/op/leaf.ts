import type { Shape } from "../../base/shape";
import { FRESH, KIND_BITS, now, STRONG, SYMBOLIC, VARIABLE } from "../tape/page";
import { FREED, Strand } from "../tape/strand";
import { flagsOf, Handle, isSymbolic, isWeak, makeScalar, ownShape, placeOf } from "../tensor/handle";
import { scalarCode } from "./entry";
import { type CoreOp, coreOp } from "./op";
import { record, recordScalar } from "./record";

/*
 * Where history begins: leaves (variables, fresh inputs, symbols), and the alias that links a fresh input to a tensor
 * that is tracked already. That link is all there is to nesting.
 */

let leaves = 0;

/** A leaf with the elements of x: a VARIABLE, FRESH for an input of a transform, SYMBOLIC for a symbol. */
export function makeLeaf(x: Handle, kind: number, birth: number, strength = flagsOf(x) & STRONG): Handle {
  leaves++;
  return new Handle(new Strand(null, birth), leaves * (1 << KIND_BITS) + kind + strength, x.value, ownShape(x.body));
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
  batch: (inputs) => inputs,
  partialA: 1,
  declares: { linear: "jointly", regroup: true, elementwise: true },
  lower: (_, inputs) => inputs,
});

const ALIAS_CODE = /* @__PURE__ */ scalarCode(ALIAS);

/** The inputs of one function that a transform runs: leaves with indices in a row, and when they were born. */
interface OpenInputs {
  readonly first: number;
  readonly end: number;
  readonly birth: number;
}

/*
 * A fresh input is open while the function that it was made for runs. Afterwards only its own transform differentiates by
 * it, in sweeps of which it is a target; to everybody else it is a constant.
 */
const open = /* @__PURE__ */ new Set<OpenInputs>();

/** Calls f on fresh inputs with the elements of xs, all born now, which are open until f ends. */
export function onFreshInputs<T>(xs: readonly Handle[], f: (inputs: Handle[]) => T): [inputs: Handle[], result: T] {
  const birth = now();
  const first = (leaves + 1) * (1 << KIND_BITS);
  const inputs = xs.map((x) => freshInput(x, birth));
  const opened = { first, end: (leaves + 1) * (1 << KIND_BITS), birth };
  open.add(opened);
  try {
    return [inputs, f(inputs)];
  } finally {
    open.delete(opened);
  }
}

/** Whether what stands at a place, with these flags, may depend on an open input: for a leaf exactly. */
export function dependsOnOpen(place: number, flags: number): boolean {
  if ((flags & FRESH) === 0) return false;
  for (const { first, end, birth } of open) {
    if (place < 0 ? -place >= first && -place < end : place >= birth) return true;
  }
  return false;
}

/** Whether what stands at a place, with these flags, depends on anything by which somebody may yet differentiate. */
export const isLive = (place: number, flags: number): boolean =>
  (flags & (SYMBOLIC | VARIABLE)) !== 0 || dependsOnOpen(place, flags);

/** x with its history, made strong or weak, as what it is given out for is. */
export function withStrength(x: Handle, weak: boolean): Handle {
  if (isWeak(x) === weak || x.shape.length > 0 || x.dtype !== "float64") return x;
  if (x.strand === null) return makeScalar(x.value, weak ? 0 : STRONG);
  const alias = aliasOf(x);
  const page = alias.strand?.page;
  if (page) page.flags[alias.index] = (page.flags[alias.index] & ~STRONG) | (weak ? 0 : STRONG);
  return alias;
}

/** An input of a transform: a leaf, or, when x itself depends on something by which one may differentiate, an entry linked to it. */
function freshInput(x: Handle, birth: number): Handle {
  if (x.strand === null || (x.strand !== FREED && !isLive(placeOf(x), flagsOf(x)))) return makeLeaf(x, FRESH, birth);
  const alias = aliasOf(x);
  const page = alias.strand?.page;
  if (page) page.flags[alias.index] |= FRESH;
  return alias;
}

function aliasOf(x: Handle): Handle {
  if (x.body === null) return recordScalar(ALIAS_CODE, x, null, x.value);
  const alias = new Handle(null, 0, 0, ownShape(x.body));
  record(ALIAS, [x], [alias], undefined, isSymbolic(x));
  return alias;
}
