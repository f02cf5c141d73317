import { allocate } from "../base/allocate";
import type { Dtype, TensorData } from "../base/dtype";
import { list } from "../base/errors";
import { sameShape, sizeOf } from "../base/shape";
import type { Value } from "../core/tensor/tensor";
import { toHandle } from "../core/tensor/tensor-argument";
import { trace } from "../transforms/trace";
import type { Complaint } from "./compare";
import { complain, formsOf, type Trial, wordsOf } from "./trial";

/**
 * The shape rule, which is all that symbols have, says what evaluating gives: shapes and dtypes of a trace are those of
 * the result; sizes are sizes; and `evaluate`, where it can be reached, writes nowhere beyond the shape.
 */
export function checkShape(trial: Trial): Complaint | null {
  const eager = formsOf(trial.call(trial.inputs));
  let symbolic: typeof eager = [];
  trace((...inputs: Value[]) => {
    const y = trial.call(inputs);
    symbolic = formsOf(y);
    return y;
  })(...trial.inputs);
  if (symbolic.length !== eager.length) {
    const text = `a trace gives ${symbolic.length} results, evaluating ${eager.length}`;
    return complain("shape", text, symbolic.length, eager.length, "The number of results must not depend on values.");
  }
  for (let k = 0; k < eager.length; k++) {
    const [got, want] = [symbolic[k], eager[k]];
    if (!want.shape.every((size) => Number.isInteger(size) && size >= 0)) {
      const text = `the shape rule gives ${list(want.shape)} for ${want.path}`;
      return complain("shape", text, want.shape, undefined, "Sizes are integers >= 0.");
    }
    if (sameShape(got.shape, want.shape) && got.dtype === want.dtype) continue;
    const text = `${want.path} is ${wordsOf(got)} in a trace, ${wordsOf(want)} when evaluated`;
    return complain("shape", text, got.shape, want.shape, "Shape and dtype must not depend on values.");
  }
  return checkWrites(trial, eager);
}

interface Evaluates {
  evaluate(outputs: unknown, inputs: unknown, attrs: unknown): void;
}
const evaluates = (x: object | undefined): x is Evaluates =>
  x !== undefined && "evaluate" in x && typeof x.evaluate === "function";

/** Runs `evaluate` on arrays that report an element written beyond their end: typed arrays drop it silently. */
function checkWrites(
  trial: Trial,
  forms: readonly { shape: readonly number[]; dtype: string; path: string }[],
): Complaint | null {
  const { definition } = trial;
  if (!evaluates(definition)) return null;
  let beyond: { position: number; part: number } | null = null;
  const outputs = forms.map(({ shape, dtype }, part) =>
    reporting(allocate(dtype as Dtype, sizeOf(shape)), (position) => {
      beyond ??= { position, part };
    }),
  );
  const inputs = trial.inputs.map((x) => toHandle("checkOp", x));
  try {
    definition.evaluate("parts" in definition ? outputs : outputs[0], inputs, trial.attrs);
  } catch (error) {
    // What set() throws where its source does not fit; all else is the eager call's to report.
    if (!(error instanceof RangeError)) return null;
    beyond ??= { position: outputs[0].length, part: 0 };
  }
  if (beyond === null) return null;
  const { position, part }: { position: number; part: number } = beyond;
  const { shape, path } = forms[part];
  const text = `evaluate writes element ${position} of ${path}, which the shape rule says has shape ${list(shape)}`;
  return complain("shape", text, position, sizeOf(shape), "The shape rule and evaluate must mean the same result.");
}

/** A view of an array that reports elements written to where the array has no place. */
function reporting(data: TensorData, report: (position: number) => void): TensorData {
  return new Proxy(data, {
    get(target, key) {
      const field: unknown = Reflect.get(target, key, target);
      return typeof field === "function" ? field.bind(target) : field;
    },
    set(target, key, x) {
      const position = typeof key === "string" ? Number(key) : Number.NaN;
      if (!(position >= 0 && position < target.length)) report(position);
      else target[position] = x;
      return true;
    },
  });
}
