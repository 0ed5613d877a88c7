"""The whole page."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from sslcore.assessment.watch import Watch
from sslcore.export import scores, writing
from sslcore.report import curves, images, parts, shown, style
from sslcore.report.story import Story
from sslcore.runs.directory import RunDirectory

TONES = {
    "learning": "good",
    "done": "good",
    "waiting": "calm",
    "stuck": "warning",
    "collapsing": "danger",
    "diverging": "danger",
}
SUFFIXES = (".html", ".htm")


def write(directory: RunDirectory, out: Path, watch: Watch | None = None) -> int:
    """Write the report of a run, whole or not at all.

    Args:
        directory: of the run.
        out: a file that is not there yet, called something.html.
        watch: told of the stages.

    Returns:
        Its size in bytes.

    Raises:
        ExportError: if ``out`` is there already, is called otherwise or cannot be written.
        ConfigError, RunError: if recipe or log cannot be read.
        Cancelled: if it was called off; nothing is left behind.
    """
    watch = watch or Watch()
    if out.suffix.lower() not in SUFFIXES:
        raise writing.ExportError(f"{out}: a report is a web page; name the file something.html")
    writing.refuse_what_is_there(out)
    story = Story.read(directory, watch)
    watch.stage("Drawing")(0, 0)
    content = html(story).encode()
    watch.check()
    with writing.beside(out) as part:
        writing.fill(part, {"report.html": content})
        writing.settle(part / "report.html", out)
    return len(content)


def html(story: Story) -> str:
    """The report as one document that needs nothing from outside."""
    pictures = shown.sections(story)
    body = "".join(
        (
            _head(story),
            _verdict(story),
            _numbers(story),
            _pairs([*curves.sections(story), *(one for one, wide in pictures if not wide)]),
            *(one for one, wide in pictures if wide),
            *images.sections(story),
            _scores(story),
            _warnings(story),
            _recipe(story),
            _environment(story),
            _footer(),
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(story.name)}</title><style>{style.css()}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _pairs(sections: list[str]) -> str:
    """Sections in two columns, one under the other however high they are."""
    return f'<div class="pairs">{"".join(sections)}</div>' if sections else ""


def _head(story: Story) -> str:
    record, recipe = story.record, story.recipe
    words = [story.card.title, f"backbone {recipe.backbone.name}"]
    if recipe.data.folder:
        words.append(f"images of {recipe.data.folder}, {recipe.data.image_size} px")
    if record.started is not None:
        begun = datetime.fromtimestamp(record.started.time, UTC).astimezone()
        words.append(f"started {begun:%Y-%m-%d %H:%M}")
    return f'<h1>{escape(story.name)}</h1><p class="quiet">{escape(" · ".join(words))}</p>'


def _verdict(story: Story) -> str:
    one = story.verdict
    detail = " ".join(part for part in (one.detail, one.remedy) if part)
    return (
        f'<div class="verdict {TONES[one.level]}"><strong>{escape(one.headline)}</strong>'
        f"<p>{escape(detail)}</p></div>"
    )


def _numbers(story: Story) -> str:
    """The few figures that matter most."""
    record = story.record
    found: list[tuple[str, str]] = []
    for one in scores.of_findings(story.findings)[:3]:
        found.append((one.headline, one.title))
    if "knn" not in story.findings and "knn_20" in record.metrics:
        value = scores.percent(record.metrics["knn_20"].last)
        found.insert(0, (value, "kNN accuracy, k = 20"))
    if record.started is not None:
        found.append((f"{record.epoch:.4g} / {record.started.epochs:,}", "epochs"))
        found.append((f"{record.started.images:,}", "training images"))
    loss = record.series.get("loss")
    if loss is not None and len(loss):
        found.append((f"{loss.last:.4g}", "loss, last step"))
    if record.started is not None and record.stopped is not None and record.stopped.time:
        found.append((duration(record.stopped.time - record.started.time), "from start to end"))
    if not found:
        return ""
    cells = "".join(
        f'<div><b>{escape(value)}</b><span class="quiet">{escape(name)}</span></div>'
        for value, name in found
    )
    return f'<div class="numbers">{cells}</div>'


def _scores(story: Story) -> str:
    logged = scores.of_log(story.record)
    measured = scores.of_findings(story.findings)
    if not logged and not measured:
        return parts.section("Scores", "<p>Nothing was measured.</p>")
    content = ""
    if logged:
        rows = [(one.title, one.value, one.untrained or "–", f"{one.step:,}") for one in logged]
        head = ("while it trained", "encoder", "untrained", "step")
        content += parts.table(head, rows, (1, 2, 3))
    for one in measured:
        content += f"<h3>{escape(one.title)}: {escape(one.headline)}</h3>"
        content += f'<p class="quiet">{escape(one.idea)} Step {one.step:,}.</p>'
        content += parts.code("\n".join(one.lines))
    return parts.section("Scores", content)


def _warnings(story: Story) -> str:
    rows = [(f"{one.step:,}", one.message, one.remedy) for one in story.record.warnings] + [
        ("", problem, "") for problem in story.problems
    ]
    if not rows:
        return ""
    head = ("step", "what happened", "what to do")
    return parts.section("Warnings", parts.table(head, rows))


def _recipe(story: Story) -> str:
    """The recipe, one block a section."""
    blocks = [block for block in story.recipe.to_toml().strip().split("\n\n") if block]
    content = "".join(parts.code(block) for block in blocks)
    note = "Save it as recipe.toml and train again: sslcore train FOLDER --recipe recipe.toml"
    content = f'<div class="columns">{content}</div>'
    return parts.section("Recipe", content, note=note)


def _environment(story: Story) -> str:
    started = story.record.started
    if started is None:
        return ""
    rows = [("device", started.device), ("precision", started.precision)]
    rows += [(name, value) for name, value in started.environment.items()]
    return parts.section("Environment", parts.table(("what", "value"), rows))


def _footer() -> str:
    return f"<footer>Written by SSL Workbench on {time.strftime('%Y-%m-%d')}.</footer>"


def duration(seconds: float) -> str:
    """``40 s``, ``41 min``, ``2 h 05 min``."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"
