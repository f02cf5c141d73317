import type { Rows } from "../compiler";

/* The types that transforms give: gradients have those of their parameters, whatever these are made of. */

const LAYER = "readonly { readonly w: M<3, 4>; b?: V<4>; }[]";

const parameters: Rows = [
  ["exactly<Model>()(grad(cost)(model, ones([2, 3])))", "true"],
  ["exactly<Model>()(valueAndGrad(cost)(model, ones([2, 3]))[1])", "true"],
  ["exactly<Model>()(backward(sum(plain), model))", "true"],
  ["exactly<Model>()(batchGrad(sampleCost)(model, { x: ones([8, 3]), y: ones([8]) }).mean())", "true"],
  ["exactly<Model>()(hvp(cost)(model, model, ones([2, 3])))", "true"],
  ["exactly<Model>()(tree.map((p, g) => sub(p, mul(0.1, g)), model, grad(cost)(model, ones([2, 3]))))", "true"],
  ["exactly<Model>()({ ...grad(cost)(model, ones([2, 3])), extra: 1 })", "false"],
  ["grad((w: V<3>) => sum(w))(ones([3]))", "V<3>"],
  ["grad((w: V<3>) => sum(w))(plain)", "V<3>"],
  ["grad((w: number) => square(w))(3)", "number"],
  ["grad((w: Scalar) => square(w))(3)", "number"],
  ["grad((w: Scalar) => square(w))(scalar)", "Scalar"],
  ["grad((w: Scalar) => square(w))(tensor(3))", "Tensor<readonly []>"],
  ["valueAndGrad((w: Scalar) => mul(w, 2))(3)[1]", "number"],
  ["grad(grad((w: Scalar) => square(w)))(3)", "number"],
  ["grad((w: Value) => sum(w))(3)", "number"],
  ["grad((w: Tensor) => sum(w))(ones([3]))", "Tensor<any>"],
  ["grad(grad((w: number) => square(w)))(3)", "number"],
  ["grad(([a, b]: [V<3>, number]) => mul(sum(a), b))([ones([3]), 2])", "[V<3>, number]"],
  ["grad(([a, b]: readonly [V<3>, number]) => mul(sum(a), b))([ones([3]), 2])", "readonly [V<3>, number]"],
  ["grad((p: readonly V<3>[]) => sum(p[0]))([ones([3])])", "readonly V<3>[]"],
  ["grad((p: { w?: V<3> }) => 1)({})", "{ w?: V<3>; }"],
  [
    "grad((p: { w: V<3>; name: string }) => sum(p.w))",
    "(params: { w: V<3>; name: string; }) => { w: V<3>; name: never; }",
  ],
  ["valueAndGrad((w: number) => square(w))(3)", "[value: number, gradient: number]"],
  ["valueAndGrad((w: V<3>) => sum(w))(ones([3]))", "[value: Tensor<readonly []>, gradient: V<3>]"],
  [
    "valueAndGrad((w: V<3>) => [sum(w), { seen: w.size }], { aux: true })(ones([3]))",
    "[value: Tensor<readonly []>, gradient: V<3>, aux: { seen: number; }]",
  ],
  ["backward(sum(plain), [variable([1, 2]), variable(3)])", "(Tensor<readonly []> | Tensor<readonly [2]>)[]"],
];

