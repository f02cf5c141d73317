import { batchGrad } from "gradtape";
import { batchGradBy } from "../../src/per-sample/batch-grad";

/** Ways to get the products: each is held to what a loop gives, in values and derivatives. */
export const builders: Readonly<Record<string, typeof batchGrad>> = {
  batchGrad,
  "batchGrad by rows": batchGradBy("rows"),
  "batchGrad by pairs": batchGradBy("pairs"),
};
