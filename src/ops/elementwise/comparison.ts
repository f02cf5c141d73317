import { refuseExtra } from "../../base/extra-arguments";
import { broadcastShapes } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { alignBatch } from "../../core/op/sweep-ops";
import { truthOf } from "../../core/tensor/condition";
import { Handle } from "../../core/tensor/handle";
import type { Broadcast } from "../../core/tensor/shape-types";
import type { Beside, ShapeOf, TruthOf, Value } from "../../core/tensor/tensor";
import { isValue, notATensor } from "../../core/tensor/tensor-argument";
import * as formula from "../../kernel/expansions/builder";
import type { Formula } from "../../kernel/formula";
import { pointwise, runBinary, runUnary } from "../define/elementwise-loops";
import { operands } from "../define/elementwise-op";

/** What a comparison gives: a boolean for one element; an argument of type any gives any. @internal */
export type Truth<A, B> = 0 extends 1 & A & B ? A & B : TruthOf<Broadcast<ShapeOf<A>, ShapeOf<B>>>;

/**
 * A comparison of two values: single ones give a boolean, others a bool tensor. No derivative (zero). A tensor of unknown
 * rank gives one or the other. Inside vmap and trace, where there is no value, a single condition is a symbol: it can be
 * given to `where`, `cond` and `whileLoop`, and one that nothing uses is an error (`trace/condition`).
 *
 * One signature, not one for numbers and one for tensors: only so is the compiler's message one line.
 */
export interface Comparison {
  <A extends Value | boolean, B extends Value | boolean>(a: A, b: Beside<B, A>): Truth<A, B>;
}

/** A predicate on every element of a value: single ones give a boolean, others a bool tensor, as of a {@link Comparison}. */
export interface Predicate {
  <X extends Value | boolean>(x: X): Truth<X, X>;
}

/** A logical function of two values: a {@link Comparison} to which numbers other than 0 count as true. */
export interface Connective extends Comparison {}

function comparison(
  name: string,
  test: (a: number, b: number) => boolean,
  lowered: (a: Formula, b: Formula) => Formula,
): (a: Value | boolean, b: Value | boolean) => boolean | Handle {
  const places = pointwise((a, b) => Number(test(a, b)), lowered);
  const op: CoreOp<undefined> = makeOp<readonly [Handle, Handle]>({
    dtype: () => "bool",
    declares: { elementwise: true },
    name,
    shape: ([a, b]) => broadcastShapes(name, a, b),
    evaluate: (out, [a, b]) =>
      runBinary(places, out, broadcastShapes(name, a.shape, b.shape), a.data, a.shape, b.data, b.shape),
    vjp: [null, null],
    batch: (inputs, batched) => {
      const rank = Math.max(...inputs.map((x, k) => x.shape.length - (batched[k] ? 1 : 0)));
      return apply(
        op,
        inputs.map((x, k) => (batched[k] ? alignBatch(x, rank) : x)),
        undefined,
      );
    },
    lower: (on, xs) => [on.map("bool", lowered, ...xs)],
  });
  return function (a, b) {
    refuseExtra(name, "a, b", 2, arguments);
    if (typeof a === "number" && typeof b === "number") return test(a, b);
    if (!isValue(a)) return notATensor(name, a, "a");
    if (!isValue(b)) return notATensor(name, b, "b");
    if (typeof a !== "object" && typeof b !== "object") return test(Number(a), Number(b));
    const [x, y] = operands(a, b);
    return truthOf(name, apply(op, [x, y], undefined));
  };
}

const compare = (...named: Parameters<typeof comparison>): Comparison => comparison(...named) as Comparison;
const connect = (...named: Parameters<typeof comparison>): Connective => comparison(...named) as Connective;
const holds = (x: Formula): Formula => formula.notEqual(x, 0);

/**
 * Whether a equals b, element by element; NaN equals nothing, 0 equals -0.
 *
 * Shape: `T[...A], T[...B] -> bool[...broadcast]`.
 *
 * The derivative is zero, as of all comparisons.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns booleans; two numbers give a boolean
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { equal, tensor } from "gradtape";
 * equal(tensor([1, 2]), 2); // => [false, true]
 * ```
 */
