import { createHash } from 'node:crypto';

/** The pages' only style sheet, in each page. Logical properties throughout: it reads from either side. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--ground:#f6f7f9;--card:#fff;--line:#d5d9de;--act:#0a5fb4;--on-act:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a3abb5;--ground:#14171a;--card:#1e2227;--line:#3a4149;--act:#7ab8f5;--on-act:#0d1720}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:38rem;margin-inline:auto;padding:2rem 1rem}
h1{font-size:1.5rem;line-height:1.25;margin-block:0 1rem}
h2{font-size:1.125rem;margin-block:0}
p{margin-block:.5rem;overflow-wrap:anywhere}
ul{list-style:none;margin:0;padding:0}
article,form.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;margin-block-end:1rem}
blockquote{margin:.75rem 0;padding-inline-start:.75rem;border-inline-start:3px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere}
.soft{color:var(--soft)}
label{display:flex;gap:.75rem;align-items:center;padding-block:.4rem}
input[type=checkbox]{inline-size:1.25rem;block-size:1.25rem;accent-color:var(--act)}
button{font:inherit;font-weight:600;min-block-size:2.75rem;padding:.5rem 1.25rem;margin-block-start:.75rem;border:0;border-radius:.5rem;background:var(--act);color:var(--on-act);cursor:pointer}
a{color:var(--act)}
a:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid var(--act);outline-offset:2px}
`;

/** The style sheet's name in the content security policy, which allows no other. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;
