import pytest
from PIL import Image
from PySide6.QtCore import Qt

from app import theme
from app.panels import view_plan, view_render
from app.panels.view_likeness import NONE_YET
from app.panels.views import ViewsPanel
from sslcore.augment.patch_grid import PatchGrid
from sslcore.augment.photometric import Grey
from sslcore.augment.view import View, ViewPlan
from tests.app.panels.reachable import unnamed
from tests.app.panels.saved import new_run, save, small_recipe


def show(qtbot, workspace, size=(1300, 800)):
    panel = ViewsPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(*size)
    with qtbot.waitSignal(panel.rendered, timeout=20_000):
        panel.show()
    return panel


@pytest.fixture
def panel(opened, qtbot):
    opened.set_method("simclr")
    return show(qtbot, opened)


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def pixels(picture):
    return bytes(picture.constBits())


def test_shows_the_original_both_views_their_numbers_and_boxes(panel, qtbot):
    preview = panel.preview
    assert [view.title for view in preview.views] == ["View A", "View B"]
    for view in preview.views:
        names = [name for name, _ in view.numbers]
        assert names == ["Random crop", "Horizontal flip", "Colour jitter", "Grey"]
        top, left, height, width = view.boxes[0]
        assert view.numbers[0][1] == f"{height * width:.2f} of the area"
        assert 0 <= top <= top + height <= 1
        assert 0 <= left <= left + width <= 1
        assert view.pictures[0].width() == 16
    assert len(preview.strip) == 8
    assert len({pixels(one) for one in preview.strip}) > 4
    assert "View A: Random crop" in panel.pictures.accessibleDescription()
    assert not unnamed(panel)


def test_a_step_switched_off_leaves_the_numbers_of_all_others(panel, opened, qtbot):
    before = panel.preview
    row = panel.steps.rows[0]
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, row.switch)
    assert opened.recipe.views.view("view_a").steps[0].enabled is False
    assert opened.recipe.views.view("view_b").steps[0].enabled is True
    after = panel.preview
    assert after.views[0].numbers == before.views[0].numbers[1:]
    assert pixels(after.views[0].pictures[0]) != pixels(before.views[0].pictures[0])
    assert after.views[1] == before.views[1] or after.views[1].numbers == before.views[1].numbers
    assert after.views[0].boxes == ()
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        row.switch.setFocus()
        qtbot.keyClick(row.switch, Qt.Key.Key_Space)
    assert opened.recipe.views is None, "a plan like the method's own is no part of the recipe"
    assert panel.preview.views[0].numbers == before.views[0].numbers


def test_again_draws_anew_and_the_seed_brings_numbers_back(panel, qtbot):
    first = [view.numbers for view in panel.preview.views]
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, panel.steps.again)
    assert panel.steps.seed.value() == 1
    assert [view.numbers for view in panel.preview.views] != first
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        panel.steps.seed.setFocus()
        qtbot.keyClick(panel.steps.seed, Qt.Key.Key_Down)
    assert [view.numbers for view in panel.preview.views] == first


def test_sliders_turn_the_strongest_knob_and_reset_takes_it_back(panel, opened, qtbot):
    slider = panel.steps.rows[3].slider
    assert slider.accessibleName() == f"Grey: {view_plan.strength(Grey()).title}"
    slider.setFocus()
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        qtbot.keyClick(slider, Qt.Key.Key_End)
    assert opened.recipe.views.view("view_a").steps[3].p == 1.0
    assert panel.steps.rows[3].value.text() == "1.00"
    assert panel.preview.views[0].numbers[3] == ("Grey", "yes")
    assert panel.steps.back.isEnabled()
    assert "Edited" in panel.steps.note.text()
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, panel.steps.back)
    assert opened.recipe.views is None
    assert panel.steps.rows[3].value.text() == "0.20"
    assert not panel.steps.back.isEnabled()


def test_only_the_latest_of_many_moves_is_drawn(panel, qtbot, monkeypatch):
    drawn = []
    real = view_render.render

    def counted(wish, sample):
        drawn.append(wish)
        return real(wish, sample)

    monkeypatch.setattr("app.panels.views.render", counted)
    slider = panel.steps.rows[3].slider
    for position in range(1, 61):
        slider.setValue(position)
    qtbot.waitUntil(lambda: not panel._busy, timeout=5_000)
    assert panel.preview.wish.plan == panel.plan
    assert len(drawn) < 30


