import { describe, expect, test } from "vitest";
import { inferred } from "./cases/inferred";
import { firstLine, oneLine } from "./cases/refused";
import { transformed } from "./cases/transforms";
import { ask, type Rows, type Said } from "./compiler";
import { PRELUDE } from "./prelude";

/* Shapes in the types, as users meet them: what an editor shows, and what the compiler says. One program for all. */
const tables = [inferred, transformed, oneLine, firstLine].flatMap((families) => Object.values<Rows>(families));
const answers = ask(
  PRELUDE,
  tables.flatMap((rows) => rows.map(([code]) => code)),
);

function said(code: string): Said {
  const answer = answers.get(code);
  if (answer === undefined) throw new Error(`not asked: ${code}`);
  return answer;
}
const entries = (families: Readonly<Record<string, Rows>>): [string, Rows][] => Object.entries(families);

describe.each(entries({ ...inferred, ...transformed }))("types shown: %s", (_, rows) => {
  test.each(rows)("%s is %s", (code, shown) => {
    const { errors, shown: text } = said(code);
    expect({ errors, shown: text.replace(/\s+/g, " ") }).toEqual({ errors: [], shown });
  });
});

describe.each(entries(oneLine))("refused in one line: %s", (_, rows) => {
  test.each(rows)("%s: %s", (code, message) => {
    expect(said(code).errors).toEqual([message]);
  });
});

describe.each(entries(firstLine))("refused: %s", (_, rows) => {
  test.each(rows)("%s: %s", (code, message) => {
    expect(said(code).errors.map((text) => text.split("\n")[0])).toEqual([message]);
  });
});
