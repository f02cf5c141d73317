import { isFloat } from "../../base/dtype";
import { describe, fail, promiseHint } from "../../base/errors";
import { Handle } from "./handle";
import { isHandle, isPlainTensor, isValue, tensorHint } from "./tensor-argument";
import { dtypeOf } from "./value";

/** What a tree holds at its ends. */
export type Leaf = number | boolean | Handle;

/** What stands at the ends of a tree of parameters. */
export type FloatLeaf = number | Handle;

/** The structure of a tree without its leaves: null stands for one, keys are null for an array. */
type Template = null | { readonly keys: readonly string[] | null; readonly nodes: readonly Template[] };

/** A tree taken apart. */
export interface Flat<L extends Leaf = Leaf> {
  /** Leaves in insertion order. */
  readonly leaves: readonly L[];
  /** Where each leaf stands: "layers[1].w"; "" for a tree that is a single leaf. */
  readonly paths: readonly string[];
  readonly template: Template;
  /** The same structure with other things in place of the leaves. */
  build<T = unknown>(values: readonly unknown[]): T;
}

/** How trees are read, and what they are called in errors. */
export interface FlattenOptions {
  /** Leaves must be floats: something is differentiated by them. */
  readonly differentiable?: boolean;
  /** What the argument is called; if omitted, "params". */
  readonly name?: string;
  /** The leaf that something else stands for, if any. */
  readonly read?: (x: unknown) => Leaf | undefined;
}

const isArray = (x: unknown): x is readonly unknown[] => Array.isArray(x);

