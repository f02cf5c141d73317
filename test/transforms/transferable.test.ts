// FAULTS 4: tensors on their way to another thread.
import {
  add,
  concat,
  dtypeOf,
  full,
  grad,
  isTensor,
  matmul,
  mul,
  ones,
  random,
  sum,
  type Tensor,
  take,
  tensor,
  tree,
  variable,
  vmap,
  where,
} from "gradtape";
import { adam } from "gradtape/optim";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";

const sent = (data: unknown, transfer: ArrayBuffer[] = []): unknown => structuredClone(data, { transfer });

describe("what a clone leaves of a tensor", () => {
  const vector = structuredClone(tensor([1, 2]));
  const number = structuredClone(tensor(3));
  const HINT = "Clone or send tree.toTransferable(...), and read it with tree.fromTransferable(...).";

  test.each<[string, () => unknown, string]>([
    ["an operand", () => mul(vector, 2), "mul: a was a tensor"],
    ["a number as an operand", () => add(1, number), "add: b was a tensor"],
    ["an argument", () => sum(vector), "sum: x was a tensor"],
    ["a piece", () => concat([vector]), "concat: "],
    ["a matrix", () => matmul(vector, untyped(ones([2]))), "matmul: "],
    ["a condition", () => where(untyped(vector), 1, 2), "where: condition was a tensor"],
    ["indices", () => take(ones([2]), vector), "take: "],
    ["data", () => tensor(untyped(vector)), "tensor: "],
    ["an initial value", () => variable(untyped(vector)), "variable: "],
    ["a parameter", () => grad(() => 1)({ params: { w: vector } }), "grad: params.params.w was a tensor"],
    ["a mapped argument", () => vmap((x: Tensor) => x)(vector), "vmap: "],
    ["a leaf", () => tree.map((x) => x, [vector]), "tree.map: params[0] was a tensor"],
    ["gradients", () => adam({ rate: 1 }).init({ w: number }), "adam.init: params.w was a tensor"],
    ["something in question", () => isTensor(vector), "isTensor: "],
  ])("as %s", (_, call, start) => {
    const error = errorOf(call);
    expect(error).toContain(`[tensor/cloned] ${start}`);
    expect(error).toContain(HINT);
  });
});

test("a tensor as plain data, used as it is, says what makes a tensor of it", () => {
  const json: unknown = JSON.parse(JSON.stringify({ w: tensor([1, 2]) }));
  const { data } = tree.toTransferable({ w: tensor([1, 2]) });
  for (const params of [json, data]) {
    expect(errorOf(() => grad(() => 1)(params))).toBe(
      "[tree/leaf] grad: params.w is a tensor as plain data, neither a number nor a tensor. Make a tensor of it: tree.fromTransferable(...), or tensor(...).",
    );
  }
  expect(errorOf(() => sum(untyped(data.w)))).toContain("Make a tensor of it: tree.fromTransferable(...)");
});

describe("toTransferable and fromTransferable", () => {
  const whole = {
    float64: tensor([
      [1, -0],
      [Number.NaN, Number.POSITIVE_INFINITY],
    ]),
    float32: full([2, 3], 0.1, { dtype: "float32" }),
    int32: tensor([1, -2], { dtype: "int32" }),
    bool: tensor([true, false, true]),
    scalar: tensor(3),
    bit: tensor(true),
    empty: tensor([], { shape: [0, 4] }),
    large: mul(ones([5000]), 2),
    numbers: [1, 2.5, { deeper: -0 }],
    "__proto__ ": [],
  };

  test.each([
    ["transferred", true],
    ["copied", false],
  ])("give the same tree, %s", (_, transferred) => {
    const { data, transfer } = tree.toTransferable(whole);
    const there = tree.fromTransferable<typeof whole>(sent(data, transferred ? transfer : []));
    const [before, after] = [tree.leaves(whole), tree.leaves(there)];
    expect(after.map(({ path }) => path)).toEqual(before.map(({ path }) => path));
    after.forEach(({ value }, k) => {
      const { value: old } = before[k];
      expect(typeof value).toBe(typeof old);
      expect(dtypeOf(value)).toBe(dtypeOf(old));
      if (typeof old !== "number" && typeof value !== "number") {
        expect(value.shape).toEqual(old.shape);
        expect([...value.data]).toEqual([...old.data]);
        expect(value.watched).toBe(false);
      } else expect(value).toBe(old);
    });
  });

  test("share nothing with the tensors at home, nor with those made of the same data", () => {
    const home = mul(ones([20]), 3);
    const { data, transfer } = tree.toTransferable([home, home]);
    expect(new Set(transfer).size).toBe(2);
    const [first] = tree.fromTransferable<[Tensor]>([data[0]]);
    const [second] = tree.fromTransferable<[Tensor]>([data[0]]);
    expect(new Set([home, first, second].map((x) => x.data.buffer)).size).toBe(3);
    sent(data, transfer);
    expect([home, first, second].map((x) => sum(x).item())).toEqual([60, 60, 60]);
    expect(transfer.map((buffer) => buffer.byteLength)).toEqual([0, 0]);
  });

  test("hold nothing but what is sent", () => {
    const { data, transfer } = tree.toTransferable({ w: mul(ones([3]), 2) });
    expect(data).toEqual({ w: { dtype: "float64", shape: [3], data: Float64Array.of(2, 2, 2) } });
    expect(transfer.map((buffer) => buffer.byteLength)).toEqual([24]);
    expect(data.w.data.buffer).toBe(transfer[0]);
  });

  test("take variables, keys and states of optimizers", () => {
    const optimizer = adam({ rate: 0.1 });
    const params = { w: variable([1, 2]) };
    const [, state] = optimizer.update({ w: ones([2]) }, optimizer.init(params), params);
    const there = tree.fromTransferable<{ state: typeof state; key: random.Key }>(
      sent(tree.toTransferable({ state, key: random.key(7) }).data),
    );
    expect(optimizer.update({ w: ones([2]) }, there.state, { w: tensor([1, 2]) })[1].step).toBe(2);
    expect(random.uniform(there.key, [3]).toArray()).toEqual(random.uniform(random.key(7), [3]).toArray());
  });

  test("refuse what they cannot send, and what does not come from them", () => {
    expect(errorOf(() => tree.toTransferable({ f: untyped(() => 1) }))).toContain(
      "[tree/leaf] tree.toTransferable: params.f is",
    );
    expect(errorOf(() => vmap((x: Tensor) => mul(x, tree.toTransferable(x).transfer.length))(ones([2])))).toContain(
      "[trace/value]",
    );
    const from = (data: unknown) => errorOf(() => tree.fromTransferable(data));
    expect(from({ w: "x" })).toContain('[tree/leaf] tree.fromTransferable: data.w is "x"');
    expect(from({ dtype: "float16", shape: [1], data: new Float64Array(1) })).toContain("[dtype/unknown]");
    expect(from({ dtype: "float64", shape: [2], data: new Float64Array(1) })).toContain("[tensor/shape]");
    expect(from({ dtype: "float64", shape: [1], data: "x" })).toContain("[tensor/data]");
    expect(from(structuredClone(tensor([1])))).toContain("[tensor/cloned] tree.fromTransferable: data was a tensor");
  });
});
