import pytest
from PySide6.QtCore import Qt

from app.panels import view_plan
from app.panels.view_steps import StepsCard
from sslcore.augment.geometric import HorizontalFlip
from sslcore.augment.patches import Rotations
from sslcore.augment.presets import contrastive_views
from sslcore.augment.view import View, ViewPlan

OWN = contrastive_views(16, 3)


@pytest.fixture
def card(qtbot):
    made = StepsCard()
    qtbot.addWidget(made)
    made.resize(420, 500)
    made.show_plan(OWN, OWN, 3)
    made.show()
    qtbot.waitExposed(made)
    made.plans, made.views, made.seeds = [], [], []
    made.edited.connect(made.plans.append)
    made.view_chosen.connect(made.views.append)
    made.seed_changed.connect(made.seeds.append)
    return made


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_an_edit_is_a_new_plan_with_one_step_changed(card, qtbot):
    click(qtbot, card.rows[1].switch)
    step = OWN.view("view_a").steps[1]
    assert card.plans == [view_plan.with_step(OWN, "view_a", 1, step.changed(enabled=False))]
    assert card.plans[0] != OWN


def test_another_tab_is_told_once_and_edits_go_to_its_view(card, qtbot):
    click(qtbot, card.tabs["view_b"])
    click(qtbot, card.tabs["view_b"])
    assert card.views == ["view_b"]
    card.show_plan(OWN, OWN, 3)
    assert card.title == "Steps of view B"
    click(qtbot, card.rows[1].switch)
    assert card.plans[-1].view("view_a") == OWN.view("view_a")
    assert card.plans[-1].view("view_b") != OWN.view("view_b")


def test_rows_stay_while_only_values_change(card):
    rows = list(card.rows)
    step = OWN.view("view_a").steps[0].changed(enabled=False)
    edited = view_plan.with_step(OWN, "view_a", 0, step)
    card.show_plan(edited, OWN, 3)
    assert card.rows == rows, "a slider that is being held is not torn away"
    assert not rows[0].switch.isChecked()
    assert "Edited" in card.note.text()
    assert card.back.isEnabled()
    card.show_plan(OWN, OWN, 3)
    assert not card.back.isEnabled()
    card.show_plan(OWN, OWN, 1)
    assert card.rows != rows, "other images may not serve the same steps"


def test_steps_that_need_colour_say_so_on_grey_images(card):
    card.show_plan(OWN, OWN, 1)
    told = {row.step.kind: "no colour" in row.switch.toolTip() for row in card.rows}
    assert told == {step.kind: step.needs_colour for step in OWN.view("view_a").steps}
    assert any(told.values())
    card.show_plan(OWN.for_channels(5), OWN, 5)
    for row in card.rows:
        idle = row.step.needs_colour
        assert ("5 channels" in row._caption.text()) == idle, "to be seen, not only hovered at"
        assert row.switch.isEnabled() != idle
        assert row.switch.isChecked() == (row.step.enabled and not idle)


def test_again_counts_the_seed_up_and_a_seed_from_elsewhere_is_not_told(card, qtbot):
    card.set_seed(41)
    assert card.seeds == []
    click(qtbot, card.again)
    assert card.seeds == [42]
    card.set_seed(999_999)
    click(qtbot, card.again)
    assert card.seeds == [42, 0]
    card.show_plan(contrastive_views(8, 3), OWN, 3)
    with qtbot.waitSignal(card.reset, timeout=1_000):
        click(qtbot, card.back)


def test_a_plan_of_other_views_gets_its_own_tabs(card):
    plan = ViewPlan(
        views=(
            View(name="clean", size=16),
            View(name="turned", of="clean", size=16, steps=(HorizontalFlip(), Rotations())),
        )
    )
    card.show_plan(plan, plan, 3)
    assert list(card.tabs) == ["clean", "turned"]
    assert card.view == "clean"
    assert card.note.text().startswith("No steps: the image, 16 px wide.")
    card.tabs["turned"].click()
    card.show_plan(plan, plan, 3)
    assert card.note.text().startswith("Goes on from the clean view.")
    alone = ViewPlan(views=(View(name="rotated", size=16, steps=(Rotations(),)),))
    card.show_plan(alone, alone, 3)
    assert not card.tabs["rotated"].isVisible(), "one view needs no tabs"
