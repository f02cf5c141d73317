import { GradtapeError } from "gradtape";

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
