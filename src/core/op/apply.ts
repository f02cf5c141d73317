import { allocate, share } from "../../base/allocate";
import type { Dtype, TensorData } from "../../base/dtype";
import { fail, list } from "../../base/errors";
import { type Shape, sizeOf } from "../../base/shape";
import { elementsOf, type Handle, makeSymbolic, makeTensor, reading, type Trace } from "../tensor/handle";
import type { CoreOp } from "./op";
import { record } from "./record";

/*
 * Calling an op: shapes, then elements (or, with a symbol among the inputs, a symbol), then the tape.
 */

/** Runs an op on tensors and records it if an input is tracked. Returns all parts. */
export function applyParts<Attrs>(op: CoreOp<Attrs>, inputs: readonly Handle[], attrs: Attrs): readonly Handle[] {
  const shapes = op.shapes(inputs.map(shapeOfHandle), attrs);
  const dtypes = op.dtypes(inputs.map(dtypeOfHandle), attrs);
  const trace = traceOf(op.name, inputs);
  let outputs: Handle[];
  if (trace !== null) {
    outputs = shapes.map((shape, k) => makeSymbolic(shape, dtypes[k], trace));
  } else {
    const regrouped = op.declares.regroup === true ? elementsKept(inputs[0], shapes[0], dtypes[0]) : null;
    const data = regrouped ? [regrouped] : shapes.map((shape, k) => allocate(dtypes[k], sizeOf(shape), op.name, shape));
    if (regrouped === null) evaluate(op, data, inputs, attrs);
    outputs = data.map((numbers, k) => makeTensor(shapes[k], dtypes[k], numbers));
  }
  record(op, inputs, outputs, attrs, trace !== null);
  return outputs;
}

/** Runs an op with one output: applyParts without its lists. */
export function apply<Attrs>(op: CoreOp<Attrs>, inputs: readonly Handle[], attrs: Attrs): Handle {
  const [a, b] = inputs;
  const pair = inputs.length === 2;
  const [shape] = op.shapes(
    pair ? [a.shape, b.shape] : inputs.length === 1 ? [a.shape] : inputs.map(shapeOfHandle),
    attrs,
  );
  const [dtype] = op.dtypes(
    pair ? [a.dtype, b.dtype] : inputs.length === 1 ? [a.dtype] : inputs.map(dtypeOfHandle),
    attrs,
  );
  const trace = traceOf(op.name, inputs);
  let y: Handle;
  if (trace !== null) y = makeSymbolic(shape, dtype, trace);
  else {
    const regrouped = op.declares.regroup === true ? elementsKept(inputs[0], shape, dtype) : null;
    const data = regrouped ?? allocate(dtype, sizeOf(shape), op.name, shape);
    if (regrouped === null) evaluate(op, [data], inputs, attrs);
    y = makeTensor(shape, dtype, data);
  }
  record(op, inputs, [y], attrs, trace !== null);
  return y;
}

/** The elements of the input, if they are those of the output: tensors are never written to, so both can have them. */
function elementsKept(x: Handle, shape: Shape, dtype: Dtype): TensorData | null {
  if (x.body === null || x.dtype !== dtype) return null;
  const data = elementsOf(x);
  return data.length === sizeOf(shape) ? share(data) : null;
}

/** What an op reads while it evaluates is borrowed: as it lies, and no read from outside. */
function evaluate<Attrs>(
  op: CoreOp<Attrs>,
  data: readonly TensorData[],
  inputs: readonly Handle[],
  attrs: Attrs,
): void {
  const { evaluating } = reading;
  reading.evaluating = true;
  try {
    op.evaluate(data, inputs, attrs);
  } finally {
    reading.evaluating = evaluating;
  }
}

const shapeOfHandle = (x: Handle): Shape => x.shape;
const dtypeOfHandle = (x: Handle): Dtype => x.dtype;

/** The youngest trace among symbolic inputs, null without any; an error for a symbol whose trace is over. */
export function traceOf(where: string, inputs: readonly Handle[]): Trace | null {
  let youngest: Trace | null = null;
  for (let k = 0; k < inputs.length; k++) {
    const body = inputs[k].body;
    if (body === null || body.data !== null) continue;
    if (body.trace === null) {
      return fail(
        "op/reads",
        `${where}: a rule reads a value that its op did not declare in \`reads\`.`,
        { input: k },
        "Name the value in the `reads` of the op's definition, or leave `reads` out.",
      );
    }
    if (!body.trace.open) {
      fail(
        "trace/escaped",
        `${where}: input ${k} is a symbolic tensor of shape ${list(body.shape)} whose trace has ended.`,
        { op: where, input: k, shape: body.shape },
        "Return it from the traced function instead of keeping it in an outer variable.",
      );
    }
    if (youngest === null || body.trace.id > youngest.id) youngest = body.trace;
  }
  return youngest;
}
