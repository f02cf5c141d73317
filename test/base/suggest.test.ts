import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "../../src/base/suggest";

describe("nearest", () => {
  it.each([
    ["axes", "axis"],
    ["keepdims", "keepDims"],
    ["keep_dims", "keepDims"],
    ["corection", "correction"],
    ["negativeslope", "negativeSlope"],
  ])("takes %s for %s", (name, meant) => {
    expect(nearest(name, ["dtype", "axis", "keepDims", "correction", "negativeSlope"])).toBe(meant);
  });

  it("suggests nothing where nothing is near", () => {
    expect(nearest("reduction", ["axis", "keepDims"])).toBeUndefined();
    expect(nearest("x", [])).toBeUndefined();
  });

  it("finds a name among others, with one letter missing too", () => {
    const names = ["axis", "keepDims", "negativeSlope", "approximate"];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(20), (name, at) => {
        const cut = at % name.length;
        expect(nearest(name, names)).toBe(name);
        expect(nearest(name.slice(0, cut) + name.slice(cut + 1), names)).toBe(name);
      }),
    );
  });
});
