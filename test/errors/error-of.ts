import { GradtapeError } from "gradtape";

/** What a call throws; anything but an error of the library goes through. */
export function thrownBy(call: () => unknown): GradtapeError {
  try {
    call();
  } catch (error) {
    if (error instanceof GradtapeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** `[code] message` of what a call throws, or "no error". Anything but an error of the library goes through. */
export function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof GradtapeError) return `[${error.code}] ${error.message}`;
    throw error;
  }
  return "no error";
}