const products: Rows = [
  [
    "vjp((a: V<3>, b: M<2, 3>) => mul(b, a), [ones([3]), ones([2, 3])])",
    "[output: Tensor<readonly [2, 3]>, pullback: (cotangent: Tensor<readonly [2, 3]>) => [a: V<3>, b: M<2, 3>]]",
  ],
  ["jvp((a: V<3>, b: number) => mul(a, b), [ones([3]), 2], [ones([3]), 1])", "[output: V<3>, tangent: V<3>]"],
  ["jacobian((a: V<3>) => matmul(ones([2, 3]), a))(ones([3]))", "Tensor<readonly [2, 3]>"],
  ["jacobian((a: number) => square(a))(2)", "number"],
  ["jacobian((a: number) => mul(ones([4]), a))(2)", "Tensor<readonly [4]>"],
  ["jacobian((a: Tensor) => tanh(a))(plain)", "Tensor<any>"],
  [
    "jacobian((a: { u: V<3>; v?: number }) => ({ y: tanh(a.u) }))({ u: ones([3]) })",
    "{ y: { u: Tensor<readonly [3, 3]>; v?: Tensor<readonly [3]>; }; }",
  ],
  ["hessian((a: V<3>) => sum(square(a)))(ones([3]))", "Tensor<readonly [3, 3]>"],
  [
    "hessian((a: { u: V<3>; v: number }) => mul(sum(a.u), a.v))({ u: ones([3]), v: 2 })",
    "{ u: { u: Tensor<readonly [3, 3]>; v: Tensor<readonly [3]>; }; v: { u: Tensor<readonly [3]>; v: number; }; }",
  ],
  ["hvp((a: V<3>) => sum(square(a)))(ones([3]), ones([3]))", "V<3>"],
];

const batches: Rows = [
  ["vmap((a: V<3>, b: M<3, 2>) => matmul(a, b))(ones([5, 3]), ones([5, 3, 2]))", "Tensor<readonly [number, 2]>"],
  ["vmap((a: number) => square(a))(ones([5]))", "Tensor<readonly [number]>"],
  ["vmap(where)(greater(ones([5]), 0), ones([5]), ones([5]))", "Tensor<any>"],
  [
    "vmap((a: V<3>) => ({ s: sum(a), a }))(ones([5, 3]))",
    "{ s: Tensor<readonly [number]>; a: Tensor<readonly [number, 3]>; }",
  ],
  [
    "vmap((a: V<3>, b: V<3>) => add(a, b), { inAxes: [0, null] })(ones([5, 3]), ones([3]))",
    "Tensor<readonly [number, 3]>",
  ],
  ["batchGrad(sampleCost)(model, { x: ones([8, 3]), y: ones([8]) })", "PerSampleGradient<Model>"],
  [
    "batchGrad((w: V<3>, x: V<3>) => sum(mul(w, x)))(ones([3]), ones([8, 3])).materialize()",
    "Tensor<readonly [number, 3]>",
  ],
  ["batchGrad((w: V<3>, x: V<3>) => sum(mul(w, x)))(ones([3]), ones([8, 3])).norms()", "Tensor<readonly [number]>"],
  [
    "batchGrad((p: { w: V<3>; b?: number }, x: V<3>) => sum(p.w))({ w: ones([3]) }, ones([8, 3])).norms({ perParameter: true })",
    "{ w: Tensor<readonly [number]>; b?: Tensor<readonly [number]>; }",
  ],
  ["batchGrad((w: V<3>, x: number, shared: V<4>) => mul(sum(w), x))(ones([3]), ones([8]), ones([4])).mean()", "V<3>"],
  [
    "scan((c: V<3>, x: V<3>) => [add(c, x), sum(c)], zeros([3]), ones([7, 3]))",
    "[carry: Tensor<readonly [3]>, ys: Tensor<readonly [number]>]",
  ],
  [
    "scan((c: { h: V<3>; n: number }, x: { u: V<3> }) => [c, { y: x.u }], { h: zeros([3]), n: 0 }, { u: ones([7, 3]) })",
    "[carry: { h: Tensor<readonly [3]>; n: number; }, ys: { y: Tensor<readonly [number, 3]>; }]",
  ],
  ["forLoop(0, 3, (i, c: V<3>) => add(c, i), zeros([3]))", "V<3>"],
  ["whileLoop((c: { i: Scalar }) => less(c.i, 3), (c) => ({ i: add(c.i, 1) }), { i: 0 })", "{ i: number; }"],
  ["cond(flag, (a: V<3>) => sum(a), (a) => mean(a), ones([3]))", "Tensor<readonly []>"],
];

