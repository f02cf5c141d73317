import { type Complaint, checkAdjoint, checkForward, checkReverse } from "./compare";
import { type Settings, toleranceOf } from "./options";
import { probesOf, pullbackOf, pushforwardOf } from "./probe";
import type { Subject } from "./subject";

/** What is compared: the jvp and the vjp with a central difference, and with each other. */
export interface Comparisons {
  readonly forward: boolean;
  readonly reverse: boolean;
  readonly adjoint: boolean;
}

/** Checks the derivative of a subject in random directions: each leaf by itself, and all together. `of` ends the rule's name. */
export function checkDerivative(
  subject: Subject,
  settings: Settings,
  random: () => number,
  { forward, reverse, adjoint }: Comparisons,
  of = "",
): Complaint | null {
  for (const probe of probesOf(subject, settings.step, random)) {
    const tolerance = toleranceOf(settings, probe.precision.single, probe.precision.rough);
    const found =
      (forward ? checkForward(probe, `jvp${of}`, tolerance) : null) ??
      (reverse ? checkReverse(probe, `vjp${of}`, tolerance) : null) ??
      (adjoint ? checkAdjoint(probe, `vjp${of}`, tolerance) : null);
    if (found !== null) return found;
  }
  return null;
}

const CONSTANTS = "To the next derivative, whatever a rule reads with item, data or detach is a constant.";

/** The same for the derivative of the derivative: of the jvp and of the vjp, whichever the modes name. */
export function checkSecond(
  subject: Subject,
  settings: Settings,
  random: () => number,
  comparisons: Comparisons,
): Complaint | null {
  if (subject.leaves.length === 0) return null;
  const ofJvp = () => checkDerivative(pushforwardOf(subject, random), settings, random, comparisons, " of the jvp");
  const ofVjp = () => checkDerivative(pullbackOf(subject, random), settings, random, comparisons, " of the vjp");
  const found = (settings.forward ? ofJvp() : null) ?? (settings.reverse ? ofVjp() : null);
  if (found === null) return null;
  const input = found.input !== null && found.input < subject.leaves.length ? found.input : null;
  return { ...found, input, hint: `${found.hint} ${CONSTANTS}` };
}
