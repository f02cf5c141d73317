import { choiceCalls } from "./choice";
import { contractionCalls } from "./contraction";
import { convolutionCalls } from "./convolution";
import { decompositionCalls } from "./decompositions";
import { fourierCalls } from "./fourier";
import { incompleteCalls } from "./incomplete";
import { indexingCalls } from "./indexing";
import { lossCalls } from "./losses";
import { movementCalls } from "./movement";
import { orderCalls } from "./order";
import { reductionCalls } from "./reductions";
import type { Call, Rows } from "./row";
import { systemCalls } from "./systems";

/** Calls at special values, by op, of all families. */
export const specialCalls: Rows<Call> = {
  ...choiceCalls,
  ...reductionCalls,
  ...movementCalls,
  ...indexingCalls,
  ...orderCalls,
  ...contractionCalls,
  ...convolutionCalls,
  ...decompositionCalls,
  ...fourierCalls,
  ...incompleteCalls,
  ...systemCalls,
  ...lossCalls,
};
