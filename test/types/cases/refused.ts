import type { Rows } from "../compiler";

/*
 * What does not compile, and the exact words. A mismatch of sizes is a sentence in the place of a type: one line. Where a
 * tensor is wanted whose shape is known already, the compiler explains itself on further lines; the first one is held.
 */
const refused = (got: string, wanted: string): string =>
  `Argument of type '${got}' is not assignable to parameter of type '${wanted}'.`;
/** A sentence that stands where the type of an argument should. */
const sentence = (got: string, text: string): string => refused(got, `"${text}"`);
const T = (...sizes: readonly (number | "number")[]): string => `Tensor<readonly [${sizes.join(", ")}]>`;
const PLAIN = "Tensor<any>";
const sizes = (x: number, y: number): string => `sizes ${x} and ${y} do not broadcast`;
const inner = (k: number, l: number): string => `matmul: inner sizes ${k} and ${l} differ`;
const unknownOption = (name: string, type: string): string =>
  `Object literal may only specify known properties, and '${name}' does not exist in type '${type}'.`;
const nearOption = (name: string, type: string, near: string): string =>
  `Object literal may only specify known properties, but '${name}' does not exist in type '${type}'. Did you mean to write '${near}'?`;

const creation: Rows = [
  ["zeros(3)", refused("number", "Shape")],
  ["zeros([2, '3'])", "Type 'string' is not assignable to type 'number'."],
  [
    "zeros([2], { dtype: 'float16' })",
    `Type '"float16"' is not assignable to type 'Dtype | undefined'. Did you mean '"float64"'?`,
  ],
  ["zeros([2], { type: 'float32' })", nearOption("type", "DtypeOption", "dtype")],
  ["eye([3])", refused("number[]", "number")],
  ["linspace(0, 1)", "Expected 3-4 arguments, but got 2."],
  ["cast(ones([2]), 'int64')", refused('"int64"', "Dtype")],
];

const broadcasting: Rows = [
  ["add(ones([2]), ones([3]))", sentence(T(3), sizes(2, 3))],
  ["mul(ones([2, 3]), ones([4]))", sentence(T(4), sizes(3, 4))],
  ["sub(ones([4]), ones([2, 3]))", sentence(T(2, 3), sizes(4, 3))],
  ["pow(ones([5, 2, 3]), ones([4, 1, 3]))", sentence(T(4, 1, 3), sizes(5, 4))],
  ["maximum(ones([2]), ones([3]))", sentence(T(3), sizes(2, 3))],
  ["atan2(ones([2]), ones([3]))", sentence(T(3), sizes(2, 3))],
  ["add(rows, ones([4]))", sentence(T(4), sizes(3, 4))],
  ["add(tensor([[1, 2]]), tensor([1, 2, 3]))", sentence(T(3), sizes(2, 3))],
  ["add(ones([2]), model.pair[1].transpose().mul(ones([3])))", sentence(T(3), sizes(2, 3))],
  ["ones([2, 3]).add(ones([4]))", sentence(T(4), sizes(3, 4))],
  ["ones([2, 3]).sub(ones([4, 3]))", sentence(T(4, 3), sizes(2, 4))],
  ["ones([2, 3]).mul(ones([2]))", sentence(T(2), sizes(3, 2))],
  ["ones([2, 3]).div(ones([2, 2]))", sentence(T(2, 2), sizes(3, 2))],
  ["rows.pow(ones([4]))", sentence(T(4), sizes(3, 4))],
];

const truth: Rows = [
  ["less(ones([2]), ones([3]))", sentence(T(3), sizes(2, 3))],
  ["equal(rows, ones([4]))", sentence(T(4), sizes(3, 4))],
  ["greater(ones([2, 3]), ones([4, 1]))", sentence(T(4, 1), sizes(2, 4))],
  ["logicalAnd(ones([2]), ones([3]))", sentence(T(3), sizes(2, 3))],
  ["logicalOr(less(ones([2]), 1), less(ones([3]), 1))", sentence(T(3), sizes(2, 3))],
];

