import { type Dtype, isFloat } from "../base/dtype";
import type { Shape } from "../base/shape";
import { applyParts } from "../core/op/apply";
import { makeOp } from "../core/op/definition";
import { byParts, type CoreOp, type Kind, type Program } from "../core/op/op";
import { accumulate, broadcastToShape, castTo } from "../core/op/sweep-ops";
import { outputKind } from "../core/program/capture";
import { replay, traceProgram } from "../core/program/program";
import { FEW } from "../core/sweep/long-sums";
import { type Handle, makeFilled, rowOf, withoutHistory } from "../core/tensor/handle";
import { moveAxis } from "../ops/movement/reshape-transpose";
import { batchProgram, pullProgram, pushFloats } from "../ops/program/program-rules";

/**
 * A loop as one op. The body is a program from (carry, x, constants) to (carry, y); inputs are the first carry, the xs
 * with a leading axis of `length`, and the constants; outputs are the last carry and the ys with that axis.
 */
export interface ScanAttrs {
  readonly body: Program;
  /** How many leaves the carry and x have. */
  readonly carries: number;
  readonly xs: number;
  readonly length: number;
  readonly reverse: boolean;
}

const kindOf = (x: Handle, rows: boolean): Kind => ({ shape: rows ? x.shape.slice(1) : x.shape, dtype: x.dtype });

/** What the op and the function that applies it are called. */
export const SCAN = "scan";

/** The scan op with a number of outputs. */
export const scanOp: (parts: number) => CoreOp<ScanAttrs> = /* @__PURE__ */ byParts<ScanAttrs>((parts) =>
  makeOp<readonly Handle[], ScanAttrs>({
    name: SCAN,
    parts,
    shape: (_, { body, carries, length }) =>
      body.outputs.map(
        (y, k): Shape => (k < carries ? outputKind(body, y).shape : [length, ...outputKind(body, y).shape]),
      ),
    dtype: (_, { body }) => body.outputs.map((y) => outputKind(body, y).dtype),
    evaluate: (outputs, inputs, { body, carries, xs, length, reverse }) => {
      const given = inputs.map(withoutHistory);
      const constants = given.slice(carries + xs);
      let carry = given.slice(0, carries);
      for (let step = 0; step < length; step++) {
        const i = reverse ? length - 1 - step : step;
        const rows = given.slice(carries, carries + xs).map((x) => rowOf(x, i));
        const results = replay(body, [...carry, ...rows, ...constants]);
        carry = results.slice(0, carries);
        for (let k = carries; k < results.length; k++) outputs[k].set(results[k].data, i * results[k].size);
      }
      for (let k = 0; k < carries; k++) outputs[k].set(carry[k].data);
    },
    pullback: ({ yBars, inputs, attrs, wanted }) => pullScan(inputs, attrs, yBars, wanted),
    pushforward: ({ xDots, inputs, attrs }) => pushScan(inputs, attrs, xDots),
    reads: { output: false },
    batch: (inputs, batched, attrs, size) => batchScan(inputs, batched, attrs, size),
    declares: {
      loop: (attrs) => ({
        ...attrs,
        with: (body, carries) => ({ op: scanOp(body.outputs.length), attrs: { ...attrs, body, carries } }),
      }),
    },
  }),
);

/** Runs a scan on tensors. */
export const runScan = (inputs: readonly Handle[], attrs: ScanAttrs): readonly Handle[] =>
  applyParts(scanOp(attrs.body.outputs.length), inputs, attrs);

/** Like x, floats only: what a cotangent or tangent of it is. */
const zeroLike = ({ shape, dtype }: Kind): Handle => makeFilled(shape, isFloat(dtype) ? dtype : "float64", 0);

/**
 * Backwards: a scan forward that keeps every carry, then a scan the other way over (carry, x, cotangent of y), whose own
 * carry is the cotangent of the carry and the sums of the cotangents of the constants.
 */
