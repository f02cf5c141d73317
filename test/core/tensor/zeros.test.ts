import { grad, mean, random, sum, type Tensor, take, tensor, trace, zeros } from "gradtape";
import { describe, expect, test } from "vitest";
import { withMonitor } from "../../../src/core/op/monitor";
import { broadcastToShape, reshapeTo } from "../../../src/core/op/sweep-ops";
import { isZeros, makeFilled } from "../../../src/core/tensor/handle";
import { toHandle } from "../../../src/core/tensor/tensor-argument";
import { batchGradBy } from "../../../src/per-sample/batch-grad";
import { nestedArrays } from "../../transforms/nested-arrays";

describe("zeros known as zeros", () => {
  test("stay so when they are reshaped and repeated", () => {
    const x = makeFilled([40, 3], "float64", 0);
    for (const y of [x, reshapeTo(x, [120]), broadcastToShape(x, [2, 40, 3]), makeFilled([], "float64", 0)]) {
      expect(isZeros(y)).toBe(true);
      expect(Array.from(y.data).every((v) => v === 0)).toBe(true);
    }
    for (const y of [makeFilled([3], "float32", 1), toHandle("test", tensor([0, 1]))]) expect(isZeros(y)).toBe(false);
  });

  test("no longer are when somebody has been handed their memory", () => {
    for (const size of [3, 400]) {
      const x = toHandle("test", zeros([size]));
      const before = reshapeTo(x, [size, 1]);
      expect(isZeros(x)).toBe(true);
      x.data[1] = 5;
      expect(isZeros(x)).toBe(false);
      expect(nestedArrays(sum(x))).toBe(5);
      expect(nestedArrays(sum(broadcastToShape(x, [2, size])))).toBe(10);
      expect(nestedArrays(sum(before))).toBe(0);
    }
  });

  test("are read by nobody: the gradient of an embedding is as long as what is taken of it", () => {
    const table = random.normal(random.key(1), [5000, 4]);
    const rows = tensor([3, 8, 3], { dtype: "int32" });
    const f = (t: Tensor): Tensor => sum(mean(take(t, rows), { axis: 0 }));
    const program = trace(grad(f))(table);
    expect(nestedArrays(sum(program.replay(table)))).toBeCloseTo(4, 12);
    let written = 0;
    const batch = tensor(
      [
        [3, 8, 3],
        [1, 1, 2],
      ],
      { dtype: "int32" },
    );
    const norms = (): Tensor =>
      batchGradBy("cheapest")((t: Tensor, at: Tensor) => sum(mean(take(t, at), { axis: 0 })))(table, batch).norms();
    withMonitor(
      {
        onValue: (_, __, outputs) => {
          for (const y of outputs) written += typeof y === "object" ? y.size : 1;
        },
        onEntry: () => undefined,
        rule: (_, __, ___, ____, run) => run(),
        step: (_, run) => run(),
      },
      norms,
    );
    expect(written).toBeLessThan(500);
    expect(nestedArrays(norms())).toEqual([
      expect.closeTo(Math.sqrt((4 * 5) / 9), 12),
      expect.closeTo(Math.sqrt((4 * 5) / 9), 12),
    ]);
  });
});
