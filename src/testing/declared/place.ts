import { type Dtype, promote } from "../../base/dtype";
import type { CoreOp, Kind, Lazy, Lower } from "../../core/op/op";
import { expansionIn, type Formula, formulaOf } from "../../kernel/formula";
import { interpreter, rounders } from "../../kernel/interpret";
import type { NumberType } from "../../kernel/primitives";

/*
 * What an op says of its output in terms of lazy arrays, at one place: for ops that are formulas of the numbers there.
 */

/** A lazy array as the number at a place, from those of the inputs there. */
export interface At extends Lazy {
  at(inputs: readonly number[]): number;
  /** Whether functions come in that are formulas of others, which are only close to what they are called by. */
  readonly expanded: boolean;
}

/** What is thrown where an op says more than what happens at a place. */
const NOT_OF_PLACES = {};
const notOfPlaces = (): never => {
  throw NOT_OF_PLACES;
};
const isAt = (x: Lazy): x is At => "at" in x;
const asAt = (x: Lazy): At => (isAt(x) ? x : notOfPlaces());

const usesExpansion = (formula: Formula, type: NumberType): boolean =>
  formula.is === "apply" &&
  ((formula.f.is === "function" && expansionIn(formula.f, type, false) !== undefined) ||
    formula.to.some((x) => usesExpansion(x, type)));

const numberType = (dtype: Dtype): NumberType => (dtype === "bool" ? "int32" : dtype);
const converted = (x: number, dtype: Dtype): number =>
  dtype === "bool" ? Number(x !== 0) : rounders[numberType(dtype)](x);

/** Makes the numbers at one place. */
const ON_PLACES: Lower = {
  number: (value, dtype): At => ({ shape: [], dtype, expanded: false, at: () => converted(value, dtype) }),
  map: (dtype, formula, ...x): At => {
    const operands = x.map(asAt);
    const type = numberType(operands.map((one) => one.dtype).reduce(promote, operands[0]?.dtype ?? dtype));
    const tree = formulaOf(formula, operands.length);
    const run = interpreter(tree, type, false);
    return {
      shape: operands[0]?.shape ?? [],
      dtype,
      expanded: usesExpansion(tree, type) || operands.some(({ expanded }) => expanded),
      at: (inputs) => converted(run(operands.map((one) => rounders[type](one.at(inputs)))), dtype),
    };
  },
  cast: (x, dtype): At => ({ ...asAt(x), dtype, at: (inputs) => converted(asAt(x).at(inputs), dtype) }),
  view: notOfPlaces,
  pad: notOfPlaces,
  concat: notOfPlaces,
  reshape: notOfPlaces,
  fold: notOfPlaces,
  product: notOfPlaces,
  place: notOfPlaces,
  run: notOfPlaces,
};

/** The outputs of an op as the numbers at a place; null where they are more than that, or the op says nothing. */
export function placesOf(
  op: CoreOp,
  dtypes: readonly Dtype[],
  attrs: unknown,
  outputs: readonly Kind[],
): readonly At[] | null {
  const { shape } = outputs[0];
  const inputs = dtypes.map((dtype, k): At => ({ shape, dtype, expanded: false, at: (numbers) => numbers[k] }));
  try {
    return op.lower?.(ON_PLACES, inputs, attrs, outputs)?.map(asAt) ?? null;
  } catch (error) {
    if (error === NOT_OF_PLACES) return null;
    throw error;
  }
}
