import type { TensorData } from "../../base/dtype";
import { type Shape, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch } from "../../core/op/sweep-ops";
import { type Handle, isZeros, makeFilled } from "../../core/tensor/handle";
import { lostIn } from "../../numeric/rows/row-sums";
import { copyRun } from "../../numeric/strided";
import { moveAxis } from "../movement/reshape-transpose";
import { checkRange } from "./index-checks";

/**
 * Which axis the indices go along. x is [...lead, ...outer, n, ...inner, ...trail], indices are [...lead, ...I, ...trail]:
 * every position on the lead and trail axes has indices of its own. take has neither, takeAlongAxis nothing else.
 */
export interface Along {
  /** Name of the function called, for errors. */
  readonly where: string;
  readonly axis: number;
  readonly lead: number;
  readonly trail: number;
  /** Whether no place is taken more often than a few times: then nothing is gained by adding in double precision. */
  readonly seldom?: boolean;
}

/** x.shape with the axis replaced by the axes of the indices that are their own. */
export const gatheredShape = (shape: Shape, indices: Shape, { axis, lead, trail }: Along): Shape => [
  ...shape.slice(0, axis),
  ...indices.slice(lead, indices.length - trail),
  ...shape.slice(axis + 1),
];

/** Where in x of the shape each run of neighbors starts that the indices take, in order. The indices are in range. */
function placesOf(shape: Shape, indices: Handle, { axis, lead, trail }: Along): Int32Array {
  const own = indices.shape.length - trail;
  const [leads, trails] = [sizeOf(indices.shape.slice(0, lead)), sizeOf(indices.shape.slice(own))];
  const count = sizeOf(indices.shape.slice(lead, own));
  const outer = sizeOf(shape.slice(lead, axis));
  const size = shape[axis];
  const inner = sizeOf(shape.slice(axis + 1, shape.length - trail));
  const runs = trail === 0 ? 1 : inner;
  const step = trail === 0 ? inner : 1;
  const data = indices.data;
  const places = new Int32Array(leads * outer * count * runs * trails);
  let to = 0;
  for (let row = 0; row < leads * outer; row++) {
    const first = Math.floor(row / outer) * count * trails;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < runs; j++) {
        for (let t = 0, from = first + i * trails; t < trails; t++, from++) {
          const index = data[from] < 0 ? data[from] + size : data[from];
          places[to++] = ((row * size + index) * runs + j) * step * trails + t;
        }
      }
    }
  }
  return places;
}

/** Whether every element of the result has an index of its own, as in takeAlongAxis. */
const isEach = (shape: Shape, { lead, trail }: Along): boolean => lead + trail === shape.length - 1;

/** What gatherInto does, or, if `adds`, what addInto does, where there are no runs: `whole` is x, `part` what is taken. */
function moveEach(
  whole: TensorData,
  part: TensorData,
  shape: Shape,
  indices: Handle,
  axis: number,
  adds: boolean,
): void {
  const data = indices.data;
  const size = shape[axis];
  const inner = sizeOf(shape.slice(axis + 1));
  const row = data.length / sizeOf(shape.slice(0, axis));
  for (let from = 0, first = 0; from < part.length; from += row, first += size * inner) {
    for (let i = from; i < from + row; ) {
      for (let j = first; j < first + inner; j++, i++) {
        const at = (data[i] < 0 ? data[i] + size : data[i]) * inner + j;
        if (adds) whole[at] += part[i];
        else part[i] = whole[at];
      }
    }
  }
}

function gatherInto(out: TensorData, x: Handle, indices: Handle, along: Along): void {
  if (isEach(x.shape, along)) {
    moveEach(x.data, out, x.shape, indices, along.axis, false);
    return;
  }
  const places = placesOf(x.shape, indices, along);
  const run = out.length / places.length;
  const from = x.data;
  for (let p = 0, to = 0; p < places.length; p++, to += run) copyRun(out, to, from, places[p], run);
}

/** As many float32 updates of one place are added as they are: more of them in double precision. */
export const FEW = 4;

/** Adds runs of updates to float32; those of places that get many of them in double precision, rounded once. */
function addToFloat32(out: Float32Array, updates: TensorData, places: Int32Array): void {
  const run = updates.length / places.length;
  // How many updates a run of out gets; minus the number of its sum, from 1 on, once there is one.
  const marks = new Int32Array(out.length / run);
  let busy = 0;
  for (let p = 0; p < places.length; p++) if (++marks[places[p] / run] === FEW + 1) busy++;
  const busyAt = new Int32Array(busy);
  const sums = new Float64Array(busy * run);
  let count = 0;
  for (let p = 0, from = 0; p < places.length; p++, from += run) {
    const start = places[p];
    const mark = marks[start / run];
    if (mark > 0 && mark <= FEW) {
      for (let i = 0; i < run; i++) out[start + i] += updates[from + i];
      continue;
    }
    let at = -mark * run - run;
    if (mark > 0) {
      at = count * run;
      busyAt[count++] = start;
      marks[start / run] = -count;
      for (let i = 0; i < run; i++) sums[at + i] = out[start + i];
    }
    for (let i = 0; i < run; i++) sums[at + i] += updates[from + i];
  }
  for (let k = 0, at = 0; k < count; k++) for (let i = 0; i < run; i++) out[busyAt[k] + i] = sums[at++];
}

/** Fewer updates of a place on average are added to it one after another. */
const MANY = 1024;
/** Of more, so many are added up apart. */
const RUN = 64;

