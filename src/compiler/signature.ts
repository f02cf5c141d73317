import { list } from "../base/errors";
import { sameShape } from "../base/shape";
import type { Kind } from "../core/op/op";
import { Handle, isWeak, makeScalar } from "../core/tensor/handle";
import { collect, type Flat, flatten, type Leaf } from "../core/tensor/tree";
import { asHandle } from "../core/tensor/value";

/*
 * What a call was made with, but for numbers: shapes, dtypes, the structure of the arguments, and all else by its value.
 */

/** A tree of numbers, tensors, and anything that is neither and stays as it is. */
export class Parts {
  /** The numbers and tensors. */
  readonly leaves: readonly Leaf[];
  readonly handles: readonly Handle[];
  private readonly flat: Flat;
  /** What is neither, in order. */
  private readonly fixed: unknown[] = [];

  constructor(tree: unknown, name: string) {
    this.flat = flatten("compile", tree, { name, read: (x) => this.read(x) });
    this.leaves = this.flat.leaves.filter((leaf) => leaf !== FIXED);
    this.handles = this.leaves.map((leaf) => asHandle(leaf));
  }

  private read(x: unknown): Leaf | undefined {
    if (typeof x === "number" || (typeof x === "object" && x !== null)) return undefined;
    this.fixed.push(x);
    return FIXED;
  }

  /** What other trees must be like, without the numbers of this one. */
  get signature(): Signature {
    const forms = this.flat.leaves.map((leaf): Form | null => {
      if (leaf === FIXED) return null;
      const x = asHandle(leaf);
      return { plain: typeof leaf === "number", shape: x.shape, dtype: x.dtype, weak: isWeak(x) };
    });
    return new Signature(this.flat.template, forms, this.fixed);
  }

  /** The same tree with others in place of the numbers and tensors. */
  build<T>(values: readonly unknown[]): T {
    if (this.fixed.length === 0) return this.flat.build<T>(values);
    let [next, other] = [0, 0];
    return this.flat.build<T>(this.flat.leaves.map((leaf) => (leaf === FIXED ? this.fixed[other++] : values[next++])));
  }

  /** The signature as one string. */
  get key(): string {
    const texts = this.handles.map((x) => (isWeak(x) ? x.dtype : `${x.dtype}${list(x.shape)}`));
    return `${structure(this.flat.template)} ${texts.join(" ")} ${this.fixed.map(fixedText).join(" ")}`.trimEnd();
  }
}

/** What one of the ends of a tree is, besides its value. */
interface Form extends Kind {
  /** Whether it is a number of JavaScript. */
  readonly plain: boolean;
  readonly weak: boolean;
}

/** Structure, shapes and dtypes of a tree, and what is fixed in it. */
export class Signature {
  constructor(
    private readonly template: Flat["template"],
    private readonly forms: readonly (Form | null)[],
    private readonly fixed: readonly unknown[],
  ) {}

  /** Whether all ends are numbers of JavaScript. */
  get isPlain(): boolean {
    return this.forms.every((form) => form?.plain === true);
  }

  /** The numbers of another tree of this signature, which is plain; null if it has another one. */
  matchNumbers(tree: unknown): number[] | null {
    const numbers: number[] = [];
    const same = collect(this.template, tree, (x) => typeof x === "number" && numbers.push(x) > 0);
    return same ? numbers : null;
  }

  /** The numbers and tensors of another tree of this signature; null if it has another one. */
  match(tree: unknown): Handle[] | null {
    const handles: Handle[] = [];
    let [at, other] = [0, 0];
    const same = collect(this.template, tree, (x) => {
      const form = this.forms[at++];
      if (form === null) return Object.is(x, this.fixed[other++]);
      if (typeof x === "number") {
        handles.push(makeScalar(x));
        return form.plain;
      }
      if (!(x instanceof Handle) || form.plain || x.dtype !== form.dtype) return false;
      handles.push(x);
      return sameShape(x.shape, form.shape) && (form.shape.length > 0 || isWeak(x) === form.weak);
    });
    return same ? handles : null;
  }
}

/** Functions and symbols by numbers of their own; symbols stay, as no weak map takes all of them. */
const objects = /* @__PURE__ */ new WeakMap<object, number>();
const symbols = /* @__PURE__ */ new Map<symbol, number>();
let count = 0;

/** A value as text, another one for another value. */
function fixedText(x: unknown): string {
  if (typeof x === "symbol") {
    const known = symbols.get(x) ?? symbols.size;
    symbols.set(x, known);
    return `symbol ${known}`;
  }
  if (typeof x !== "function") return `${typeof x} ${JSON.stringify(String(x))}`;
  const known = objects.get(x) ?? count++;
  objects.set(x, known);
  return `function ${known}`;
}

function structure(template: Flat["template"]): string {
  if (template === null) return "*";
  const { keys, nodes } = template;
  const parts = nodes.map((node, k) => (keys === null ? "" : `${JSON.stringify(keys[k])}:`) + structure(node));
  return keys === null ? `[${parts.join()}]` : `{${parts.join()}}`;
}

/** Stands among the leaves for what is fixed. */
const FIXED: Handle = /* @__PURE__ */ new Handle(null, 0, 0, {
  shape: [],
  dtype: "bool",
  data: /* @__PURE__ */ new Uint8Array(1),
  trace: null,
});
