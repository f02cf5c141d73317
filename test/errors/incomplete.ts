// Wrong input of special functions: see bad-input.test.ts.
import { betainc, erfInv, gammainc, polygamma, type Tensor, tensor } from "gradtape";
import { untyped } from "../support";
import type { Row } from "./bad-arguments";

const two = tensor([0.1, 0.2]);
const three = tensor([0.1, 0.2, 0.3]);

export const badParameters: Readonly<Record<string, readonly Row[]>> = {
  "special functions": [
    [
      () => betainc(two, 3, three),
      "[shape/broadcast] betainc: shapes [2] and [3] do not broadcast: sizes 2 and 3 on axis -1. Sizes must be equal, or one of them 1.",
      () => betainc(tensor([1]), 3, three),
    ],
    [
      () => gammainc<Tensor, Tensor>(two, three),
      "[shape/broadcast] gammainc: shapes [2] and [3] do not broadcast: sizes 2 and 3 on axis -1. Sizes must be equal, or one of them 1.",
      () => gammainc(1, three),
    ],
    [
      () => betainc(1, untyped("2"), 0.5),
      '[argument/tensor] betainc: b must be a number or a tensor, got "2". Convert it to numbers first.',
      () => betainc(1, 2, 0.5),
    ],
    [
      () => betainc(untyped([1, 2]), 2, 0.5),
      "[argument/tensor] betainc: a must be a number or a tensor, got [1, 2]. Make one with tensor(...).",
      () => betainc(tensor([1, 2]), 2, untyped(0.5)),
    ],
    [
      () => gammainc(1, untyped(undefined)),
      "[argument/tensor] gammainc: b must be a number or a tensor, got undefined. Look for a missing argument, or a missing return.",
      () => gammainc(1, 2),
    ],
    [
      () => erfInv(untyped(null)),
      "[argument/tensor] erfInv: x must be a number or a tensor, got null. Look for a missing argument, or a missing return.",
      () => erfInv(0),
    ],
    [
      () => polygamma(-1, 2),
      "[argument/integer] polygamma: n must be an integer >= 0, got -1. The smallest allowed is 0.",
      () => polygamma(1, 2),
    ],
  ],
};
