import type { Scalar } from "gradtape";
import type { Case } from "../figure";

/** Counted, not timed; on the source, as the count is no part of the package. */
export const visits: Case = {
  name: "visits",
  title: "Entries of the tape that a sweep looks at (linear if the same for every length)",
  async run() {
    const { add, grad, mul } = await import("../../src/pure");
    const { entriesVisited } = await import("../../src/core/sweep/activity");
    return [1_000, 100_000, 1_000_000].map((ops) => {
      const gradient = grad((x: Scalar) => {
        let y = x;
        for (let i = 0; i < ops / 2; i++) y = add(mul(y, 0.999), 0.001);
        return y;
      });
      const before = entriesVisited();
      gradient(1);
      const label = `${ops.toLocaleString("en-US")} ops`;
      return { label, unit: "entries/op", samples: [(entriesVisited() - before) / ops] };
    });
  },
};
