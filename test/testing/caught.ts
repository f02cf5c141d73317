import { GradtapeError } from "gradtape";
import { expect } from "vitest";

/** What a check throws; fails if it throws nothing, or anything else than the error of a check. */
export function caught(check: () => void): GradtapeError {
  let error: unknown;
  try {
    check();
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof GradtapeError)) throw error ?? new Error("nothing was thrown");
  expect(error.code).toBe("testing/gradcheck");
  return error;
}