/** Adds updates of a vector in parts, and what rounding takes from the sums of the parts at the end. */
function addInParts(out: Float64Array, updates: TensorData, indices: TensorData): void {
  const size = out.length;
  const sums = new Float64Array(size);
  const rests = new Float64Array(size);
  const part = RUN * size;
  for (let from = 0; from < updates.length; from += part) {
    const end = Math.min(updates.length, from + part);
    sums.fill(-0);
    for (let i = from; i < end; i++) sums[indices[i] < 0 ? indices[i] + size : indices[i]] += updates[i];
    for (let k = 0; k < size; k++) {
      rests[k] += lostIn(out[k], sums[k]);
      out[k] += sums[k];
    }
  }
  for (let k = 0; k < size; k++) out[k] += rests[k];
}

function addInto(out: TensorData, shape: Shape, indices: Handle, updates: TensorData, along: Along): void {
  const own = sizeOf(indices.shape.slice(along.lead, indices.shape.length - along.trail));
  if (out instanceof Float32Array && own > FEW && along.seldom !== true) {
    if (updates.length < out.length) addToFloat32(out, updates, placesOf(shape, indices, along));
    else {
      const sums = new Float64Array(out);
      addInto(sums, shape, indices, updates, along);
      out.set(sums);
    }
    return;
  }
  if (isEach(shape, along)) {
    if (out instanceof Float64Array && shape.length === 1 && own > MANY * out.length)
      addInParts(out, updates, indices.data);
    else moveEach(out, updates, shape, indices, along.axis, true);
    return;
  }
  const places = placesOf(shape, indices, along);
  const run = updates.length / places.length;
  for (let p = 0, from = 0; p < places.length; p++, from += run) {
    const start = places[p];
    for (let i = 0; i < run; i++) out[start + i] += updates[from + i];
  }
}

const onNextAxis = (along: Along, lead: number): Along => ({ ...along, axis: along.axis + 1, lead: along.lead + lead });

/** Inputs x and indices. */
const TAKE: CoreOp<Along> = /* @__PURE__ */ makeOp<readonly [Handle, Handle], Along>({
  name: "take",
  shape: ([x, indices], along) => gatheredShape(x, indices, along),
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x, indices], along) => {
    checkRange(along.where, indices, x.shape[along.axis]);
    if (out.length > 0) gatherInto(out, x, indices, along);
  },
  vjp: [
    ({ yBar, inputs: [x, indices], attrs }) =>
      scatterAddAlong(makeFilled(x.shape, yBar.dtype, 0), indices, yBar, attrs),
    null,
  ],
  jvp: [({ xDot, inputs: [, indices], attrs }) => gatherAlong(xDot, indices, attrs), null],
  reads: { inputs: [false, true], output: false },
  batch: (inputs, batched, along, size) => {
    const [x, indices] = inputs;
    if (along.lead === 0 && !batched[1]) return gatherAlong(x, indices, onNextAxis(along, 0));
    if (along.lead === 0 && !batched[0]) return moveAxis(gatherAlong(x, indices, along), along.axis, 0);
    const [xs, rows] = broadcastBatch(inputs, batched, size);
    return gatherAlong(xs, rows, onNextAxis(along, 1));
  },
  declares: { linear: "jointly", absorbing: true },
});

/** The elements of x, to which runs of updates are to come; where these runs start. */
export function startScatter(
  out: TensorData,
  [x, indices, updates]: readonly [Handle, Handle, Handle],
  along: Along,
): { readonly places: Int32Array; readonly run: number } {
  checkRange(along.where, indices, x.shape[along.axis]);
  out.set(x.data);
  const places = updates.size === 0 ? new Int32Array(0) : placesOf(x.shape, indices, along);
  return { places, run: updates.size / places.length };
}

/** A function of x, indices and updates where some of them have a batch axis. */
export function scatterBatch(
  scatter: (x: Handle, indices: Handle, updates: Handle, along: Along) => Handle,
  inputs: readonly Handle[],
  batched: readonly boolean[],
  along: Along,
  size: number,
): Handle {
  const shared = along.lead === 0 && !batched[1];
  const [x, indices, updates] = broadcastBatch(inputs, shared ? [batched[0], true, batched[2]] : batched, size);
  return scatter(x, indices, updates, onNextAxis(along, shared ? 0 : 1));
}

/** Inputs x, indices and updates. */
const SCATTER_ADD: CoreOp<Along> = /* @__PURE__ */ makeOp<readonly [Handle, Handle, Handle], Along>({
  name: "scatterAdd",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x, indices, updates], along) => {
    checkRange(along.where, indices, x.shape[along.axis]);
    if (!isZeros(x)) out.set(x.data);
    if (updates.size > 0) addInto(out, x.shape, indices, updates.data, along);
  },
  vjp: [({ yBar }) => yBar, null, ({ yBar, inputs: [, indices], attrs }) => gatherAlong(yBar, indices, attrs)],
  pushforward: ({ xDots: [xDot, , updatesDot], inputs: [x, indices], attrs }) =>
    updatesDot === null
      ? xDot
      : scatterAddAlong(xDot ?? makeFilled(x.shape, updatesDot.dtype, 0), indices, updatesDot, attrs),
  reads: { inputs: [false, true, false], output: false },
  batch: (inputs, batched, along, size) => scatterBatch(scatterAddAlong, inputs, batched, along, size),
  declares: {
    linear: "jointly",
    absorbing: true,
    selection: ({ axis, lead, trail }) => (lead + trail > 0 ? null : { base: 0, indices: 1, values: 2, axis }),
  },
});

/** What stands in x at the indices. */
export const gatherAlong = (x: Handle, indices: Handle, along: Along): Handle => apply(TAKE, [x, indices], along);

/** x plus updates at the indices: the transpose of gatherAlong. */
export const scatterAddAlong = (x: Handle, indices: Handle, updates: Handle, along: Along): Handle =>
  apply(SCATTER_ADD, [x, indices, updates], along);
