// In a page: runs the program, here or in a module worker, and tells the server that sent it what came out.
const inWorker = location.pathname.endsWith("/worker.html");

/** What a module worker answers. */
function answerOf(worker) {
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ error: `the worker did not start: ${message}` });
  });
}

async function answer() {
  if (globalThis.inlineRan !== undefined) return { error: "an inline script has run: the page is not strict" };
  if (inWorker) return answerOf(new Worker("./worker.mjs", { type: "module" }));
  return (await import("./trial.mjs")).trial();
}

const body = await answer().catch((error) => ({ error: String(error?.stack ?? error) }));
await fetch("/report", { method: "POST", body: JSON.stringify(body) });
