import { isFloat } from "../base/dtype";
import { fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkFunction } from "../base/options";
import { sameShape } from "../base/shape";
import { applyParts } from "../core/op/apply";
import { makeOp } from "../core/op/definition";
import { asLeaf, handlesOf } from "../core/op/leaves";
import { byParts, type CoreOp, type Program } from "../core/op/op";
import { broadcastToShape } from "../core/op/sweep-ops";
import { closeTogether, outputKind } from "../core/program/capture";
import { replay, traceProgram } from "../core/program/program";
import { type Handle, makeFilled, withoutHistory } from "../core/tensor/handle";
import type { Tensor } from "../core/tensor/tensor";
import { toHandle } from "../core/tensor/tensor-argument";
import { flatten, isShapedLike, matching, placeIn } from "../core/tensor/tree";
import { batchProgram, pushFloats } from "../ops/program/program-rules";
import { any } from "../ops/reduce/reduction";
import { conditionOf, selectRows } from "./cond";

/** Inputs: the carry, then what the condition and the body capture; both programs take all of them. */
interface WhileAttrs {
  readonly condition: Program;
  readonly body: Program;
  readonly carries: number;
}

/** The op of a loop without a known number of trips, with a number of carried tensors. */
const whileOp: (parts: number) => CoreOp<WhileAttrs> = /* @__PURE__ */ byParts<WhileAttrs>((parts) =>
  makeOp<readonly Handle[], WhileAttrs>({
    name: "whileLoop",
    parts,
    shape: (_, { body }) => body.outputs.map((y) => outputKind(body, y).shape),
    dtype: (_, { body }) => body.outputs.map((y) => outputKind(body, y).dtype),
    evaluate: (outputs, inputs, { condition, body, carries }) => {
      const constants = inputs.slice(carries).map(withoutHistory);
      let carry = inputs.slice(0, carries).map(withoutHistory);
      while (replay(condition, [...carry, ...constants])[0].item() !== 0)
        carry = replay(body, [...carry, ...constants]);
      for (let k = 0; k < carries; k++) outputs[k].set(carry[k].data);
    },
    pullback: () =>
      fail(
        "while/reverse",
        "whileLoop: a loop without a known number of trips has no backward pass inside vmap and trace.",
        {},
        "Use forLoop, or forward mode (jvp).",
      ),
    pushforward: ({ xDots, inputs, attrs }) => pushWhile(inputs, attrs, xDots),
    reads: { output: false },
    batch: (inputs, batched, attrs, size) => batchWhile(inputs, batched, attrs, size),
  }),
);

const runWhile = (inputs: readonly Handle[], attrs: WhileAttrs): readonly Handle[] =>
  applyParts(whileOp(attrs.carries), inputs, attrs);

/** One loop over values and tangents together, for as long as the condition on the values holds. */
function pushWhile(
  inputs: readonly Handle[],
  { condition, body, carries }: WhileAttrs,
  xDots: readonly (Handle | null)[],
): (Handle | null)[] {
  const constants = inputs.slice(carries);
  const floats = inputs.map((x) => isFloat(x.dtype));
  const at = inputs.map((_, k) => k).filter((k) => floats[k]);
  const carryAt = at.filter((k) => k < carries);
  const constantAt = at.filter((k) => k >= carries);
  const dot = (k: number): Handle => xDots[k] ?? makeFilled(inputs[k].shape, inputs[k].dtype, 0);
  const first = [...inputs.slice(0, carries), ...carryAt.map(dot)];
  const all = [...first, ...constants, ...constantAt.map(dot)];
  const split = (args: readonly Handle[]): Handle[] => [
    ...args.slice(0, carries),
    ...args.slice(first.length, first.length + constants.length),
  ];
  const [test] = traceProgram(all, (args) => [replay(condition, split(args)), undefined]);
  const [step] = traceProgram(all, (args) => {
    const own = split(args);
    const dots = own.map((_, k) => {
      if (carryAt.includes(k)) return args[carries + carryAt.indexOf(k)];
      return constantAt.includes(k) ? args[first.length + constants.length + constantAt.indexOf(k)] : null;
    });
    const moved = pushFloats(body, own, dots);
    return [[...replay(body, own), ...carryAt.flatMap((k) => moved[k] ?? [])], undefined];
  });
  const results = runWhile(all, { condition: test, body: step, carries: first.length });
  return Array.from({ length: carries }, (_, k) => (floats[k] ? results[carries + carryAt.indexOf(k)] : null));
}

