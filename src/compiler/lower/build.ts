import { checkDtype, type Dtype, promote, toNumeric } from "../../base/dtype";
import { describe, fail, list } from "../../base/errors";
import { keyOfNumber } from "../../base/format";
import { broadcastShapes, type Shape, sameShape, sizeOf } from "../../base/shape";
import type { Along, CoreOp, Kind, Lazy, Lower, Program } from "../../core/op/op";
import { elementsOf, Handle } from "../../core/tensor/handle";
import { Expressions, roundTo, typeOf } from "../../kernel/expression";
import { type Formula, formulaOf } from "../../kernel/formula";
import type { FoldBy } from "../../kernel/loops";
import type { Graph, Made, Node } from "./nodes";

/*
 * Lower: from a program to lazy arrays. Ops say what they are in terms of others; those that do not are called. On the way,
 * equal arrays become one, and what is made of numbers alone becomes a number.
 */

type Fields = Kind & Made;

/** Builds lazy arrays; the `Lower` that ops are given. */
export class Builder implements Lower {
  private readonly known = new Map<string, Node>();
  private readonly formulas = new Map<object, Map<number, Formula>>();
  private readonly objects = new Map<object, number>();
  private readonly numbers = new Expressions();
  private readonly nodes = new WeakSet<Node>();
  private made = 0;

  /** `wide`: products of float32 are computed in float64. */
  constructor(private readonly wide = false) {}

  number(value: number, dtype: Dtype): Node {
    return this.filled(value, dtype, []);
  }

  private filled(value: number, dtype: Dtype, shape: Shape): Node {
    const rounded = roundTo(dtype, value);
    const key = `${keyOfNumber(rounded)}${dtype}[${shape.join()}]`;
    return this.node(key, { is: "number", value: rounded, shape, dtype });
  }

  /** The k-th input of the program. */
  input({ shape, dtype }: Kind, at: number): Node {
    return this.node(null, { is: "input", at, shape, dtype });
  }

  /** A tensor that the program captured; one of equal elements is a number. */
  constant(value: Handle): Node {
    const { shape, dtype } = value;
    const elements = elementsOf(value);
    const first = elements[0];
    if (elements.length > 0 && elements.every((x: number) => Object.is(x, first)))
      return this.filled(first, dtype, shape);
    return this.node(`k${this.numberOf(value.body?.data ?? value)}[${shape.join()}]`, {
      is: "constant",
      value,
      shape,
      dtype,
    });
  }

  map(dtype: Dtype, formula: (...x: Formula[]) => Formula, ...x: readonly Lazy[]): Node {
    const of = x.map((one) => this.own(one));
    checkDtype("lower", dtype);
    const shape = of.reduce<Shape>((all, one) => broadcastShapes("lower", all, one.shape), []);
    const tree = this.formulaOf(formula, of.length);
    const within = withinOf(
      of.map((one) => one.dtype),
      dtype,
    );
    if (of.every((one) => one.is === "number")) {
      const inputs = of.map((one) => this.numbers.number(within, one.is === "number" ? one.value : 0));
      const result = this.numbers.convert(this.numbers.formula(tree, within, inputs), dtype);
      if (result.is === "number") return this.filled(result.value, dtype, shape);
    }
    const key = `m${this.numberOf(tree)}${dtype}(${of.map(({ id }) => id).join()}`;
    return this.node(key, { is: "map", formula: tree, of, shape, dtype });
  }

  cast(given: Lazy, dtype: Dtype): Node {
    const x = this.own(given);
    checkDtype("lower", dtype);
    if (x.dtype === dtype) return x;
    if (x.is === "number") return this.filled(x.value, dtype, x.shape);
    return this.node(`c${dtype}${x.id}`, { is: "cast", of: [x], shape: x.shape, dtype });
  }

