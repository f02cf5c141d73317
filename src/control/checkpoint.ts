import { refuseExtra } from "../base/extra-arguments";
import { checkFunction } from "../base/options";
import { applyParts } from "../core/op/apply";
import { makeOp } from "../core/op/definition";
import { asLeaf, besideBooleans, handlesOf } from "../core/op/leaves";
import { byParts, type CoreOp, type Program } from "../core/op/op";
import { closeProgram, outputKind } from "../core/program/capture";
import { replay, traceProgram } from "../core/program/program";
import { type Handle, withoutHistory } from "../core/tensor/handle";
import { flatten } from "../core/tensor/tree";
import { batchProgram, pullProgram, pushFloats } from "../ops/program/program-rules";

/**
 * The same function, which keeps only its arguments for the backward pass and runs again there: memory for time.
 *
 * Value and derivatives of every order are those of f. Inside, tensors have no values: f is traced, so it chooses with
 * `where` and `cond`. Tracked tensors that f captures get their gradients too.
 *
 * @param f - a function of trees of numbers and tensors
 * @returns the function with the same arguments and results
 * @throws GradtapeError `tree/leaf`, `trace/value`
 * @see A. Griewank, "Achieving logarithmic growth of temporal and spatial complexity in reverse automatic differentiation" (1992)
 * @example
 * ```ts
 * import { checkpoint, grad, mul, sum, tanh, type Tensor, tensor } from "gradtape";
 * const layer = checkpoint((x: Tensor<readonly [2]>) => tanh(mul(x, x)));
 * grad((x: Tensor<readonly [2]>) => sum(layer(x)))(tensor([0, 1])); // => [0, 0.8399486832]
 * ```
 */
export function checkpoint<A extends readonly unknown[], Y>(f: (...args: A) => Y): (...args: A) => Y {
  refuseExtra("checkpoint", "f", 1, arguments);
  checkFunction("checkpoint", f);
  return (...args) => {
    const flat = flatten("checkpoint", args, { name: "arguments" });
    const inputs = handlesOf(flat.leaves);
    const [program, results] = traceProgram(inputs, (symbols) => {
      const tree = flatten("checkpoint", f(...flat.build<A>(besideBooleans(flat.leaves, symbols))), {
        name: "the result",
      });
      return [handlesOf(tree.leaves), tree];
    });
    const [body, captured] = closeProgram(program);
    const outputs =
      body.outputs.length === 0
        ? []
        : applyParts(checkpointOp(body.outputs.length), [...inputs, ...captured], { body });
    return results.build<Y>(outputs.map((y, k) => asLeaf(results.leaves[k], y)));
  };
}

/*
 * A program as one op: it keeps its inputs only, and runs again when it is differentiated. What `checkpoint` is made of.
 */
interface CheckpointAttrs {
  readonly body: Program;
}

/** The op that runs a program with a number of outputs. */
const checkpointOp: (parts: number) => CoreOp<CheckpointAttrs> = /* @__PURE__ */ byParts<CheckpointAttrs>((parts) =>
  makeOp<readonly Handle[], CheckpointAttrs>({
    name: "checkpoint",
    parts,
    shape: (_, { body }) => body.outputs.map((y) => outputKind(body, y).shape),
    dtype: (_, { body }) => body.outputs.map((y) => outputKind(body, y).dtype),
    evaluate: (outputs, inputs, { body }) => {
      const results = replay(body, inputs.map(withoutHistory));
      for (let k = 0; k < results.length; k++) outputs[k].set(results[k].data);
    },
    pullback: ({ yBars, inputs, attrs: { body }, wanted }) => pullProgram(body, inputs, yBars, wanted),
    pushforward: ({ xDots, inputs, attrs: { body } }) => pushFloats(body, inputs, xDots),
    reads: { output: false },
    lower: (on, inputs, { body }) => on.run(body, inputs),
    batch: (inputs, batched, { body }, size) => {
      const kinds = inputs.map((x, k) => ({ shape: batched[k] ? x.shape.slice(1) : x.shape, dtype: x.dtype }));
      return applyParts(checkpointOp(parts), inputs, { body: batchProgram(body, kinds, batched, size) });
    },
  }),
);
