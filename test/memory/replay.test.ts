// A replayed program holds what later steps still read, and not what every step gave.
import { defineOp, type Op, type Tensor, trace, vmap, zeros } from "gradtape";
import { expect, test } from "vitest";

const STEPS = 64;
/** Numbers of a value: 64 KB, so that nothing else counts. */
const SIZE = 8192;

/** Bytes of array buffers. The second collection waits until what the first one found is given back. */
function buffers(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().arrayBuffers;
}

/** The most values alive at a time, while a chain of steps is run by `run`; it puts what it makes into `kept`. */
function peakOf(run: (chain: (x: Tensor) => Tensor) => void, kept?: Tensor[]): number {
  let [start, most] = [0, 0];
  const step: Op<[x: Tensor]> = defineOp<[x: Tensor]>({
    name: "step",
    shape: ([shape]) => shape,
    evaluate: (output, [x]) => {
      output.set(x.data);
      if (start === 0) start = buffers();
      most = Math.max(most, (buffers() - start) / (SIZE * 8));
    },
    vjp: [({ yBar }) => yBar],
    batch: ([x]) => step(x),
  });
  run((x) => {
    let y = x;
    for (let i = 0; i < STEPS; i++) {
      y = step(y);
      kept?.push(y);
    }
    return y;
  });
  return most;
}

test("a tape that is replayed", () => {
  const x = zeros([SIZE]);
  expect(peakOf((chain) => trace(chain)(x).replay(x))).toBeLessThanOrEqual(3);
});

test("a function that is mapped", () => {
  expect(peakOf((chain) => vmap(chain)(zeros([2, SIZE / 2])))).toBeLessThanOrEqual(3);
});

test("a chain that keeps everything holds it, so the count can fail", () => {
  const kept: Tensor[] = [];
  expect(peakOf((chain) => chain(zeros([SIZE])), kept)).toBeGreaterThan(STEPS - 3);
  expect(kept.length).toBe(STEPS);
});
