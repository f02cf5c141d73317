// Counts the calls that run compiled, file by file, and leaves alone those of tests that are listed.
import { afterAll, beforeEach, expect, type RunnerTestCase, type RunnerTestSuite } from "vitest";
import { AS_IT_IS } from "./as-it-is";
import { compiling } from "./outermost";

compiling.calls = 0;
compiling.on = true;
/** How names of tests begin whose calls run as they are, and the names of all tests of the file. */
let listed: readonly string[] = [];
let names: readonly string[] = [];

type Task = RunnerTestCase | RunnerTestSuite;

/** The names of a test and of all it stands in, as one. */
const nameOf = (task: Task | undefined): string =>
  task === undefined ? "" : `${nameOf(task.suite)} ${task.name}`.trimStart();
const testsOf = (task: Task): Task[] => (task.type === "test" ? [task] : task.tasks.flatMap(testsOf));

beforeEach(({ task }) => {
  if (names.length === 0) {
    const path = task.file.name.replace(/^test\//, "").replace(/\.test\.ts$/, "");
    listed = AS_IT_IS.flatMap(({ tests = {} }) => tests[path] ?? []);
    names = testsOf(task.file).map(nameOf);
  }
  compiling.on = !listed.some((start) => nameOf(task).startsWith(start));
});

afterAll(() => {
  compiling.on = true;
  if (names.length === 0) return;
  expect(compiling.calls, "calls that ran compiled: is this file to be listed in as-it-is.ts?").not.toBe(0);
  expect(listed.filter((start) => !names.some((name) => name.startsWith(start)))).toEqual([]);
});