export const equal: Comparison = /* @__PURE__ */ compare("equal", (a, b) => a === b, formula.equal);
/**
 * Whether a differs from b, element by element: the negation of {@link equal}, so true where one is NaN.
 *
 * Shape: `T[...A], T[...B] -> bool[...broadcast]`.
 *
 * The derivative is zero.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns booleans; two numbers give a boolean
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { notEqual, tensor } from "gradtape";
 * notEqual(tensor([1, 2]), 2); // => [true, false]
 * ```
 */
export const notEqual: Comparison = /* @__PURE__ */ compare("notEqual", (a, b) => a !== b, formula.notEqual);
/**
 * Whether a < b, element by element; false where one is NaN.
 *
 * Shape: `T[...A], T[...B] -> bool[...broadcast]`.
 *
 * The derivative is zero.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns booleans; two numbers give a boolean
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { less } from "gradtape";
 * less(1, 2); // => true
 * ```
 */
export const less: Comparison = /* @__PURE__ */ compare("less", (a, b) => a < b, formula.less);
/**
 * Whether a <= b, element by element; false where one is NaN.
 *
 * Shape: `T[...A], T[...B] -> bool[...broadcast]`.
 *
 * The derivative is zero.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns booleans; two numbers give a boolean
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { lessEqual } from "gradtape";
 * lessEqual(2, 2); // => true
 * ```
 */
export const lessEqual: Comparison = /* @__PURE__ */ compare("lessEqual", (a, b) => a <= b, formula.lessEqual);
/**
 * Whether a > b, element by element; false where one is NaN.
 *
 * Shape: `T[...A], T[...B] -> bool[...broadcast]`.
 *
 * The derivative is zero.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns booleans; two numbers give a boolean
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { greater, tensor } from "gradtape";
 * greater(tensor([-1, 1]), 0); // => [false, true]
 * ```
 */
export const greater: Comparison = /* @__PURE__ */ compare(
  "greater",
  (a, b) => a > b,
  (a, b) => formula.less(b, a),
);
/**
 * Whether a >= b, element by element; false where one is NaN.
 *
 * Shape: `T[...A], T[...B] -> bool[...broadcast]`.
 *
 * The derivative is zero.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns booleans; two numbers give a boolean
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { greaterEqual } from "gradtape";
 * greaterEqual(1, 2); // => false
 * ```
 */
export const greaterEqual: Comparison = /* @__PURE__ */ compare(
  "greaterEqual",
  (a, b) => a >= b,
  (a, b) => formula.lessEqual(b, a),
);
/**
 * Whether both are true; numbers other than 0 count as true, NaN too.
 *
 * Shape: `T[...A], T[...B] -> bool[...broadcast]`.
 *
 * The derivative is zero.
 * @param a - a number, a boolean or a tensor
 * @param b - a number, a boolean or a tensor
 * @returns booleans; one boolean if neither is a tensor
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { greater, less, logicalAnd, tensor } from "gradtape";
 * const x = tensor([-1, 0.5, 2]);
 * logicalAnd(greater(x, 0), less(x, 1)); // => [false, true, false]
 * ```
 */
export const logicalAnd: Connective = /* @__PURE__ */ connect(
  "logicalAnd",
  (a, b) => a !== 0 && b !== 0,
  (a, b) => formula.and(holds(a), holds(b)),
);
/**
 * Whether one or both are true; numbers other than 0 count as true, NaN too.
 *
 * Shape: `T[...A], T[...B] -> bool[...broadcast]`.
 *
 * The derivative is zero.
 * @param a - a number, a boolean or a tensor
 * @param b - a number, a boolean or a tensor
 * @returns booleans; one boolean if neither is a tensor
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { logicalOr } from "gradtape";
 * logicalOr(false, true); // => true
 * ```
 */
