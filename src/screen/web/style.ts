/** One sheet for all pages. Text has a contrast of at least 4.5 to 1 in both schemes, what is drawn one of 3 to 1. */
export const STYLE = `
:root{color-scheme:light dark;--page:#fff;--text:#1b1f24;--dim:#57606a;--line:#d0d7de;--soft:#f6f8fa;--link:#0550ae;
--good:#1a7f37;--bad:#cf222e;--warn:#8a5a00;--run:#0969da;--wait:#9a6700;--init:#8250df;--pull:#0969da;--start:#1a7f37}
@media screen and (prefers-color-scheme:dark){:root{--page:#0d1117;--text:#e6edf3;--dim:#9da7b3;--line:#3d444d;--soft:#161b22;
--link:#79b8ff;--good:#3fb950;--bad:#ff7b72;--warn:#e3b341;--run:#58a6ff;--wait:#d29922;--init:#bc8cff;--pull:#58a6ff;--start:#3fb950}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
header,main,footer,nav{max-width:72rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.2rem 0 .6rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.2rem 0 .4rem}
p,ul{margin:.5rem 0}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:.5rem;background:var(--page);padding:.3rem .6rem}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem}
.verdict{border-left:.4rem solid var(--dim);background:var(--soft);padding:.7rem 1rem;margin:.8rem 0;overflow-wrap:anywhere}
.verdict p{margin:.2rem 0}
.verdict strong{font-size:1.1rem}
.good{border-color:var(--good)}.bad{border-color:var(--bad)}.warn{border-color:var(--warn)}
.is-good{color:var(--good)}.is-bad{color:var(--bad)}.is-warn{color:var(--warn)}
.dim{color:var(--dim)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.8rem 0}
dt{color:var(--dim)}
dd{margin:0;overflow-wrap:anywhere;min-width:0}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875rem}
code{overflow-wrap:anywhere}
pre{background:var(--soft);border:1px solid var(--line);padding:.7rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:.5rem 0}
table{border-collapse:collapse;width:100%;table-layout:fixed}
.wide{width:50%}
caption{text-align:left;color:var(--dim);padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-top:1px solid var(--line);font-weight:400;overflow-wrap:anywhere}
thead th{color:var(--dim);border-top:0;font-size:.875rem}
.n{text-align:right;white-space:nowrap;width:5.5rem;font-variant-numeric:tabular-nums;padding-right:0;padding-left:.4rem}
.row{display:flex;flex-wrap:wrap;gap:.1rem 1rem;align-items:center}
.name{flex:1 1 14rem;min-width:0;overflow-wrap:anywhere}
.bar,.scale{flex:2 1 24rem;min-width:0}
.bar{height:.9rem;display:block;background:var(--soft)}
.strip{width:100%;height:2.8rem}
.when{width:10.5rem;font-variant-numeric:tabular-nums}.day{white-space:nowrap}
.scale{display:flex;justify-content:space-between;font-variant-numeric:tabular-nums}
.deep .name{padding-left:1.2rem}.deeper .name{padding-left:2.4rem}
.deep .say{padding-left:1.2rem}.deeper .say{padding-left:2.4rem}
.stage .name{font-weight:600}
.say{display:block;font-size:.875rem;color:var(--dim)}
.say .is-bad{color:var(--bad)}
svg .run{fill:var(--run)}svg .ok{fill:var(--good)}svg .fail{fill:var(--bad)}svg .skip-bar{fill:var(--dim)}
svg .wait{fill:var(--wait)}svg .init{fill:var(--init)}svg .pull{fill:var(--pull)}svg .start{fill:var(--start)}
.key{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.875rem}
.key svg{width:1.4rem;height:.8rem;margin-right:.4rem;vertical-align:-.05rem}
details{border-top:1px solid var(--line);padding:.4rem 0}
summary{cursor:pointer;overflow-wrap:anywhere}
h2+details{border-top:0;padding-top:0}td ul{list-style:none;padding:0;margin:0}
details>:not(summary){margin-left:1.1rem}details>table{margin-left:0}
.plus{color:var(--good)}.minus{color:var(--bad)}
footer{color:var(--dim);font-size:.875rem;margin-top:3rem;padding-bottom:2rem}
@media (max-width:40rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}.bar,.scale{flex-basis:100%}
h1{font-size:1.35rem}.n{width:4.2rem}.when{width:7rem}}
@media print{:root{font-size:11px}nav,.skip{display:none}header,main,footer{max-width:none;padding:0}
tr,details,.verdict{break-inside:avoid}h2{break-after:avoid}
details::details-content{content-visibility:visible;block-size:auto}svg,.verdict{print-color-adjust:exact}}
@media (forced-colors:active){svg rect{forced-color-adjust:none}}
`