  view(given: Lazy, shape: Shape, axes: readonly Along[]): Node {
    const x = this.own(given);
    if (axes.length !== x.shape.length || axes.some(({ coef }) => coef.length !== shape.length)) {
      return fail(
        "op/lower",
        `view: axes must be one affine form of ${shape.length} axes for each of the ${x.shape.length} axes of x.`,
        { shape, axes },
        "Give { start, coef } for every axis of x, coef with one number for each axis of the view.",
      );
    }
    checkReach(x.shape, shape, axes);
    if (x.is === "number") return this.filled(x.value, x.dtype, shape);
    if (sameShape(x.shape, shape) && axes.every((along, i) => isIdentity(along, i))) return x;
    const key = `v${x.id}[${shape.join()}]${axes.map(({ start, coef }) => `${start}:${coef.join()}`).join(";")}`;
    return this.node(key, { is: "view", axes, of: [x], shape, dtype: x.dtype });
  }

  pad(given: Lazy, before: readonly number[], after: readonly number[], outside: number): Node {
    const x = this.own(given);
    if (![before, after].every((sizes) => sizes.length === x.shape.length && sizes.every(isCount))) {
      return refuse(
        "pad",
        `before and after must be ${x.shape.length} counts each, got ${list(before)} and ${list(after)}`,
      );
    }
    const shape = x.shape.map((size, i) => size + before[i] + after[i]);
    if (sameShape(shape, x.shape)) return x;
    const value = roundTo(x.dtype, outside);
    if (x.is === "number" && Object.is(x.value, value)) return this.filled(value, x.dtype, shape);
    const key = `p${x.id}[${before.join()}][${after.join()}]${keyOfNumber(value)}`;
    return this.node(key, { is: "pad", before, after, outside: value, of: [x], shape, dtype: x.dtype });
  }

  concat(given: readonly Lazy[], axis: number): Node {
    const of = given.map((x) => this.own(x));
    const [first] = of;
    checkAxisOf("concat", first?.shape ?? [], axis);
    const fits = ({ shape, dtype }: Node): boolean =>
      dtype === first.dtype &&
      shape.length === first.shape.length &&
      shape.every((n, i) => i === axis || n === first.shape[i]);
    if (!of.every(fits)) return refuse("concat", "arrays must have one dtype, and the same sizes but along the axis");
    if (of.length === 1) return first;
    const shape = first.shape.map((size, i) => (i === axis ? of.reduce((sum, x) => sum + x.shape[i], 0) : size));
    const key = `j${axis}(${of.map(({ id }) => id).join()}`;
    return this.node(key, { is: "concat", axis, of, shape, dtype: first.dtype });
  }