const trees: Rows = [
  ["tree.map((leaf) => leaf.size, { w: ones([3]), b: [1] })", "{ w: number; b: number[]; }"],
  ["tree.map((leaf) => leaf.size, model).layers", LAYER.replace("M<3, 4>", "number").replace("V<4>", "number")],
  ["tree.map((p) => mul(p, 2), { w: ones([3]), b: 1 })", "{ w: Tensor<any>; b: Tensor<any>; }"],
  [
    "tree.map((p, g) => sub(p, g), { w: ones([3]), b: 1 }, { w: ones([3]), b: 2 })",
    "{ w: Tensor<readonly [3]>; b: number; }",
  ],
  ["tree.leaves(model)", "{ readonly path: string; readonly value: Value; }[]"],
];

const plainTensors: Rows = [
  ["wantsThree(plain)", "V<3>"],
  ["wantsThree(plain.sum({ axis: 0 }))", "V<3>"],
  ["wantsThree(stack([1, 2, 3]))", "V<3>"],
  ["wantsThree(where(less(ones([3]), 1), 1, 0))", "V<3>"],
  ["exactly<Model>()(grad(cost)(model, plain))", "true"],
  ["dot(plain, ones([3]))", "Tensor<readonly []>"],
  ["loss.crossEntropy(plain, plain)", "Tensor<readonly []>"],
  ["outer(plain, plain)", "Tensor<readonly [number, number]>"],
  ["[plain, ones([2])]", "Tensor<any>[]"],
  ["((): Scalar => plain)()", "Scalar"],
  ["batchGrad(sampleCost)(model, { x: plain, y: plain }).project(model)", "Tensor<readonly [number]>"],
];

const usersFunctions: Rows = [
  ["(a: Value, b: Value) => sum(add(mul(a, a), exp(b)))", "(a: Value, b: Value) => number | Tensor<readonly []>"],
  ["(<X extends Value>(x: X) => tanh(square(x)))(ones([3]))", "Tensor<readonly [3]>"],
  ["(<N extends number>(x: V<N>) => tanh(x))(ones([3]))", "V<3>"],
  ["(f: Unary) => f(ones([2, 3]))", "(f: Unary) => Tensor<readonly [2, 3]>"],
  ["(f: Binary) => f(ones([2, 1]), ones([3]))", "(f: Binary) => Tensor<readonly [2, 3]>"],
  ["(f: Comparison) => f(ones([2, 1]), 3)", "(f: Comparison) => Tensor<readonly [2, 1]>"],
  ["[1, 2, 3].filter((x) => greater(x, 1))", "number[]"],
  [
    "(x: Scalar) => { let y = x; for (let i = 0; i < 3; i++) { const a: Scalar = mul(y, 2); y = add(a, 1); } return y; }",
    "(x: Scalar) => Scalar",
  ],
  [
    "() => { let y = tensor(1); for (let i = 0; i < 3; i++) { const a = mul(y, 2); y = add(a, 1); } return y; }",
    "() => Tensor<readonly []>",
  ],
  ["(options?: AxisOption) => softmax(ones([2]), options)", "(options?: AxisOption) => Tensor<readonly [2]>"],
  ["(axis?: number) => softmax(ones([2]), { axis })", "(axis?: number) => Tensor<readonly [2]>"],
  ["(options?: ReduceOptions) => sum(ones([2, 3]), options)", "(options?: ReduceOptions) => Tensor<any>"],
  [
    "(axis?: number, keepDims?: boolean) => ones([2, 3]).mean({ axis, keepDims })",
    "(axis?: number, keepDims?: boolean) => Tensor<any>",
  ],
];

/** Comparisons have one signature, so that messages are one line; it stands for two overloads, and they for it. */
const overloads: Rows = [
  ["(f: ComparisonOverloads): Comparison => f", "(f: ComparisonOverloads) => Comparison"],
  ["(f: Comparison): ComparisonOverloads => f", "(f: Comparison) => ComparisonOverloads"],
  ["(f: ConnectiveOverloads): Connective => f", "(f: ConnectiveOverloads) => Connective"],
  ["(f: Connective): ConnectiveOverloads => f", "(f: Connective) => ConnectiveOverloads"],
];

export const transformed = { parameters, products, batches, trees, plainTensors, usersFunctions, overloads };
