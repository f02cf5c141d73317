// Lazy arrays spelled out at once, by the most obvious loops: what lowerings are held to.
import type { Dtype, TensorData } from "../../src/base/dtype";
import { broadcastShapes, sameShape, sizeOf, stridesOf } from "../../src/base/shape";
import type { Along, Lazy, Lower } from "../../src/core/op/op";
import { replay } from "../../src/core/program/program";
import { type Handle, makeTensor } from "../../src/core/tensor/handle";
import { type Formula, formulaOf } from "../../src/kernel/formula";
import type { NumberType } from "../../src/kernel/primitives";

/** An array that is spelled out. */
export class Plain implements Lazy {
  constructor(
    readonly shape: readonly number[],
    readonly dtype: Dtype,
    readonly data: TensorData,
  ) {
    require(data.length === sizeOf(shape), `${data.length} elements of shape [${shape.join()}]`);
  }
}

const TYPES = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

function require(holds: boolean, what: string): void {
  if (!holds) throw new Error(`a lowering: ${what}`);
}

/** A number as a dtype holds it. */
function rounded(x: number, dtype: Dtype): number {
  if (dtype === "bool") return x === 0 ? 0 : 1;
  if (dtype === "int32") return x | 0;
  return dtype === "float32" ? Math.fround(x) : x;
}

/** Calls with every index of a shape. */
function eachIndex(shape: readonly number[], visit: (index: readonly number[]) => void): void {
  const walk = (index: readonly number[]): void => {
    if (index.length === shape.length) visit(index);
    else for (let i = 0; i < shape[index.length]; i++) walk([...index, i]);
  };
  walk([]);
}

/** The array whose element at every index a function says. */
function filled(shape: readonly number[], dtype: Dtype, at: (index: readonly number[]) => number): Plain {
  const numbers: number[] = [];
  eachIndex(shape, (index) => numbers.push(rounded(at(index), dtype)));
  return new Plain(shape, dtype, TYPES[dtype].from(numbers));
}

function plainOf(x: Lazy): Plain {
  if (x instanceof Plain) return x;
  throw new Error("a lowering: an array that nobody made");
}

/** The element at an index that lies inside. */
function elementAt(x: Plain, index: readonly number[]): number {
  const inside = index.length === x.shape.length && index.every((i, axis) => i >= 0 && i < x.shape[axis]);
  require(inside, `[${index.join()}] is outside of shape [${x.shape.join()}]`);
  const strides = stridesOf(x.shape);
  return x.data[index.reduce((at, i, axis) => at + i * strides[axis], 0)];
}

const isTruth = (formula: Formula): boolean =>
  formula.is === "apply" && formula.f.is === "primitive" && formula.f.truth;

/** Truths stand where truths are taken, and every function has instructions, or is called. */
function checkFormula(formula: Formula, type: NumberType, arity: number): void {
  if (formula.is === "input") require(formula.at < arity, `input ${formula.at} of ${arity}`);
  if (formula.is !== "apply") return;
  const { f, to } = formula;
  require(to.length === f.arity, `${f.name} of ${to.length} operands`);
  to.forEach((operand, k) => {
    const takes = f.is === "primitive" ? f.takes[k] : "number";
    require(isTruth(operand) === (takes === "truth"), `${f.name} takes a ${takes}`);
    checkFormula(operand, type, arity);
  });
  if (f.is === "primitive")
    require(f.vector[type] !== undefined || f.scalar[type] !== undefined, `${f.name} of ${type}`);
}

/** The value of a formula: rounded at every step. */
function valueOf(formula: Formula, inputs: readonly number[], type: NumberType): number {
  if (formula.is === "number") return rounded(formula.value, type);
  if (formula.is === "input") return inputs[formula.at];
  const { f } = formula;
  const operands = formula.to.map((operand) => valueOf(operand, inputs, type));
  if (f.is === "function") return rounded(f.plain(...operands), type);
  const y = (f.twins?.[type] ?? f.plain)(...operands);
  return f.truth ? y : rounded(y, type);
}

/** What arrays are computed in together. */
function typeOf(dtypes: readonly Dtype[]): NumberType {
  if (dtypes.includes("float64")) return "float64";
  return dtypes.includes("float32") ? "float32" : "int32";
}

/** An operand that broadcasts to a shape, at an index of that. */
function broadcastAt(x: Plain, index: readonly number[]): number {
  const own = index.slice(index.length - x.shape.length);
  return elementAt(
    x,
    own.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
  );
}

const FOLDS = {
  sum: { from: () => 0, next: (a: number, b: number) => a + b },
  max: {
    from: (dtype: Dtype) => (dtype === "bool" ? 0 : dtype === "int32" ? -(2 ** 31) : -Infinity),
    next: Math.max,
  },
  min: { from: (dtype: Dtype) => (dtype === "bool" ? 1 : dtype === "int32" ? 2 ** 31 - 1 : Infinity), next: Math.min },
} as const;

/** The sizes that letters have, from the shapes of operands; "1" is an axis of size 1. */
function sizesOf(terms: readonly string[], operands: readonly Plain[]): Map<string, number> {
  const sizes = new Map<string, number>();
  operands.forEach(({ shape }, k) => {
    require(terms[k].length === shape.length, `"${terms[k]}" for shape [${shape.join()}]`);
    shape.forEach((size, axis) => {
      const letter = terms[k][axis];
      require((letter === "1" ? 1 : (sizes.get(letter) ?? size)) === size, `size ${size} of "${letter}"`);
      if (letter !== "1") sizes.set(letter, size);
    });
  });
  return sizes;
}