  reshape(given: Lazy, shape: Shape): Node {
    const x = this.own(given);
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      return fail(
        "op/lower",
        `reshape: shape must have the ${sizeOf(x.shape)} elements of x, got ${list(shape)}.`,
        { shape, from: x.shape },
        "A lowering must give what evaluate gives.",
      );
    }
    if (sameShape(x.shape, shape)) return x;
    if (x.is === "number") return this.filled(x.value, x.dtype, shape);
    if (x.is === "reshape") return this.reshape(x.of[0], shape);
    return this.node(`s${x.id}[${shape.join()}]`, { is: "reshape", of: [x], shape, dtype: x.dtype });
  }

  fold(by: FoldBy, given: Lazy, axes: readonly number[]): Node {
    const raw = this.own(given);
    for (const axis of axes) checkAxisOf("fold", raw.shape, axis);
    if (by !== "sum" && by !== "max" && by !== "min")
      return refuse("fold", `by must be "sum", "max" or "min", got ${describe(by)}`);
    if (by !== "sum" && raw.dtype === "bool") return this.cast(this.fold(by, this.cast(raw, "int32"), axes), "bool");
    const x = by === "sum" ? this.cast(raw, toNumeric(raw.dtype)) : raw;
    const shape = x.shape.filter((_, i) => !axes.includes(i));
    if (axes.length === 0) return x;
    const count = axes.reduce((n, i) => n * x.shape[i], 1);
    if (x.is === "number" && count > 0 && Number.isFinite(x.value)) {
      return this.filled(by === "sum" ? x.value * count : x.value, x.dtype, shape);
    }
    return this.node(`f${by}${x.id}[${axes.join()}]`, { is: "fold", by, axes, of: [x], shape, dtype: x.dtype });
  }

  product(spec: string, left: Lazy, right: Lazy): Node {
    const [a, b] = [this.own(left), this.own(right)];
    const dtype = promote(a.dtype, b.dtype);
    if (this.wide && dtype === "float32") {
      return this.cast(this.product(spec, this.cast(a, "float64"), this.cast(b, "float64")), dtype);
    }
    const [x, y] = [this.cast(a, dtype), this.cast(b, dtype)];
    const { shape } = productAxes(spec, x.shape, y.shape);
    return this.node(`x${spec}(${x.id},${y.id}`, { is: "product", spec, of: [x, y], shape, dtype });
  }

  place(shape: Shape, axis: number): Node {
    checkAxisOf("place", shape, axis);
    return this.node(`i${axis}[${shape.join()}]`, { is: "place", axis, shape, dtype: "int32" });
  }

  run(body: Program, x: readonly Lazy[]): readonly Node[] {
    const slots = new Array<Node | null>(body.slots).fill(null);
    body.inputs.forEach((_, k) => {
      slots[k] = this.own(x[k]);
    });
    const read = (operand: number | Handle): Node => {
      if (operand instanceof Handle) return this.constant(operand);
      const node = slots[operand];
      if (node === null) throw new RangeError("a step reads a slot that is empty");
      return node;
    };
    for (const { op, inputs, outputs, attrs, examples } of body.steps) {
      const results = this.apply(op, inputs.map(read), attrs, examples);
      outputs.forEach((slot, k) => {
        slots[slot] = results[k];
      });
    }
    return body.outputs.map(read);
  }

  /** The outputs of an op: as it says, or of its call. */
  apply(op: CoreOp, of: readonly Node[], attrs: unknown, kinds: readonly Kind[]): readonly Node[] {
    const said = op.lower?.(this, of, attrs, kinds) ?? null;
    if (said === null) {
      const call = { op, attrs, kinds };
      return kinds.map(({ shape, dtype }, part) => this.node(null, { is: "part", call, part, of, shape, dtype }));
    }
    if (!Array.isArray(said) || said.length !== kinds.length) {
      return fail(
        "op/lower",
        `${op.name}: its lowering must give a list of ${kinds.length} lazy arrays, got ${Array.isArray(said) ? said.length : describe(said)}.`,
        { op: op.name, received: said, expected: kinds.length },
        "Give one lazy array for each output: [y].",
      );
    }
    kinds.forEach(({ shape, dtype }, k) => {
      const received = said[k] === undefined ? "nothing" : `${said[k].dtype}${list(said[k].shape)}`;
      const expected = `${dtype}${list(shape)}`;
      if (received === expected) return;
      fail(
        "op/lower",
        `${op.name}: its lowering must give ${expected}, got ${received}.`,
        { op: op.name, received, expected },
        "A lowering gives what evaluate gives: hold it to that with checkOp of gradtape/testing.",
      );
    });
    return said.map((one) => this.own(one));
  }

  private own(x: unknown): Node {
    if (this.nodes.has(x as Node)) return x as Node;
    return refuse("a lowering", `must be made of the lazy arrays that it is given, got ${describe(x)}`, {
      received: x,
    });
  }

  private formulaOf(f: (...x: Formula[]) => Formula, arity: number): Formula {
    const known = this.formulas.get(f) ?? new Map<number, Formula>();
    const formula = known.get(arity) ?? formulaOf(f, arity);
    known.set(arity, formula);
    this.formulas.set(f, known);
    return formula;
  }

  private numberOf(x: object): number {
    const known = this.objects.get(x) ?? this.objects.size;
    this.objects.set(x, known);
    return known;
  }

  /** A node; the one before of the same key. */
  private node(key: string | null, fields: Fields): Node {
    const known = key === null ? undefined : this.known.get(key);
    if (known !== undefined) return known;
    const node: Node = { id: this.made++, ...fields };
    this.nodes.add(node);
    if (key !== null) this.known.set(key, node);
    return node;
  }
}

