import { isFloat } from "../base/dtype";
import { describe, fail, list, promiseHint } from "../base/errors";
import { checkFunction } from "../base/options";
import { sameShape } from "../base/shape";
import { applyParts } from "../core/op/apply";
import { makeOp } from "../core/op/definition";
import { asLeaf, besideBooleans, handlesOf } from "../core/op/leaves";
import { byParts, type CoreOp, type Program } from "../core/op/op";
import { alignBatch, broadcastToShape, castTo } from "../core/op/sweep-ops";
import { closeTogether, outputKind } from "../core/program/capture";
import { replay, replayBatched, traceProgram } from "../core/program/program";
import { useCondition } from "../core/tensor/condition";
import { Handle, isSymbolic, withoutHistory } from "../core/tensor/handle";
import type { Tensor, Value } from "../core/tensor/tensor";
import { type Flat, flatten, isShapedLike, matching, placeIn } from "../core/tensor/tree";
import { where } from "../ops/elementwise/where";
import { batchProgram, pullProgram, pushFloats } from "../ops/program/program-rules";

/** Inputs: the condition, and what both branches take. */
interface CondAttrs {
  readonly onTrue: Program;
  readonly onFalse: Program;
}

/** The op of a choice between two programs, with a number of outputs. */
const condOp: (parts: number) => CoreOp<CondAttrs> = /* @__PURE__ */ byParts<CondAttrs>((parts) =>
  makeOp<readonly Handle[], CondAttrs>({
    name: "cond",
    parts,
    shape: (_, { onTrue }) => onTrue.outputs.map((y) => outputKind(onTrue, y).shape),
    dtype: (_, { onTrue }) => onTrue.outputs.map((y) => outputKind(onTrue, y).dtype),
    evaluate: (outputs, [condition, ...inputs], { onTrue, onFalse }) => {
      const chosen = condition.item() !== 0 ? onTrue : onFalse;
      const results = replay(chosen, inputs.map(withoutHistory));
      for (let k = 0; k < results.length; k++) outputs[k].set(results[k].data);
    },
    differentiable: (k) => k > 0,
    pullback: ({ yBars, inputs: [condition, ...inputs], attrs, wanted: [, ...wanted] }) => {
      const given = yBars.filter((bar): bar is Handle => bar !== null);
      const rule = (body: Program): Program => {
        const [program] = traceProgram([...inputs, ...given], (args) => {
          let next = inputs.length;
          const bars = yBars.map((bar) => (bar === null ? null : args[next++]));
          const results = pullProgram(body, args.slice(0, inputs.length), bars, wanted);
          return [results.filter((x): x is Handle => x !== null), undefined];
        });
        return program;
      };
      const both = { onTrue: rule(attrs.onTrue), onFalse: rule(attrs.onFalse) };
      const results = runCond(condition, [...inputs, ...given], both);
      let next = 0;
      return [null, ...inputs.map((_, k) => (wanted[k] ? results[next++] : null))];
    },
    pushforward: ({ xDots: [, ...xDots], inputs: [condition, ...inputs], outputs, attrs }) => {
      const given = xDots.filter((dot): dot is Handle => dot !== null);
      const rule = (body: Program): Program => {
        const [program] = traceProgram([...inputs, ...given], (args) => {
          let next = inputs.length;
          const dots = xDots.map((dot) => (dot === null ? null : args[next++]));
          const moved = pushFloats(body, args.slice(0, inputs.length), dots);
          return [moved.filter((x): x is Handle => x !== null), undefined];
        });
        return program;
      };
      const both = { onTrue: rule(attrs.onTrue), onFalse: rule(attrs.onFalse) };
      const results = runCond(condition, [...inputs, ...given], both);
      let next = 0;
      return outputs.map(({ dtype }) => (isFloat(dtype) ? results[next++] : null));
    },
    reads: { output: false },
    batch: ([condition, ...inputs], [varies, ...batched], { onTrue, onFalse }, size) => {
      if (!varies) {
        const kinds = inputs.map((x, k) => ({ shape: batched[k] ? x.shape.slice(1) : x.shape, dtype: x.dtype }));
        const wide = (body: Program): Program => batchProgram(body, kinds, batched, size);
        return runCond(condition, inputs, { onTrue: wide(onTrue), onFalse: wide(onFalse) });
      }
      const [a, b] = [replayBatched(onTrue, inputs, batched, size), replayBatched(onFalse, inputs, batched, size)];
      return a.outputs.map((x, k) =>
        selectRows(condition, a.batched[k] ? x : broadcastToShape(x, [size, ...x.shape]), b.outputs[k]),
      );
    },
  }),
);

