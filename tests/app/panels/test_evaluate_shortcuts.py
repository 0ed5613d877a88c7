from app import theme
from app.panels.evaluate_shortcuts import Page, learned
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.shortcuts import CueScore, Read, ShortcutsConfig, ShortcutsFinding


def read(title, measure, trained, source="pixels", **changes):
    values = {
        "key": title.lower(),
        "title": title,
        "unit": "0 to 1",
        "source": source,
        "measure": measure,
        "scores": {"trained": trained, "untrained": 0.5, "pixels": -3.0},
        "baseline": 0.1,
        "images": 450,
    }
    return Read(**(values | changes))


def cue(level):
    return CueScore(title="t", score=0.5, chance=0.1, level=level, text=f"It is {level}.")


def finding(*levels, **changes):
    values = {
        "method": "SimCLR",
        "task": "views",
        "read": (
            read("Brightness", "R2", 0.4),
            read("Sharpness", "R2", 0.9),
            read("Texture", "accuracy", 0.8, "column", unit=""),
            read("Class", "accuracy", 0.3, "class", unit=""),
        ),
        "cues": tuple(cue(level) for level in levels),
        "gained": ("Sharpness",),
        "lost": ("Mean red", "JPEG quality"),
        "skipped": {"Width": "the same for all images"},
    }
    return ShortcutsFinding(**(values | changes))


def shown(page, found):
    page.show_finding(Kept("shortcuts", 1, 1.0, 0.0, 1.0, (9, 9), ShortcutsConfig(), found))


def test_warnings_stand_above_with_a_mark_each(workspace, qtbot):
    page = Page(workspace)
    qtbot.addWidget(page)
    shown(page, finding("open", "partly", "closed"))
    assert [line.words.text() for line in page.lines] == [
        "It is open.",
        "It is partly.",
        "It is closed.",
    ]
    assert [line.mark.accessibleName() for line in page.lines] == ["Warning", "Mind", "Fine"]
    assert page.none.isHidden()
    before = page.lines[0].mark.pixmap().toImage()
    other = "light" if theme.current().name == "dark" else "dark"
    theme.current().apply(other)
    assert page.lines[0].mark.pixmap().toImage() != before
    shown(page, finding("closed"))
    assert len(page.lines) == 1


def test_bars_are_sorted_with_classes_in_front(workspace, qtbot):
    page = Page(workspace)
    qtbot.addWidget(page)
    shown(page, finding())
    categories, numbers = page.bars._sections
    assert [row.title for row in categories.rows] == ["Class", "Texture"]
    assert categories.rows[0].strong
    assert categories.rows[0].note == "what one wants to be read"
    assert categories.percent
    assert [row.title for row in numbers.rows] == ["Sharpness", "Brightness"]
    assert numbers.rows[0].note == "0 to 1"
    assert numbers.rows[0].values == (0.9, 0.5, -3.0)
    assert "SimCLR no cheap cue is known" in page.none.text()
    assert not page.none.isHidden()
    assert "450 held-out images" in page.foot.text()
    assert "Width (the same for all images)" in page.foot.text()


def test_what_training_did(workspace, qtbot):
    assert learned(finding()) == (
        "Training made easier to read: sharpness; harder: mean red, JPEG quality."
    )
    assert learned(finding(gained=(), lost=())) == ""
    page = Page(workspace)
    qtbot.addWidget(page)
    shown(page, finding(read=(), gained=(), lost=()))
    assert page.learned.isHidden()
    assert page.bars.isHidden()
    assert page.foot.text().startswith("Nothing could be read.")
