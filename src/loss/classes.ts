import { fail, list } from "../base/errors";
import { type Shape, sameShape, stridesOf } from "../base/shape";
import { apply } from "../core/op/apply";
import { makeOp } from "../core/op/definition";
import type { CoreOp } from "../core/op/op";
import { broadcastBatch, reshapeTo } from "../core/op/sweep-ops";
import { Handle, makeTensor } from "../core/tensor/handle";
import type { Indices } from "../core/tensor/tensor";
import { readData } from "../ops/create/read-data";

/** Where a loss looks for its classes. */
export interface ClassAxis {
  readonly where: string;
  /** Shape of the logits. */
  readonly shape: Shape;
  readonly axis: number;
  /** Whether the logits are floats. */
  readonly float: boolean;
}

interface Known {
  readonly where: string;
  readonly count: number;
}

/** The shape of rows: without the class axis. */
export const rowShape = ({ shape, axis }: ClassAxis): Shape => shape.filter((_, i) => i !== axis);

const at = (flat: number, shape: Shape): string => {
  const position = stridesOf(shape).map((stride, i) => Math.floor(flat / stride) % shape[i]);
  return position.length === 0 ? "" : ` at ${list(position)}`;
};

function checkClass({ where, count }: Known, x: number, i: number, shape: Shape): void {
  if (Number.isInteger(x) && x >= 0 && x < count) return;
  const place = at(i, shape);
  if (Number.isInteger(x)) {
    fail(
      "loss/class",
      `${where}: class ${x}${place} is out of range.`,
      { class: x, count },
      count === 0 ? "There are no classes." : `Classes run from 0 to ${count - 1}.`,
    );
  }
  fail(
    "loss/class",
    `${where}: a class must be an integer, got ${x}${place}.`,
    { received: x },
    "For probabilities, give a float tensor: tensor(...).",
  );
}

/** The classes themselves, checked whenever their values are known: eagerly, mapped, replayed. */
const CLASSES: CoreOp<Known> = /* @__PURE__ */ makeOp<readonly [Handle], Known>({
  name: "checkClasses",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x], known) => {
    const data = x.data;
    for (let i = 0; i < out.length; i++) {
      checkClass(known, data[i], i, x.shape);
      out[i] = data[i];
    }
  },
  vjp: [null],
  batch: (inputs, batched, known, size) => apply(CLASSES, broadcastBatch(inputs, batched, size), known),
});

function targetHint({ where, shape, float }: ClassAxis, classes: boolean, given: Shape, rows: Shape): string {
  if (!float && !classes) return `Are the arguments swapped? Write ${where}(logits, target).`;
  if (!classes && sameShape(given, rows)) return 'If these are classes: cast(target, "int32").';
  if (classes && sameShape(given, shape)) return 'If these are probabilities: cast(target, "float64").';
  return classes ? "Give one class for each row of logits." : "Give one probability for each logit.";
}

/** A target given by a user: int32 classes with a class axis of size 1, or probabilities of the shape of the logits. */
export function readTarget(place: ClassAxis, target: Indices): Handle {
  const { where, shape, axis } = place;
  const known = { where, count: shape[axis] };
  const x = target instanceof Handle ? target : fromNumbers(known, target);
  if (x.dtype === "bool") {
    fail(
      "dtype/index",
      `${where}: a target must be int32 classes or float probabilities, got bool.`,
      { dtype: x.dtype },
      'cast(target, "float64") makes probabilities.',
    );
  }
  const rows = rowShape(place);
  const wanted = x.dtype === "int32" ? rows : shape;
  if (!sameShape(x.shape, wanted)) {
    const classes = x.dtype === "int32";
    const wish = classes ? `classes of shape ${list(rows)}` : `probabilities of shape ${list(shape)}`;
    fail(
      "loss/shape",
      `${where}: beside logits of shape ${list(shape)}, ${classes ? "an int32" : `a ${x.dtype}`} target must be ${wish}, got ${list(x.shape)}.`,
      { received: x.shape, expected: wanted, dtype: x.dtype },
      targetHint(place, classes, x.shape, rows),
    );
  }
  if (x.dtype !== "int32") return x;
  return reshapeTo(
    apply(CLASSES, [x], known),
    shape.map((size, i) => (i === axis ? 1 : size)),
  );
}

/** Plain numbers, arrays of them and typed arrays are classes. */
function fromNumbers(known: Known, target: Exclude<Indices, Handle>): Handle {
  const x = readData(known.where, target);
  if (x.dtype === "int32" || x.dtype === "bool") return x;
  const data = x.data;
  for (let i = 0; i < data.length; i++) checkClass(known, data[i], i, x.shape);
  return makeTensor(x.shape, "int32", Int32Array.from(data));
}
