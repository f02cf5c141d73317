// FAULTS 27: tensors that are strangers to each other share no memory that a user can see.
import {
  add,
  cast,
  defineOp,
  detach,
  exp,
  grad,
  greater,
  jvp,
  mul,
  ones,
  reshape,
  scan,
  stack,
  stopGradient,
  sum,
  type Tensor,
  tensor,
  unstack,
  variable,
  vjp,
  vmap,
  where,
  zeros,
  zerosLike,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../../errors/error-of";
import { untyped } from "../../support";

/** Sends the memory of an array to another thread, as postMessage does with a list of transferables. */
const transfer = (data: Tensor["data"]): void => {
  structuredClone(null, { transfer: [data.buffer as ArrayBuffer] });
};

test("to transfer the buffer of one tensor leaves all others as they are", () => {
  const tensors = Array.from({ length: 50 }, (_, i) => mul(ones([20]), i));
  transfer(tensors[10].data);
  expect(tensors.filter((_, i) => i !== 10).map((x) => sum(x).item())).toEqual(
    tensors.flatMap((_, i) => (i === 10 ? [] : [20 * i])),
  );
});

test("a clone of the elements carries nothing else", () => {
  const x = add(zeros([20]), 1);
  expect(structuredClone(x.data).buffer.byteLength).toBe(160);
});

test.each([
  ["float64", 1],
  ["float64", 8],
  ["float64", 9],
  ["float64", 5000],
  ["float32", 17],
  ["int32", 17],
  ["bool", 65],
] as const)("data of a %s tensor of %i elements is one array of its own", (dtype, size) => {
  for (const x of [zeros([size], { dtype }), exp(zeros([size])), mul(zeros([size], { dtype }), 2)]) {
    expect(x.data).toBe(x.data);
    expect(x.data.buffer.byteLength).toBe(x.data.byteLength);
  }
});

test("a number as a tensor gives one array as well", () => {
  const [x, y] = [tensor(3), sum(tensor([1, 2]))];
  expect(x.data).toBe(x.data);
  expect(y.data).toBe(y.data);
  expect([...x.data, ...y.data]).toEqual([3, 3]);
});

test("rows of a tensor do not share its memory", () => {
  const x = mul(ones([3, 40]), 2);
  const rows = [...unstack(x), reshape(x, [120])];
  for (const row of rows) transfer(row.data);
  expect(sum(x).item()).toBe(240);
});

test("the samples that a loop over a batch reads do not share its memory once they are read", () => {
  const kept: Tensor[] = [];
  const keep = defineOp<[x: Tensor]>({
    name: "keep",
    shape: ([x]) => x,
    evaluate: (output, [x]) => {
      kept.push(x);
      output.set(x.data);
    },
    vjp: [({ yBar }) => yBar],
  });
  const x = mul(ones([3, 40]), 2);
  vmap((row: Tensor) => keep(row))(x);
  expect(kept).toHaveLength(3);
  for (const row of kept) transfer(row.data);
  expect(sum(x).item()).toBe(240);
});

test("what an op reads is not copied, whether its value succeeds or throws", () => {
  const buffers: ArrayBufferLike[] = [];
  const wrong = defineOp<[x: Tensor]>({
    name: "wrong",
    shape: ([x]) => x,
    evaluate: (_, [x]) => {
      buffers.push(x.data.buffer);
      throw new Error("no");
    },
    vjp: [({ yBar }) => yBar],
  });
  const x = mul(ones([20]), 2);
  expect(() => wrong(x)).toThrow();
  expect(buffers[0].byteLength).toBeGreaterThan(160);
  // The failed value is over: this read is one from outside.
  expect(x.data.buffer.byteLength).toBe(160);
});

test("inside a gradient, a read of a parameter is a read from outside", () => {
  let seen = 0;
  grad((w: Tensor) => {
    seen = w.data.buffer.byteLength;
    return sum(w);
  })(mul(ones([20]), 2));
  expect(seen).toBe(160);
});

test("an adopted array is handed back as it is, a part of a larger buffer too", () => {
  const part = new Float64Array(100).subarray(10, 40);
  expect(tensor(part, { copy: false }).data).toBe(part);
});

test("a loop keeps what it carries apart from the memory that a user reads", () => {
  const start = mul(ones([20]), 1);
  const [end] = scan((carry: Tensor) => [mul(carry, 2), sum(carry)] as const, start, null, { length: 3 });
  transfer(end.data);
  expect(sum(start).item()).toBe(20);
});

test("elements that are gone are an error, and never numbers; variables and constants made of them before keep theirs", () => {
  const x = mul(ones([20]), 2);
  const holders = [variable(x), detach(x)];
  transfer(x.data);
  for (const read of [() => sum(x), () => x.toArray(), () => x.data, () => JSON.stringify(x)]) {
    expect(errorOf(read)).toContain("[tensor/transferred]");
  }
  expect(errorOf(() => sum(x))).toBe(
    "[tensor/transferred] data: the elements of a tensor of shape [20] were transferred away. Transfer a copy: x.data.slice().buffer.",
  );
  expect(String(x)).toBe("Tensor<float64>[20] transferred");
  for (const other of holders) expect(sum(other).item()).toBe(40);
});

test("a tensor has a shape of its own, which no other tensor and no argument shares (FAULTS 28)", () => {
  const sizes = [2, 2];
  const x = zeros(sizes);
  const made: readonly (readonly [string, Tensor])[] = [
    ["exp", exp(x)],
    ["add", add(x, 1)],
    ["detach", detach(x)],
    ["detach of a variable", detach(variable(x))],
    ["variable", variable(x)],
    ["stopGradient", stopGradient(x)],
    ["where", where(greater(x, 0), x, 0)],
    ["reshape", reshape(x, [2, 2, 1])],
    ["zerosLike", zerosLike(x)],
    ["cast", cast(x, "float32")],
  ];
  for (const [name, y] of made) {
    (untyped(y.shape) as number[])[0] = 1;
    expect([name, x.shape]).toEqual([name, [2, 2]]);
  }
  sizes[0] = 7;
  expect(x.shape).toEqual([2, 2]);
  expect(made[0]?.[1].shape).toEqual([1, 2]);
});

describe.each([1, 8, 9, 100, 5000])("a reshape of %i elements", (size) => {
  const numbers = (): Tensor => mul(ones([size]), 2);
  const values = (x: Tensor): number => sum(x).item();
  const orders: Readonly<Record<string, (x: Tensor, y: Tensor) => readonly Tensor[]>> = {
    "the original": (x) => [x],
    "the reshape": (_, y) => [y],
    "the original, then the reshape": (x, y) => [x, y],
    "the reshape, then the original": (x, y) => [y, x],
  };
  const sources: Readonly<Record<string, () => Tensor>> = {
    "a result": numbers,
    "a row": () => unstack(mul(ones([3, size]), 2))[1],
    "a variable": () => variable(numbers()),
    "what was read before": () => {
      const x = numbers();
      return x.data.length === size ? x : numbers();
    },
    "an adopted array": () => tensor(new Float64Array(size).fill(2), { copy: false }),
    "part of an adopted array": () => tensor(new Float64Array(size + 9).fill(2).subarray(4, size + 4), { copy: false }),
    "a reshape": () => reshape(numbers(), [size, 1, 1, 1]),
    "a row that a loop carries": () => {
      const rows: Tensor = mul(ones([3, size]), 2);
      return scan((_: Tensor, row: Tensor) => [reshape(row, [size]), 0] as const, numbers(), rows)[0];
    },
  };
  test.each(Object.keys(orders).flatMap((order) => Object.keys(sources).map((source) => [order, source] as const)))(
    "%s can be written and sent away, of %s, and nothing else changes",
    (order, source) => {
      const x = sources[source]();
      const [y, z] = [reshape(x, [1, size]), reshape(x, [size, 1, 1])];
      const [w, whole] = [reshape(y, [size]), stack([x, x])];
      const read = orders[order](x, y);
      for (const one of read) one.data.fill(7);
      for (const one of read) expect(values(one)).toBe(7 * size);
      const others = [x, y, z, w].filter((one) => !read.includes(one));
      for (const other of [...others, reshape(w, [1, 1, size])]) expect(values(other)).toBe(2 * size);
      for (const one of read) transfer(one.data);
      for (const other of others) {
        expect(values(other)).toBe(2 * size);
        expect(other.data).toBe(other.data);
      }
      expect(values(whole)).toBe(4 * size);
    },
  );
});

describe("a reshape of many elements", () => {
  const count = 1e6;
  const written = (f: () => unknown): number => {
    const before = process.memoryUsage().arrayBuffers;
    const kept = f();
    return kept === undefined ? 0 : process.memoryUsage().arrayBuffers - before;
  };
  test("allocates nothing, as the op, in its derivatives, or of an op of the user that declares it", () => {
    // Kept to the end, so that nothing large is given back while memory is counted.
    const start = ones([count]);
    const x = mul(start, 2);
    const again = defineOp<[x: Tensor]>({
      name: "again",
      shape: () => [10, count / 10],
      evaluate: () => {
        throw new Error("not needed");
      },
      vjp: [({ yBar }) => reshape(yBar, [count])],
      declares: { linear: "jointly", regroup: true },
    });
    const yBar = ones([count / 8, 8]);
    const [, pull] = vjp((x: Tensor) => reshape(x, [count / 8, 8]), [x]);
    const made = [
      () => reshape(x, [1000, 1000]),
      () => reshape(reshape(reshape(x, [1000, 1000]), [10, 100, 1000]), [count]),
      () => pull(yBar),
      () => jvp((x: Tensor) => reshape(x, [100, 10000]), [x], [x]),
      () => vmap((row: Tensor) => reshape(row, [2, 5]))(reshape(x, [count / 10, 10])),
      () => again(x),
    ];
    for (const f of made) expect(written(f)).toBeLessThan(count);
    // What other tests left may be collected in between: of several times, the one at which that did not happen.
    const sums = Array.from({ length: 5 }, () => written(() => add(x, start)));
    expect(Math.max(...sums)).toBeGreaterThan(2 * count);
  });

  test("computes an op that declares it where dtype or size differ", () => {
    const wrong = defineOp<[x: Tensor]>({
      name: "wrong",
      shape: (shapes) => shapes[0],
      dtype: () => "float32",
      evaluate: (output, [x]) => output.set(x.data),
      vjp: [({ yBar }) => cast(yBar, "float64")],
      declares: { regroup: true },
    });
    expect(wrong(ones([20])).data).toEqual(new Float32Array(20).fill(1));
  });
});

test.each([20, 5000])("a variable of a tensor of %i elements has memory of its own", (size) => {
  const x = mul(ones([size]), 2);
  const v = variable(x);
  x.data[0] = 7;
  v.data[1] = 9;
  expect([v.data[0], x.data[1]]).toEqual([2, 2]);
  const shared = variable(x, { copy: false });
  expect(shared.data[0]).toBe(7);
});
