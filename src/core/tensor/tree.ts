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
type Template = null | Branch;
interface Branch {
  readonly keys: readonly string[] | null;
  readonly nodes: readonly Template[];
}

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

/**
 * Collects the ends of a tree that has the structure of another one, in its order, as long as `take` accepts them. False for
 * any other tree: this says less than `matching`, and sooner.
 */
export function collect(template: Template, x: unknown, take: (end: unknown) => boolean): boolean {
  if (template === null) return take(x);
  const { keys, nodes } = template;
  if (keys === null) {
    if (!isArray(x) || x.length !== nodes.length) return false;
    for (let i = 0; i < nodes.length; i++) if (!collect(nodes[i], x[i], take)) return false;
    return true;
  }
  if (typeof x !== "object" || x === null || Object.getPrototypeOf(x) !== Object.prototype) return false;
  let count = 0;
  for (const _ in x) count++;
  if (count !== keys.length) return false;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (!Object.hasOwn(x, key) || !collect(nodes[i], (x as Record<string, unknown>)[key], take)) return false;
  }
  return true;
}

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
  shortPath(path === "" || path.startsWith("[") ? name + path : `${name}.${path}`);

/** Both ends of a long path. */
export const shortPath = (path: string): string =>
  path.length > 160 ? `${path.slice(0, 77)}...${path.slice(-80)}` : path;

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
  // The commonest tree of all.
  if (typeof tree === "number" || (tree instanceof Handle && isFloat(tree.dtype))) {
    return { leaves: [tree], paths: ALONE, template: null, build: firstOf };
  }
  const { differentiable = false, name = "params" } = options;
  const leaves: Leaf[] = [];
  const paths: string[] = [];
  // Levels on a stack of their own: a tree may be deeper than calls may be nested.
  const levels: Level[] = [];
  const above = new Set<unknown>();
  const visit = (x: unknown, path: string): Template => {
    const leaf = options.read?.(x) ?? x;
    if (isLeaf(where, leaf, name, path)) {
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
    if (above.has(x)) {
      const place = placeIn(name, path);
      return fail(
        "tree/leaf",
        `${where}: ${place} contains itself.`,
        { path: place },
        "Take the cycle out: a tree is finite.",
      );
    }
    above.add(x);
    const keys = array ? null : Object.keys(x);
    const nodes: Template[] = [];
    levels.push({ of: x, parts: array ? x : Object.values(x), path, keys, nodes });
    return { keys, nodes };
  };
  const template = visit(tree, "");
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const { of, parts, path, keys, nodes } = level;
    const i = nodes.length;
    if (i < parts.length) nodes.push(visit(parts[i], pathTo(path, keys === null ? i : keys[i])));
    else {
      levels.pop();
      above.delete(of);
    }
  }
  return { leaves, paths, template, build: <T>(values: readonly unknown[]) => rebuild(template, values) as T };
}

const ALONE: readonly string[] = [""];
const firstOf = <T>(values: readonly unknown[]): T => values[0] as T;

/** An array or an object that is being taken apart, and the structure of the parts that are done. */
interface Level {
  readonly of: unknown;
  readonly parts: readonly unknown[];
  readonly path: string;
  readonly keys: readonly string[] | null;
  readonly nodes: Template[];
}

const isLeaf = (where: string, x: unknown, name: string, path: string): x is Leaf =>
  isValue(x) || isHandle(where, x, () => placeIn(name, path));

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
  if (template === null) return values[0];
  let next = 0;
  let node: Branch = template;
  let made: unknown[] = [];
  const above: [node: Branch, made: unknown[]][] = [];
  for (;;) {
    const child = made.length < node.nodes.length ? node.nodes[made.length] : undefined;
    if (child === null) made.push(values[next++]);
    else if (child !== undefined) {
      above.push([node, made]);
      [node, made] = [child, []];
    } else {
      const { keys } = node;
      const parts = made;
      const whole = keys === null ? parts : objectOf(keys, parts);
      const outer = above.pop();
      if (outer === undefined) return whole;
      [node, made] = outer;
      made.push(whole);
    }
  }
}

