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
