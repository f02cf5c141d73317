/** The few pieces of HTML that the report is made of. */
import type { Table } from "../tables";

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A table whose first column heads its rows; it scrolls sideways by itself on a narrow screen. */
export function htmlTable({ caption, head, rows }: Table): string {
  const heading = (cell: string, scope: "col" | "row") => `<th scope="${scope}">${escapeHtml(cell)}</th>`;
  const body = rows.map(
    ([first = "", ...rest]) =>
      `<tr>${heading(first, "row")}${rest.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`,
  );
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(caption)}"><table>
<caption>${escapeHtml(caption)}</caption>
<thead><tr>${head.map((cell) => heading(cell, "col")).join("")}</tr></thead>
<tbody>${body.join("\n")}</tbody>
</table></div>`;
}

/** A picture with its caption. */
export function figure(svg: string, caption: string): string {
  return `<figure><div class="scroll">${svg}</div><figcaption>${caption}</figcaption></figure>`;
}

/** Gives an SVG, as a program wrote it, the name that a screen reader reads and a mouse shows; drops any XML prologue. */
export function entitled(svg: string, title: string): string {
  const root = svg.slice(svg.indexOf("<svg"));
  return root.replace(
    /^<svg([^>]*)>/,
    (_, attributes: string) =>
      `<svg${attributes} role="img" aria-label="${escapeHtml(title)}"><title>${escapeHtml(title)}</title>`,
  );
}
