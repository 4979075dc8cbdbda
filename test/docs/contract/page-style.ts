/** Both colour schemes have a contrast of at least 4.5 to 1. */
export const CSS = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #f3f4f6; --line: #d0d4da; --link: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --paper: #14171b; --soft: #20252b; --line: #3b424b; --link: #8ab8f0; }
}
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
a { color: var(--link); }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
h3 { margin-top: 2rem; }
h2 code, h3 code { font-size: .8em; font-weight: normal; }
code, pre { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
pre { padding: .75rem; background: var(--soft); overflow-x: auto; overflow-wrap: normal; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .35rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
th { background: var(--soft); }
td:first-child { white-space: nowrap; }
.silent { margin-left: .5rem; padding: .1rem .5rem; border: 1px solid; border-radius: 1rem; font-size: .75rem; }
`;
