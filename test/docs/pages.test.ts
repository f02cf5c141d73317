// Every page is in the documentation that is built, in reading order, and README names it.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const pages = ["docs", "docs/guides"].flatMap((folder) =>
  readdirSync(new URL(`../../${folder}`, import.meta.url))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`),
);

test("every page is listed in the reading order of the built documentation", () => {
  const { projectDocuments }: { projectDocuments: string[] } = JSON.parse(read("docs/typedoc.json"));
  const listed = projectDocuments.filter((path) => !path.startsWith("../")).map((path) => `docs/${path}`);
  expect([...listed].sort()).toEqual([...pages].sort());
});

test.each(pages)("README names %s", (page) => {
  expect(read("README.md")).toContain(`](${page}`);
});

test.each(["getting-started", "coming-from"])("%s leads to the sharp bits", (name) => {
  expect(read(`docs/guides/${name}.md`)).toContain("](sharp-bits.md)");
});

/** The comment above an exported function. */
function commentOf(file: string, name: string): string {
  const [before = ""] = read(file).split(new RegExp(`\nexport (?:function|const) ${name}\\b`));
  return before.slice(before.lastIndexOf("/**")).replace(/\s*\n \*\s*/g, " ");
}
const contract = ["dot", "outer", "matmul"].map((name): [string, string] => ["src/ops/contract/matmul.ts", name]);
const contractions = [...contract, ["src/ops/contract/einsum.ts", "einsum"] as const];
const sums = [
  ...["sum", "prod"].map((name): [string, string] => ["src/ops/reduce/reduction.ts", name]),
  ...["cumsum", "cumprod"].map((name): [string, string] => ["src/ops/order/cumulative.ts", name]),
];

// FAULTS 7.
test.each([...sums, ...contractions])("%s: %s says that int32 wraps", (file, name) => {
  expect(commentOf(file, name)).toMatch(/int32 wraps: (sums|products) are exact modulo 2³²/);
});

// FAULTS 10.
test.each(contractions)("%s: %s says that zeros do not protect", (file, name) => {
  expect(commentOf(file, name)).toMatch(/do(es)? not protect/);
});
