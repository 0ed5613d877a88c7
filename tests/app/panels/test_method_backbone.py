"""The backbone's page: every network can be chosen, those that do not fit cannot, timm by name."""

import importlib.util

import pytest
from PySide6.QtCore import Qt

from app.panels.method_backbone import BackbonePage
from sslcore.nets import vit
from sslcore.nets.backbones import NAMES
from sslcore.recipe import preset


@pytest.fixture
def page(loaded, qtbot):
    made = BackbonePage(loaded)
    qtbot.addWidget(made)
    made.show_recipe(loaded.recipe)
    loaded.recipe_changed.connect(lambda: made.show_recipe(loaded.recipe))
    made.show()
    qtbot.waitExposed(made)
    return made


def entries(page):
    return [page.network.itemData(row) for row in range(page.network.count())]


def test_every_network_can_be_chosen_and_says_what_it_is(page, loaded, qtbot):
    assert entries(page) == [*NAMES, "timm:"]
    for name in ("vit_mini", "resnet34"):
        page.network.setCurrentIndex(page.network.findData(name))
        page.network.activated.emit(page.network.currentIndex())
        assert loaded.recipe.backbone.name == name
        assert page._words.text() == NAMES[name]
        assert page.network.currentData() == name
    assert page.timm.isHidden()


def test_a_network_of_timm_is_chosen_by_its_name(page, loaded, qtbot, monkeypatch):
    before = loaded.recipe.backbone.name
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    qtbot.keyClick(page.network, Qt.Key.Key_End)
    assert page.timm.isVisible()
    assert loaded.recipe.backbone.name == before  # until it has a name
    assert "timm is not installed here: run pip install timm" in page._words.text()
    qtbot.keyClicks(page.timm, "convnext_tiny")
    qtbot.keyClick(page.timm, Qt.Key.Key_Return)
    assert loaded.recipe.backbone.name == "timm:convnext_tiny"
    assert page.network.currentData() == "timm:"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: "found")
    page.show_recipe(loaded.recipe.with_set({"backbone.name": "timm:resnet26"}))
    assert page.timm.text() == "resnet26"
    assert "not installed" not in page._words.text()
    page.show_recipe(loaded.recipe.with_set({"backbone.name": "convnet"}))
    assert page.timm.isHidden()


def test_a_method_on_patches_greys_other_networks_out(page, loaded):
    def enabled():
        rows = range(page.network.count())
        return [
            page.network.itemData(row) for row in rows if page.network.model().item(row).isEnabled()
        ]

    assert enabled() == entries(page)
    page.show_recipe(preset("mae"))
    assert enabled() == list(vit.NAMES)
    reason = page.network.itemData(0, Qt.ItemDataRole.ToolTipRole)
    assert reason == "MAE works on patches: take one of the ViTs"
    page.show_recipe(loaded.recipe)
    assert enabled() == entries(page)
    assert page.network.itemData(0, Qt.ItemDataRole.ToolTipRole) == ""