/** Of a batch: runs until every sample is done; those that are done keep their values. */
function batchWhile(
  inputs: readonly Handle[],
  batched: readonly boolean[],
  { condition, body, carries }: WhileAttrs,
  size: number,
): readonly Handle[] {
  const flags = batched.map((b, k) => b || k < carries);
  const args = inputs.map((x, k) => (flags[k] && !batched[k] ? broadcastToShape(x, [size, ...x.shape]) : x));
  const wideCondition = batchProgram(condition, condition.inputs, flags, size);
  const wideBody = batchProgram(body, body.inputs, flags, size);
  const [test] = traceProgram(args, (symbols) => {
    return [[toHandle("whileLoop", any(replay(wideCondition, symbols)[0]))], undefined];
  });
  const [step] = traceProgram(args, (symbols) => {
    const [going] = replay(wideCondition, symbols);
    return [replay(wideBody, symbols).map((y, k) => selectRows(going, y, symbols[k])), undefined];
  });
  return runWhile(args, { condition: test, body: step, carries });
}

/**
 * A loop that runs as long as a condition on its carry holds.
 *
 * On values it is a plain loop, differentiable both ways. Inside vmap and trace it is one op: forward mode always, no
 * backward pass, as the number of trips is not known (use forLoop); under vmap it runs until every sample is done.
 *
 * @param condition - from the carry to a boolean or a 0-d tensor
 * @param body - from the carry to the next carry, of the same shapes and dtypes
 * @param init - the first carry: a tree of numbers and tensors
 * @returns the last carry
 * @throws GradtapeError `while/carry` naming the leaf that changes, `while/reverse`, `cond/condition`
 * @example
 * ```ts
 * import { less, mul, type Scalar, whileLoop } from "gradtape";
 * whileLoop<Scalar>((x) => less(x, 100), (x) => mul(x, 3), 1); // => 243
 * ```
 */
export function whileLoop<C>(condition: (carry: C) => Tensor | boolean, body: (carry: C) => C, init: C): C {
  refuseExtra("whileLoop", "condition, body, init", 3, arguments);
  checkFunction("whileLoop", condition, "condition");
  checkFunction("whileLoop", body, "body");
  let carry = init;
  for (;;) {
    const more = conditionOf("whileLoop", condition(carry));
    if (more === false) return carry;
    if (more !== true) return traceWhile(condition, body, carry);
    const next = body(carry);
    checkCarry(carry, next);
    carry = next;
  }
}

function checkCarry(before: unknown, after: unknown): Handle[] {
  const from = flatten("whileLoop", before, { name: "carry" });
  if (!isShapedLike(from, after)) {
    fail(
      "while/carry",
      "whileLoop: the body returns a carry of another structure than it was given.",
      { before: from.paths, after: flatten("whileLoop", after, { name: "carry" }).paths },
      "The body must return a carry with the keys and array lengths that it is given.",
    );
  }
  const [xs, ys] = [handlesOf(from.leaves), handlesOf(matching("whileLoop", from, after, "carry"))];
  xs.forEach((x, k) => {
    const y = ys[k];
    if (sameShape(x.shape, y.shape) && x.dtype === y.dtype) return;
    fail(
      "while/carry",
      `whileLoop: ${placeIn("carry", from.paths[k])} changes from ${x.dtype}${list(x.shape)} to ${y.dtype}${list(y.shape)}.`,
      { path: from.paths[k] },
      "The body must return a carry of the shapes and dtypes that it is given.",
    );
  });
  return ys;
}

/** The loop as one op, from a carry on which the condition is a symbol. */
function traceWhile<C>(condition: (carry: C) => Tensor | boolean, body: (carry: C) => C, init: C): C {
  const carry = flatten("whileLoop", init, { name: "carry" });
  const first = handlesOf(carry.leaves);
  const [test] = traceProgram(first, (symbols) => {
    const more = conditionOf("whileLoop", condition(carry.build<C>(symbols)));
    const known = typeof more === "boolean" ? makeFilled([], "bool", more ? 1 : 0) : more;
    return [[known], undefined];
  });
  const [step] = traceProgram(first, (symbols) => {
    const before = carry.build<C>(symbols);
    return [checkCarry(before, body(before)), undefined];
  });
  const programs = closeTogether([test, step]);
  const attrs = { condition: programs.closed[0], body: programs.closed[1], carries: first.length };
  const outputs = runWhile([...first, ...programs.captured], attrs);
  return carry.build<C>(outputs.map((y, k) => asLeaf(carry.leaves[k], y)));
}
