from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.panels.method_gallery import FAMILIES, MethodGallery, idea_of, reason_not
from sslcore.method import registry


@pytest.fixture
def gallery(qtbot):
    made = MethodGallery(registry())
    qtbot.addWidget(made)
    made.resize(300, 260)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_every_method_has_a_family_and_a_whole_sentence(gallery):
    assert {one.card.family for one in registry().values()} <= set(FAMILIES)
    for key, method in registry().items():
        assert gallery.cards[key].accessibleName() == f"{method.card.title} ({method.card.year})"
        idea = idea_of(method)
        assert idea[0].isupper()
        assert idea.endswith(".")
        assert "\n" not in idea


def test_families_stand_in_their_order_and_empty_ones_are_left_out(qtbot):
    some = {key: registry()[key] for key in ("simclr", "rotation")}
    made = MethodGallery(some)
    qtbot.addWidget(made)
    headings = [one.text() for one in made.findChildren(QLabel)]
    assert headings == [FAMILIES["predictive"], FAMILIES["contrastive"]]


@pytest.mark.parametrize(
    ("needs", "kinds", "words"),
    [
        ("images", ["images"], ""),
        ("images", None, ""),
        ("pairs", ["images", "pairs"], ""),
        (
            "pairs",
            ["images"],
            "Needs pairs: two folders with the same file names, such as rgb/ and depth/; this "
            "folder has single images.",
        ),
        (
            "images",
            ["captions", "pairs"],
            "Needs images: pictures to look at one by one; this folder has captions and pairs.",
        ),
    ],
)
def test_the_reason_names_what_is_missing_and_what_is_there(needs, kinds, words):
    assert reason_not(needs, kinds) == words
    told = reason_not(needs, kinds, {needs: "needs more: depth/ is empty"})
    assert told == ("Needs more: depth/ is empty." if words else "")


def test_cards_say_which_folders_and_images_will_not_do(qtbot):
    kind = registry()["simclr"]
    choosy = replace(kind.card, needs="pairs", channels=(3,), instead="choose rotation")
    made = MethodGallery({"choosy": type("Choosy", (kind,), {"card": choosy})})
    qtbot.addWidget(made)
    card = made.cards["choosy"]
    made.show_kinds(["images"], 3)
    assert card.reason.startswith("Needs pairs: two folders")
    made.show_kinds(["images", "pairs"], 1)
    assert card.reason.endswith("these have 1 channel; choose rotation")
    made.show_kinds(["images", "pairs"], 3)
    assert card.reason == ""
    made.show_kinds(None)
    assert card.reason == ""


def test_a_click_is_told_and_a_choice_from_elsewhere_is_not(gallery, qtbot):
    told = []
    gallery.chosen.connect(told.append)
    keys = list(gallery.cards)
    gallery.show_chosen(keys[-1])
    assert told == []
    assert gallery.cards[keys[-1]].isChecked()
    last = gallery.cards[keys[-1]]
    top = last.mapTo(gallery.viewport(), last.rect().topLeft()).y()
    assert 0 <= top < gallery.viewport().height(), "it is brought into sight"
    gallery.show_chosen("a method of another version")
    gallery.show_chosen(keys[0])
    qtbot.mouseClick(gallery.cards[keys[0]], Qt.MouseButton.LeftButton)
    assert told == [keys[0]]
