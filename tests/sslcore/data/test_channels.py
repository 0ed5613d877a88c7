"""Folders of images with any number of channels, from their files to what is made of them."""

import shutil
from contextlib import closing

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from sslcore.__main__ import main
from sslcore.augment.presets import contrastive_views
from sslcore.data.catalogue import scan
from sslcore.data.channels import counted, refusal, usual
from sslcore.data.image_file import Header
from sslcore.data.pixel_store import PixelStore
from sslcore.data.reading import Reading
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import RunStopped, StepDone, Warned
from sslcore.runs.directory import RunDirectory
from sslcore.runs.export import embed_folder, load_encoder
from sslcore.runs.memory import MemoryStore
from tests.sslcore.data.pictures import five_bands, noise, save, smooth
from tests.sslcore.engine import tiny

NATIVE = Reading(channels="native")


def header(bands):
    return Header(4, 4, True, False, 1, 1, bands=bands)


def test_most_files_say_how_many_channels_a_folder_has():
    assert usual([]) == 0
    assert usual([header(0), header(5), header(5)]) == 5
    assert usual([header(4), header(3)]) == 4, "of equally frequent ones the first"
    assert refusal(header(3), 3) == ""
    assert refusal(header(1), 4).startswith("1 channel, but most images here have 4 channels;")
    assert refusal(header(0), 5).startswith("a grey or colour picture, but most images here have")
    assert refusal(header(5), 0).startswith("5 channels, but most images here are grey or colour")
    assert [counted(1), counted(12)] == ["1 channel", "12 channels"]


@pytest.mark.parametrize(
    ("picture", "native"),
    [
        (noise(6, 6, 4), 4),
        (noise(6, 6, 2), 2),
        (noise(6, 6, 3), 3),
        (noise(6, 6, 1), 1),
        (noise(6, 6, 1).astype(np.uint16), 1),
        (noise(6, 6, 1) > 99, 1),
    ],
)
def test_transparency_is_a_channel_only_where_files_are_read_natively(tmp_path, picture, native):
    save(tmp_path / "a.png", picture)
    found = scan(tmp_path, NATIVE)
    assert (found.channels, found.native) == (native, True)
    with PixelStore.open(found, 6, budget_bytes=0) as store:
        values = store.read([0])[0].mul(255 if found.bits == 8 else 65535).round().numpy()
    scale = 255 if picture.dtype == bool else 1
    assert np.array_equal(values, picture.reshape(6, 6, -1).transpose(2, 0, 1) * float(scale))
    assert scan(tmp_path).channels == (1 if native < 3 else 3)


@pytest.mark.parametrize(("mode", "native"), [("P", 4), ("L", 2), ("RGB", 4)])
def test_a_transparent_colour_is_a_channel_too(tmp_path, mode, native):
    picture = Image.new(mode, (6, 6), 0)
    if mode == "P":
        picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.paste(1 if mode != "RGB" else (9, 9, 9), (0, 0, 3, 6))
    picture.save(tmp_path / "a.png", transparency=0 if mode != "RGB" else (0, 0, 0))
    found = scan(tmp_path, NATIVE)
    assert found.channels == native
    with PixelStore.open(found, 6, budget_bytes=0) as store:
        alpha = store.read([0])[0, -1]
    assert alpha[:, :3].min() == 1
    assert alpha[:, 3:].max() == 0


def test_colours_below_transparency_are_resized_by_themselves(tmp_path):
    picture = np.dstack([smooth(32, 32), np.zeros((32, 32), np.uint8)])
    save(tmp_path / "a.png", picture)
    with PixelStore.open(scan(tmp_path, NATIVE), 16, budget_bytes=0) as store:
        small = store.read([0])[0, :3, ::3, ::3]
    shown = Image.fromarray(smooth(32, 32)).resize((store.side,) * 2, Image.Resampling.BICUBIC)
    expected = np.asarray(shown, np.float32).transpose(2, 0, 1)[:, ::3, ::3] / 255
    assert np.allclose(small, expected, atol=1e-4)


def test_a_file_of_other_channels_is_left_out_with_the_reason(tmp_path):
    for number in range(3):
        save(tmp_path / f"{number}.png", noise(6, 6, 4))
    save(tmp_path / "plain.png", noise(6, 6))
    save(tmp_path / "grey.jpg", noise(6, 6, 1))
    found = scan(tmp_path, NATIVE)
    assert found.paths == ("0.png", "1.png", "2.png")
    told = {one.path: one.reason.split(";")[0] for one in found.problems}
    assert told == {
        "plain.png": "3 channels, but most images here have 4 channels",
        "grey.jpg": "1 channel, but most images here have 4 channels",
    }
    assert len(scan(tmp_path)) == 5, "as pictures they go together"


