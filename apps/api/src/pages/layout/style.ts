import { createHash } from 'node:crypto';

/** The pages' only style sheet, included in each page. It uses logical properties throughout, for both directions. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#525a64;--ground:#f4f5f7;--card:#fff;--line:#d5d9de;--edge:#7b838d;--act:#0a5fb4;--on-act:#fff;--good:#e3f3e6;--bad:#fdeaea;--bad-edge:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a9b1bb;--ground:#14171a;--card:#1e2227;--line:#3a4149;--edge:#7f8893;--act:#7ab8f5;--on-act:#0d1720;--good:#1d3524;--bad:#46211f;--bad-edge:#f2b8b5}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans Arabic","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
header{background:var(--card);border-block-end:1px solid var(--line)}
main,header>*,footer{max-inline-size:46rem;margin-inline:auto;padding-inline:1rem}
main{padding-block:1.5rem}
main:focus{outline:0}
h1{font-size:1.5rem;line-height:1.3;margin-block:0 1rem}
h2{font-size:1.0625rem;line-height:1.35;margin-block:0}
p{margin-block:.5rem}
ul{list-style:none;margin:0;padding:0}
.bar,.account,footer{display:flex;flex-wrap:wrap;align-items:center;gap:0 1rem}
.bar{justify-content:space-between}
.bar>*,.account>*{min-inline-size:0}
.brand{display:flex;align-items:center;gap:.5rem;min-block-size:2.75rem;min-inline-size:2.75rem;color:var(--ink);font-weight:700;text-decoration:none}
.brand img{block-size:1.75rem;max-inline-size:8rem;object-fit:contain}
.account{justify-content:end}
.account form{margin:0}
.name{color:var(--soft)}
nav ul{display:flex;flex-wrap:wrap;gap:0 .25rem;margin-inline:-.6rem}
nav a{display:flex;align-items:center;gap:.4rem;min-block-size:2.75rem;min-inline-size:2.75rem;justify-content:center;padding-inline:.6rem;text-decoration:none}
nav a[aria-current]{color:var(--ink);font-weight:600}
header nav a[aria-current]{border-block-end:3px solid var(--act);padding-block-start:3px}
.badge{display:inline-block;min-inline-size:1.4rem;padding-inline:.35rem;border-radius:1rem;background:var(--act);color:var(--on-act);font-size:.8125rem;line-height:1.4rem;text-align:center}
.badge[hidden]{display:none}
.news a{display:flex;align-items:center;min-block-size:2.75rem}
.search{display:flex;gap:.5rem;align-items:center;margin-block-end:.75rem}
.unseen{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;inset-inline-start:.5rem;inset-block-start:-10rem;padding:.75rem 1rem;background:var(--card);z-index:1}
.skip:focus{inset-block-start:.5rem}
article,form.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.75rem 1rem;margin-block-end:.5rem}
form.card{padding:1.25rem}
article{display:grid;grid-template-columns:2.75rem minmax(0,1fr);gap:.25rem .75rem;align-items:start}
article>*{grid-column:2}
article>.avatar{grid-column:1;grid-row:1}
article>p{margin-block:0}
.avatar{display:flex;align-items:center;justify-content:center;inline-size:2.75rem;block-size:2.75rem;border:1px solid var(--line);border-radius:50%;background:var(--ground);color:var(--soft);font-weight:600;overflow:hidden}
.who{display:flex;flex-direction:column;justify-content:center;min-block-size:2.75rem;min-inline-size:2.75rem;color:var(--ink);text-decoration:none}
a.who:hover h2{text-decoration:underline}
.head{display:flex;flex-wrap:wrap;gap:0 .75rem;align-items:center;justify-content:space-between}
.head>.who{flex:1 1 12rem}
blockquote{margin:0;white-space:pre-wrap}
blockquote.answer{padding-inline-start:.75rem;border-inline-start:3px solid var(--line)}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.status{display:inline-block;margin:0;padding:.1rem .6rem;border:1px solid var(--edge);border-radius:1rem;font-size:.875rem}
.said{background:var(--good);border-radius:.5rem;border-inline-start:4px solid var(--act);padding:.75rem 1rem;margin-block:0 .5rem}
.said.bad{background:var(--bad);border-inline-start-color:var(--bad-edge)}
.acts{display:flex;flex-wrap:wrap;gap:.5rem;align-items:flex-start;margin:.25rem 0 0}
.acts form{margin:0}
.after{margin-block:0 1rem}
fieldset{border:0;margin:0;padding:0;min-inline-size:0}
legend{padding:0;font-weight:600}
form:has([name=all]:not(:checked)) fieldset{opacity:.6}
label.box{display:flex;gap:.75rem;align-items:center;min-block-size:2.75rem}
label.whole{font-weight:600;border-block-end:1px solid var(--line);margin-block-end:.5rem;padding-block-end:.75rem}
label.field{display:block;font-weight:600;margin-block-start:1rem}
input[type=checkbox]{flex:none;inline-size:1.5rem;block-size:1.5rem;margin:0;accent-color:var(--act)}
textarea,input[type=email],input[type=search]{display:block;inline-size:100%;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--edge);border-radius:.5rem;padding:.6rem .75rem;margin-block:.25rem}
input[type=email],input[type=search]{min-block-size:2.75rem;text-align:start}
textarea{min-block-size:8rem;resize:vertical}
.counter{font-size:.875rem;margin-block:0}
.counter.over{color:var(--ink);font-weight:600}
button,a.button,summary{font:inherit;font-weight:600;min-block-size:2.75rem;padding:.5rem 1rem;border:1px solid var(--edge);border-radius:.5rem;background:transparent;color:var(--ink);cursor:pointer;text-decoration:none}
button.main,a.button.main{background:var(--act);border-color:var(--act);color:var(--on-act)}
button.plain{border:0;padding-inline:0;min-inline-size:2.75rem;color:var(--act);font-weight:400;text-decoration:underline}
a.button{display:inline-flex;align-items:center}
form.card>label.field:first-of-type{margin-block-start:0}
form.card>button,form.card>.acts{margin-block-start:1rem}
details[open]{flex-basis:100%}
summary{display:inline-flex;align-items:center;list-style:none}
summary::-webkit-details-marker{display:none}
summary::after{content:"";inline-size:.5rem;block-size:.5rem;margin-inline-start:.6rem;border-block-end:2px solid;border-inline-end:2px solid;transform:translateY(-25%) rotate(45deg)}
[dir=rtl] summary::after{transform:translateY(-25%) rotate(-45deg)}
a{color:var(--act)}
a.way{display:inline-flex;align-items:center;min-block-size:2.75rem;min-inline-size:2.75rem}
[aria-busy=true] button{opacity:.6;cursor:progress}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
@media (forced-colors:active){.badge,.avatar{border:1px solid}header nav a[aria-current]{border-block-end-color:Highlight}}
@media (prefers-reduced-motion:no-preference){button,a.button,summary{transition:filter .12s}button:hover,a.button:hover,summary:hover{filter:brightness(1.12)}}
@media (min-width:44rem){.inline{grid-template-columns:2.75rem minmax(0,1fr) auto}.inline>.acts{grid-column:3;grid-row:1;margin:0}.inline>blockquote,.inline>p{grid-column:2/-1}}
@media (max-width:26rem){.acts>details[open],form.card .acts>*{flex:1 1 100%}form.card .acts>*{justify-content:center}}
`;

/** The style sheet's hash source in the content security policy, which allows no other style sheet. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;