function product(spec: string, a: Plain, b: Plain): Plain {
  require(/^[^,-]*,[^,-]*->[^,-]*$/.test(spec), `equation ${spec}`);
  const [from, to] = spec.split("->");
  const terms = from.split(",");
  require(a.dtype === b.dtype, `a product of ${a.dtype} and ${b.dtype}`);
  const sizes = sizesOf(terms, [a, b]);
  require([...to].every((letter) => sizes.has(letter)) &&
    new Set(to).size === to.length, `equation ${spec}: an output of letters that stand once`);
  const summed = [...sizes.keys()].filter((letter) => !to.includes(letter));
  const shape = [...to].map((letter) => sizes.get(letter) ?? 1);
  const times = a.dtype === "int32" ? Math.imul : (x: number, y: number) => x * y;
  return filled(shape, a.dtype, (kept) => {
    let sum = 0;
    eachIndex(
      summed.map((letter) => sizes.get(letter) ?? 1),
      (folded) => {
        const at = (x: Plain, term: string): number =>
          elementAt(
            x,
            [...term].map((letter) => {
              if (letter === "1") return 0;
              return to.includes(letter) ? kept[to.indexOf(letter)] : folded[summed.indexOf(letter)];
            }),
          );
        const next = sum + times(at(a, terms[0]), at(b, terms[1]));
        sum = a.dtype === "int32" ? next | 0 : next;
      },
    );
    return sum;
  });
}

/** Every array is spelled out as soon as it is said. */
export const onPlainArrays: Lower = {
  number: (value, dtype) => filled([], dtype, () => value),
  map: (dtype, formula, ...xs) => {
    const operands = xs.map(plainOf);
    const type = typeOf(operands.map((x) => x.dtype));
    const tree = formulaOf(formula, operands.length);
    checkFormula(tree, type, operands.length);
    require(type === "int32" || dtype !== "int32" || isTruth(tree), `${type} given as int32`);
    const shape = operands.map((x) => x.shape).reduce<readonly number[]>((a, b) => broadcastShapes("map", a, b), []);
    return filled(shape, dtype, (index) =>
      valueOf(
        tree,
        operands.map((x) => rounded(broadcastAt(x, index), type)),
        type,
      ),
    );
  },
  cast: (x, dtype) => {
    require(dtype !== "int32" || x.dtype === "int32" || x.dtype === "bool", `a cast of ${x.dtype} to int32`);
    return filled(x.shape, dtype, (index) => elementAt(plainOf(x), index));
  },
  view: (x, shape, axes: readonly Along[]) =>
    filled(shape, x.dtype, (index) =>
      elementAt(
        plainOf(x),
        axes.map(({ start, coef }) => {
          require(coef.length === shape.length, `${coef.length} coefficients for ${shape.length} axes`);
          return coef.reduce((at, c, j) => at + c * index[j], start);
        }),
      ),
    ),
  pad: (x, before, after, outside) => {
    require([...before, ...after].every((count) => count >= 0), `padding by [${before.join()}], [${after.join()}]`);
    const shape = x.shape.map((size, axis) => before[axis] + size + after[axis]);
    return filled(shape, x.dtype, (index) => {
      const own = index.map((i, axis) => i - before[axis]);
      return own.every((i, axis) => i >= 0 && i < x.shape[axis]) ? elementAt(plainOf(x), own) : outside;
    });
  },
  concat: (xs, axis) => {
    const [first] = xs;
    const others = (shape: readonly number[]) => shape.filter((_, i) => i !== axis);
    require(xs.every(
      (x) => sameShape(others(x.shape), others(first.shape)) && x.dtype === first.dtype,
    ), "pieces that do not fit together");
    const places = xs.flatMap((x) => Array.from({ length: x.shape[axis] }, (_, i) => ({ x: plainOf(x), i })));
    const shape = first.shape.map((size, i) => (i === axis ? places.length : size));
    return filled(shape, first.dtype, (index) => {
      const { x, i } = places[index[axis]];
      return elementAt(
        x,
        index.map((at, k) => (k === axis ? i : at)),
      );
    });
  },
  reshape: (x, shape) => new Plain(shape, x.dtype, plainOf(x).data),
  fold: (by, x, axes) => {
    const { from, next } = FOLDS[by];
    require(new Set(axes).size === axes.length && axes.every((axis) => axis in x.shape), `axes [${axes.join()}]`);
    const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
    const dtype = by === "sum" && x.dtype === "bool" ? "int32" : x.dtype;
    return filled(
      kept.map((axis) => x.shape[axis]),
      dtype,
      (index) => {
        let y: number = from(dtype);
        eachIndex(
          axes.map((axis) => x.shape[axis]),
          (folded) => {
            const at = x.shape.map((_, i) => (axes.includes(i) ? folded[axes.indexOf(i)] : index[kept.indexOf(i)]));
            y = next(y, elementAt(plainOf(x), at));
            if (dtype === "int32") y |= 0;
          },
        );
        return y;
      },
    );
  },
  product: (spec, a, b) => product(spec, plainOf(a), plainOf(b)),
  place: (shape, axis) => filled(shape, "int32", (index) => index[axis]),
  run: (body, xs) => replay(body, xs.map(plainOf).map(tensorOf)).map(ofTensor),
};

const tensorOf = ({ shape, dtype, data }: Plain): Handle => makeTensor(shape, dtype, data.slice());

/** A tensor as an array. */
export const ofTensor = ({ shape, dtype, data }: Handle): Plain => new Plain(shape, dtype, data.slice());
