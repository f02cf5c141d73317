// The program in a headless Chromium: in a page, in a module worker, and both again where no code but the server's own may
// run. The files of the package are served as they were packed. Run in a project that has it: node browser.mjs [chromium]
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const CHROMIUM = process.argv[2] ?? "chromium";
const PATIENCE = 120_000;
const PACKAGE = dirname(createRequire(import.meta.url).resolve("gradtape/package.json"));
const { exports: entries } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));

/** Where a module of the package stands on the server, by the name it is imported by. */
const imports = Object.fromEntries(
  Object.entries(entries)
    .filter(([, entry]) => typeof entry !== "string")
    .map(([path, entry]) => [path.replace(/^\./, "gradtape"), `/package/${entry.import.default}`]),
);
/** Workers have no import maps, and strict pages no inline scripts: there, names are replaced by addresses. */
const linked = (text) =>
  text.replace(
    /(\bfrom )"(gradtape[^"]*)"/g,
    (_, from, name) => `${from}"${new URL(imports[name], "http://localhost").pathname}"`,
  );

const html = (head) =>
  `<!doctype html><meta charset="utf-8"><title>gradtape</title>${head}<script type="module" src="page.mjs"></script>`;
const IMPORT_MAP = html(`<script type="importmap">${JSON.stringify({ imports })}</script>`);
const INLINE = html("<script>globalThis.inlineRan = true;</script>");
const STRICT = { "Content-Security-Policy": "script-src 'self'" };

/** What is at a path: text, its type, and headers. The first part of the path says which kind of page it belongs to. */
function find(path) {
  const [, kind, ...rest] = path.split("/");
  const name = rest.join("/");
  if (name.includes("..")) return null;
  if (kind === "package") return [readFileSync(resolve(PACKAGE, name), "utf8"), "text/javascript", {}];
  if (!["plain", "linked", "strict"].includes(kind)) return null;
  const headers = kind === "strict" ? STRICT : {};
  const page = { plain: IMPORT_MAP, linked: html(""), strict: INLINE }[kind];
  if (name === "page.html" || name === "worker.html") return [page, "text/html", headers];
  if (!["page.mjs", "worker.mjs", "trial.mjs", "program.mjs"].includes(name)) return null;
  const text = readFileSync(new URL(name, import.meta.url), "utf8");
  return [kind === "plain" ? text : linked(text), "text/javascript", headers];
}

let onReport = () => {};
const server = createServer(async (request, response) => {
  if (request.method === "POST") {
    let body = "";
    for await (const part of request) body += part;
    response.end();
    onReport(JSON.parse(body));
    return;
  }
  const found = find(new URL(request.url, "http://localhost").pathname);
  if (found === null) {
    response.writeHead(404).end();
    return;
  }
  const [text, type, headers] = found;
  response.writeHead(200, { "Content-Type": `${type}; charset=utf-8`, ...headers }).end(text);
});

/** What a browser of its own reports from a page. */
function visit(url) {
  const profile = mkdtempSync(join(tmpdir(), "gradtape-chromium-"));
  const flags = "headless no-sandbox disable-gpu disable-quic no-first-run disable-sync disable-component-update";
  const browser = spawn(
    CHROMIUM,
    [...flags.split(" "), "disable-background-networking", `user-data-dir=${profile}`].map((f) => `--${f}`).concat(url),
    { detached: true, stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  browser.stderr.on("data", (text) => {
    said += text;
  });
  return new Promise((done, fail) => {
    const failWith = (what) => fail(new Error(`${url}: ${what}\n${said}`));
    const timer = setTimeout(() => failWith(`no report after ${PATIENCE / 1000} s`), PATIENCE);
    browser.on("error", (error) => failWith(error.message));
    browser.on("exit", (code) => failWith(`the browser has ended with ${code}`));
    onReport = (report) => {
      clearTimeout(timer);
      done(report);
    };
  }).finally(async () => {
    browser.removeAllListeners("exit");
    const ended = new Promise((end) => browser.once("exit", end));
    // All its processes: it leads a group.
    if (browser.exitCode === null && browser.pid !== undefined) {
      process.kill(-browser.pid, "SIGKILL");
      await ended;
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
}

await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const origin = `http://localhost:${server.address().port}`;
const pages = {
  "plain/page.html": "a page with an import map",
  "linked/worker.html": "a module worker",
  "strict/page.html": "a page under script-src 'self'",
  "strict/worker.html": "a module worker under script-src 'self'",
};
try {
  let shown = "";
  for (const [path, what] of Object.entries(pages)) {
    const { error, lines, refused } = await visit(`${origin}/${path}`);
    if (error !== undefined) throw new Error(`${what}: ${error}`);
    const strict = path.startsWith("strict/");
    if (refused.eval !== strict) throw new Error(`${what}: eval is ${refused.eval ? "" : "not "}refused`);
    const text = lines.map((line) => `  ${line}`).join("\n");
    console.log(text === shown ? "  the same" : text);
    shown = text;
    const policy = strict ? `; refused: eval${refused.WebAssembly ? ", WebAssembly" : ""}` : "";
    console.log(`Chromium, ${what}: ok${policy}`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  server.close();
  server.closeAllConnections();
}
