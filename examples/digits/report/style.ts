/** The report's style sheet: one column, light or dark as the reader's system is. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fdfdfc; --ink: #1d2126; --faint: #5b636e; --line: #d5d9de;
  --first: #0b62c4; --second: #c2410c; --good: #1a7f37; --bad: #c2262e; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171b; --ink: #e4e7eb; --faint: #a3abb5; --line: #3a4149;
    --first: #6cb2ff; --second: #ff9d5c; --good: #57c873; --bad: #ff7b80; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; }
h1 { line-height: 1.2; margin: 0 0 .5rem; }
h2 { margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
p, ul.checks { max-width: 46rem; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
pre { font-size: .8rem; line-height: 1.4; white-space: pre-wrap; }
small, figcaption, caption { color: var(--faint); }
.scroll { overflow-x: auto; }
figure { margin: 1rem 0; }
figcaption { font-size: .9rem; max-width: 46rem; }
figure svg { max-width: 100%; height: auto; display: block; }
.pair, .tape { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem 2rem; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .4rem; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
thead th { white-space: normal; vertical-align: bottom; }
th:first-child { text-align: left; padding-left: 0; }
.confusion td, .confusion th { text-align: center; min-width: 2.2rem; padding: .2rem .4rem; }
.confusion .hit { background: color-mix(in srgb, var(--good) 18%, transparent); }
.confusion .miss { background: color-mix(in srgb, var(--bad) 25%, transparent); font-weight: 600; }
.confusion .none { color: var(--faint); }
.checks { list-style: none; padding: 0; }
.checks .holds::before { content: "✓ "; color: var(--good); }
.checks .fails::before { content: "✗ "; color: var(--bad); }
.digits { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(4.8rem, 1fr)); gap: 1rem .9rem; }
.digits svg { width: 4rem; height: 4rem; border: 1px solid var(--line); display: block; }
.digits span { font-size: .85rem; line-height: 1.3; display: block; margin-top: .25rem; }
`;