export const logicalOr: Connective = /* @__PURE__ */ connect(
  "logicalOr",
  (a, b) => a !== 0 || b !== 0,
  (a, b) => formula.or(holds(a), holds(b)),
);
/**
 * Whether exactly one is true; numbers other than 0 count as true, NaN too.
 *
 * Shape: `T[...A], T[...B] -> bool[...broadcast]`.
 *
 * The derivative is zero.
 * @param a - a number, a boolean or a tensor
 * @param b - a number, a boolean or a tensor
 * @returns booleans; one boolean if neither is a tensor
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { logicalXor, tensor } from "gradtape";
 * logicalXor(tensor([true, false]), true); // => [false, true]
 * ```
 */
export const logicalXor: Connective = /* @__PURE__ */ connect(
  "logicalXor",
  (a, b) => (a !== 0) !== (b !== 0),
  (a, b) => formula.and(formula.or(holds(a), holds(b)), formula.not(formula.and(holds(a), holds(b)))),
);

/** Not NaN, nor an infinity; integers all are. */
const finite = (x: Formula): Formula => formula.equal(formula.sub(x, x), 0);

function predicate(name: string, test: (x: number) => boolean, lowered: (x: Formula) => Formula): Predicate {
  const places = pointwise((x) => Number(test(x)), lowered);
  const op: CoreOp<undefined> = makeOp<readonly [Handle]>({
    dtype: () => "bool",
    declares: { elementwise: true },
    name,
    shape: ([shape]) => shape,
    evaluate: (out, [x]) => runUnary(places, out, x.data),
    vjp: [null],
    batch: ([x]) => apply(op, [x], undefined),
    lower: (on, xs) => [on.map("bool", lowered, ...xs)],
  });
  const run = function (x: Value | boolean): boolean | Handle {
    refuseExtra(name, "x", 1, arguments, true);
    if (typeof x === "number" || typeof x === "boolean") return test(Number(x));
    return x instanceof Handle ? truthOf(name, apply(op, [x], undefined)) : notATensor(name, x);
  };
  return run as Predicate;
}

/**
 * Whether x is false, or 0.
 *
 * Shape: `T[...S] -> bool[...S]`.
 *
 * The derivative is zero.
 * @param x - a number, a boolean or a tensor
 * @returns booleans, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { logicalNot, tensor } from "gradtape";
 * logicalNot(tensor([true, false])); // => [false, true]
 * ```
 */
export const logicalNot: Predicate = /* @__PURE__ */ predicate(
  "logicalNot",
  (x) => x === 0,
  (x) => formula.equal(x, 0),
);
/**
 * Whether x is Infinity or -Infinity. See also {@link isFinite} and {@link isNaN}.
 *
 * Shape: `T[...S] -> bool[...S]`.
 *
 * The derivative is zero.
 * @param x - a number or a tensor
 * @returns booleans, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { isInf, tensor } from "gradtape";
 * isInf(tensor([1, -Infinity, NaN])); // => [false, true, false]
 * ```
 */
export const isInf: Predicate = /* @__PURE__ */ predicate(
  "isInf",
  (x) => Math.abs(x) === Infinity,
  (x) => formula.and(formula.equal(x, x), formula.not(finite(x))),
);
/**
 * Whether x is NaN. See also {@link isFinite}.
 *
 * Shape: `T[...S] -> bool[...S]`.
 *
 * The derivative is zero.
 * @param x - a number or a tensor
 * @returns booleans, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { isNaN, tensor } from "gradtape";
 * isNaN(tensor([0, Number.NaN])); // => [false, true]
 * ```
 */
export const isNaN: Predicate = /* @__PURE__ */ predicate(
  "isNaN",
  (x) => Number.isNaN(x),
  (x) => formula.notEqual(x, x),
);
/**
 * Whether x is neither infinite nor NaN. See also {@link isInf}.
 *
 * Shape: `T[...S] -> bool[...S]`.
 *
 * The derivative is zero.
 * @param x - a number or a tensor
 * @returns booleans, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { isFinite, tensor } from "gradtape";
 * isFinite(tensor([0, Infinity])); // => [true, false]
 * ```
 */
export const isFinite: Predicate = /* @__PURE__ */ predicate("isFinite", (x) => x - x === 0, finite);