/** An object of keys and values. */
function objectOf(keys: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  // fromEntries defines own properties, so that this stays a key.
  if (keys.includes("__proto__")) return Object.fromEntries(keys.map((key, i) => [key, values[i]]));
  const made: Record<string, unknown> = {};
  for (let i = 0; i < keys.length; i++) made[keys[i]] = values[i];
  return made;
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
    if (isLeaf(where, x, name, path)) return x;
    if (isArray(x) || isPlainObject(x)) return differ(path, `is ${kindOf(x)} where the first has a leaf`);
    return notALeaf(where, placeIn(name, path), x, false);
  };
  /** The parts of an array or an object, of the structure of a node. */
  const partsOf = ({ keys, nodes }: Branch, x: unknown, path: string): readonly unknown[] => {
    if (keys === null) {
      const row = isArray(x) ? x : differ(path, `is ${kindOf(x)} where the first has an array`);
      if (row.length !== nodes.length) differ(path, `has length ${row.length} where the first has ${nodes.length}`);
      return row;
    }
    const part = isPlainObject(x) ? x : differ(path, `is ${kindOf(x)} where the first has an object`);
    const known = new Set(keys);
    for (const key of Object.keys(part)) if (!known.has(key)) differ(pathTo(path, key), "is not in the first");
    return keys.map((key) => (Object.hasOwn(part, key) ? part[key] : differ(pathTo(path, key), "is missing")));
  };
  const rest: [node: Template, x: unknown, path: string][] = [[flat.template, other, ""]];
  for (let top = rest.pop(); top !== undefined; top = rest.pop()) {
    const [node, x, path] = top;
    if (node === null) leaves.push(leaf(x, path));
    else {
      const parts = partsOf(node, x, path);
      const { keys, nodes } = node;
      // The first part comes from the stack next.
      for (let i = parts.length - 1; i >= 0; i--)
        rest.push([nodes[i], parts[i], pathTo(path, keys === null ? i : keys[i])]);
    }
  }
  return leaves;
}

/** Whether something is a tree of the structure of the first. */
export function isShapedLike(flat: Flat, other: unknown): boolean {
  const partsOf = ({ keys, nodes }: Branch, x: unknown): readonly unknown[] | undefined => {
    if (keys === null) return isArray(x) && x.length === nodes.length ? x : undefined;
    if (!isPlainObject(x) || Object.keys(x).length !== keys.length) return undefined;
    return keys.every((key) => Object.hasOwn(x, key)) ? keys.map((key) => x[key]) : undefined;
  };
  const rest: [node: Template, x: unknown][] = [[flat.template, other]];
  for (let top = rest.pop(); top !== undefined; top = rest.pop()) {
    const [node, x] = top;
    const parts = node === null ? [] : partsOf(node, x);
    if (parts === undefined || (node === null && !isValue(x))) return false;
    parts.forEach((part, i) => {
      rest.push([node?.nodes[i] ?? null, part]);
    });
  }
  return true;
}

const kindOf = (x: unknown): string =>
  x instanceof Handle ? "a tensor" : isArray(x) ? "an array" : typeof x === "number" ? "a number" : describe(x);

/**
 * Any value with its tensors replaced: through plain objects and arrays, everything else as it is. With `where`, tensors of
 * another copy and clones are errors, not something else.
 */
export function mapTensors<X>(x: X, f: (tensor: Handle) => Leaf, where?: string): X {
  const seen = new Map<object, unknown>();
  const copies: Record<string | number, unknown>[] = [];
  const visit = (node: unknown): unknown => {
    if (where !== undefined) isHandle(where, node);
    if (node instanceof Handle) return f(node);
    if (!isArray(node) && !isPlainObject(node)) return node;
    let copy = seen.get(node);
    if (copy === undefined) {
      // Own properties, as in the original: a key like "__proto__" stays a key.
      const made: object = isArray(node) ? node.slice() : Object.fromEntries(Object.entries(node));
      copies.push(made as Record<string, unknown>);
      seen.set(node, made);
      copy = made;
    }
    return copy;
  };
  const result = visit(x);
  // The list grows while it is read.
  for (const copy of copies) for (const key of Object.keys(copy)) copy[key] = visit(copy[key]);
  return result as X;
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
