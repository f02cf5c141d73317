/**
 * Wrong ways to a batch gradient, exactly as people take them: to be compared with the right one.
 *
 * @module gradtape/pitfalls
 */
export { averagedErrorGrad } from "./averaged-error";
export { averagedInputGrad } from "./averaged-input";
export { comparePitfalls, type PitfallReport, type PitfallRow } from "./compare";
