import numpy as np
import pytest
from PIL import Image

from sslcore.data.catalogue import scan
from sslcore.data.folder import CatalogueError
from sslcore.data.image_file import UnreadableError
from sslcore.data.pairs import match, numbers
from sslcore.data.pixel_store import PixelStore
from sslcore.data.reading import Reading
from tests.sslcore.data.pictures import noise, save


def partners(paths, wanted="auto"):
    found = match(paths, wanted)
    return {paths[a]: paths[b] for a, b in found.partner.items()}


@pytest.mark.parametrize(
    ("image", "target"),
    [
        ("rgb/a.png", "depth/a.png"),
        ("images/a.jpg", "masks/a.png"),
        ("room/color/a.png", "room/hha/a.png"),
        ("RGB/room/a.png", "Depth/room/a.png"),
        ("rgb/color_0001.png", "depth/depth_0001.png"),
        ("train/img/rgb-7.png", "train/segmentation/seg-7.png"),
    ],
)
def test_parallel_folders_are_found(image, target):
    paths = sorted([image, target, "other/a.png"])
    assert partners(paths) == {image: target}
    assert match(paths).aside == {paths.index(target)}


def test_depth_comes_first_and_any_folder_can_be_named():
    paths = [f"{name}/{i}.png" for name in ("rgb", "depth", "labels", "normals") for i in range(3)]
    assert match(paths).folder == "depth"
    assert match(paths).aside == set(range(3, 9)), "what may be a target is no image"
    assert partners(paths, "labels")["rgb/1.png"] == "labels/1.png"
    assert partners(paths, "normals")["rgb/1.png"] == "normals/1.png"
    with pytest.raises(CatalogueError, match=r"data\.target = 'hha'.*here: depth, labels"):
        match(paths, "hha")


def test_near_misses_say_what_is_wrong():
    assert "no file in depth/ has the name" in match(["rgb/a.png", "depth/b.png"]).lacks
    assert "no folder rgb/" in match(["depth/b.png", "b.png"]).lacks
    assert match(["cat/b.png", "dog/b.png"]).lacks == ""


def pair(folder, stem, image, target, name="depth"):
    save(folder / "rgb" / f"{stem}.png", image)
    save(folder / name / f"{stem}.png", target)


def targets_of(folder, **options):
    catalogue = scan(folder, Reading(**options))
    assert "pairs" in catalogue.kinds
    store = PixelStore.open(catalogue.targets, 8, budget_bytes=2**20)
    return catalogue, store, store.read(np.arange(len(catalogue)))


def test_depth_keeps_its_numbers(tmp_path):
    depth = np.random.default_rng(0).integers(0, 65536, (8, 8)).astype(np.uint16)
    for stem in "abc":
        pair(tmp_path, stem, noise(8, 8), depth)
    catalogue, store, read = targets_of(tmp_path)
    assert (len(catalogue), catalogue.channels, store.channels) == (3, 3, 1)
    assert catalogue.targets.role == "depth"
    assert read.shape == (3, 1, 8, 8)
    assert np.array_equal(read[1, 0].numpy(), depth.astype(np.float32))


def test_depth_is_cached_streamed_and_shrunk_without_new_values(tmp_path):
    depth = np.where(np.arange(24) < 12, 500, 9000).astype(np.uint16)[None].repeat(24, 0)
    pair(tmp_path, "a", noise(24, 24), depth)
    catalogue, store, read = targets_of(tmp_path)
    assert store.cached
    assert set(read.unique().tolist()) == {500.0, 9000.0}
    with PixelStore.open(catalogue.targets, 8, budget_bytes=0) as streamed:
        assert not streamed.cached
        assert np.array_equal(streamed.read([0]), read)
    images = PixelStore.open(catalogue, 8, budget_bytes=2**20)
    assert images.side == store.side, "a target has the side of its image"


def test_palettes_and_greys_are_class_numbers(tmp_path):
    classes = np.random.default_rng(1).integers(0, 5, (8, 8)).astype(np.uint8)
    palette = Image.fromarray(classes)
    palette.putpalette([9, 9, 9, 200, 0, 0, 0, 200, 0, 0, 0, 200, 90, 90, 0])
    save(tmp_path / "images" / "a.png", noise(8, 8))
    (tmp_path / "labels").mkdir()
    palette.save(tmp_path / "labels" / "a.png")
    catalogue, _, read = targets_of(tmp_path)
    assert catalogue.targets.role == "labels"
    assert np.array_equal(read[0, 0].numpy(), classes)


def test_hha_and_coloured_depth_are_pictures(tmp_path):
    pair(tmp_path, "a", noise(8, 8), noise(8, 8, seed=5), "hha")
    catalogue, store, read = targets_of(tmp_path)
    assert (catalogue.targets.role, store.channels) == ("picture", 3)
    assert np.array_equal((read[0] * 255).round().numpy().transpose(1, 2, 0), noise(8, 8, seed=5))
    pair(tmp_path / "more", "a", noise(8, 8), noise(8, 8, seed=5))
    assert scan(tmp_path / "more").targets.role == "picture"


def test_what_has_no_partner_or_another_shape_is_listed(tmp_path):
    for stem in "ab":
        pair(tmp_path, stem, noise(8, 8), noise(8, 8, 1))
    save(tmp_path / "rgb" / "alone.png", noise(8, 8))
    save(tmp_path / "depth" / "b.png", noise(8, 16, 1))
    catalogue = scan(tmp_path)
    assert catalogue.paths == ("rgb/a.png", "rgb/alone.png", "rgb/b.png")
    assert catalogue.targets.rows.tolist() == [0]
    reasons = {one.path: one.reason for one in catalogue.problems}
    assert "no target of this name in depth/" in reasons["rgb/alone.png"]
    assert "16 x 8 pixels do not fit" in reasons["depth/b.png"]


def test_another_target_is_another_cache(tmp_path):
    for name in ("depth", "labels"):
        pair(tmp_path, "a", noise(8, 8), noise(8, 8, 1), name)
    assert scan(tmp_path).targets.folders == ("depth", "labels")
    depth, labels = (scan(tmp_path, Reading(target=name)).targets for name in ("depth", "labels"))
    assert depth.fingerprint != labels.fingerprint != scan(tmp_path).fingerprint
    before = depth.fingerprint
    save(tmp_path / "depth" / "a.png", noise(8, 8, 1, seed=9).repeat(2, 0).repeat(2, 1))
    assert scan(tmp_path).targets.fingerprint != before


def test_colours_are_no_class_numbers_and_a_damaged_target_is_told(tmp_path):
    file = save(tmp_path / "x.png", noise(8, 8))
    with pytest.raises(UnreadableError, match=r"colours \(RGB\) where class numbers"):
        numbers(file, 8, "labels")
    pair(tmp_path, "a", noise(8, 8), noise(8, 8), "labels")
    _, store, read = targets_of(tmp_path)
    assert "class numbers are needed" in store.missing[0]
    assert read.abs().max() == 0
