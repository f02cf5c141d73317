import { contraction } from "./cases/contraction";
import { convolutions } from "./cases/convolution";
import { decompositions } from "./cases/decompositions";
import { elementwise } from "./cases/elementwise";
import { fourier } from "./cases/fourier";
import { indexing } from "./cases/indexing";
import { losses } from "./cases/losses";
import { movement } from "./cases/movement";
import { order } from "./cases/order";
import { reductions } from "./cases/reductions";
import { systems } from "./cases/systems";
import type { Line, Table } from "./line";

/** Every exported op, by family, in the order of the documentation. */
export const families: Readonly<Record<string, Table>> = {
  Elementwise: elementwise,
  Reductions: reductions,
  Movement: movement,
  Indexing: indexing,
  "Running sums, order": order,
  Contraction: contraction,
  Convolution: convolutions,
  Fourier: fourier,
  "Linear systems": systems,
  Decompositions: decompositions,
  Losses: losses,
};

export const linesOf = (entry: Line | readonly Line[]): readonly Line[] => ("op" in entry ? [entry] : entry);

/** Exported functions that are no ops, each kind with the reason why no law of an op applies to it. */
const NO_OPS: Readonly<Record<string, readonly string[]>> = {
  "make tensors and have no inputs": [
    "tensor",
    "variable",
    "zeros",
    "ones",
    "zerosLike",
    "onesLike",
    "eye",
    "linspace",
    "arange",
  ],
  "look at values": ["isTensor", "allClose", "shapeOf", "dtypeOf", "valueOf", "explain"],
  "transform functions": [
    "backward",
    "grad",
    "valueAndGrad",
    "vjp",
    "jvp",
    "vmap",
    "batchGrad",
    "trace",
    "stopGradient",
    "detach",
    "jacobian",
    "hessian",
    "hvp",
    "checkpoint",
    "customGradient",
    "scan",
    "forLoop",
    "whileLoop",
    "cond",
    "implicitRoot",
    "fixedPoint",
    "checkNumerics",
    "compile",
  ],
  "define ops": ["defineOp", "defineUnary", "defineBinary", "defineLinear", "defineBilinear", "defineReduction"],
  "are classes": ["GradtapeError"],
};

export const noOps: readonly string[] = Object.values(NO_OPS).flat();
