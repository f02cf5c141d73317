// The program in a browser, and what the page's policy lets scripts do.
function refuses(f) {
  try {
    f();
    return false;
  } catch {
    return true;
  }
}

/** The lines of the program, or its error; whether code from text and WebAssembly are refused. */
export async function trial() {
  const refused = {
    eval: refuses(() => new Function("return 1")),
    // A module of nothing.
    WebAssembly: refuses(() => new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))),
  };
  try {
    const { run } = await import("./program.mjs");
    return { lines: run(), refused };
  } catch (error) {
    return { error: String(error?.stack ?? error) };
  }
}
