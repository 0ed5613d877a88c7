"""What files and tables tell of images."""

import math

import numpy as np
import pytest
from PIL import Image

from sslcore.data.catalogue import scan
from sslcore.data.pool import Cancelled
from sslcore.evaluation.nuisance_files import jpeg_quality, of_columns, of_files


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures in two classes: JPEG files of known quality, and PNG files."""
    random = np.random.default_rng(0)
    lines = ["path,label,camera,exposure,note,maker"]
    for number in range(12):
        kind = "cat" if number % 2 else "dog"
        suffix = "png" if number >= 8 else "jpg"
        path = f"{kind}/{number:02d}.{suffix}"
        (tmp_path / kind).mkdir(exist_ok=True)
        pixels = random.integers(0, 256, (20, 20 + number, 3), np.uint8)
        picture = Image.fromarray(pixels)
        options = {} if suffix == "png" else {"quality": 20 + 10 * number}
        picture.save(tmp_path / path, **options)
        camera = ("one", "two", "")[number % 3]
        exposure = "" if number == 5 else f"{number / 4}"
        lines.append(f"{path},{kind},{camera},{exposure},note {number},same")
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


@pytest.mark.parametrize("quality", [1, 2, 10, 37, 49, 50, 75, 90, 95, 99])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_quality_pillow_wrote_with_is_read_from_the_tables(tmp_path, quality, mode):
    path = tmp_path / "a.jpg"
    Image.new(mode, (16, 16), 40).save(path, quality=quality)
    with Image.open(path) as image:
        assert jpeg_quality(list(image.quantization.values())) == quality


def test_tables_of_other_makers_get_the_quality_nearest_to_them():
    flat = [[10] * 64]
    rough = [[60] * 64]
    assert 1 < jpeg_quality(rough) < jpeg_quality(flat) < 100
    assert math.isnan(jpeg_quality([]))
    assert math.isnan(jpeg_quality([[1, 2, 3]]))


def test_files_tell_their_size_quality_and_shape(folder):
    catalogue = scan(folder)
    rows = np.arange(len(catalogue))[::-1].copy()
    told = []
    found = of_files(catalogue, rows, progress=lambda *at: told.append(at))
    by_key = {one.key: one for one in found.found}
    assert set(by_key) == {"file_size", "jpeg_quality", "width", "aspect"}
    assert found.skipped == {"Height of the file's picture": "the same for all images"}
    for place, row in enumerate(rows.tolist()):
        path = catalogue.path(row)
        number = int(path.stem)
        assert by_key["file_size"].values[place] == pytest.approx(math.log10(path.stat().st_size))
        assert by_key["width"].values[place] == 20 + number
        assert by_key["aspect"].values[place] == (20 + number) / 20
        quality = by_key["jpeg_quality"].values[place]
        assert math.isnan(quality) if path.suffix == ".png" else quality == 20 + 10 * number
    assert {one.source for one in found.found} == {"file"}
    assert told[-1] == (12, 12)
    with pytest.raises(Cancelled):
        of_files(catalogue, rows, cancelled=lambda: True)


def test_a_file_that_is_gone_is_unknown(folder):
    catalogue = scan(folder)
    catalogue.path(3).unlink()
    found = {one.key: one for one in of_files(catalogue, np.arange(12)).found}
    assert not found["file_size"].known[3]
    assert not found["jpeg_quality"].known[3]
    assert found["width"].known.all()


def test_columns_are_numbers_or_categories_and_classes_stand_apart(folder):
    catalogue = scan(folder)
    rows = np.arange(12)
    found = of_columns(catalogue, rows)
    by_key = {one.key: one for one in found.found}
    assert list(by_key) == ["class", "camera", "exposure", "note"]
    assert by_key["class"].source == "class"
    assert by_key["class"].names == ("cat", "dog")
    assert by_key["class"].values.tolist() == catalogue.labels.tolist()
    numbers = [int(catalogue.path(row).stem) for row in rows]
    assert by_key["camera"].names == ("one", "two")
    assert by_key["camera"].values.tolist() == [(0, 1, -1)[one % 3] for one in numbers]
    assert by_key["camera"].title == "Camera"
    expected = [math.nan if one == 5 else one / 4 for one in numbers]
    np.testing.assert_allclose(by_key["exposure"].values, expected)
    assert found.skipped == {"Maker": "the same for all images"}


def test_names_and_notes_are_no_categories(folder, monkeypatch):
    monkeypatch.setattr("sslcore.evaluation.nuisance_files.MOST_CATEGORIES", 11)
    found = of_columns(scan(folder), np.arange(12))
    assert "note" not in {one.key for one in found.found}
    assert found.skipped["Note"].startswith("12 different entries, so it is no category")
    few = of_columns(scan(folder), np.array([0, 3]))
    assert few.skipped["Camera"] in ("the same for all images", "empty for all images")
