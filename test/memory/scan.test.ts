// A checkpointed scan holds about 2 sqrt(n) of its states during the backward pass, a plain one all n.
import { add, defineUnary, grad, mul, type Scalar, scan, sum, type Tensor, tensor } from "gradtape";
import { expect, test } from "vitest";

const STEPS = 1024;
/** Numbers of a state: 64 KB, so that nothing else counts. */
const SIZE = 8192;
const STATE = SIZE * 8;

/** Array buffers alive, in states, at the most; looked at during every 32nd run of the body. */
class Peak {
  states = 0;
  private readonly start: number;
  private runs = 0;
  constructor() {
    this.start = buffers();
  }
  look(): void {
    if (this.runs++ % 32 === 0) this.states = Math.max(this.states, (buffers() - this.start) / STATE);
  }
}

/** Bytes of array buffers. The second collection waits until what the first one found is given back. */
function buffers(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().arrayBuffers;
}

/** The most states alive while a gradient through a scan of `steps` steps is computed, and the gradient. */
function peakOf(steps: number, checkpoint: boolean | number): { readonly states: number; readonly gradient: Tensor } {
  const peak = new Peak();
  let entry = 0;
  // The identity, which looks at the memory once for each state that passes.
  const look = defineUnary({
    name: "look",
    value: (x) => {
      if (entry++ % SIZE === 0) peak.look();
      return x;
    },
    derivative: 1,
  });
  const body = (c: Tensor): readonly [Tensor, undefined] => [mul(0.999, add(look(c), mul(1e-4, mul(c, c)))), undefined];
  const cost = (c: Tensor): Scalar => sum(scan(body, c, undefined, { length: steps, checkpoint })[0]);
  const gradient = grad(cost)(tensor(Float64Array.from({ length: SIZE }, (_, i) => Math.sin(i))));
  return { states: peak.states, gradient };
}

test("1,024 steps with checkpoint: true hold at most 3 sqrt(n) states", { timeout: 300_000 }, () => {
  expect(globalThis.gc).toBeTypeOf("function");
  const { states } = peakOf(STEPS, true);
  expect(states).toBeLessThanOrEqual(3 * Math.sqrt(STEPS));
  // The measure sees states at all.
  expect(states).toBeGreaterThan(Math.sqrt(STEPS));
});

test("without checkpoint all states are held; the gradient is the same", { timeout: 300_000 }, () => {
  const [plain, segments] = [peakOf(512, false), peakOf(512, true)];
  expect(plain.states).toBeGreaterThan(512);
  expect(segments.states).toBeLessThanOrEqual(3 * Math.sqrt(512));
  expect(Array.from(segments.gradient.data)).toEqual(Array.from(plain.gradient.data));
});
