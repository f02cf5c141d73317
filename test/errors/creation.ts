// Data, positions and values that cannot be read: see bad-input.test.ts.
import { add, full, loss, matmul, slice, type Tensor, tensor, tile, variable, vmap, where } from "gradtape";
import type { Row } from "./bad-arguments";

const a: Tensor = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const b: Tensor = tensor([1, 2]);
const any = (x: unknown) => x as never;
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
const json = (data: unknown) => any({ dtype: "float64", shape: [1], data });

export const badData: Readonly<Record<string, readonly Row[]>> = {
  "data of tensors": [
    [
      () => tensor(any([1]), { copy: false }),
      "[tensor/copy] tensor: with copy: false data must be a typed array of the tensor's dtype, got [1] for float64. float64 is held by a Float64Array, float32 by a Float32Array, int32 by an Int32Array, bool by a Uint8Array.",
      () => tensor(Float64Array.of(1), { copy: false }),
    ],
    [
      () => tensor(any(nested(33))),
      "[tensor/data] tensor: data must be nested at most 32 deep. Give a flat array, and reshape it.",
      () => tensor(any(nested(32))),
    ],
    [
      () => tensor(json("1")),
      '[tensor/data] tensor: data of a toJSON object must be an array, got "1". Pass the object as toJSON() made it.',
      () => tensor(json([1])),
    ],
    [
      () => tensor(json(["one"])),
      '[tensor/data] tensor: data[0] must be a number or a boolean, got "one". Only "NaN", "Infinity" and "-Infinity" may stand as text.',
      () => tensor(json(["NaN"])),
    ],
    [
      () => tensor(any([[null]])),
      "[tensor/data] tensor: data[0][0] must be a number or a boolean, got null. Use NaN for a missing value.",
      () => tensor([[Number.NaN]]),
    ],
    [
      () => tensor(any([{}])),
      "[tensor/data] tensor: data[0] must be a number or a boolean, got an object. Convert it to numbers first.",
      () => tensor([0]),
    ],
    [
      () => tensor(any(new DataView(new ArrayBuffer(8)))),
      "[tensor/data] tensor: data must be a number, a boolean, an array of them, a typed array or a result of toJSON, got a DataView. Convert it to numbers first.",
      () => tensor(new Float64Array(1)),
    ],
    [
      () => tensor(any(BigInt64Array.of(1n))),
      "[tensor/data] tensor: data must be a number, a boolean, an array of them, a typed array or a result of toJSON, got a BigInt64Array. Convert it first: Float64Array.from(data, Number).",
      () => tensor(Float64Array.from(BigInt64Array.of(1n), Number)),
    ],
    [
      () => tensor(any("1")),
      '[tensor/data] tensor: data must be a number, a boolean, an array of them, a typed array or a result of toJSON, got "1". Convert it to numbers first.',
      () => tensor(1),
    ],
    [
      () => tensor(any(new Set([1]))),
      "[tensor/data] tensor: data must be a number, a boolean, an array of them, a typed array or a result of toJSON, got a Set. Convert it to numbers first.",
      () => tensor([...new Set([1])]),
    ],
    [
      () => full([2], any("1")),
      '[argument/tensor] full: value must be a number, a boolean or a tensor, got "1". Convert it to numbers first.',
      () => full([2], 1),
    ],
  ],
  "values and positions": [
    [
      () => b.item(),
      "[tensor/item] item: the tensor must have one element, got shape [2]. Use x.toArray() for all elements, x.at(...) for one of them.",
      () => b.at(0).item(),
    ],
    [
      () => vmap((x: Tensor) => variable(x))(a),
      "[trace/value] variable: a symbolic tensor of shape [3] has no values to start a variable from. Inside vmap and trace, differentiate with grad.",
      () => variable(a),
    ],
    [
      () => slice(a, any({ start: 1 })),
      "[argument/slice] slice: parts must be an array, one per leading axis, got an object. Write slice(x, [part]).",
      () => slice(a, [{ start: 1 }]),
    ],
    [
      () => tile(b, any("2")),
      '[argument/integer] tile: repetitions must be an integer or an array of integers, got "2". A single number repeats along the last axis.',
      () => tile(b, 2),
    ],
    [
      () => where(any(b), b, 0),
      "[dtype/unsupported] where: condition must be a bool tensor, got float64. Compare first: greater(x, 0).",
      () => where(tensor([true, false]), b, 0),
    ],
    [
      () => matmul(a, any(tensor(2))),
      "[shape/rank] matmul: b is a single number. Multiply by numbers with mul.",
      () => matmul(a, a.transpose()),
    ],
    [
      () =>
        add(
          b,
          any(() => b),
        ),
      "[argument/tensor] add: b must be a number or a tensor, got a function. Pass what the function returns.",
      () => add(b, b),
    ],
  ],
  "targets of losses": [
    [
      () => loss.crossEntropy(a, any(tensor([true, false]))),
      '[dtype/index] loss.crossEntropy: a target must be int32 classes or float probabilities, got bool. cast(target, "float64") makes probabilities.',
      () => loss.crossEntropy(a, [1, 0]),
    ],
    [
      () => loss.crossEntropy(a, any(tensor([0.5, 0.5]))),
      '[loss/shape] loss.crossEntropy: beside logits of shape [2, 3], a float64 target must be probabilities of shape [2, 3], got [2]. If these are classes: cast(target, "int32").',
      () => loss.crossEntropy(a, [1, 0]),
    ],
    [
      () =>
        loss.crossEntropy(
          a,
          any(
            tensor(
              [
                [0, 0, 1],
                [0, 1, 0],
              ],
              { dtype: "int32" },
            ),
          ),
        ),
      '[loss/shape] loss.crossEntropy: beside logits of shape [2, 3], an int32 target must be classes of shape [2], got [2, 3]. If these are probabilities: cast(target, "float64").',
      () => loss.crossEntropy(a, [2, 1]),
    ],
    [
      () => loss.crossEntropy(a, any(tensor([[0.5, 0.5]]))),
      "[loss/shape] loss.crossEntropy: beside logits of shape [2, 3], a float64 target must be probabilities of shape [2, 3], got [1, 2]. Give one probability for each logit.",
      () =>
        loss.crossEntropy(
          a,
          tensor([
            [0, 0, 1],
            [0, 1, 0],
          ]),
        ),
    ],
  ],
};