def test_the_other_view_has_its_own_steps(panel, opened, qtbot):
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, panel.steps.tabs["view_b"])
    assert panel.steps.title == "Steps of view B"
    assert panel.bottom.title == "Eight more draws of view B"
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, panel.steps.rows[1].switch)
    assert opened.recipe.views.view("view_a").steps[1].enabled is True
    assert opened.recipe.views.view("view_b").steps[1].enabled is False


def test_all_knobs_open_below_a_step_and_wrong_ones_are_explained(panel, opened, qtbot):
    row = panel.steps.rows[0]
    click(qtbot, row.more)
    form = row.form
    assert form.isVisible()
    assert form.names() == ["scale_low", "scale_high", "ratio"]
    line = form.field("scale_high").editor.line
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "0.01")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert "0.2 is above" in form.problems()["scale_high"]
    assert opened.recipe.views is None
    line.selectAll()
    qtbot.keyClicks(line, "0.5")
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert opened.recipe.views.view("view_a").steps[0].scale_high == 0.5
    assert not unnamed(panel)


def test_rotation_shows_its_answers_and_keeps_its_step(opened, qtbot):
    opened.set_method("rotation")
    panel = show(qtbot, opened)
    view = panel.preview.views[0]
    assert view.answers == ("0°", "90°", "180°", "270°")
    assert len(view.pictures) == 4
    last = panel.steps.rows[-1]
    assert not last.switch.isEnabled()
    assert last.switch.isChecked()
    assert "cannot be switched off" in last.switch.toolTip()
    click(qtbot, last.switch)
    assert opened.recipe.views is None
    assert panel.steps.title == "Steps of the rotated view"
    theme.current().apply("light")
    assert not panel.grab().isNull()


def test_a_view_of_another_view_says_so(opened, qtbot):
    opened.set_method("denoising_autoencoder")
    panel = show(qtbot, opened)
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, panel.steps.tabs["corrupted"])
    assert "Goes on from the clean view." in panel.steps.note.text()
    assert panel.preview.views[1].answers[0].startswith("Answer: ")


def sweep(panel, qtbot, words):
    """Choose a step in the strip's box with the keyboard."""
    while panel.sweep.steps.currentText() != words:
        with qtbot.waitSignal(panel.rendered, timeout=5_000):
            qtbot.keyClick(panel.sweep.steps, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: not panel._busy, timeout=5_000)


def test_the_strip_sweeps_one_knob_with_all_else_as_drawn(panel, qtbot):
    sweep(panel, qtbot, "Grey")
    preview = panel.preview
    assert preview.strip_values[0] == 0
    assert preview.strip_values[-1] == 1
    assert len(preview.strip) == 7
    ends = {pixels(preview.strip[0]), pixels(preview.strip[-1])}
    assert {pixels(one) for one in preview.strip} == ends, "grey comes at one chance, once"
    assert len(ends) == 2
    assert pixels(preview.views[0].pictures[0]) in ends
    assert panel.bottom.title == "Click a value to take it"
    assert not unnamed(panel)


def test_a_click_on_the_strip_takes_its_value_and_switches_the_step_on(panel, opened, qtbot):
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, panel.steps.rows[3].switch)
    sweep(panel, qtbot, "Grey")
    assert "in force: none of them" in panel.strip.accessibleDescription()
    last = panel.strip.area(6).center().toPoint()
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        qtbot.mouseClick(panel.strip, Qt.MouseButton.LeftButton, pos=last)
    grey = opened.recipe.views.view("view_a").steps[3]
    assert (grey.p, grey.enabled) == (1.0, True)
    assert panel.steps.rows[3].value.text() == "1.00"
    assert panel.steps.rows[3].switch.isChecked()
    assert pixels(panel.preview.views[0].pictures[0]) == pixels(panel.preview.strip[6])
    assert "in force: 1" in panel.strip.accessibleDescription()
    panel.strip.setFocus()
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        qtbot.keyClick(panel.strip, Qt.Key.Key_Home)
        qtbot.keyClick(panel.strip, Qt.Key.Key_Return)
    assert opened.recipe.views.view("view_a").steps[3].p == 0.0


def test_a_knob_that_this_draw_does_not_use_says_so(panel, qtbot):
    sweep(panel, qtbot, "Colour jitter")
    told = set()
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        qtbot.keyClick(panel.sweep.knobs, Qt.Key.Key_Down)
    assert panel.sweep.knobs.currentData() == "brightness"
    for _ in range(40):
        with qtbot.waitSignal(panel.rendered, timeout=5_000):
            click(qtbot, panel.steps.again)
        qtbot.waitUntil(lambda: not panel._busy, timeout=5_000)
        off = dict(panel.preview.views[0].numbers)["Colour jitter"] == "off"
        told.add((off, panel.bottom.title))
        if len(told) == 2:
            break
    assert told == {
        (True, "No change in this draw: try Again"),
        (False, "Click a value to take it"),
    }


