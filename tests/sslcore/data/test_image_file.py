import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sslcore.data import image_file
from sslcore.data.image_file import UnreadableError, opened, read_header
from tests.sslcore.data.pictures import huge_png, noise, save, smooth

FORMATS = ("a.png", "a.jpg", "a.bmp", "a.webp", "a.gif", "a.tif")


@pytest.mark.parametrize("name", FORMATS)
def test_size_is_read_from_every_format(tmp_path, name):
    header = read_header(save(tmp_path / name, noise(7, 5)))
    assert (header.height, header.width) == (7, 5)
    assert header.colour
    assert not header.deep
    assert header.size == (tmp_path / name).stat().st_size


@pytest.mark.parametrize("name", FORMATS)
def test_a_truncated_file_of_every_format_is_told(tmp_path, name):
    path = save(tmp_path / name, noise(64, 64))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(UnreadableError, match=r"truncated|damaged"):
        read_header(path)


@pytest.mark.parametrize("name", FORMATS)
def test_every_short_start_of_a_file_is_unreadable_and_nothing_else(tmp_path, name):
    data = save(tmp_path / name, noise(6, 6)).read_bytes()
    for length in range(min(len(data) - 1, 60)):
        (tmp_path / name).write_bytes(data[:length])
        with pytest.raises(UnreadableError):
            read_header(tmp_path / name)


def test_a_jpeg_with_something_behind_it_is_whole(tmp_path):
    path = save(tmp_path / "a.jpg", smooth(40, 30))
    path.write_bytes(path.read_bytes() + b"a film of the moment, as phones append it" * 9)
    assert read_header(path).height == 40


def test_grey_is_told_from_colour(tmp_path):
    assert not read_header(save(tmp_path / "l.png", noise(4, 4, 1))).colour
    assert not read_header(save(tmp_path / "l.gif", noise(4, 4, 1))).colour
    assert not read_header(save(tmp_path / "1.png", noise(4, 4, 1) > 99)).colour
    Image.fromarray(noise(4, 4)).convert("P").save(tmp_path / "p.png")
    assert read_header(tmp_path / "p.png").colour


def test_sixteen_bits_are_told(tmp_path):
    header = read_header(save(tmp_path / "d.png", noise(4, 4, 1).astype(np.uint16) * 257))
    assert header.deep
    assert not header.colour


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.png", "a.tif"])
def test_size_is_as_looked_at(tmp_path, name):
    exif = Image.Exif()
    exif[0x0112] = 6
    header = read_header(save(tmp_path / name, smooth(40, 20), exif=exif))
    assert (header.height, header.width) == (20, 40)


def test_broken_exif_does_not_lose_the_picture(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save(tmp_path / "a.jpg", smooth(40, 20), exif=exif)
    path.write_bytes(path.read_bytes().replace(b"MM\0*", b"MQ\0*", 1))
    assert read_header(path).height == 40


def test_a_huge_header_is_refused_without_decoding_or_warning(tmp_path):
    path = huge_png(tmp_path / "huge.png", 20_000, 20_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnreadableError, match=r"too large: 20,000 x 20,000 pixels.*smaller"):
            read_header(path)


def test_the_limit_is_below_the_one_at_which_pillow_warns():
    assert Image.MAX_IMAGE_PIXELS is not None
    assert image_file.MAX_PIXELS <= Image.MAX_IMAGE_PIXELS


def test_one_pixel_is_a_picture(tmp_path):
    header = read_header(save(tmp_path / "dot.png", noise(1, 1)))
    assert (header.height, header.width) == (1, 1)


def test_reasons_for_a_person(tmp_path, monkeypatch):
    empty = tmp_path / "empty.png"
    empty.touch()
    with pytest.raises(UnreadableError, match="no bytes"):
        read_header(empty)
    text = tmp_path / "text.png"
    text.write_text("Dear diary, today I was named like a picture.")
    with pytest.raises(UnreadableError, match="not an image, although its name says so"):
        read_header(text)
    with pytest.raises(UnreadableError, match="not there any more"):
        read_header(tmp_path / "gone.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(UnreadableError, match="link to nothing"):
        read_header(tmp_path / "link.png")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    whole = save(tmp_path / "whole.png")
    monkeypatch.setattr(Path, "open", refuse)  # tests may run as root, whom no rights stop
    with pytest.raises(UnreadableError, match="no permission"):
        read_header(whole)


def test_what_goes_wrong_while_decoding_has_a_reason_too(tmp_path):
    path = save(tmp_path / "a.png", noise(64, 64))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(UnreadableError, match=r"damaged|truncated"), opened(path) as image:
        image.load()


def test_the_name_does_not_decide_the_format(tmp_path):
    path = save(tmp_path / "really.png", noise(5, 6))
    path.rename(tmp_path / "really.jpg")
    assert read_header(tmp_path / "really.jpg").width == 6


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(UnreadableError, match="not a file"):
        read_header(tmp_path / "pipe.png")


@pytest.mark.parametrize(("name", "shape"), [("a.pgm", (6, 9)), ("a.ppm", (6, 9, 3))])
def test_portable_maps_of_old_cameras_are_images(tmp_path, name, shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    file = save(tmp_path / name, pixels)
    header = read_header(file)
    assert (header.height, header.width, header.colour) == (6, 9, len(shape) == 3)
    with opened(file) as image:
        assert np.array_equal(np.asarray(image), pixels)
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(UnreadableError, match="truncated"):
        read_header(file)