function pullScan(
  inputs: readonly Handle[],
  attrs: ScanAttrs,
  yBars: readonly (Handle | null)[],
  wanted: readonly boolean[],
): (Handle | null)[] {
  const { body, carries, xs, length } = attrs;
  const floats = inputs.map((x) => isFloat(x.dtype));
  const keeping = {
    ...body,
    outputs: [...body.outputs.slice(0, carries), ...Array.from({ length: carries }, (_, k) => k)],
  };
  const stacked = runScan(inputs, { ...attrs, body: keeping }).slice(carries);
  const rows = [...stacked, ...inputs.slice(carries, carries + xs)];
  const constants = inputs.slice(carries + xs);
  const carryAt = Array.from({ length: carries }, (_, k) => k).filter((k) => floats[k]);
  const rowAt = Array.from({ length: xs }, (_, k) => carries + k).filter((k) => floats[k] && wanted[k]);
  const constantAt = constants.map((_, k) => carries + xs + k).filter((k) => floats[k] && wanted[k]);
  const outAt = body.outputs.map((_, k) => k).filter((k) => k >= carries && yBars[k] !== null);
  // The sums of more steps are float64, so that float32 is rounded once.
  const sumDtype = (k: number): Dtype => (length > FEW ? "float64" : inputs[k].dtype);
  const first = [
    ...carryAt.map((k) => yBars[k] ?? zeroLike(inputs[k])),
    ...constantAt.map((k) => makeFilled(inputs[k].shape, sumDtype(k), 0)),
  ];
  const outBars = outAt.flatMap((k) => yBars[k] ?? []);
  const sums = carryAt.length;
  const kinds = [...first, ...[...rows, ...outBars].map((x) => kindOf(x, true)), ...constants];
  const [rule] = traceProgram(kinds, (args) => {
    const bars = args.slice(0, first.length);
    const values = args.slice(first.length, first.length + rows.length);
    const given = args.slice(first.length + rows.length, first.length + rows.length + outBars.length);
    const own = [...values, ...args.slice(first.length + rows.length + outBars.length)];
    const cotangents = body.outputs.map((_, k) => {
      if (k < carries) return floats[k] ? bars[carryAt.indexOf(k)] : null;
      return outAt.includes(k) ? given[outAt.indexOf(k)] : null;
    });
    const results = pullProgram(
      body,
      own,
      cotangents,
      own.map((_, k) => floats[k] && (k < carries || wanted[k])),
    );
    const result = (k: number): Handle => results[k] ?? zeroLike(own[k]);
    const next = [...carryAt.map(result), ...constantAt.map((k, j) => accumulate(bars[sums + j], result(k)))];
    return [[...next, ...rowAt.map(result)], undefined];
  });
  const back = { body: rule, carries: first.length, xs: rows.length + outBars.length, length, reverse: !attrs.reverse };
  const results = runScan([...first, ...rows, ...outBars, ...constants], back);
  return inputs.map((_, k) => {
    if (!wanted[k] || !floats[k]) return null;
    if (k < carries) return results[carryAt.indexOf(k)];
    if (k < carries + xs) return results[first.length + rowAt.indexOf(k)];
    return castTo(results[sums + constantAt.indexOf(k)], inputs[k].dtype);
  });
}

/** Forwards: one scan over values and tangents together. */
function pushScan(inputs: readonly Handle[], attrs: ScanAttrs, xDots: readonly (Handle | null)[]): (Handle | null)[] {
  const { body, carries, xs, length, reverse } = attrs;
  const floats = inputs.map((x) => isFloat(x.dtype));
  const carryAt = Array.from({ length: carries }, (_, k) => k).filter((k) => floats[k]);
  const restAt = inputs.map((_, k) => k).filter((k) => k >= carries && xDots[k] !== null);
  const rowAt = restAt.filter((k) => k < carries + xs);
  const constantAt = restAt.filter((k) => k >= carries + xs);
  const dotOf = (k: number): Handle => xDots[k] ?? zeroLike(inputs[k]);
  const first = [...inputs.slice(0, carries), ...carryAt.map(dotOf)];
  const rows = [...inputs.slice(carries, carries + xs), ...rowAt.map(dotOf)];
  const constants = [...inputs.slice(carries + xs), ...constantAt.map(dotOf)];
  const kinds = [...first, ...rows.map((x) => kindOf(x, true)), ...constants];
  const [rule] = traceProgram(kinds, (args) => {
    const [c, r] = [args.slice(0, first.length), args.slice(first.length, first.length + rows.length)];
    const k0 = args.slice(first.length + rows.length);
    const own = [...c.slice(0, carries), ...r.slice(0, xs), ...k0.slice(0, inputs.length - carries - xs)];
    const dots = own.map((_, k) => {
      if (k < carries) return floats[k] ? c[carries + carryAt.indexOf(k)] : null;
      if (rowAt.includes(k)) return r[xs + rowAt.indexOf(k)];
      return constantAt.includes(k) ? k0[inputs.length - carries - xs + constantAt.indexOf(k)] : null;
    });
    const values = replay(body, own);
    const moved = pushFloats(body, own, dots);
    const next = [...values.slice(0, carries), ...carryAt.flatMap((k) => moved[k] ?? [])];
    return [[...next, ...moved.slice(carries).flatMap((x) => x ?? [])], undefined];
  });
  const results = runScan([...first, ...rows, ...constants], {
    body: rule,
    carries: first.length,
    xs: rows.length,
    length,
    reverse,
  });
  let next = first.length;
  return body.outputs.map((y, k) => {
    if (k < carries) return floats[k] ? results[carries + carryAt.indexOf(k)] : null;
    return isFloat(outputKind(body, y).dtype) ? results[next++] : null;
  });
}

/** Of a batch: every carry is batched, and a step of xs is a batch of x. */
function batchScan(
  inputs: readonly Handle[],
  batched: readonly boolean[],
  attrs: ScanAttrs,
  size: number,
): readonly Handle[] {
  const { body, carries, xs } = attrs;
  const flags = batched.map((b, k) => b || k < carries);
  const args = inputs.map((x, k) => {
    if (k < carries) return batched[k] ? x : broadcastToShape(x, [size, ...x.shape]);
    return batched[k] && k < carries + xs ? moveAxis(x, 0, 1) : x;
  });
  const wide = batchProgram(body, body.inputs, flags, size);
  const outputs = runScan(args, { ...attrs, body: wide });
  return outputs.map((y, k) => (k < carries ? y : moveAxis(y, 1, 0)));
}
