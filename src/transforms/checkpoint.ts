import { checkFunction } from "../base/options";
import { applyParts } from "../core/apply";
import { closeProgram } from "../core/closure";
import { traceProgram } from "../core/tape";
import { flatten } from "../core/tree";
import { callOp } from "../ops/call";
import { asLeaf, handlesOf } from "./gradient";

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
  checkFunction("checkpoint", f);
  return (...args) => {
    const flat = flatten("checkpoint", args, { name: "arguments" });
    const inputs = handlesOf(flat.leaves);
    const [program, results] = traceProgram(inputs, (symbols) => {
      const tree = flatten("checkpoint", f(...flat.build<A>(symbols)), { name: "the result" });
      return [handlesOf(tree.leaves), tree];
    });
    const [body, captured] = closeProgram(program);
    const outputs =
      body.outputs.length === 0 ? [] : applyParts(callOp(body.outputs.length), [...inputs, ...captured], { body });
    return results.build<Y>(outputs.map((y, k) => asLeaf(results.leaves[k], y)));
  };
}