/** a where the row's condition holds, b elsewhere. */
export function selectRows(condition: Handle, a: Handle, b: Handle): Handle {
  const mask = alignBatch(castTo(condition, "bool"), a.shape.length - 1);
  const chosen: Value = where(mask, a, b);
  return chosen instanceof Handle ? chosen : a;
}

const runCond = (condition: Handle, inputs: readonly Handle[], attrs: CondAttrs): readonly Handle[] =>
  attrs.onTrue.outputs.length === 0
    ? []
    : applyParts(condOp(attrs.onTrue.outputs.length), [condition, ...inputs], attrs);

/** A condition given by a user: known, or a symbol. */
export function conditionOf(where: string, given: unknown): boolean | Handle {
  if (typeof given === "boolean") return given;
  if (!(given instanceof Handle) || given.shape.length > 0) {
    const several = given instanceof Handle;
    const received = several ? `a tensor of shape ${list(given.shape)}` : describe(given);
    return fail(
      "cond/condition",
      `${where}: the condition must be a boolean or a 0-d tensor, got ${received}.`,
      { received: given },
      several
        ? "Reduce it with all or any, or choose element by element with where."
        : (promiseHint(given) ?? "Make it with a comparison such as greater(x, 0)."),
    );
  }
  if (!isSymbolic(given)) return given.item() !== 0;
  useCondition(given);
  return given;
}

/** The leaves of the other branch's result, which must be like those of the first. */
function checkBranches(a: Flat, b: unknown): Handle[] {
  if (!isShapedLike(a, b)) {
    fail(
      "cond/branches",
      "cond: the branches return trees of different structure.",
      { onTrue: a.paths, onFalse: flatten("cond", b, { name: "the result" }).paths },
      "Both branches must return the same keys and array lengths.",
    );
  }
  const others = handlesOf(matching("cond", a, b, "the result"));
  handlesOf(a.leaves).forEach((x, k) => {
    const y = others[k];
    if (sameShape(x.shape, y.shape) && x.dtype === y.dtype) return;
    fail(
      "cond/branches",
      `cond: ${placeIn("the result", a.paths[k])} is ${x.dtype}${list(x.shape)} on true, but ${y.dtype}${list(y.shape)} on false.`,
      { path: a.paths[k] },
      "Both branches must return the same shapes and dtypes.",
    );
  });
  return others;
}

/**
 * One of two functions of the same arguments.
 *
 * A condition that is known chooses at once. Inside vmap and trace, where it is not, both branches are traced and one op
 * chooses when the program runs; under vmap, with a condition that varies, both branches run and the results are selected.
 *
 * @param condition - a boolean, or a 0-d tensor: anything but 0 is true
 * @param onTrue - the function taken when it holds
 * @param onFalse - the function taken otherwise
 * @param args - their arguments
 * @returns what the chosen function gives
 * @throws GradtapeError `cond/condition`, `cond/branches` naming the leaf that differs
 * @example
 * ```ts
 * import { cond, greater, neg, tensor, type Tensor, vmap } from "gradtape";
 * const absolute = (x: Tensor<readonly []>) => cond(greater(x, 0), (y) => y, (y) => neg(y), x);
 * vmap(absolute)(tensor([-1, 2])); // => [1, 2]
 * ```
 */
export function cond<A extends readonly unknown[], Y>(
  condition: Tensor | boolean,
  onTrue: (...args: A) => Y,
  onFalse: (...args: A) => Y,
  ...args: A
): Y {
  checkFunction("cond", onTrue, "onTrue");
  checkFunction("cond", onFalse, "onFalse");
  const known = conditionOf("cond", condition);
  if (typeof known === "boolean") {
    const result = known ? onTrue(...args) : onFalse(...args);
    if (promiseHint(result) !== undefined) flatten("cond", result, { name: "the result" });
    return result;
  }
  const flat = flatten("cond", args, { name: "arguments" });
  const inputs = handlesOf(flat.leaves);
  const run = (f: (...args: A) => Y, symbols: Handle[]): Y => f(...flat.build<A>(besideBooleans(flat.leaves, symbols)));
  const [yes, results] = traceProgram(inputs, (symbols) => {
    const tree = flatten("cond", run(onTrue, symbols), { name: "the result" });
    return [handlesOf(tree.leaves), tree];
  });
  const [no] = traceProgram(inputs, (symbols) => [checkBranches(results, run(onFalse, symbols)), undefined]);
  const { closed, captured } = closeTogether([yes, no]);
  const outputs = runCond(known, [...inputs, ...captured], { onTrue: closed[0], onFalse: closed[1] });
  return results.build<Y>(outputs.map((y, k) => asLeaf(results.leaves[k], y)));
}