const contraction: Rows = [
  ["matmul(ones([2, 3]), ones([4, 3]))", sentence(T(4, 3), inner(3, 4))],
  ["matmul(ones([3]), ones([4]))", sentence(T(4), inner(3, 4))],
  ["matmul(ones([3]), ones([4, 3]))", sentence(T(4, 3), inner(3, 4))],
  ["matmul(ones([2, 3]), ones([2]))", sentence(T(2), inner(3, 2))],
  ["matmul(ones([5, 2, 3]), ones([6, 3, 4]))", sentence(T(6, 3, 4), sizes(5, 6))],
  ["matmul(rows, ones([4, 3]))", sentence(T(4, 3), inner(3, 4))],
  ["matmul(transpose(ones([2, 3])), ones([3, 4]))", sentence(T(3, 4), inner(2, 3))],
  ["matmul(ones([2, 3]), 2)", refused("number", PLAIN)],
  ["ones([2, 3]).matmul(ones([4, 3]))", sentence(T(4, 3), inner(3, 4))],
  ["ones([2, 3]).transpose().matmul(ones([3, 4]))", sentence(T(3, 4), inner(2, 3))],
  ["dot(ones([3]), ones([4]))", sentence(T(4), inner(3, 4))],
];

const losses: Rows = [
  ["loss.mse(ones([2]), ones([3]))", sentence(T(3), sizes(2, 3))],
  ["loss.mae(ones([2, 3]), ones([2, 4]))", sentence(T(2, 4), sizes(3, 4))],
  ["loss.huber(ones([2]), ones([3]), { delta: 2 })", sentence(T(3), sizes(2, 3))],
  ["loss.hinge(ones([2]), ones([3]))", sentence(T(3), sizes(2, 3))],
  ["loss.bceWithLogits(rows, ones([4]))", sentence(T(4), sizes(3, 4))],
  ["loss.mse(1, 2, { reduction: 'avg' })", `Type '"avg"' is not assignable to type 'ReductionKind | undefined'.`],
];

const options: Rows = [
  ["sum(ones([2, 3]), { axes: 0 })", unknownOption("axes", "ReduceOptions<undefined, false>")],
  ["sum(ones([2, 3]), { keepdims: true })", nearOption("keepdims", "ReduceOptions<undefined, false>", "keepDims")],
  ["ones([2, 3]).max({ axes: 0 })", unknownOption("axes", "ReduceOptions<undefined, false>")],
  ["sum(ones([2, 3]), { axis: '0' })", "Type 'string' is not assignable to type 'Axis | undefined'."],
  ["softmax(ones([2, 3]), { dim: 0 })", unknownOption("dim", "SoftmaxOptions")],
  ["ones([2, 3]).logSoftmax({ dim: 0 })", unknownOption("dim", "SoftmaxOptions")],
  ["batchGrad(sampleCost, { chunck: 3 })", nearOption("chunck", "BatchGradOptions", "chunk")],
  ["softmax(3)", refused("number", PLAIN)],
];

