"""The few-label set against plain dictionaries, with and without classes of the folder."""

from pathlib import Path

import numpy as np
import pytest

from sslcore.data.catalogue import Catalogue, scan
from sslcore.data.few_labels import FewLabelError, few_label_set
from sslcore.data.tags import BESIDE_IMAGES, TagStore
from tests.sslcore.data.pictures import save


@pytest.fixture
def classes(tmp_path: Path) -> Catalogue:
    """Two classes of four images, and one image that has none."""
    for number in range(8):
        save(tmp_path / "set" / ("cat", "dog")[number % 2] / f"{number}.png", seed=number)
    made = scan(tmp_path / "set")
    assert made.classes == ("cat", "dog")
    return made


@pytest.fixture
def plain(tmp_path: Path) -> Catalogue:
    """Six images in one folder, without classes."""
    for number in range(6):
        save(tmp_path / "plain" / f"caf\u00e9 {number}.png", seed=number)
    made = scan(tmp_path / "plain")
    assert made.classes == ()
    return made


def store_of(catalogue: Catalogue) -> TagStore:
    return TagStore(catalogue.root / BESIDE_IMAGES)


def test_labels_are_the_classes_of_the_folder(classes: Catalogue) -> None:
    store = store_of(classes)
    store.change({"good": ("dog/1.png", "cat/2.png"), "more": ("cat/0.png", "cat/2.png")})
    store.change({"else": ("dog/3.png",)})
    store.set_few_labels(["good", "more"])
    found = few_label_set(store, classes)
    truth = {"cat/0.png": "cat", "cat/2.png": "cat", "dog/1.png": "dog"}
    names = [classes.paths[row] for row in found.rows]
    assert names == sorted(truth)
    assert [found.classes[one] for one in found.labels] == [truth[name] for name in names]
    assert (found.rows.dtype, found.labels.dtype) == (np.int64, np.int64)
    assert (found.classes, len(found), found.counts) == (("cat", "dog"), 3, {"cat": 2, "dog": 1})
    assert (found.unlabelled, found.away) == (0, 0)


def test_without_classes_every_marked_tag_is_one(plain: Catalogue) -> None:
    store = store_of(plain)
    store.change({"zebra": ("cafe\u0301 5.png", "caf\u00e9 1.png")})
    store.change({"ape": ("caf\u00e9 0.png", "gone.png"), "noise": ("caf\u00e9 2.png",)})
    store.set_few_labels(["zebra", "ape"])
    found = few_label_set(store, plain)
    assert found.classes == ("zebra", "ape"), "in the order of the tags"
    assert found.rows.tolist() == [0, 1, 5]
    assert found.labels.tolist() == [1, 0, 0]
    assert found.away == 1


def test_images_without_a_class_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = ["path,label", "a.png,cat", "b.png,dog", "c.png,"]
    for name in "abc":
        save(tmp_path / "set" / f"{name}.png", seed=ord(name))
    (tmp_path / "set" / "labels.csv").write_text("\n".join(rows))
    catalogue = scan(tmp_path / "set")
    assert catalogue.labels.tolist() == [0, 1, -1]
    store = store_of(catalogue)
    store.change({"few": ("a.png", "b.png", "c.png")})
    store.set_few_labels(["few"])
    found = few_label_set(store, catalogue)
    assert (found.rows.tolist(), found.labels.tolist()) == ([0, 1], [0, 1])
    assert found.unlabelled == 1


def test_what_is_missing_is_said_with_the_remedy(classes: Catalogue, plain: Catalogue) -> None:
    store = store_of(classes)
    with pytest.raises(FewLabelError, match="No tag is marked for the few-label set; choose"):
        few_label_set(store, classes)
    store.change({"good": ("cat/0.png", "cat/2.png")})
    with pytest.raises(FewLabelError, match="No tag is marked"):
        few_label_set(store, classes)
    store.set_few_labels(["good"])
    message = r"one class only \('cat'\); tag images of other classes too"
    with pytest.raises(FewLabelError, match=message):
        few_label_set(store, classes)
    with pytest.raises(FewLabelError, match=r"None of the 2 images .* is in .*plain; open their"):
        few_label_set(store, plain)


def test_without_classes_one_tag_is_not_enough_and_none_may_share(plain: Catalogue) -> None:
    store = store_of(plain)
    store.change({"ape": ("caf\u00e9 0.png", "caf\u00e9 1.png")})
    store.set_few_labels(["ape"])
    with pytest.raises(FewLabelError, match=r"one tag only \('ape'\); mark a second one"):
        few_label_set(store, plain)
    store.change({"zebra": ("caf\u00e9 1.png",)})
    store.set_few_labels(["ape", "zebra"])
    with pytest.raises(FewLabelError, match=r"café 1\.png has both 'ape' and 'zebra'"):
        few_label_set(store, plain)
