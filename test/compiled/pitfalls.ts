// Stands for "gradtape/pitfalls" in the suite that runs compiled.
import * as pitfalls from "../../src/pitfalls/index.ts";
import { asItIs, givesCompiled } from "./outermost";

export * from "../../src/pitfalls/index.ts";

export const averagedErrorGrad = givesCompiled(pitfalls.averagedErrorGrad);
export const averagedInputGrad = givesCompiled(pitfalls.averagedInputGrad);
/** It compares numbers of gradients. */
export const comparePitfalls = asItIs(pitfalls.comparePitfalls);