/** A lowering that cannot be: what of it, and why. */
const refuse = (what: string, why: string, facts: object = {}): never =>
  fail(
    "op/lower",
    `${what}: ${why}.`,
    { ...facts },
    "A lowering must give what evaluate gives: hold it to that with checkOp.",
  );

const isCount = (n: number): boolean => Number.isInteger(n) && n >= 0;

function checkAxisOf(what: string, shape: Shape, axis: number): void {
  if (isCount(axis) && axis < shape.length) return;
  refuse(what, `axis must be one of the ${shape.length} axes of ${list(shape)}, got ${describe(axis)}`, {
    axis,
    shape,
  });
}

/** A view must stay inside of what it is of. */
function checkReach(from: Shape, shape: Shape, axes: readonly Along[]): void {
  if (sizeOf(shape) === 0) return;
  axes.forEach(({ start, coef }, i) => {
    const ends = coef.map((by, j) => by * (shape[j] - 1));
    const low = ends.reduce((sum, end) => sum + Math.min(0, end), start);
    const high = ends.reduce((sum, end) => sum + Math.max(0, end), start);
    if (Number.isInteger(start) && coef.every(Number.isInteger) && low >= 0 && high < from[i]) return;
    refuse("view", `axis ${i} must be read at 0 to ${from[i] - 1}, got ${low} to ${high}`, { axis: i, low, high });
  });
}

/** What a formula is computed in: the type of its inputs together; without inputs, that of what it gives. */
export function withinOf(dtypes: readonly Dtype[], dtype: Dtype): "float32" | "float64" | "int32" {
  const [first, ...rest] = dtypes;
  return typeOf(first === undefined ? dtype : rest.reduce((a, b) => (a === b ? a : promote(a, b)), first));
}

const isIdentity = ({ start, coef }: Along, i: number): boolean =>
  start === 0 && coef.every((by, j) => by === (i === j ? 1 : 0));

/** The axes of a product by their letters: those of the result, those that are summed over, and the shape of the result. */
export interface ProductAxes {
  readonly kept: readonly string[];
  readonly folded: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
  /** The letter of each axis of a and of b; null: an axis of size 1 that does not count. */
  readonly of: readonly [(string | null)[], (string | null)[]];
  readonly shape: Shape;
}

/** Reads the letters of a product of arrays of given shapes. */
export function productAxes(spec: string, a: Shape, b: Shape): ProductAxes {
  const [left, result] = spec.split("->");
  const terms = left.split(",");
  const sizes = new Map<string, number>();
  const of = [a, b].map((shape, k) =>
    shape.map((size, i): string | null => {
      const letter = terms[k][i];
      if (letter === "1") return null;
      if (size !== 1 || !sizes.has(letter)) sizes.set(letter, size);
      return letter;
    }),
  );
  // An axis of size 1 is stretched by those of its letter.
  of.forEach((letters, k) => {
    letters.forEach((letter, i) => {
      if (letter !== null && [a, b][k][i] === 1 && sizes.get(letter) !== 1) letters[i] = null;
    });
  });
  const kept = [...result];
  const folded = [...sizes.keys()].filter((letter) => !kept.includes(letter));
  return { kept, folded, sizes, of: [of[0], of[1]], shape: kept.map((letter) => sizes.get(letter) ?? 1) };
}

/** The lazy arrays of a program. */
export function lower(program: Program, wide = false): Graph {
  const builder = new Builder(wide);
  const inputs = program.inputs.map((kind, k) => builder.input(kind, k));
  return { inputs, outputs: builder.run(program, inputs) };
}
