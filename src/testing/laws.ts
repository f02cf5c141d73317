import { Handle } from "../core/tensor/handle";
import type { Value } from "../core/tensor/tensor";
import { asHandle } from "../core/tensor/value";
import type { Complaint } from "./compare";
import type { Call, Finding } from "./declared/call";
import { checkDeclarations, everyCall, type Means } from "./declared/declarations";
import { checkFormula } from "./declared/formula";
import { checkDerivative, checkSecond } from "./derivatives";
import { checkAbsorbing } from "./law-absorbing";
import { checkBatch } from "./law-batch";
import { checkPrimal } from "./law-primal";
import { checkShape } from "./law-shape";
import { checkCompile, checkTrace } from "./law-trace";
import { type Law, toleranceOf } from "./options";
import { pullbackOf, pushforwardOf } from "./probe";
import { drawDirection } from "./random";
import { leavesOf, valuesAt } from "./subject";
import { complain, type Trial } from "./trial";

/** Every op on the tapes of the call, of its vjp and of its jvp, held to something: what is found first. */
function checkCalls(
  law: Law,
  { inputs, call, subject, random }: Trial,
  check: (made: Call) => Finding | null,
): Complaint | null {
  const complaints: Complaint[] = [];
  const hold = (f: (xs: readonly Value[]) => unknown, xs: readonly Value[]): boolean =>
    everyCall(
      (symbols) => leavesOf("checkOp", f(symbols)).flatMap(([, y]) => (y instanceof Handle ? [y] : [])),
      xs.map((x) => asHandle(x)),
      (made) => {
        const found = complaints.length > 0 ? null : check(made);
        if (found !== null) complaints.push(complain(law, found.text, found.got, found.want, found.hint));
      },
    );
  const derived = subject.leaves.length === 0 ? [] : [pullbackOf(subject, random), pushforwardOf(subject, random)];
  // Integers that the function asks for are not traced.
  if (!hold(call, inputs)) derived.unshift(subject);
  for (const one of derived) hold((xs) => one.call(xs), valuesAt(one));
  return complaints[0] ?? null;
}

/** What an op declares. */
function checkDeclares(trial: Trial): Complaint | null {
  const { random, settings } = trial;
  const means: Means = {
    random,
    draw: (size) => drawDirection(random, size),
    bounds: (single) => toleranceOf(settings, single, false),
  };
  return checkCalls("declares", trial, (made) => checkDeclarations(made, means));
}

/** How an op is held to each law. A law that needs a transform which does not exist yet is not here. */
const CHECKS: readonly (readonly [law: Law, check: (trial: Trial) => Complaint | null])[] = [
  ["shape", checkShape],
  ["declares", checkDeclares],
  ["primal", checkPrimal],
  [
    "formula",
    (trial) =>
      checkCalls("formula", trial, (made) =>
        checkFormula(made, trial.random, (single) => toleranceOf(trial.settings, single, false)),
      ),
  ],
  [
    "difference",
    ({ subject, settings, random }) =>
      checkDerivative(subject, settings, random, {
        forward: settings.forward,
        reverse: settings.reverse && !settings.forward,
        adjoint: false,
      }),
  ],
  [
    "adjoint",
    (trial) => {
      const { subject, settings, random } = trial;
      const adjoint = settings.forward && settings.reverse;
      const found = checkDerivative(subject, settings, random, { forward: false, reverse: false, adjoint });
      return found ?? checkAbsorbing(trial);
    },
  ],
  [
    "second order",
    ({ subject, settings, random }) => {
      if (settings.order === 1) return null;
      const { forward, reverse } = settings;
      return checkSecond(subject, settings, random, {
        forward,
        reverse: reverse && !forward,
        adjoint: forward && reverse,
      });
    },
  ],
  ["batch", checkBatch],
  ["trace", checkTrace],
  ["compile", checkCompile],
];

/**
 * The laws that `checkOp` holds an op to, in this order:
 *
 * - "shape": what the shape rule says is what evaluating gives; nothing is written beyond it.
 * - "declares": what an op declares of itself (linear, elementwise, contraction, regroup, scale, placement, selection) is
 *   what its evaluate does, as plain loops find out; of every op that the call, its vjp and its jvp are made of.
 * - "primal": the value of jvp and vjp is the value, bit by bit; and being observed never changes a value: results and
 *   gradients are the same whether nothing is tracked, a variable is, or an outer transform observes them. Dtypes in and out
 *   of jvp and vjp agree, a number in gives a number out, and nothing that they return is watched.
 * - "formula": what the formula of an op says is what its evaluate does, at the numbers of the case and at others, in float64 and
 *   float32, and in int32 where the case has it; of every op that the call, its vjp and its jvp are made of. float64 and int32 bit by bit, but
 *   where functions are expanded.
 * - "difference": the jvp equals a central difference.
 * - "adjoint": the vjp is the transpose of the jvp, `<yBar, J xDot> = <transpose(J) yBar, xDot>`; and every component of
 *   both is a sum over the dense Jacobian in which exactly 0 absorbs, with zeros and huge numbers among cotangents and
 *   tangents, and Infinity where ops are elementwise or select.
 * - "second order": the same two for the derivative of the op, by jvp and by vjp.
 * - "batch": vmap equals a stack of calls, whichever inputs are mapped; of the gradient too.
 * - "trace": traced and replayed equals called, bit by bit; of the gradient too.
 * - "compile": compiled gives what a call gives, up to rounding; of the gradient too.
 *
 * @example
 * ```ts
 * import { laws } from "gradtape/testing";
 * laws.includes("adjoint"); // => true
 * ```
 */
export const laws: readonly Law[] = /* @__PURE__ */ CHECKS.map(([law]) => law);

/** Holds a trial to a law. */
export const checkLaw = (law: Law, trial: Trial): Complaint | null =>
  CHECKS.find(([name]) => name === law)?.[1](trial) ?? null;