def test_more_than_four_bands_are_read_as_they_are(tmp_path):
    five_bands(tmp_path / "many", 4)
    found = scan(tmp_path / "many")
    assert (found.channels, found.bits, found.native) == (5, 16, False)
    assert found.problems == ()
    with PixelStore.open(found, 16, budget_bytes=0) as store:
        values = store.read([0])[0] * 65535
    pixels = tifffile.imread(found.path(0))
    assert np.allclose(values.numpy(), pixels.transpose(2, 0, 1), atol=0.02)
    save(tmp_path / "many" / "map.png", noise(6, 6))
    assert [one.path for one in scan(tmp_path / "many").problems] == ["map.png"]
    for number in range(6):
        save(tmp_path / "many" / f"{number}.png", noise(6, 6))
    found = scan(tmp_path / "many")
    assert (found.channels, len(found), len(found.problems)) == (3, 7, 4)


def test_eight_and_sixteen_bits_of_bands_go_together(tmp_path):
    np.save(tmp_path / "a.npy", np.full((5, 8, 8), 100, np.uint8))
    np.save(tmp_path / "b.npy", np.full((8, 8, 5), 25_700, np.uint16))
    np.save(tmp_path / "c.npy", np.full((8, 8, 5), 100 / 255, np.float32))
    found = scan(tmp_path)
    assert (found.channels, found.bits) == (5, 16)
    with PixelStore.open(found, 8, budget_bytes=0) as store:
        assert torch.allclose(store.read([0, 1, 2]), torch.tensor(100 / 255), atol=1e-5)


def test_a_folder_of_arrays_that_are_no_images_leaves_the_images_alone(tmp_path):
    save(tmp_path / "a.png", noise(6, 6))
    np.save(tmp_path / "features.npy", np.zeros((100, 32), np.float32))
    found = scan(tmp_path, NATIVE)
    assert found.paths == ("a.png",)
    assert [one.path for one in found.problems] == ["features.npy"]


@pytest.mark.parametrize(
    ("pictures", "array", "shape", "kinds"),
    [
        (("rgb/{}.png", "labels/{}.png"), "depth/{}.npy", (6, 6), ("pairs",)),
        (("rgb/{}_rgb.png", "depth/{}_depth.png"), "depth/{}_depth.npy", (6, 6), ("pairs",)),
        (("img/{}.png",), "feat/{}.npy", (64, 7, 7), ("images",)),
    ],
)
def test_arrays_beside_pictures_change_nothing(tmp_path, pictures, array, shape, kinds):
    for number in range(3):
        for name in pictures:
            (tmp_path / name.format(number)).parent.mkdir(exist_ok=True)
            save(tmp_path / name.format(number), noise(6, 6, 3 if "depth" not in name else 1))
    before = scan(tmp_path)
    for number in range(3):
        (tmp_path / array.format(number)).parent.mkdir(exist_ok=True)
        np.save(tmp_path / array.format(number), np.zeros(shape, np.float32))
    after = scan(tmp_path)
    assert set(kinds) <= set(after.kinds)
    assert (after.paths, after.kinds, after.channels) == (before.paths, before.kinds, 3)
    assert (after.fingerprint, after.problems) == (before.fingerprint, before.problems)


def test_more_arrays_than_pictures_are_told(tmp_path):
    save(tmp_path / "preview.png", noise(6, 6, 3))
    for number in range(4):
        np.save(tmp_path / f"{number}.npy", np.zeros((6, 6, 5), np.uint8))
    found = scan(tmp_path)
    assert found.paths == ("preview.png",)
    (problem,) = found.problems
    assert problem.path == "0.npy"
    assert problem.reason.startswith("one of 4 NumPy arrays beside fewer pictures; none of them")
    assert scan(tmp_path, NATIVE).channels == 5


def test_no_cache_is_taken_for_another_reading(tmp_path):
    pages = noise(3, 8 * 8).reshape(3, 3, 8, 8)[0]
    (tmp_path / "images").mkdir()
    tifffile.imwrite(tmp_path / "images" / "a.tif", pages, photometric="minisblack")
    save(tmp_path / "images" / "b.png", noise(8, 8))
    save(tmp_path / "images" / "c.png", noise(8, 8))
    seen = []
    for reading in (Reading(), NATIVE, Reading()):
        found = scan(tmp_path / "images", reading)
        assert (found.channels, len(found)) == (3, 3)
        budget = {"cache_folder": tmp_path / "cache", "budget_bytes": 10**6}
        with PixelStore.open(found, 8, **budget) as store:
            assert store.cached
            seen.append((store.read([0])[0] * 255).round())
    assert torch.equal(seen[0], torch.from_numpy(pages[:1]).float().expand(3, -1, -1))
    assert torch.equal(seen[1], torch.from_numpy(pages).float())
    assert torch.equal(seen[2], seen[0])


def test_targets_are_read_as_ever_where_images_are_read_natively(tmp_path):
    for number in range(3):
        save(tmp_path / "rgb" / f"{number}.png", noise(8, 8, 4, seed=number))
        save(tmp_path / "depth" / f"{number}.png", noise(8, 8, 1).astype(np.uint16) * 9)
    found = scan(tmp_path, NATIVE)
    assert (found.channels, found.targets.role, len(found.targets.rows)) == (4, "depth", 3)
    np.save(tmp_path / "depth" / "1.npy", np.zeros((8, 8, 1), np.float32))
    (tmp_path / "depth" / "1.png").unlink()
    found = scan(tmp_path, NATIVE)
    assert found.targets.rows.tolist() == [0, 2]
    assert "a file of bands" in {one.path: one.reason for one in found.problems}["depth/1.npy"]


