import { promote } from "../../base/dtype";
import { describe, fail } from "../../base/errors";
import type { Shape } from "../../base/shape";
import { castTo, reshapeTo } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import type { Pair } from "../../numeric/einsum/contraction-order";
import { type Label, readEquation } from "../../numeric/einsum/equation";
import { contractDense, type Dense, orderOf } from "./contraction";

/** What an equation comes to for operands of given shapes: its indices, and the order of contraction. */
interface Plan {
  readonly inputs: readonly (readonly Label[])[];
  readonly output: readonly Label[];
  readonly sizes: ReadonlyMap<Label, number>;
  readonly order: readonly Pair[];
}

let plans: Map<string, Plan> | undefined;
/** So many plans are kept: a program has few equations, and few shapes of each. */
const KEPT = 256;

function planOf(equation: string, shapes: readonly Shape[]): Plan {
  const key = `${equation};${shapes.map((shape) => shape.join()).join(";")}`;
  plans ??= new Map();
  const known = plans.get(key);
  if (known !== undefined) return known;
  const { inputs, output, sizes } = readEquation(equation, shapes);
  const held = inputs.map((labels) => labels.filter((label) => label !== "1"));
  const plan = { inputs, output, sizes, order: orderOf(held, output, sizes) };
  if (plans.size >= KEPT) plans.clear();
  plans.set(key, plan);
  return plan;
}

/** Drops the axes of size 1 that broadcasting stretches; the other operands have them. */
function unstretched({ x, labels }: Dense): Dense {
  const kept = labels.filter((label) => label !== "1");
  return {
    x: reshapeTo(
      x,
      x.shape.filter((_, i) => labels[i] !== "1"),
    ),
    labels: kept,
  };
}

/**
 * Sums of products, by Einstein's convention: every operand names its axes by letters, and what is not in the output is
 * summed over.
 *
 * Shape: each index has one size, axes of size 1 broadcast to it; the result has the sizes of the indices of the output.
 *
 * `einsum("ij,jk->ik", a, b)[i, k] = sum_j a[i, j] b[j, k]`. Without "->" the output has the indices that occur once,
 * in alphabetical order (capitals first). An index twice in a term takes the diagonal: "ii->i", and its two axes must
 * have one size. "..." stands for any
 * further axes, which broadcast, and comes first in an output that is not written. Spaces are ignored.
 *
 * The derivative by an operand is such a sum too, of the cotangent and the others; zeros in it do not protect against
 * Infinity and NaN elsewhere (the guide Numerics has the policy). int32 wraps: sums are exact modulo 2³².
 *
 * Three operands or more are contracted pair by pair, up to six in the order of fewest multiplications, more of them greedily; pairs are
 * matrix products. Empty sums are 0.
 * @param equation - `"ij,jk->ik"`: the terms of the operands, then the output
 * @param operands - one tensor for each term
 * @returns the sums, of the promoted dtype
 * @throws GradtapeError `einsum/equation` pointing at the character, `einsum/operands` without any operand, `argument/string`,
 * `argument/tensor`
 * @example
 * ```ts
 * import { einsum, tensor } from "gradtape";
 * const a = tensor([[1, 2], [3, 4]]);
 * einsum("ij,jk->ik", a, a); // => [[7, 10], [15, 22]]
 * einsum("ii", a); // => 5
 * einsum("...i,...i->...", a, a); // => [5, 25]
 * ```
 * @see D. G. A. Smith, J. Gray, opt_einsum, Journal of Open Source Software 3(26) (2018)
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  if (typeof equation !== "string") {
    return fail(
      "argument/string",
      `einsum: equation must be a string such as "ij,jk->ik", got ${describe(equation)}.`,
      { equation },
      'The equation comes first, then the operands: einsum("ij,jk->ik", a, b).',
    );
  }
  if (operands.length === 0) {
    return fail("einsum/operands", "einsum: there are no operands.", { equation }, "Give one tensor for each term.");
  }
  const given = operands.map((x, k) => (x instanceof Handle ? x : notATensor("einsum", x, `operand ${k}`, true)));
  const dtype = given.map((x) => x.dtype).reduce(promote, given[0].dtype);
  const { inputs, output, order, sizes } = planOf(
    equation,
    given.map((x) => x.shape),
  );
  const named = given.map((x, k) => unstretched({ x: castTo(x, dtype), labels: inputs[k] }));
  return contractDense(named, output, order, sizes, dtype);
}
