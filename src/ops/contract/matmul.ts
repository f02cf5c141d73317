import { allocatingFor } from "../../base/allocate";
import type { TensorData } from "../../base/dtype";
import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { broadcastShapes, type Shape, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { lettersOf, stretched } from "../../core/op/letters";
import type { CoreOp } from "../../core/op/op";
import { promoted, reshapeTo, sumToShape } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { Product, Same } from "../../core/tensor/shape-types";
import type { Fits, Of, ShapeOf, Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import { gemm } from "../../numeric/matrix/gemm";
import { dotProducts } from "../../numeric/matrix/gemv";
import { alignBatches, commonLead, lead, matricesOf } from "./batch-of-matrices";

/** Whether the last two axes of an operand are read swapped. */
interface Sides {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const rows = (shape: Shape, swapped: boolean): number => shape[shape.length - (swapped ? 1 : 2)];
const columns = (shape: Shape, swapped: boolean): number => shape[shape.length - (swapped ? 2 : 1)];

function multiply(out: TensorData, a: Handle, b: Handle, { transposeA, transposeB }: Sides): void {
  const [m, k, n] = [rows(a.shape, transposeA), columns(a.shape, transposeA), columns(b.shape, transposeB)];
  const [widthA, widthB] = [a.shape[a.shape.length - 1], b.shape[b.shape.length - 1]];
  const [rowA, columnA] = transposeA ? [1, widthA] : [widthA, 1];
  const [rowB, columnB] = transposeB ? [1, widthB] : [widthB, 1];
  const [x, y] = [a.data, b.data];
  if (sizeOf(lead(b.shape)) === 1 && !transposeA && lead(a.shape).length >= lead(b.shape).length) {
    gemm(out, 0, x, 0, rowA, columnA, y, 0, rowB, columnB, sizeOf(lead(a.shape)) * m, k, n, false);
    return;
  }
  const result = broadcastShapes("matmul", lead(a.shape), lead(b.shape));
  const [left, right] = [matricesOf(a.shape, result), matricesOf(b.shape, result)];
  if (m === 1 && n === 1 && !(out instanceof Int32Array)) {
    dotProducts(out, x, left, y, right, k);
    return;
  }
  for (let i = 0; i < left.length; i++) {
    gemm(out, i * m * n, x, left[i] * m * k, rowA, columnA, y, right[i] * k * n, rowB, columnB, m, k, n, false);
  }
}

/** One matrix for all: the leading axes of the other operand can be read as more of its rows. */
const foldsRows = (a: Handle, b: Handle, sides: Sides): boolean =>
  a.shape.length > 2 && b.shape.length === 2 && !sides.transposeA;
const asMatrix = (x: Handle): Handle => reshapeTo(x, [sizeOf(x.shape.slice(0, -1)), x.shape[x.shape.length - 1]]);

const MATMUL: CoreOp<Sides> = /* @__PURE__ */ makeOp<readonly [Handle, Handle], Sides>({
  name: "matmul",
  shape: ([a, b], { transposeA, transposeB }) => {
    const [k, l] = [columns(a, transposeA), rows(b, transposeB)];
    if (k !== l) innerDiffer("matmul", a, b, k, l);
    return [...broadcastShapes("matmul", lead(a), lead(b)), rows(a, transposeA), columns(b, transposeB)];
  },
  dtype: ([dtype]) => dtype,
  evaluate: (out, [a, b], sides) => multiply(out, a, b, sides),
  vjp: [
    ({ yBar, inputs: [a, b], attrs: { transposeA, transposeB } }) =>
      sumToShape(transposeA ? product(b, yBar, transposeB, true) : product(yBar, b, false, !transposeB), a.shape),
    ({ yBar, inputs: [a, b], attrs }) => {
      const { transposeA, transposeB } = attrs;
      const [x, y] = foldsRows(a, b, attrs) ? [asMatrix(a), asMatrix(yBar)] : [a, yBar];
      return sumToShape(transposeB ? product(y, x, true, transposeA) : product(x, y, !transposeA, false), b.shape);
    },
  ],
  jvp: [
    ({ xDot, inputs: [, b], attrs: { transposeA, transposeB } }) => product(xDot, b, transposeA, transposeB),
    ({ xDot, inputs: [a], attrs: { transposeA, transposeB } }) => product(a, xDot, transposeA, transposeB),
  ],
  reads: { output: false },
  batch: (inputs, batched, attrs) => apply(MATMUL, alignBatches(inputs, batched), attrs),
  declares: { linear: "each", contraction: equationOf },
  lower: (on, [a, b], sides) => [on.product(equationOf([a.shape, b.shape], sides), a, b)],
});

/** The product of matrices as `einsum` writes it. */
function equationOf([a, b]: readonly Shape[], { transposeA, transposeB }: Sides): string {
  const out = commonLead("matmul", [a, b]);
  const letters = lettersOf(out.length);
  const [leadA, leadB] = [a, b].map((x) => stretched(lead(x), out, letters));
  return `${leadA}${transposeA ? "KM" : "MK"},${leadB}${transposeB ? "NK" : "KN"}->${letters}MN`;
}

/** The product of matrices of one dtype, either of them read transposed. */
export const product = (a: Handle, b: Handle, transposeA: boolean, transposeB: boolean): Handle =>
  apply(MATMUL, [a, b], { transposeA, transposeB });

function innerDiffer(where: string, a: Shape, b: Shape, k: number, l: number): never {
  return fail(
    "shape/inner-dimension",
    `${where}: inner sizes ${k} and ${l} differ in ${list(a)} x ${list(b)}.`,
    { a, b, inner: [k, l] },
    "The last axis of a and the last but one of b (the only one of a vector) must agree.",
  );
}

function pair(where: string, a: Tensor, b: Tensor): [Handle, Handle] {
  if (!(a instanceof Handle)) return notATensor(where, a, "a", true);
  if (!(b instanceof Handle)) return notATensor(where, b, "b", true);
  return promoted(a, b);
}

/**
 * Matrix product by the rules of NumPy: of matrices, of batches of them (leading axes broadcast), of a vector and a
 * matrix.
 *
 * Shape: `T[...A, m, k], T[...B, k, n] -> T[...broadcast, m, n]`; a vector stands for a row on the left and a column on
 * the right, and its axis is dropped from the result.
 *
 * `y[i, j] = sum_k a[i, k] b[k, j]`; cotangents `aBar = yBar bᵀ`, `bBar = aᵀ yBar`.
 *
 * Added up in the dtype of the result; int32 wraps: sums are exact modulo 2³².
 *
 * Infinities and NaN propagate to whole rows and columns, in the derivative too: zeros in a cotangent do not protect,
 * as 0 times NaN is NaN (the guide Numerics has the policy).
 * @param a - a tensor of rank 1 or more
 * @param b - a tensor of rank 1 or more
 * @returns the product, of the promoted dtype; 0-d for two vectors
 * @throws GradtapeError `shape/inner-dimension`, `shape/broadcast`, `shape/rank` for a single number, `argument/tensor`
 * @example
 * ```ts
 * import { matmul, tensor } from "gradtape";
 * const a = tensor([[1, 2], [3, 4]]);
 * matmul(a, a); // => [[7, 10], [15, 22]]
 * matmul(a, tensor([1, 1])); // => [3, 7]
 * ```
 */
export function matmul<A extends Tensor, B extends Tensor>(
  a: A,
  b: Fits<B, Product<ShapeOf<A>, ShapeOf<B>>, A>,
): Of<Product<ShapeOf<A>, ShapeOf<B>>>;
export function matmul(first: Tensor, second: Tensor): Tensor {
  refuseExtra("matmul", "a, b", 2, arguments);
  const [a, b] = pair("matmul", first, second);
  for (const [name, x] of [
    ["a", a],
    ["b", b],
  ] as const) {
    if (x.shape.length === 0) {
      fail("shape/rank", `matmul: ${name} is a single number.`, { name }, "Multiply by numbers with mul.");
    }
  }
  const [k, l] = [a.shape[a.shape.length - 1], b.shape[Math.max(0, b.shape.length - 2)]];
  if (k !== l) innerDiffer("matmul", a.shape, b.shape, k, l);
  const [vectorA, vectorB] = [a.shape.length === 1, b.shape.length === 1];
  const x = vectorA ? reshapeTo(a, [1, k]) : a;
  const y = vectorB ? reshapeTo(b, [l, 1]) : b;
  const z = product(x, y, false, false);
  const matrix = z.shape.slice(-2).filter((_, i) => !(i === 0 ? vectorA : vectorB));
  return vectorA || vectorB ? reshapeTo(z, [...lead(z.shape), ...matrix]) : z;
}

/**
 * Inner product of two vectors; for matrices see {@link matmul}.
 *
 * Shape: `T[n], T[n] -> T[]`.
 *
 * `y = sum a b`; cotangents `aBar = yBar b`, `bBar = yBar a`.
 *
 * The product of empty vectors is 0. NaN propagates, in the derivative too: a cotangent of 0 does not protect from Infinity and
 * NaN in the other vector. int32 wraps: sums are exact modulo 2³².
 * @param a - a vector
 * @param b - a vector of the same length
 * @returns a 0-d tensor of the promoted dtype
 * @throws GradtapeError `shape/rank`, `shape/inner-dimension`, `argument/tensor`
 * @example
 * ```ts
 * import { dot, tensor } from "gradtape";
 * dot(tensor([1, 2]), tensor([3, 4])); // => 11
 * ```
 */
export function dot<A extends Tensor, B extends Tensor>(
  a: A,
  b: Same<A, B> extends true ? B : Fits<B, Product<ShapeOf<A>, ShapeOf<B>>, A>,
): Tensor<readonly []>;
export function dot(first: Tensor, second: Tensor): Tensor {
  refuseExtra("dot", "a, b", 2, arguments);
  const [a, b] = vectors("dot", first, second);
  if (a.shape[0] !== b.shape[0]) innerDiffer("dot", a.shape, b.shape, a.shape[0], b.shape[0]);
  return reshapeTo(product(reshapeTo(a, [1, a.shape[0]]), reshapeTo(b, [b.shape[0], 1]), false, false), []);
}

/**
 * Products of every element of one vector with every element of another.
 *
 * Shape: `T[n], T[m] -> T[n, m]`.
 *
 * `y[i, j] = a[i] b[j]`; cotangents `aBar = yBar b`, `bBar = yBarᵀ a`.
 *
 * NaN propagates along its row or column, in the derivative too: zeros in a cotangent do not protect from Infinity and NaN.
 * int32 wraps: products are exact modulo 2³².
 * @param a - a vector
 * @param b - a vector
 * @returns a matrix of the promoted dtype
 * @throws GradtapeError `shape/rank`, `argument/tensor`
 * @example
 * ```ts
 * import { outer, tensor } from "gradtape";
 * outer(tensor([1, 2]), tensor([3, 4])); // => [[3, 4], [6, 8]]
 * ```
 */
export function outer<const N extends number, const M extends number>(
  a: Tensor<readonly [N]>,
  b: Tensor<readonly [M]>,
): Tensor<readonly [N, M]>;
export function outer(first: Tensor, second: Tensor): Tensor {
  refuseExtra("outer", "a, b", 2, arguments);
  const [a, b] = vectors("outer", first, second);
  return allocatingFor("outer", () =>
    product(reshapeTo(a, [a.shape[0], 1]), reshapeTo(b, [1, b.shape[0]]), false, false),
  );
}

function vectors(where: string, first: Tensor, second: Tensor): [Handle, Handle] {
  const [a, b] = pair(where, first, second);
  for (const [name, x] of [
    ["a", a],
    ["b", b],
  ] as const) {
    if (x.shape.length !== 1) {
      fail(
        "shape/rank",
        `${where}: ${name} must be a vector, got shape ${list(x.shape)}.`,
        { name, shape: x.shape },
        x.shape.length === 0 ? "Multiply by numbers with mul." : "For matrices use matmul.",
      );
    }
  }
  return [a, b];
}
