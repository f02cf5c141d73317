import fc from "fast-check";
import { add, backward, grad, mul, type Scalar, square, sum, type Tensor, tensor, variable } from "gradtape";
import { describe, expect, test } from "vitest";
import { Activity, OBSERVED } from "../../../src/core/sweep/activity";
import { now, PAGE_SIZE, type Page, pageFor } from "../../../src/core/tape/page";
import { rootOf } from "../../../src/core/tape/strand";
import type { Handle } from "../../../src/core/tensor/handle";
import { toHandle } from "../../../src/core/tensor/tensor-argument";
import { expectEvery } from "../../support";

/** The page that would be appended to. */
const current = (): Page => pageFor(1);
const handle = (x: Scalar | Tensor): Handle => toHandle("test", x);
const pageOf = (x: Scalar | Tensor): Page | null | undefined => handle(x).strand?.page;

function chain(x: Tensor, length: number): Tensor {
  let y: Tensor = x;
  for (let i = 0; i < length; i++) y = add(mul(y, 0.999), 0.001);
  return y;
}

describe("pages", () => {
  test("only the youngest is appended to: an older page never grows again", () => {
    const step = fc.constantFrom("scalars", "tensors", "backward", "grad", "old tensor", "large tensors");
    const seen = new Set<Page>();
    const finished = new Map<Page, number>();
    const w = variable([1, 2, 3]);
    const old = square(w);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const kept: Tensor[] = [old];
        for (const name of steps) {
          if (name === "scalars") chain(variable(1), 700);
          if (name === "tensors") for (let i = 0; i < 300; i++) kept.push(mul(w, i));
          if (name === "backward") backward(chain(variable(2), 500), variable(1), { retain: true });
          if (name === "grad") grad((x: Scalar): Scalar => grad((y: Scalar): Scalar => mul(y, mul(y, y)))(x))(2);
          if (name === "old tensor") kept.push(add(old, kept[0]));
          if (name === "large tensors") kept.push(mul(variable(new Float64Array(50_000)), 2));
          const youngest = current();
          for (const [page, length] of finished) expect(page.length).toBe(length);
          for (const x of kept) seen.add(pageOf(x) ?? youngest);
          for (const page of seen) if (page !== youngest) finished.set(page, page.length);
          seen.add(youngest);
        }
      }),
    );
    expect(finished.size).toBeGreaterThan(3);
  });

  test("a page is full after PAGE_SIZE entries, or a megabyte of recorded values", () => {
    const first = current().number;
    chain(variable(1), PAGE_SIZE);
    expect(current().number - first).toBe(2);
    const before = current().number;
    const w = variable(new Float64Array(50_000));
    for (let i = 0; i < 12; i++) square(w);
    expect(current().number).toBeGreaterThan(before);
  });

  test("places are in the order of time, over pages", () => {
    const w = variable(1);
    let last = now();
    let y: Tensor = w;
    for (let i = 0; i < PAGE_SIZE + 100; i++) {
      y = add(y, 1);
      expect(now()).toBeGreaterThan(last);
      last = now();
    }
  });
});

describe("strands", () => {
  test("entries that know nothing of each other are pieces of their own, until they meet", () => {
    const [v, w] = [variable(1), variable(2)];
    const [a, b] = [square(v), square(w)];
    const strand = (x: Tensor) => rootOf(handle(x).strand as NonNullable<Handle["strand"]>);
    expect(strand(a)).not.toBe(strand(b));
    const both = add(a, b);
    expect(strand(a)).toBe(strand(b));
    expect(strand(both)).toBe(strand(a));
  });

  test("an old piece learns nothing of what was made from it later: only the younger strand refers to the older", () => {
    const w = variable(1);
    const old = chain(w, 10);
    const before = handle(old).strand;
    chain(variable(1), PAGE_SIZE);
    const young = mul(old, 2);
    expect(pageOf(young)).not.toBe(pageOf(old));
    const root = rootOf(handle(young).strand as NonNullable<Handle["strand"]>);
    expect(root.older?.size).toBe(1);
    expect([...(root.older ?? [])][0]).toBe(rootOf(before as NonNullable<Handle["strand"]>));
    expect(rootOf(before as NonNullable<Handle["strand"]>).older).toBeNull();
  });

  test("two old strands that are joined much later carry all gradients", () => {
    const [v, w] = [variable(2), variable(3)];
    const [a, b] = [chain(square(v), 3000), chain(square(w), 3000)];
    chain(variable(1), PAGE_SIZE);
    const c = chain(mul(a, b), 5000);
    const gradient = backward(c, { v, w }, { retain: true });
    const [aTimes, power] = [0.999 ** 3000, 0.999 ** 5000];
    expect(gradient.v.item()).toBeCloseTo(4 * aTimes * b.item() * power, 10);
    expect(gradient.w.item()).toBeCloseTo(6 * aTimes * a.item() * power, 10);
  });

  test("a tensor of an old page is used again long after", () => {
    const w = variable([1, 2]);
    const old = square(w);
    let total: Tensor = sum(old);
    for (let i = 0; i < 3; i++) total = add(chain(total, 3000), sum(mul(old, i)));
    const slope = 0.999 ** 9000 + 0.999 ** 3000 * 1 + 2;
    const want = [2 * slope, 4 * slope];
    const got = backward(total, w).data;
    want.forEach((x, i) => {
      expect(got[i]).toBeCloseTo(x, 10);
    });
  });

  test("thousands of chains side by side, joined at the end, are swept in linear time", () => {
    const xs = Array.from({ length: 3000 }, (_, i) => variable(i));
    let ys: Tensor[] = xs;
    for (let step = 0; step < 12; step++) ys = ys.map((y) => mul(y, 0.5));
    const total = ys.reduce((a, b) => add(a, b));
    const start = performance.now();
    const gradient = backward(total, xs);
    // Quadratic in the chains of a page it took seconds for every page.
    expect(performance.now() - start).toBeLessThan(2000);
    for (const g of gradient) expect(g.item()).toBe(0.5 ** 12);
  });
});

describe("activity", () => {
  test("leave clean scratch behind, whatever inputs are asked about", () => {
    const w = variable(3);
    const first = square(w);
    const early = mul(w, 5);
    const y = square(first);
    const late = mul(w, 7);
    expect(backward(y, [w, early, late, first], { retain: true }).map((g) => g.item())).toEqual([108, 0, 0, 18]);
    // What a dirty mark would say: that everything of this page depends on whatever is asked about.
    const probe = variable(1);
    const activity = new Activity([handle(mul(y, late))], [handle(probe)], true);
    expectEvery(activity.scratches, (scratch) => scratch.marks.every((mark) => (mark & ~OBSERVED) === 0));
    activity.release();
    const outer = grad(
      (v: Scalar): Scalar => sum(grad(([a, b]: [Scalar, Scalar]): Scalar => mul(a, mul(a, b)))([v, v])[1]),
    );
    expect(outer(3)).toBe(6);
  });

  test("a tensor in a long history is still tensor and number alike", () => {
    const w = tensor([0.5, -0.5]);
    const f = (x: Tensor): Scalar => chain(sum(chain(square(x), 2100)), 4100);
    const slope = 0.999 ** 6200;
    const got = grad(f)(w).data;
    expect(got[0]).toBeCloseTo(slope, 12);
    expect(got[1]).toBeCloseTo(-slope, 12);
  });
});
