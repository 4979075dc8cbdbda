/** The whole style sheet, for light and dark screens and for print. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --soft: #57606a; --paper: #ffffff; --rule: #d0d7de; --bar: #2a66b8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #a3adb8; --paper: #0f1419; --rule: #30363d; --bar: #6ba4ee; }
}
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; }
p { margin: .25rem 0 1rem; max-width: 46rem; color: var(--soft); }
.beside { display: flex; flex-wrap: wrap; gap: 1.5rem 2.5rem; align-items: flex-start; }
.beside > figure { flex: 1 1 20rem; max-width: 32rem; margin: 0; min-width: 0; }
.beside > .table { flex: 0 1 auto; max-width: 100%; max-height: 24rem; overflow: auto; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 14px system-ui, sans-serif; fill: var(--ink); }
svg .label { fill: var(--soft); }
svg .bar { fill: var(--bar); }
svg .grid { stroke: var(--rule); }
svg .curve { fill: none; stroke: var(--bar); stroke-width: 2.5; stroke-linejoin: round; }
svg .curve-1 { stroke-dasharray: 7 4; }
svg .curve-2 { stroke-dasharray: 2 3; }
.filters { padding: .5rem .75rem; border-left: 4px solid var(--bar); color: var(--ink); }
details { margin-top: .75rem; color: var(--soft); }
pre { max-width: 100%; overflow-x: auto; font-size: .8rem; line-height: 1.4; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
table + table { margin-top: 1.25rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .25rem; }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 400; }
@media print { body { max-width: none; } .beside > .table { max-height: none; } section { break-inside: avoid; } }
`;
