import { describe, fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkFunction, checkOptions } from "../base/options";
import { checkAxis } from "../base/shape";
import { handlesOf } from "../core/op/leaves";
import { broadcastToShape } from "../core/op/sweep-ops";
import { replayBatched, traceProgram } from "../core/program/program";
import { Handle } from "../core/tensor/handle";
import { oddSize, type Sized } from "../core/tensor/odd-size";
import { type Flat, flatten, pathTo, placeIn, samplesHint, shortPath } from "../core/tensor/tree";
import type { Batch } from "../core/tensor/tree-types";
import { asHandle } from "../core/tensor/value";
import { moveAxis } from "../ops/movement/reshape-transpose";
import { firstOf } from "../ops/program/map-samples";

/** Which axis of each argument is mapped: a number, null for none, or a tree of them over the arguments. */
export type Axes = number | null | { readonly [key: string]: Axes } | readonly Axes[];

/** The axis of each leaf of a tree, from axes that may stand for whole subtrees; `path` names them in errors. */
function axesOf(where: string, axes: unknown, tree: unknown, path: string): (number | null)[] {
  const found: (number | null)[] = [];
  const rest: [axes: unknown, tree: unknown, path: string][] = [[axes, tree, path]];
  for (let top = rest.pop(); top !== undefined; top = rest.pop()) {
    const [given, part, place] = top;
    if (given === null || typeof given === "number") for (const _ of flatten(where, part).leaves) found.push(given);
    // The first branch comes from the stack next.
    else rest.push(...branchesOf(where, given, part, place).reverse());
  }
  return found;
}

/** The axes given for each branch of a tree, beside the branch and its place. */
function branchesOf(where: string, axes: unknown, tree: unknown, path: string): [unknown, unknown, string][] {
  if (
    typeof axes !== "object" ||
    axes === null ||
    typeof tree !== "object" ||
    tree === null ||
    tree instanceof Handle ||
    Array.isArray(axes) !== Array.isArray(tree)
  ) {
    const single = typeof tree !== "object" || tree === null || tree instanceof Handle;
    const words = single ? ` or null for ${describe(tree)}` : `, null or a tree shaped like ${describe(tree)}`;
    return fail(
      "vmap/axes",
      `${where}: ${shortPath(path)} must be a number${words}, got ${describe(axes)}.`,
      { path, axes },
      single ? "Give one axis, or null." : "A number or null counts for all that stands below it.",
    );
  }
  const entries = Object.entries(tree);
  for (const key of Object.keys(axes)) {
    if (!(key in tree)) {
      fail(
        "vmap/axes",
        `${where}: ${shortPath(path)} names ${describe(key)}, but there is no such part.`,
        { path, key },
        entries.length === 0
          ? "Give null: there is nothing to map."
          : `Known parts: ${list(entries.map(([name]) => name)).slice(1, -1)}.`,
      );
    }
  }
  const given: Record<string, unknown> = Object.fromEntries(Object.entries(axes));
  return entries.map(([key, branch]) => [
    // A hole in an array of axes is no word for "not mapped".
    given[key] === undefined && !Array.isArray(axes) ? null : given[key],
    branch,
    pathTo(path, Array.isArray(tree) ? Number(key) : key),
  ]);
}

/** Mapped axes moved to the front, and their common size. */
function mapped(
  args: readonly unknown[],
  flat: Flat,
  axes: readonly (number | null)[],
): [inputs: Handle[], batched: boolean[], size: number] {
  const sizes: MappedAxis[] = [];
  const inputs = flat.leaves.map((leaf, k) => {
    const axis = axes[k];
    if (axis === null) return asHandle(leaf);
    if (!(leaf instanceof Handle) || leaf.shape.length === 0) {
      return fail(
        "vmap/axis-size",
        `vmap: ${placeIn("arguments", flat.paths[k])} is a single number and has no axis ${axis} to map over.`,
        { path: flat.paths[k], axis },
        samplesHint(args[Number.parseInt(flat.paths[k].slice(1), 10)]) ?? "Give null for it in inAxes.",
      );
    }
    const x = moveAxis(leaf, checkAxis("vmap", axis, leaf.shape.length), 0);
    const path = placeIn("arguments", flat.paths[k]);
    const { shape, dtype } = leaf;
    sizes.push({ path, axis, size: x.shape[0], shape, dtype, place: `axis ${axis} of ${path}` });
    return x;
  });
  if (sizes.length === 0) {
    fail("vmap/axis-size", "vmap: no argument is mapped.", {}, "Give an axis for at least one of them in inAxes.");
  }
  const [{ size }] = sizes;
  if (sizes.some((other) => other.size !== size)) oddOneOut(sizes);
  return [inputs, axes.map((axis) => axis !== null), size];
}

