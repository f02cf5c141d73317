// docs/guides/errors.md lists every code that src can throw, and no other.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const src = join(root, "src");

/** Codes that stand as first argument of `fail(...)`, which may begin on the next line. */
function thrown(): string[] {
  const codes = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .flatMap((entry) =>
      [...readFileSync(join(entry.parentPath, entry.name), "utf8").matchAll(/\bfail\(\s*"([^"]+)"/g)].map(
        ([, code]) => code,
      ),
    );
  return [...new Set(codes)].sort();
}

test("the guide on errors has a row for every code", () => {
  const guide = readFileSync(join(root, "docs", "guides", "errors.md"), "utf8");
  const listed = [...guide.matchAll(/^\| `([a-z-]+\/[a-z-]+)` \|/gm)].map(([, code]) => code);
  expect(listed.length).toBe(new Set(listed).size);
  expect([...listed].sort()).toEqual(thrown());
});
