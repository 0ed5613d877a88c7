import csv

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from sslcore.data import demo
from sslcore.data.catalogue import Cancelled, scan


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return demo.make(tmp_path_factory.mktemp("demo"), count=60)


def neighbours_agree(features, labels, k=20):
    """Accuracy of a plain kNN by cosine: the first 2,400 answer for the rest."""
    features = features / np.linalg.norm(features, axis=1, keepdims=True)
    bank, queries = features[:2400], features[2400:]
    nearest = np.argsort(-queries @ bank.T, axis=1)[:, :k]
    votes = np.stack([(labels[:2400][nearest] == c).sum(1) for c in range(6)], 1)
    return (votes.argmax(1) == labels[2400:]).mean()


def test_the_shape_is_neither_in_the_pixels_nor_in_the_mean_colour():
    drawn = demo.factors(3000, 0)
    pictures = np.concatenate(
        [demo.render(drawn.rows(i, i + 300), 24) for i in range(0, 3000, 300)]
    ).astype(np.float32)
    raw = pictures.reshape(3000, -1)
    mean = pictures.mean((1, 2))
    for features, most in ((raw, 0.3), (raw - raw.mean(0), 0.3), (mean, 0.22)):
        assert neighbours_agree(features, drawn.shape) < most
    assert neighbours_agree(mean - mean.mean(0), drawn.shape) < 0.22


def test_the_catalogue_reads_it(folder):
    catalogue = scan(folder)
    assert catalogue.classes == demo.SHAPES
    assert np.bincount(catalogue.labels).tolist() == [10] * 6
    assert (len(catalogue), catalogue.channels, catalogue.bits) == (60, 3, 8)
    assert catalogue.problems == ()
    assert set(catalogue.metadata) == set(demo.COLUMNS) - {"path", "label"}
    for name in ("copies", "x", "y", "size", "tilt", "period"):
        assert isinstance(catalogue.metadata[name][0], float)
    for name in ("texture", "ground", "colour", "lighter"):
        assert isinstance(catalogue.metadata[name][0], str)
        assert len(set(catalogue.metadata[name])) > 1
    assert catalogue.sizes.tolist() == [[48, 48]] * 60


SOLID = ("arrow", "hammer", "heart", "house")
"""Shapes whose centre lies within them."""


def centres(drawn, row):
    """Pixels of 48 at which the copies of a picture have their centres, where they are in it."""
    places = np.floor(drawn.centre[row, : drawn.copies[row]] * 48).astype(int)
    return [(x, y) for x, y in places if 1 <= x < 47 and 1 <= y < 47]


