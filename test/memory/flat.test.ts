// Memory stays flat: what lives after 10,000 iterations is at most 2 MB more than what lived after 1,000.
import { describe, expect, test } from "vitest";
import { livePages } from "../../src/core/tape/page";
import { programs } from "./programs";

const FIRST = 1_000;
const LAST = 10_000;
const ALLOWED = 2 * 2 ** 20;
/** Pages that may live at any time: the current one, and those that a program still holds. */
const PAGES = 4;

const { gc } = globalThis;

/** Bytes alive: heap and array buffers after collection, with time for finalizers. */
async function alive(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("the collector can be called", () => {
  expect(gc).toBeTypeOf("function");
});

describe("after 10,000 iterations no more lives than after 1,000", () => {
  for (const [name, program] of Object.entries(programs)) {
    test(name, async () => {
      await alive();
      const before = livePages();
      const iterate = program();
      for (let i = 0; i < FIRST; i++) iterate();
      const first = await alive();
      for (let i = FIRST; i < LAST; i++) iterate();
      const last = await alive();
      const pages = livePages() - before;
      // Alive until here, with all it keeps.
      iterate();
      expect(last - first).toBeLessThanOrEqual(ALLOWED);
      expect(pages).toBeLessThanOrEqual(PAGES);
    });
  }
});
