import { list } from "../../base/errors";
import { sameShape, sizeOf, stridesOf } from "../../base/shape";
import type { Placed, Selected } from "../../core/op/op";
import { type Bounds, type Call, compareOutput, counted, type Finding, finding } from "./call";

/* Facts about where the elements of an input go. */

const EXACT: Bounds = { relative: 0, absolute: 0 };

/** Facts about the one input of an op hold for ops of one input. */
function severalInputs({ op, inputs }: Call, what: string): Finding | null {
  if (inputs.length === 1) return null;
  const text = `${op.name} declares ${what}, but has ${counted(inputs.length, "input")}`;
  return finding(text, "A fact about the one input is for ops that have one.", inputs.length, 1);
}

/** The same elements in the same order. */
export function checkRegroup(call: Call): Finding | null {
  const { op, inputs, outputs } = call;
  if (op.declares.regroup !== true) return null;
  const several = severalInputs(call, "regroup");
  if (several !== null) return several;
  const [x, y] = [inputs[0], outputs[0]];
  if (x.size === y.size) return compareOutput(call, "the regroup", y.shape, { numbers: x.data }, EXACT);
  const text = `${op.name} declares regroup, but gives ${counted(y.size, "element")} for ${x.size}`;
  return finding(text, "To regroup keeps every element, in its order.", y.size, x.size);
}

/** The input times a number. */
export function checkScale(call: Call, bounds: Bounds): Finding | null {
  const { op, inputs, attrs } = call;
  const scale = op.declares.scale?.(attrs as never) ?? null;
  if (scale === null) return null;
  const several = severalInputs(call, "a scale");
  if (several !== null) return several;
  const numbers = Float64Array.from(inputs[0].data, (x) => x * scale);
  return compareOutput(call, `the scale ${scale}`, inputs[0].shape, { numbers }, bounds);
}

/** The input in a window, zeros around it. */
export function checkPlacement(call: Call): Finding | null {
  const { op, inputs, attrs } = call;
  const placed = op.declares.placement?.(attrs as never) ?? null;
  if (placed === null) return null;
  const several = severalInputs(call, "a placement");
  if (several !== null) return several;
  const [x] = inputs;
  const fault = placementFault(placed, x.shape);
  if (fault !== null) {
    const hint =
      "A window has a start, a step and a size for each axis of the shape, and all that it takes lies inside.";
    return finding(`the placement that ${op.name} declares ${fault}`, hint, placed);
  }
  const { starts, steps, sizes, shape } = placed;
  const numbers = new Float64Array(sizeOf(shape));
  const [strides, own] = [stridesOf(shape), stridesOf(sizes)];
  const data = x.data;
  for (let i = 0; i < data.length; i++) {
    const index = sizes.map((size, axis) => Math.floor(i / own[axis]) % size);
    numbers[index.reduce((at, n, axis) => at + (starts[axis] + n * steps[axis]) * strides[axis], 0)] = data[i];
  }
  return compareOutput(call, "the placement", shape, { numbers }, EXACT);
}

/** What is wrong with a window, as it goes on behind "the placement of the op". */
function placementFault({ starts, steps, sizes, shape }: Placed, from: readonly number[]): string | null {
  const ranks = [starts, steps, sizes].map(({ length }) => length);
  if (ranks.some((rank) => rank !== shape.length)) {
    return `has ${ranks.join(", ")} starts, steps and sizes for shape ${list(shape)}`;
  }
  const wide = (sizes_: readonly number[]) => sizes_.filter((size) => size !== 1);
  if (!sameShape(wide(sizes), wide(from))) return `takes ${list(sizes)} of an input of shape ${list(from)}`;
  const inside = (at: number, axis: number) => at >= 0 && at < shape[axis];
  const beyond = sizes.findIndex(
    (size, axis) => size > 0 && !(inside(starts[axis], axis) && inside(starts[axis] + (size - 1) * steps[axis], axis)),
  );
  return beyond < 0 ? null : `leaves the shape ${list(shape)} on axis ${beyond}`;
}

/** The base with the updates added at the indices. */
export function checkSelection(call: Call, bounds: Bounds): Finding | null {
  const { op, inputs, attrs } = call;
  const selection = op.declares.selection?.(attrs as never) ?? null;
  if (selection === null) return null;
  const said = (text: string) => finding(`the selection that ${op.name} declares ${text}`, SELECTION_HINT, selection);
  const { axis } = selection;
  const [base, indices, values] = [selection.base, selection.indices, selection.values].map((k) => inputs[k]);
  if (base === undefined || indices === undefined || values === undefined) {
    return said(`names inputs ${placesOf(selection)} of ${inputs.length}`);
  }
  if (!(axis >= 0 && axis < base.shape.length)) return said(`has axis ${axis} of a base of shape ${list(base.shape)}`);
  const [before, size] = [sizeOf(base.shape.slice(0, axis)), base.shape[axis]];
  const behind = sizeOf(base.shape.slice(axis + 1));
  const shape = [...base.shape.slice(0, axis), ...indices.shape, ...base.shape.slice(axis + 1)];
  if (!sameShape(shape, values.shape)) return said(`needs updates of shape ${list(shape)}, got ${list(values.shape)}`);
  const [numbers, at, added] = [Float64Array.from(base.data), indices.data, values.data];
  const terms = numbers.map(Math.abs);
  const count = at.length;
  for (let from = 0; from < added.length; from++) {
    const [row, place, rest] = [Math.floor(from / (count * behind)), Math.floor(from / behind) % count, from % behind];
    const index = at[place] < 0 ? at[place] + size : at[place];
    if (!(index >= 0 && index < size)) return said(`adds at index ${at[place]} of ${size}`);
    if (row >= before) break;
    const to = (row * size + index) * behind + rest;
    numbers[to] += added[from];
    terms[to] += Math.abs(added[from]);
  }
  return compareOutput(call, "the selection", base.shape, { numbers, terms }, bounds);
}

const SELECTION_HINT = "Updates have the shape of the base, with the axes of the indices in the place of its axis.";
const placesOf = ({ base, indices, values }: Selected): string => [base, indices, values].join(", ");
