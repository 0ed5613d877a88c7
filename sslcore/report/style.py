"""How a report looks: the colours of the window in both themes, and the layout of the page."""

from __future__ import annotations

from sslcore.export import colours

_LAYOUT = """
* { box-sizing: border-box; }
body { margin: 0; background: var(--background); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 48px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 0 0 8px; }
h3 { font-size: 14px; margin: 16px 0 4px; }
p { margin: 0 0 8px; max-width: 75ch; }
.quiet, figcaption { color: var(--muted); font-size: 13px; }
.verdict { display: flex; gap: 14px; align-items: baseline; border-left: 4px solid var(--tone);
  background: var(--surface); border-radius: 10px; padding: 14px 18px; margin: 20px 0 16px; }
.verdict strong { color: var(--tone); white-space: nowrap; }
.verdict p { margin: 0; }
.good { --tone: var(--good-tone); } .warning { --tone: var(--warning-tone); }
.danger { --tone: var(--danger-tone); } .calm { --tone: var(--accent); }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px;
  margin: 0 0 16px; }
.numbers div { background: var(--surface); border-radius: 10px; padding: 12px 16px; }
.numbers b { display: block; font-size: 22px; line-height: 1.3; font-weight: 600;
  font-variant-numeric: tabular-nums; }
.pairs { columns: 2; column-gap: 16px; }
.pairs section { break-inside: avoid; display: inline-block; width: 100%; }
section { background: var(--surface); border-radius: 10px; padding: 16px 18px; margin: 0 0 16px; }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--muted); font-size: 12px; font-family: inherit; }
svg .label { fill: var(--text); }
.grid { stroke: var(--border); stroke-width: 1; }
.line { fill: none; stroke: var(--ink); stroke-width: 2; stroke-linejoin: round; }
.raw { fill: none; stroke: var(--ink); stroke-width: 1; opacity: .28; }
.area { fill: var(--ink); fill-opacity: .22; stroke: var(--ink); stroke-width: 1.5; }
.dot { fill: var(--ink); }
.bar { fill: var(--accent); }
.reference { stroke: var(--muted); stroke-width: 1.2; stroke-dasharray: 5 4; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px; margin: 0 0 6px;
  max-width: none; }
.key { display: inline-flex; align-items: center; gap: 6px; overflow-wrap: anywhere; }
.key i { width: 16px; height: 3px; border-radius: 2px; background: var(--ink); flex: none; }
.key i.reference { width: 20px; height: 0; background: none; border-top: 2px dotted var(--muted); }
.key i.point { width: 10px; height: 10px; border-radius: 50%; }
svg.map { max-width: 900px; margin: 0 auto; }
img.matrix { display: block; width: 100%; max-width: 440px; image-rendering: pixelated;
  border: 1px solid var(--border); border-radius: 4px; }
img.pictures { display: block; max-width: 100%; image-rendering: pixelated; border-radius: 4px; }
.scroll { overflow-x: auto; }
.scale { display: flex; align-items: center; gap: 8px; font-size: 12px; color: var(--muted);
  margin: 8px 0 4px; max-width: 440px; }
.scale i { flex: 1; height: 8px; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 500; color: var(--muted); font-size: 13px; }
th, td { padding: 4px 16px 4px 0; border-bottom: 1px solid var(--border); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
pre { margin: 0; overflow-x: auto; font: 13px/1.45 ui-monospace, "SF Mono", Menlo, Consolas,
  "DejaVu Sans Mono", monospace; background: var(--raised); border-radius: 7px;
  padding: 10px 14px; }
.columns { columns: 2; column-gap: 16px; } .columns pre { break-inside: avoid; margin: 0 0 12px; }
.rows { display: grid; gap: 10px; }
.row { display: flex; gap: 6px; align-items: flex-start; }
.row figure { width: 108px; flex: none; }
.row figure:first-child { margin-right: 18px; }
.row img { display: block; width: 108px; height: 108px; border-radius: 4px;
  image-rendering: auto; }
.row figcaption { font-size: 12px; line-height: 1.3; margin-top: 2px; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; }
.row .other figcaption { color: var(--danger-tone); }
footer { color: var(--muted); font-size: 13px; margin-top: 24px; }
@media (max-width: 860px) { .pairs, .columns { columns: 1; }
  .verdict { flex-direction: column; gap: 4px; } }
@media print { body { background: #fff; } section, .verdict, .numbers div { break-inside: avoid;
  border: 1px solid var(--border); } }
"""


def css() -> str:
    """The style sheet."""
    themes = {name: _tokens(name) for name in ("light", "dark")}
    series = "".join(
        f".s{number} {{ --ink: {colour}; }}\n"
        for number, colour in enumerate(colours.theme()["series"])
    )
    # Yellow is too pale to be a thin line on white, blue and green too dark on black.
    pale = ".s6 { --ink: #B8A900; }\n"
    bright = (
        "@media (prefers-color-scheme: dark) { .s2 { --ink: #1DB589; } .s5 { --ink: #3D9BE0; } "
    )
    bright += ".s6 { --ink: #F0E442; } }\n"
    return (
        f":root {{ color-scheme: light dark; {themes['light']} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {themes['dark']} }} }}\n"
        + series
        + pale
        + bright
        + _LAYOUT
    )


def _tokens(name: str) -> str:
    tokens = colours.theme()[name]
    plain = ("background", "surface", "raised", "border", "text", "muted", "accent")
    found = {one: tokens[one] for one in plain}
    found |= {f"{one}-tone": tokens[one] for one in ("good", "warning", "danger")}
    return " ".join(f"--{key}: {value};" for key, value in found.items())
