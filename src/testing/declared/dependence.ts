import { isFloat } from "../../base/dtype";
import { list } from "../../base/errors";
import { digits } from "../../base/format";
import { broadcastsTo, type Shape, stridesOf } from "../../base/shape";
import { type Handle, makeTensor } from "../../core/tensor/handle";
import { type Bounds, type Call, evaluated, type Finding, finding } from "./call";

/* Facts about what an output depends on, and how. */

/** Draws numbers of ordinary size. */
export type DrawNumbers = (size: number) => Float64Array;

/** x with other elements. */
export function withNumbers(x: Handle, numbers: ArrayLike<number>): Handle {
  const data = x.data.slice();
  data.set(numbers);
  return makeTensor(x.shape, x.dtype, data);
}

/** What the output is for inputs of which some are others. */
const outputsWith = ({ op, inputs, attrs }: Call, changed: ReadonlyMap<number, ArrayLike<number>>): readonly Handle[] =>
  evaluated(
    op,
    inputs.map((x, k) => {
      const numbers = changed.get(k);
      return numbers === undefined ? x : withNumbers(x, numbers);
    }),
    attrs,
  );

/** Coefficients of a sum of two inputs: of few bits, so that float32 holds the sum as it is. */
const [A, B] = [0.5, -1.25];

/** Linear in its floats: in all at once, or in each with the others fixed. */
export function checkLinear(call: Call, draw: DrawNumbers, { relative, absolute }: Bounds): Finding | null {
  const { op, inputs } = call;
  const { linear } = op.declares;
  if (linear === undefined) return null;
  const floats = inputs.flatMap((x, k) => (isFloat(x.dtype) ? [k] : []));
  const hint = 'It is "jointly" (in all inputs at once) or "each" (in each input with the others fixed).';
  const declared = `${op.name} declares linear: "${linear}", but`;
  for (const varying of linear === "jointly" && floats.length > 0 ? [floats] : floats.map((k) => [k])) {
    const drawn = () => new Map(varying.map((k) => [k, draw(inputs[k].size)]));
    const words = linear === "jointly" ? "" : ` for input ${varying.join("")}`;
    const [first, second] = [drawn(), drawn()];
    const sum = new Map(
      varying.map((k) => [
        k,
        draw(inputs[k].size).map((_, i) => A * (first.get(k)?.[i] ?? 0) + B * (second.get(k)?.[i] ?? 0)),
      ]),
    );
    const zeros = new Map(varying.map((k) => [k, new Float64Array(inputs[k].size)]));
    const [x, y, both, none] = [first, second, sum, zeros].map((changed) => outputsWith(call, changed));
    for (let part = 0; part < both.length; part++) {
      if (!isFloat(both[part].dtype)) continue;
      const name = both.length === 1 ? "the output" : `output ${part}`;
      const [a, b, got, zero] = [x, y, both, none].map((outputs) => outputs[part].data);
      const scale = Math.max(...a.map(Math.abs), ...b.map(Math.abs));
      for (let i = 0; i < got.length; i++) {
        if (zero[i] !== 0) {
          return finding(
            `${declared} zeros${words} give ${digits(zero[i])} for element ${i} of ${name}`,
            hint,
            zero[i],
            0,
          );
        }
        const want = A * a[i] + B * b[i];
        if (Math.abs(got[i] - want) <= relative * (Math.abs(want) + scale) + absolute) continue;
        const text = `${declared} element ${i} of ${name}${words} is ${digits(got[i])} for a sum, ${digits(want)} by its terms`;
        return finding(text, hint, got[i], want);
      }
    }
  }
  return null;
}

/** So many elements of an input are changed, one at a time. */
const CHANGED = 6;

/** Every element of the output depends on the elements at its own position only. */
export function checkElementwise(call: Call, random: () => number): Finding | null {
  const { op, inputs, outputs } = call;
  if (op.declares.elementwise !== true) return null;
  for (const [k, x] of inputs.entries()) {
    const hint = "Elementwise is what gives each element of the output from those at its position, after broadcasting.";
    const odd = outputs.find((y) => !broadcastsTo(x.shape, y.shape));
    if (odd !== undefined) {
      const text = `${op.name} declares elementwise, but input ${k} of shape ${list(x.shape)} does not broadcast to ${list(odd.shape)}`;
      return finding(text, hint, odd.shape, x.shape);
    }
    for (let n = 0; n < Math.min(CHANGED, x.size); n++) {
      const j = Math.floor(random() * x.size);
      const numbers = Array.from(x.data);
      numbers[j] = otherThan(x, j);
      for (const [part, y] of outputsWith(call, new Map([[k, numbers]])).entries()) {
        const [before, after] = [outputs[part].data, y.data];
        const i = before.findIndex((value, at) => !Object.is(value, after[at]) && seenAt(at, y.shape, x.shape) !== j);
        if (i < 0) continue;
        const name = outputs.length === 1 ? "the output" : `output ${part}`;
        const text = `${op.name} declares elementwise, but element ${i} of ${name} depends on element ${j} of input ${k}`;
        return finding(text, hint, after[i], before[i]);
      }
    }
  }
  return null;
}

/** Something else in the place of an element, where there is one in the domain: another element, or one nearby. */
function otherThan(x: Handle, j: number): number {
  const own = x.data[j];
  const others = Array.from(x.data).filter((value) => value !== own);
  if (others.length > 0) return others[j % others.length];
  return x.dtype === "bool" ? 1 - own : isFloat(x.dtype) ? own * (1 + 1 / 64) + 1 / 1024 : own + 1;
}

/** Position in a tensor that broadcasts of what stands at a position of the shape. */
function seenAt(position: number, shape: Shape, from: Shape): number {
  const [strides, own] = [stridesOf(shape), stridesOf(from)];
  const lead = shape.length - from.length;
  return from.reduce(
    (at, size, axis) =>
      at + (size === 1 ? 0 : Math.floor(position / strides[lead + axis]) % shape[lead + axis]) * own[axis],
    0,
  );
}
