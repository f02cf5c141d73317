/** Where a frame of a stack stands: `file:line:column`, null for a line that is no frame. */
function placeOfFrame(line: string): string | null {
  const found = /(?:\(|@|at (?:async )?)((?:file:\/\/|https?:\/\/|[A-Za-z]:[\\/]|\/)[^()]*?:\d+:\d+)\)?\s*$/.exec(line);
  return found === null ? null : found[1].replace(/^file:\/\//, "");
}

const fileOf = (place: string): string => place.replace(/:\d+:\d+$/, "");

/** The folder of the library: frames in it are not the user's. */
const folder = /* @__PURE__ */ (() => {
  const own = (new Error().stack ?? "")
    .split("\n")
    .map(placeOfFrame)
    .find((place) => place !== null);
  if (own === undefined || own === null) return null;
  return fileOf(own).replace(/(?:base[\\/])?[^\\/]*$/, "");
})();

/** The first line of a stack that is the user's own: `file:line:column`. */
export function userLine(stack = captured()): string | undefined {
  for (const line of stack.split("\n")) {
    const place = placeOfFrame(line);
    if (place === null || folder === null || place.startsWith(folder) || place.includes("node:internal")) continue;
    return place;
  }
  return undefined;
}

/**
 * The user's line, if the user called the function that stands `frames` calls above the caller of this one; undefined if
 * the library itself did. With frames Infinity the user's line, however many calls stand between.
 */
export function readingLine(frames: number): string | undefined {
  if (frames === Infinity) return userLine();
  const places = captured()
    .split("\n")
    .map(placeOfFrame)
    .filter((place) => place !== null);
  // This function, the one that captures, and the caller.
  const place = places[frames + 3];
  if (place === undefined || folder === null || place.startsWith(folder)) return undefined;
  return place.includes("node:internal") ? undefined : place;
}

/** A stack that is deep enough, where engines let that be asked for: rules within rules take many frames. */
function captured(): string {
  const limit: unknown = Reflect.get(Error, "stackTraceLimit");
  Reflect.set(Error, "stackTraceLimit", 100);
  const { stack } = new Error();
  Reflect.set(Error, "stackTraceLimit", limit);
  return stack ?? "";
}