/** An object literal, of this realm or another, or one without a prototype. */
function isPlainObject(x: unknown): x is Readonly<Record<string, unknown>> {
  if (typeof x !== "object" || x === null) return false;
  const prototype: unknown = Object.getPrototypeOf(x);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The path of what stands under a key: "layers" and 1 give "layers[1]". */
export const pathTo = (path: string, key: string | number): string => {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
};

/** How a place reads in an error: "params.layers[1].w". */
export const placeIn = (name: string, path: string): string =>
  path === "" || path.startsWith("[") ? name + path : `${name}.${path}`;

function notALeaf(where: string, place: string, x: unknown, differentiable: boolean): never {
  const plain = typeof x !== "object" || x === null;
  return fail(
    "tree/leaf",
    `${where}: ${place} is ${isPlainTensor(x) ? "a tensor as plain data" : describe(x)}, neither a number nor a tensor.`,
    { path: place, received: x },
    promiseHint(x) ??
      (ArrayBuffer.isView(x)
        ? "Make a tensor of it: tensor(...)."
        : isPlainTensor(x)
          ? tensorHint(x)
          : plain && differentiable
            ? "Pass what is not differentiated as a further argument."
            : "Trees are made of plain objects and arrays, with numbers and tensors as leaves."),
  );
}

/** Takes a tree apart: plain objects and arrays, nested, with numbers, booleans and tensors at the ends. */
export function flatten(
  where: string,
  tree: unknown,
  options: FlattenOptions & { readonly differentiable: true },
): Flat<FloatLeaf>;
export function flatten(where: string, tree: unknown, options?: FlattenOptions): Flat;
export function flatten(where: string, tree: unknown, options: FlattenOptions = {}): Flat {
  const { differentiable = false, name = "params" } = options;
  const leaves: Leaf[] = [];
  const paths: string[] = [];
  const above: unknown[] = [];
  const visit = (x: unknown, path: string): Template => {
    const leaf = options.read?.(x) ?? x;
    if (isLeaf(where, leaf, placeIn(name, path))) {
      if (differentiable && typeof leaf !== "number" && !isFloat(dtypeOf(leaf))) {
        notAFloat(where, placeIn(name, path), leaf);
      }
      leaves.push(leaf);
      paths.push(path);
      return null;
    }
    const array = isArray(x);
    if (!array && (!isPlainObject(x) || isPlainTensor(x)))
      return notALeaf(where, placeIn(name, path), x, differentiable);
    if (above.includes(x)) {
      const place = placeIn(name, path);
      return fail(
        "tree/leaf",
        `${where}: ${place} contains itself.`,
        { path: place },
        "Take the cycle out: a tree is finite.",
      );
    }
    above.push(x);
    const keys = array ? null : Object.keys(x);
    const nodes = array
      ? Array.from(x, (child, i) => visit(child, pathTo(path, i)))
      : Object.keys(x).map((key) => visit(x[key], pathTo(path, key)));
    above.pop();
    return { keys, nodes };
  };
  const template = visit(tree, "");
  return { leaves, paths, template, build: <T>(values: readonly unknown[]) => rebuild(template, values) as T };
}

const isLeaf = (where: string, x: unknown, place: string): x is Leaf =>
  typeof x === "number" || typeof x === "boolean" || isHandle(where, x, place);

function notAFloat(where: string, place: string, x: boolean | Handle): never {
  const dtype = dtypeOf(x);
  return fail(
    "tree/leaf",
    `${where}: ${place} is ${x instanceof Handle ? dtype : x}, and derivatives exist for floats only.`,
    { path: place, dtype },
    x instanceof Handle
      ? 'Cast it to "float64", or pass it as a further argument.'
      : "Pass what is not differentiated as a further argument.",
  );
}

function rebuild(template: Template, values: readonly unknown[]): unknown {
  let next = 0;
  const make = (node: Template): unknown => {
    if (node === null) return values[next++];
    const { keys, nodes } = node;
    if (keys === null) return nodes.map(make);
    // fromEntries defines own properties, so that a key like "__proto__" stays a key.
    return Object.fromEntries(nodes.map((child, i) => [keys[i], make(child)]));
  };
  return make(template);
}

/** The leaves of another tree, which must have the structure of the first, in the order of the first. */
export function matching(where: string, flat: Flat, other: unknown, name = "other"): Leaf[] {
  const leaves: Leaf[] = [];
  const differ = (path: string, what: string): never =>
    fail(
      "tree/mismatch",
      `${where}: the trees differ: ${placeIn(name, path)} ${what}.`,
      { path: placeIn(name, path) },
      "Give both trees the same keys and array lengths.",
    );
  const leaf = (x: unknown, path: string): Leaf => {
    if (isLeaf(where, x, placeIn(name, path))) return x;
    if (isArray(x) || isPlainObject(x)) return differ(path, `is ${kindOf(x)} where the first has a leaf`);
    return notALeaf(where, placeIn(name, path), x, false);
  };
  const visit = (node: Template, x: unknown, path: string): void => {
    if (node === null) leaves.push(leaf(x, path));
    else if (node.keys === null) {
      const { nodes } = node;
      const row = isArray(x) ? x : differ(path, `is ${kindOf(x)} where the first has an array`);
      if (row.length !== nodes.length) differ(path, `has length ${row.length} where the first has ${nodes.length}`);
      for (let i = 0; i < nodes.length; i++) visit(nodes[i], row[i], pathTo(path, i));
    } else {
      const { keys, nodes } = node;
      const part = isPlainObject(x) ? x : differ(path, `is ${kindOf(x)} where the first has an object`);
      const known = new Set(keys);
      for (const key of Object.keys(part)) if (!known.has(key)) differ(pathTo(path, key), "is not in the first");
      for (let i = 0; i < keys.length; i++) {
        if (!Object.hasOwn(part, keys[i])) differ(pathTo(path, keys[i]), "is missing");
        visit(nodes[i], part[keys[i]], pathTo(path, keys[i]));
      }
    }
  };
  visit(flat.template, other, "");
  return leaves;
}

/** Whether something is a tree of the structure of the first. */
export function isShapedLike(flat: Flat, other: unknown): boolean {
  const agrees = (node: Template, x: unknown): boolean => {
    if (node === null) return isValue(x);
    const { keys, nodes } = node;
    if (keys === null) return isArray(x) && x.length === nodes.length && nodes.every((child, i) => agrees(child, x[i]));
    if (!isPlainObject(x) || Object.keys(x).length !== keys.length) return false;
    return keys.every((key, i) => Object.hasOwn(x, key) && agrees(nodes[i], x[key]));
  };
  return agrees(flat.template, other);
}

const kindOf = (x: unknown): string =>
  x instanceof Handle ? "a tensor" : isArray(x) ? "an array" : typeof x === "number" ? "a number" : describe(x);

/**
 * Any value with its tensors replaced: through plain objects and arrays, everything else as it is. With `where`, tensors of
 * another copy and clones are errors, not something else.
 */
export function mapTensors<X>(x: X, f: (tensor: Handle) => Leaf, where?: string): X {
  const seen = new Map<object, unknown>();
  const visit = (node: unknown): unknown => {
    if (where !== undefined) isHandle(where, node);
    if (node instanceof Handle) return f(node);
    if (!isArray(node) && !isPlainObject(node)) return node;
    if (seen.has(node)) return seen.get(node);
    seen.set(node, node);
    const made = isArray(node)
      ? node.map(visit)
      : Object.fromEntries(Object.keys(node).map((key) => [key, visit(node[key])]));
    seen.set(node, made);
    return made;
  };
  return visit(x) as X;
}

/** What to do with an array of samples that is given in the place of a batch; undefined for anything else. */
export function samplesHint(batch: unknown): string | undefined {
  if (!isArray(batch) || batch.length === 0) return undefined;
  if (batch.every((x) => typeof x === "number" || isArray(x))) return "Make one tensor of the samples: tensor([...]).";
  const first = batch[0];
  const alike = isPlainObject(first) && batch.every((x) => isShapedLike(flatten("batch", first), x));
  return alike
    ? "Samples stand along the first axis of tensors: give one tree of tensors, not one for each sample."
    : undefined;
}
