// Equations that say nothing sensible: see bad-input.test.ts.
import { einsum, tensor } from "gradtape";
import type { Row } from "./bad-arguments";

const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const b = tensor([
  [1, 2, 3, 4],
  [1, 2, 3, 4],
  [1, 2, 3, 4],
]);
const right = () => einsum("ij,jk->ik", a, b);
/** An equation, the column of the caret and what the error says. */
const points = (equation: string, column: number, says: string, hint: string): Row => [
  () => einsum(equation, a, b),
  `[einsum/equation] einsum: the equation, at character ${column}:\n  ${equation}\n  ${" ".repeat(column - 1)}^\n${says}. ${hint}`,
  right,
];

const EACH = 'Write one index for each axis, or "..." for all others.';
const TERMS = "Write one term for each operand, with commas between them.";

export const badEquations: Readonly<Record<string, readonly Row[]>> = {
  "equations of einsum": [
    points("ij,j1->i", 5, '"1" is neither an index nor part of "->", "," or "..."', "Indices are letters."),
    points("ij,jk-ik", 6, '"-" is neither an index nor part of "->", "," or "..."', "Indices are letters."),
    points("..ij,jk->ik", 1, '"." is neither an index nor part of "->", "," or "..."', "Indices are letters."),
    points(
      "ij,jk->iz",
      9,
      "index z of the output is in no operand",
      "Name an axis of an operand with it, or leave it out.",
    ),
    points("ij,jk->ii", 9, "the output has index i twice", "For a matrix with a given diagonal use diag."),
    points("ij->jk->ik", 7, "there is a second arrow", "Write one arrow, before the output."),
    points(
      "ij,jk->i,k",
      9,
      "there is one output, but a comma follows the arrow",
      "Write the terms of all operands before the arrow.",
    ),
    points("......,jk->k", 4, 'one term has "..." twice', "Name all but one group of axes with letters."),
    points("ijk,jk->i", 1, "operand 0 has 2 axes, its term 3 indices ([2, 3])", EACH),
    points("i,jk->i", 1, "operand 0 has 2 axes, its term 1 index ([2, 3])", EACH),
    points(
      "ij,ik->j",
      4,
      "index i has size 2 before, size 3 on axis 0 of operand 1",
      "Give axes of different sizes indices of their own; only size 1 broadcasts.",
    ),
    [
      () => einsum("ii->i", tensor([[1, 2, 3]])),
      "[einsum/equation] einsum: the equation, at character 2:\n  ii->i\n   ^\nindex i has size 1 before, size 3 on axis 1 of operand 0. A diagonal has two axes of one size.",
      () => einsum("ii,i->i", tensor([[2]]), tensor([1, 2, 3])),
    ],
    points(
      "...,...->...",
      5,
      '"..." stands for an axis of size 3 before, of size 4 here',
      "Sizes must be equal, or one of them 1.",
    ),
    points(
      "i...,...k->i",
      12,
      'operands have "...", the output does not',
      'Write "..." in the output, or sum the axes first.',
    ),
    points("ij", 1, "the equation has 1 term for 2 operands", TERMS),
    points("ij,jk,kl", 7, "the equation has 3 terms for 2 operands", TERMS),
    [
      () => einsum(2 as never, a, b),
      '[argument/string] einsum: equation must be a string such as "ij,jk->ik", got 2. The equation comes first, then the operands: einsum("ij,jk->ik", a, b).',
      right,
    ],
    [() => einsum("->"), "[einsum/operands] einsum: there are no operands. Give one tensor for each term.", right],
    [
      () => einsum("ij,jk->ik", a, 3 as never),
      "[argument/tensor] einsum: operand 1 must be a tensor, got 3. Make one with tensor(...).",
      right,
    ],
  ],
};
