import csv

import numpy as np
import pytest
from PIL import Image

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
    for name in ("x", "y", "size", "rotation", "period"):
        assert isinstance(catalogue.metadata[name][0], float)
    for name in ("texture", "ground", "colour", "lighter"):
        assert isinstance(catalogue.metadata[name][0], str)
        assert len(set(catalogue.metadata[name])) > 1
    assert catalogue.sizes.tolist() == [[48, 48]] * 60


def test_factors_say_what_is_seen(folder):
    with (folder / "labels.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    right = 0
    solid = [row for row in rows if row["label"] in ("circle", "square")]
    for row in solid:
        picture = np.asarray(Image.open(folder / row["path"]), float).mean(2)
        assert row["path"].startswith(row["label"] + "/")
        x, y, radius = (float(row[name]) * 48 for name in ("x", "y", "size"))
        down, across = np.mgrid[0:48, 0:48] + 0.5
        distance = np.hypot(across - x, down - y)
        inner = picture[distance < 0.8 * radius].mean()
        outer = picture[(distance > 1.3 * radius) & (distance < 1.7 * radius)].mean()
        right += (inner > outer) == (row["lighter"] == "shape")
    assert right >= 0.9 * len(solid)  # the light is allowed to hide a few


def test_the_tint_is_that_of_the_colour_column():
    drawn = demo.factors(600, 0)
    drawn.light[..., 0] = 0  # in the dark of the waves the tint itself is seen
    pictures = demo.render(drawn, 24).astype(float)
    for row in np.flatnonzero(np.isin(drawn.shape, (0, 3))):
        x, y = (drawn.centre[row] * 24).astype(int)
        patch = pictures[row, y - 1 : y + 2, x - 1 : x + 2].mean((0, 1))
        assert patch.argmax() == round(float(drawn.hue[row, 1]) / 120) % 3


def test_factors_do_not_depend_on_the_shape():
    drawn = demo.factors(6000, 1)
    for values in (drawn.size, drawn.centre[:, 0], drawn.level[:, 1], drawn.hue[:, 1]):
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
    name = "circle/00000.png"
    assert (other / name).read_bytes() != (folder / name).read_bytes()
    assert (other / "labels.csv").read_bytes() != (folder / "labels.csv").read_bytes()


def test_a_finished_set_is_left_alone(folder):
    picture = folder / "circle" / "00000.png"
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
    (tmp_path / "circle" / "00000.png").write_bytes(b"drawn otherwise")
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