/** The compiler explains these on further lines. */
const shapes: Rows = [
  ["wantsThree(ones([4]))", refused(T(4), "V<3>")],
  ["wantsThree(ones([3, 1]))", refused(T(3, 1), "V<3>")],
  ["wantsThree(softmax(ones([4])))", refused(T(4), "V<3>")],
  ["wantsThree(logSoftmax(ones([4])))", refused(T(4), "V<3>")],
  ["wantsThree(sum(ones([3, 4]), { axis: 0 }))", refused(T(4), "V<3>")],
  ["wantsThree(sum(ones([3, 4]), { axis: -2 }))", refused(T(4), "V<3>")],
  ["wantsThree(mean(ones([2, 3, 4]), { axis: [0, 1] }))", refused(T(4), "V<3>")],
  ["wantsThree(max(ones([3, 4]), { axis: 1, keepDims: true }))", refused(T(3, 1), "V<3>")],
  ["wantsThree(ones([3, 4]).mean({ axis: 0 }))", refused(T(4), "V<3>")],
  ["wantsThree(argmax(ones([3, 4])))", refused(T(), "V<3>")],
  ["wantsThree(reshape(ones([3]), [1, 3]))", refused(T(1, 3), "V<3>")],
  ["wantsThree(reshape(ones([3]), [-1]))", refused(T("number"), "V<3>")],
  ["wantsThree(reshape(plain, [3, -1]))", refused(T(3, "number"), "V<3>")],
  ["wantsThree(ones([3]).reshape([3, 1]))", refused(T(3, 1), "V<3>")],
  ["wantsThree(transpose(ones([3, 1])))", refused(T(1, 3), "V<3>")],
  ["wantsThree(ones([3, 1]).transpose([1, 0]))", refused(T(1, 3), "V<3>")],
  ["wantsThree(outer(ones([3]), ones([1])))", refused(T(3, 1), "V<3>")],
  ["wantsThree(zeros(sizes))", refused("Tensor<number[]>", "V<3>")],
  ["wantsThree(rows)", refused(T("number", 3), "V<3>")],
  ["wantsThree(tensor([1, 2, 3, 4]))", refused(T(4), "V<3>")],
  ["wantsThree(tensor([1, 2, 3], { shape: [3, 1] }))", refused(T(3, 1), "V<3>")],
  ["wantsThree(variable([1, 2, 3, 4]))", refused(T(4), "V<3>")],
  ["wantsThree(variable(ones([3]), { shape: [3, 1] }))", refused(T(3, 1), "V<3>")],
  ["wantsThree(full([4], 0))", refused(T(4), "V<3>")],
  ["wantsThree(linspace(0, 1, 4))", refused(T(4), "V<3>")],
  ["wantsThree(eye(3))", refused(T(3, 3), "V<3>")],
  ["wantsThree(3)", refused("number", "V<3>")],
  ["outer(ones([3, 2]), ones([4]))", refused(T(3, 2), T("number"))],
  ["stack([ones([3]), ones([4])])", `Type '${T(4)}' is not assignable to type 'number | boolean | ${T(3)}'.`],
  // One overload for a boolean, one for a tensor, so that the latter serves generic functions.
  ["where(flag, ones([2]), ones([3]))", "No overload matches this call."],
];

const transforms: Rows = [
  ["grad((w: V<3>) => square(w))", refused("(w: V<3>) => V<3>", "(params: V<3>) => Scalar")],
  ["grad((w: V<3>) => sum(w))(ones([4]))", refused(T(4), "V<3>")],
  ["grad(cost)(model, ones([2, 4]))", refused(T(2, 4), "M<2, 3>")],
  ["valueAndGrad((w: V<3>) => sum(w))(ones([4]))", refused(T(4), "V<3>")],
  ["vjp((a: V<3>) => sum(a), [ones([4])])", `Type '${T(4)}' is not assignable to type 'V<3>'.`],
  ["vjp((a: V<3>) => tanh(a), [ones([3])])[1](ones([4]))", refused(T(4), "V<3>")],
  ["jvp((a: V<3>) => tanh(a), [ones([3])], [ones([4])])", `Type '${T(4)}' is not assignable to type 'V<3>'.`],
  ["jacobian((a: V<3>) => tanh(a))(ones([4]))", refused(T(4), "V<3>")],
  ["jacobian((a: V<3>) => tanh(a), { mode: 'back' })", `Type '"back"' is not assignable to type 'Mode | undefined'.`],
  ["hessian((a: V<3>) => tanh(a))", refused("(a: V<3>) => V<3>", "(x: V<3>) => Scalar")],
  ["hvp((a: V<3>) => sum(a))(ones([3]), ones([4]))", refused(T(4), "V<3>")],
  ["vmap((a: V<3>) => sum(a))(ones([5, 4]))", refused(T(5, 4), `${T("number", 3)} | V<3>`)],
  [
    "batchGrad(sampleCost)(model, { x: ones([8, 4]), y: ones([8]) })",
    `Type '${T(8, 4)}' is not assignable to type '${T("number", 3)}'.`,
  ],
  ["scan((c: V<3>, x: V<3>) => [add(c, x), sum(c)], zeros([3]), ones([7, 4]))", refused(T(7, 4), T("number", 3))],
  ["backward(variable([1, 2]), plain)", refused(T(2), "Scalar")],
  ["grad((w: V<3>) => sum(w))(tensor([1, 2]))", refused(T(2), "V<3>")],
  [
    "tree.map((p, g) => sub(p, g), { w: ones([3]), b: 1 }, { w: ones([3]) })",
    refused(`{ w: ${T(3)}; }`, "{ w: Value; b: Value; }"),
  ],
];

/** The whole message is one line. */
export const oneLine = { creation, broadcasting, truth, contraction, losses, options };
/** Only the first line is compared. */
export const firstLine = { shapes, transforms };
