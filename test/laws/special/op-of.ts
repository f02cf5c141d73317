import * as gt from "gradtape";

/** Ops whose options are set, by the name of the op. */
const withOptions: Readonly<Record<string, (x: gt.Value) => unknown>> = {
  clip: (x) => gt.clip(x, -1, 1),
  polygamma: (x) => gt.polygamma(1, x),
};

export type Op = (...xs: gt.Value[]) => unknown;
/** The op of a row. */
export const opOf = (name: string): Op => {
  const found: unknown = withOptions[name] ?? Reflect.get(gt, name);
  return found as Op;
};
