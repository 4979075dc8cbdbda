import { createHash } from 'node:crypto';

/** The pages' only style sheet, included in each page. It uses logical properties throughout, for both directions. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#525a64;--ground:#f4f5f7;--card:#fff;--line:#d5d9de;--edge:#7b838d;--act:#0a5fb4;--on-act:#fff;--good:#e3f3e6;--bad:#fdeaea;--bad-edge:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a9b1bb;--ground:#14171a;--card:#1e2227;--line:#3a4149;--edge:#7f8893;--act:#7ab8f5;--on-act:#0d1720;--good:#1d3524;--bad:#46211f;--bad-edge:#f2b8b5}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans Arabic","DejaVu Sans",sans-serif}
header{background:var(--card);border-block-end:1px solid var(--line)}
main,header nav,footer>*{max-inline-size:40rem;margin-inline:auto;padding-inline:1rem}
main{padding-block:1.5rem}
main:focus{outline:0}
h1{font-size:1.5rem;line-height:1.3;margin-block:0 1rem;overflow-wrap:anywhere}
h2{font-size:1.125rem;line-height:1.4;margin-block:0;overflow-wrap:anywhere}
p{margin-block:.5rem;overflow-wrap:anywhere}
ul{list-style:none;margin:0;padding:0}
nav ul{display:flex;flex-wrap:wrap;gap:0 .25rem;margin-inline:-.6rem}
nav a{display:flex;align-items:center;min-block-size:2.75rem;min-inline-size:2.75rem;justify-content:center;padding-inline:.6rem;text-decoration:none;border-block-end:3px solid transparent}
nav a[aria-current]{color:var(--ink);font-weight:600;border-block-end-color:var(--act)}
footer nav a[aria-current]{border-block-end-color:transparent}
.skip{position:absolute;inset-inline-start:.5rem;inset-block-start:-10rem;padding:.75rem 1rem;background:var(--card);z-index:1}
.skip:focus{inset-block-start:.5rem}
article,form.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;margin-block-end:1rem}
article>p:first-of-type{margin-block-start:.125rem}
article>:last-child{margin-block-end:0}
blockquote{margin:.75rem 0;padding-inline-start:.75rem;border-inline-start:3px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere}
.soft{color:var(--soft)}
.small{font-size:.9375rem}
.status{display:inline-block;margin:0;padding:.1rem .6rem;border:1px solid var(--edge);border-radius:1rem;font-size:.875rem}
.head{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center;justify-content:space-between}
.said{background:var(--good);border-radius:.5rem;border-inline-start:4px solid var(--act);padding:.75rem 1rem;margin-block:0 1rem}
.said.bad{background:var(--bad);border-inline-start-color:var(--bad-edge)}
.acts{display:flex;flex-wrap:wrap;gap:.5rem;align-items:flex-start;margin-block-start:.75rem}
.acts form{margin:0}
label.box{display:flex;gap:.75rem;align-items:center;min-block-size:2.75rem}
label.whole{font-weight:600;border-block-end:1px solid var(--line);margin-block-end:.5rem;padding-block-end:.75rem}
label.field{display:block;font-weight:600;margin-block-start:1rem}
input[type=checkbox]{flex:none;inline-size:1.5rem;block-size:1.5rem;margin:0;accent-color:var(--act)}
textarea,input[type=email]{display:block;inline-size:100%;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--edge);border-radius:.5rem;padding:.6rem .75rem;margin-block:.25rem}
input[type=email]{min-block-size:2.75rem;text-align:start}
textarea{min-block-size:8rem;resize:vertical}
.counter{font-size:.875rem;margin-block:0}
.counter.over{color:var(--ink);font-weight:600}
button,a.button,summary{font:inherit;font-weight:600;min-block-size:2.75rem;padding:.5rem 1.1rem;border:1px solid var(--edge);border-radius:.5rem;background:transparent;color:var(--ink);cursor:pointer;text-decoration:none}
button.main,a.button.main{background:var(--act);border-color:var(--act);color:var(--on-act)}
a.button{display:inline-flex;align-items:center}
form.card>label.field:first-of-type{margin-block-start:0}
form.card>button,form.card>.acts{margin-block-start:1rem}
details[open]{flex-basis:100%}
summary{display:inline-flex;align-items:center;list-style:none;overflow-wrap:anywhere}
summary::-webkit-details-marker{display:none}
summary::after{content:"";inline-size:.5rem;block-size:.5rem;margin-inline-start:.6rem;border-block-end:2px solid;border-inline-end:2px solid;transform:translateY(-25%) rotate(45deg)}
[dir=rtl] summary::after{transform:translateY(-25%) rotate(-45deg)}
a{color:var(--act)}
a.way,a.profile{display:inline-flex;align-items:center;min-block-size:2.75rem}
a.profile{margin-block-start:-.5rem}
[aria-busy=true] button{opacity:.6;cursor:progress}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
@media (prefers-reduced-motion:no-preference){button,a.button,summary{transition:filter .12s}button:hover,a.button:hover,summary:hover{filter:brightness(1.12)}}
@media (max-width:26rem){.acts>form,.acts>a.button,.acts>details{flex:1 1 100%}.acts button,.acts a.button,.acts summary{inline-size:100%;justify-content:center}}
`;

/** The style sheet's hash source in the content security policy, which allows no other style sheet. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;