def test_factors_say_what_is_seen(folder):
    drawn = demo.factors(60, 0)
    with (folder / "labels.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    right = looked = 0
    for row, facts in enumerate(rows):
        picture = np.asarray(Image.open(folder / facts["path"]), float).mean(2)
        assert facts["path"].startswith(facts["label"] + "/")
        seen = slice(drawn.copies[row])
        assert int(facts["copies"]) == drawn.copies[row]
        assert float(facts["x"]) == pytest.approx(drawn.centre[row, seen, 0].mean(), abs=1e-3)
        assert float(facts["size"]) == pytest.approx(drawn.size[row, seen].mean(), abs=1e-3)
        tilt = np.rad2deg(drawn.tilt[row, seen].mean())
        assert float(facts["tilt"]) == pytest.approx(tilt, abs=1e-3)
        for x, y in centres(drawn, row) if facts["label"] in SOLID else []:
            looked += 1
            lighter = picture[y, x] > (drawn.level[row].mean() * 255)
            right += lighter == (facts["lighter"] == "shape")
    assert looked > 60
    assert right >= 0.95 * looked  # the light is allowed to hide a few


def test_the_tint_is_that_of_the_colour_column():
    drawn = demo.factors(600, 0)
    drawn.light[..., 0] = 0  # in the dark of the waves the tint itself is seen
    pictures = demo.render(drawn, 48).astype(float)
    looked = 0
    for row in np.flatnonzero([demo.SHAPES[one] in SOLID for one in drawn.shape]):
        for x, y in centres(drawn, row):
            looked += 1
            patch = pictures[row, y - 1 : y + 2, x - 1 : x + 2].mean((0, 1))
            assert patch.argmax() == round(float(drawn.hue[row, 1]) / 120) % 3
    assert looked > 600


def test_a_picture_has_as_many_copies_as_it_says():
    drawn = demo.factors(120, 3)
    drawn.light[..., 0] = drawn.relief[:] = 0
    drawn.size[:] = 0.1
    drawn.centre[:] = np.array([[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]])
    pictures = demo.render(drawn, 48).astype(float).mean(3)
    ground, shape = drawn.level.T[..., None, None] * 255
    for row, nearer in enumerate(np.abs(pictures - shape) < np.abs(pictures - ground)):
        patches, _ = ndimage.label(nearer)
        large = np.bincount(patches.ravel())[1:] > 10  # the tips of a moon fall off
        assert large.sum() == drawn.copies[row]


def test_factors_do_not_depend_on_the_shape():
    drawn = demo.factors(6000, 1)
    for values in (
        drawn.size.mean(1),
        drawn.centre[:, :, 0].mean(1),
        drawn.copies.astype(float),
        drawn.tilt[:, 0],
        drawn.level[:, 1],
        drawn.hue[:, 1],
    ):
        means = [values[drawn.shape == shape].mean() for shape in range(6)]
        assert np.ptp(means) < 0.2 * values.std()
    table = np.zeros((6, 6))
    np.add.at(table, (drawn.shape, drawn.texture[:, 1]), 1)
    assert ((table - 6000 / 36) ** 2 / (6000 / 36)).sum() < 50  # chi-squared, 25 degrees


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    again = demo.make(tmp_path / "again", count=60)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert len(files) == 62
    for path in files:
        assert (folder / path).read_bytes() == (again / path).read_bytes()
    other = demo.make(tmp_path / "other", count=60, seed=1)
    name = "arrow/00000.png"
    assert (other / name).read_bytes() != (folder / name).read_bytes()
    assert (other / "labels.csv").read_bytes() != (folder / "labels.csv").read_bytes()


def test_a_finished_set_is_left_alone(folder):
    picture = folder / "arrow" / "00000.png"
    before = picture.stat().st_mtime_ns
    assert demo.make(folder, count=60) == folder
    assert picture.stat().st_mtime_ns == before


def test_a_set_that_was_called_off_is_finished_the_next_time(tmp_path):
    asked = []
    with pytest.raises(Cancelled):
        demo.make(tmp_path, count=60, cancelled=lambda: (asked.append(1), len(asked) > 20)[1])
    assert not (tmp_path / "labels.csv").exists()
    seen = []
    demo.make(tmp_path, count=60, progress=lambda *counts: seen.append(counts))
    assert seen[-1] == (60, 60)
    assert len(scan(tmp_path)) == 60


def test_a_set_of_an_older_version_is_drawn_anew(tmp_path):
    demo.make(tmp_path, count=6)
    mark = tmp_path / ".demo.json"
    mark.write_text(mark.read_text().replace('"version": ', '"version": 9'))
    (tmp_path / "arrow" / "00000.png").write_bytes(b"drawn otherwise")
    demo.make(tmp_path, count=6)
    assert scan(tmp_path).problems == ()
    mark.write_text("[]")
    with pytest.raises(ValueError, match="holds something else already"):
        demo.make(tmp_path, count=6)


def test_other_peoples_folders_are_not_written_into(folder, tmp_path):
    (tmp_path / "holiday.png").write_bytes(b"mine")
    with pytest.raises(ValueError, match="holds something else already; choose an empty folder"):
        demo.make(tmp_path)
    with pytest.raises(ValueError, match="holds something else already"):
        demo.make(folder, count=61)


@pytest.mark.parametrize("options", [{"count": 0}, {"size": 4}, {"size": 5000}, {"seed": -1}])
def test_numbers_out_of_range_are_told(tmp_path, options):
    with pytest.raises(ValueError, match="a demo set needs at least 1 picture"):
        demo.make(tmp_path / "new", **options)
    assert not (tmp_path / "new").exists()