def test_images_are_chosen_and_walked_through(panel, opened, qtbot):
    assert panel.place.text() == "image 1 of 8"
    first = pixels(panel.preview.original)
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, panel.before)
    assert panel.place.text() == "image 8 of 8"
    assert pixels(panel.preview.original) != first
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, panel.after)
    assert pixels(panel.preview.original) == first
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, panel.other)
    assert panel.place.text() == "image 1 of 8"


def test_a_step_that_cannot_work_is_explained(opened, qtbot):
    opened.set_method("simclr")
    tiles = View(name="view_a", size=16, steps=(PatchGrid(grid=16, overlap=0.0),))
    opened.change_section("views", ViewPlan(views=(tiles, View(name="view_b"))))
    panel = ViewsPanel(opened)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: panel.problem.isVisible(), timeout=10_000)
    assert "too small for so many patches" in panel.problem.text()
    assert "Reset" in panel.problem.text()
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, panel.steps.back)
    assert not panel.problem.isVisible()


def test_steps_that_need_colour_are_off_on_grey_images_and_the_rest_is_shown(
    loaded, tmp_path, qtbot
):
    (tmp_path / "grey").mkdir()
    for number in range(4):
        Image.new("L", (20, 20), 60 * number).save(tmp_path / "grey" / f"{number}.png")
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=10_000):
        loaded.open_folder(tmp_path / "grey")
    loaded.set_method("simclr")
    plan = ViewPlan(views=(View(name="view_a", size=16, steps=(Grey(),)), View(name="view_b")))
    loaded.change_section("views", plan)
    panel = show(qtbot, loaded)
    assert not panel.problem.isVisible()
    (row,) = panel.steps.rows
    assert not row.switch.isChecked()
    assert "no colour" in row._caption.text()
    # Whoever edits something else does not switch them off for folders with colour.
    turned = loaded.recipe.view_plan(loaded.facts())
    views = (turned.views[0].changed(size=12), turned.views[1])
    panel._edit(turned.changed(views=views))
    kept = loaded.recipe.views
    assert (kept.views[0].size, kept.views[0].steps) == (12, (Grey(),))


def test_says_what_is_missing_before_anything_is_open(qtbot, workspace, core):
    panel = ViewsPanel(workspace)
    qtbot.addWidget(panel)
    panel.show()
    assert "Loading" in panel.empty.text
    workspace.take_core(core)
    assert "No images are open" in panel.empty.text


def test_after_training_the_views_say_how_far_they_move_the_image(panel, opened, tmp_path, qtbot):
    assert NONE_YET in panel.pictures.accessibleDescription()
    opened.directory, opened.record = new_run(tmp_path / "trained", small_recipe())
    save(opened.directory, opened.record, opened.facts(), 4, shift=0.1)
    opened.run_changed.emit()

    def said():
        return panel.pictures.accessibleDescription()

    def fresh():
        qtbot.waitUntil(lambda: panel.likeness.fresh and not panel._busy, timeout=20_000)

    fresh()
    assert "cosine to the original" in said()
    assert "cosine to view A" in said()
    first = panel.likeness.likeness
    with qtbot.waitSignal(panel.rendered, timeout=5_000):
        click(qtbot, panel.steps.again)
    fresh()
    assert panel.likeness.likeness.views != first.views, "other views, other numbers"
    drawn = panel.likeness.likeness
    save(opened.directory, opened.record, opened.facts(), 8, shift=0.4)
    opened.record_changed.emit()
    fresh()
    assert panel.likeness.likeness.step == 8
    assert panel.likeness.likeness.views != drawn.views, "another encoder, other numbers"
    for row in panel.steps.rows:
        if row.switch.isChecked():
            with qtbot.waitSignal(panel.rendered, timeout=5_000):
                click(qtbot, row.switch)
            qtbot.waitUntil(lambda: not panel._busy, timeout=5_000)
    fresh()
    untouched = panel.likeness.likeness.views["view_a"].cosines[0]
    assert untouched.trained == pytest.approx(1.0, abs=1e-4)
    panel.hide()
    save(opened.directory, opened.record, opened.facts(), 9, shift=0.4)
    opened.record_changed.emit()
    assert panel.likeness.fresh, "nobody looks, so nothing is computed"