@pytest.fixture(scope="module")
def bands(tmp_path_factory):
    return five_bands(tmp_path_factory.mktemp("bands"))


def test_five_bands_go_all_the_way(bands, tmp_path, capsys):
    recipe = tiny.recipe(bands, run__checkpoint_every=1 / 3, run__online_probe=False)
    straight = tiny.run(recipe, MemoryStore())
    assert straight[-1].reason == "completed"
    assert not [one for one in straight if isinstance(one, Warned)]
    directory, control = RunDirectory.create(tmp_path / "run", recipe), Control()
    first = []
    for event in directory.record(train(recipe, control, directory)):
        first.append(event)
        if isinstance(event, StepDone) and event.step == 3:
            control.stop()
    rest = list(directory.record(train(recipe, Control(), directory, "auto")))
    directory.close()
    assert isinstance(rest[-1], RunStopped)
    assert tiny.steps(first) + tiny.steps(rest) == tiny.steps(straight), "bit for bit"

    assert main(["evaluate", str(tmp_path / "run"), "--knn"]) == 0
    assert "pixels" in capsys.readouterr().out
    out = tmp_path / "features.npz"
    assert main(["embed", str(tmp_path / "run"), "--out", str(out)]) == 0
    encoder = load_encoder(tmp_path / "run")
    paths, features = embed_folder(encoder, bands)
    with np.load(out) as archive:
        assert archive["paths"].tolist() == list(paths)
        assert np.allclose(archive["features"], features, atol=1e-5)
    assert main(["export", str(tmp_path / "run"), "--format", "safetensors", "--out",
                 str(tmp_path / "taken")]) == 0  # fmt: skip
    assert "images of 5 channels" in (tmp_path / "taken" / "README.md").read_text()
    taken = load_encoder(tmp_path / "taken")
    assert np.allclose(embed_folder(taken, bands)[1], features, atol=1e-6)


def test_colour_steps_of_an_edited_plan_are_switched_off_with_a_word(bands):
    recipe = tiny.recipe(bands, schedule__epochs=1).changed(views=contrastive_views(16, 3))
    events = tiny.run(recipe, MemoryStore())
    assert events[-1].reason == "completed"
    (warned,) = [one for one in events if isinstance(one, Warned)]
    assert warned.code == "colour_steps"
    assert warned.message == (
        "These images have 5 channels, so steps that need colour are switched off: colour jitter, "
        "grey."
    )


@pytest.mark.parametrize("key", ["colorization", "split_brain", "cross_view"])
def test_methods_of_colour_refuse_five_bands_or_say_which_they_take(bands, key):
    changes = {"method__target": "colour"} if key == "cross_view" else {}
    events = tiny.run(tiny.recipe(bands, key, schedule__epochs=1, **changes), MemoryStore())
    if key == "cross_view":
        assert events[-1].reason == "completed", "it predicts the first three"
    else:
        assert events[-1].reason == "failed"
        assert "needs colour images, these have 5 channels; choose" in events[-1].error


@pytest.mark.parametrize("key", ["colorization", "split_brain"])
def test_methods_of_colour_take_transparency_along(clear, key):
    recipe = tiny.recipe(clear, key, data__channels="native", schedule__epochs=1)
    events = tiny.run(recipe, MemoryStore())
    assert events[-1].reason == "completed", events[-1].error


@pytest.fixture
def clear(tmp_path, images):
    """The coloured squares with transparency."""
    folder = tmp_path / "clear"
    shutil.copytree(images, folder)
    for number, path in enumerate(sorted(folder.rglob("*.png"))):
        picture = Image.open(path)
        picture.putalpha(Image.fromarray(noise(16, 16, 1, seed=number)))
        picture.save(path)
    return folder


def test_an_encoder_of_transparency_embeds_folders_as_it_was_trained(tmp_path, clear):
    recipe = tiny.recipe(clear, data__channels="native", schedule__epochs=1)
    with closing(RunDirectory.create(tmp_path / "run", recipe)) as directory:
        assert list(directory.record(train(recipe, Control(), directory)))[-1].reason == "completed"
    encoder = load_encoder(tmp_path / "run")
    assert encoder.channels == 4
    _, features = embed_folder(encoder, clear)
    out = tmp_path / "features.npz"
    assert main(["embed", str(tmp_path / "run"), str(clear), "--out", str(out)]) == 0
    with np.load(out) as archive:
        assert np.allclose(archive["features"], features, atol=1e-5)
    with pytest.raises(ValueError, match="the images have 3 channels, the encoder was made for 4"):
        embed_folder(encoder, clear, channels="auto")


images = tiny.images