interface MappedAxis extends Sized {
  readonly path: string;
  readonly axis: number;
}

function oddOneOut(axes: readonly MappedAxis[]): never {
  const { text, odd, common } = oddSize(axes);
  const sizes: Record<string, string[]> = {};
  for (const { size, path } of axes) sizes[size] = [...(sizes[size] ?? []), path];
  const { path, axis, size, shape, dtype } = axes[odd];
  return fail(
    "vmap/axis-size",
    `vmap: mapped axes must have one size: ${text}.`,
    { sizes, common, odd: { path, axis, size, shape, dtype }, axes: axes.map(({ place, ...rest }) => rest) },
    "Give null in inAxes for what all samples share, or the axis of the samples.",
  );
}

/**
 * A function of one sample made into a function of a batch: traced once on shapes, replayed with a batch axis.
 *
 * Shape: `(T[...S]) -> T[...R]` becomes `(T[B, ...S]) -> T[B, ...R]`.
 *
 * `vmap(f)(xs)` is the stack of all `f(x)`, in one pass of batched ops; its derivative is the derivative of that.
 * Inside, tensors have no values: choose with `where` instead of `if`. What f captures from outside is shared by all
 * samples.
 * @param f - a function of one sample
 * @param options - inAxes: the axis to map of each argument (default 0; null: shared by all samples; a tree for parts
 * of an argument); outAxes: where the batch axis goes in the results (default 0)
 * @returns a function of batches
 * @throws GradtapeError `vmap/axis-size` naming the odd one, `vmap/axes`, `trace/value` where f reads a value,
 * `option/unknown`
 * @example
 * ```ts
 * import { dot, tensor, vmap } from "gradtape";
 * const w = tensor([1, 10]);
 * vmap((x: typeof w) => dot(x, w))(tensor([[1, 2], [3, 4]])); // => [21, 43]
 * vmap(dot, { inAxes: [0, null] })(tensor([[1, 2], [3, 4]]), w); // => [21, 43]
 * ```
 */
export function vmap<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  options?: { readonly inAxes?: Axes | undefined; readonly outAxes?: Axes | undefined },
): (...args: { [K in keyof A]: Batch<A[K]> | A[K] }) => Batch<Y> {
  refuseExtra("vmap", "f, options", 2, arguments);
  checkFunction("vmap", f);
  checkOptions("vmap", options, ["inAxes", "outAxes"]);
  return (...args) => {
    const inAxes: unknown = options?.inAxes === undefined ? 0 : options.inAxes;
    const whole = Array.isArray(inAxes) && inAxes.length === args.length ? inAxes : args.map(() => inAxes);
    if (Array.isArray(inAxes) && inAxes.length !== args.length) {
      fail(
        "vmap/axes",
        `vmap: inAxes must have one entry for each argument, got ${inAxes.length} for ${args.length}.`,
        { inAxes: list(inAxes), arguments: args.length },
        "An entry is an axis, null, or a tree of them.",
      );
    }
    // An argument that is not mapped may be anything: it is left out, as a tree without leaves.
    const dynamic = args.map((arg, k) => (whole[k] === null ? [] : arg));
    const flat = flatten("vmap", dynamic, { name: "arguments" });
    const axes = axesOf("vmap", whole, dynamic, "inAxes");
    const [inputs, batched, size] = mapped(dynamic, flat, axes);
    const examples = inputs.map((x, k) => (batched[k] ? firstOf(x) : x));
    const [program, results] = traceProgram(
      examples,
      (symbols) => {
        const given = flat.build<unknown[]>(symbols.map((s, k) => (batched[k] ? s : flat.leaves[k])));
        // One argument for each of f, in its place: map forgets that it is given a tuple.
        const y = f(...(args.map((arg, k) => (whole[k] === null ? arg : given[k])) as readonly unknown[] as A));
        const tree = flatten("vmap", y, { name: "the result" });
        return [handlesOf(tree.leaves), tree];
      },
      size > 0,
    );
    const { outputs, batched: varies } = replayBatched(program, inputs, batched, size);
    const outAxes = axesOf(
      "vmap",
      options?.outAxes === undefined ? 0 : options.outAxes,
      results.build(outputs),
      "outAxes",
    );
    return results.build<Batch<Y>>(
      outputs.map((y, k) => {
        const axis = outAxes[k];
        if (axis === null) return varies[k] ? unmapped() : y;
        const whole = varies[k] ? y : broadcastToShape(y, [size, ...y.shape]);
        return moveAxis(whole, 0, checkAxis("vmap", axis, whole.shape.length));
      }),
    );
  };
}

function unmapped(): never {
  return fail(
    "vmap/axes",
    "vmap: outAxes is null for a result that varies with the sample.",
    {},
    "Give it an axis: 0 puts the samples first.",
  );
}
