import numpy as np
import pytest
import tifffile
from PIL import Image

from sslcore.data import bands
from sslcore.data.bands import Bands, BandsError, look, read, stretched
from sslcore.data.image_file import UnreadableError, read_header
from tests.sslcore.data.pictures import save


def numbers(*shape, dtype=np.uint8, seed=0):
    top = min(np.iinfo(dtype).max, 65535)
    return np.random.default_rng(seed).integers(0, top, shape, dtype, endpoint=True)


def write(path, values, **options):
    tifffile.imwrite(path, values, **{"photometric": "minisblack", **options})
    return path


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    ("layout", "options"),
    [
        ("contig", {"planarconfig": "contig"}),
        ("contig", {"planarconfig": "contig", "compression": "deflate"}),
        ("contig", {"planarconfig": "contig", "compression": "deflate", "predictor": True}),
        ("separate", {"planarconfig": "separate"}),
        ("separate", {"planarconfig": "separate", "tile": (16, 16)}),
        ("contig", {"planarconfig": "contig", "bigtiff": True, "byteorder": ">"}),
    ],
)
def test_bands_of_a_page_come_out_as_they_were_written(tmp_path, dtype, layout, options):
    pixels = numbers(5, 12, 17, dtype=dtype)
    stored = pixels.transpose(1, 2, 0) if layout == "contig" else pixels
    path = write(tmp_path / "a.tif", np.ascontiguousarray(stored), **options)
    for native in (False, True):
        found = look(path, native)
        assert (found.count, found.height, found.width) == (5, 12, 17)
        assert found.deep == (dtype == np.uint16)
        out = read(path, found)
        assert out.dtype == dtype
        assert np.array_equal(out, pixels)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.tif", {}),
        ("a.tif", {"imagej": True, "metadata": {"axes": "CYX"}}),
        ("a.ome.tif", {"metadata": {"axes": "CYX"}}),
    ],
)
def test_pages_are_bands_only_where_files_are_read_natively(tmp_path, name, options):
    pixels = numbers(6, 9, 11, dtype=np.uint16)
    path = write(tmp_path / name, pixels, **options)
    assert look(path) is None, "its first page is a grey picture"
    found = look(path, native=True)
    assert found == Bands(6, 9, 11, True, "pages")
    assert np.array_equal(read(path, found), pixels)


def test_of_several_pages_of_bands_the_first_counts_unless_read_natively(tmp_path):
    pixels = numbers(2, 9, 11, 5)
    path = write(tmp_path / "a.tif", pixels, planarconfig="contig")
    assert np.array_equal(read(path, look(path)), pixels[0].transpose(2, 0, 1))
    assert read(path, look(path, native=True)).shape == (10, 9, 11)


def test_what_pillow_reads_rightly_is_left_to_it(tmp_path):
    for channels in (1, 3, 4):
        pixels = numbers(8, 8, channels)[..., 0] if channels == 1 else numbers(8, 8, channels)
        for ending in ("tif", "png"):
            path = save(tmp_path / f"{channels}.{ending}", pixels)
            assert look(path) is look(path, native=True) is None
    jpeg = save(tmp_path / "a.jpg", numbers(8, 8, 3)).rename(tmp_path / "named.tif")
    assert look(jpeg, native=True) is None
    assert look(tmp_path / "gone.tif") is None


def test_colours_with_more_are_colours_unless_read_natively(tmp_path):
    infrared = numbers(8, 9, 4)
    path = write(tmp_path / "a.tif", infrared, photometric="rgb", extrasamples=["unspecified"])
    assert look(path) is None
    assert np.array_equal(read(path, look(path, native=True)), infrared.transpose(2, 0, 1))
    deep = numbers(8, 9, 3, dtype=np.uint16)
    path = write(tmp_path / "b.tif", deep, photometric="rgb")
    assert look(path) is None
    assert np.array_equal(read(path, look(path, native=True)), deep.transpose(2, 0, 1))
    path = write(tmp_path / "c.tif", infrared, planarconfig="contig")
    assert look(path).count == 4, "Pillow knows no picture of four samples without colours"


@pytest.mark.parametrize("shape", [(9, 11, 4), (4, 9, 11), (9, 9, 9), (1, 2, 3), (20, 9, 9)])
def test_the_shorter_outer_axis_of_an_array_is_that_of_the_channels(tmp_path, shape):
    values = numbers(*shape)
    np.save(tmp_path / "a.npy", values)
    found = look(tmp_path / "a.npy")
    first = shape[2] > shape[0] or shape == (20, 9, 9)  # more often 20 bands of a square
    expected = values if first else values.transpose(2, 0, 1)
    assert (found.count, found.height, found.width) == expected.shape
    assert np.array_equal(read(tmp_path / "a.npy", found), expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([True, False]), np.array([255, 0], np.uint8)),
        (np.array([-9999, 0, 70_000, 12]), np.array([0, 0, 65535, 12], np.uint16)),
        (np.array([-5, 100], np.int8), np.array([0, 100], np.uint8)),
        (np.array([0.0, 0.5, 1.0], np.float32), np.array([0, 32768, 65535], np.uint16)),
        (np.array([0.0, 0.5, 1.0], np.float16), np.array([0, 32768, 65535], np.uint16)),
        (np.array([-0.02, 0.5]), np.array([0, 32768], np.uint16)),
        (np.array([0.4, 700.6, 1e6], ">f8"), np.array([0, 701, 65535], np.uint16)),
        (np.array([0, 300], ">u2"), np.array([0, 300], np.uint16)),
    ],
)
def test_other_numbers_become_eight_or_sixteen_bits(tmp_path, values, expected):
    np.save(tmp_path / "a.npy", values[:, None, None].repeat(9, 1).repeat(9, 2))
    found = look(tmp_path / "a.npy")
    assert found.deep == (expected.dtype == np.uint16)
    out = read(tmp_path / "a.npy", found)
    assert out.dtype == expected.dtype
    assert np.array_equal(out[:, 3, 4], expected)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.zeros((9, 9)), r"an array of shape \(9, 9\); images are \(height, width, channels\)"),
        (np.zeros((0, 9, 9)), "no pixels"),
        (np.zeros((9, 9, 3), np.complex64), "numbers of type complex64"),
        (np.array([[["a"]]]), "numbers of type <U1"),
        (np.array([[[{}]]], object), "damaged"),
        (np.broadcast_to(np.uint8(0), (2, 20_000, 10_000)), "too large: 10,000 x 20,000 pixels"),
    ],
)
def test_arrays_that_are_no_images_have_a_reason(tmp_path, values, reason, monkeypatch):
    monkeypatch.setattr(bands, "MOST_BYTES", 100_000)
    if values.size > 100_000:
        values = np.lib.format.open_memmap(tmp_path / "a.npy", "w+", np.uint8, values.shape)
        del values
    else:
        np.save(tmp_path / "a.npy", values)
    with pytest.raises(BandsError, match=reason):
        look(tmp_path / "a.npy")


@pytest.mark.parametrize(
    ("low", "high", "reason"), [(np.nan, 1, "not finite"), (-2.5, 2, r"from -2.5 to 2; bring")]
)
def test_floating_point_numbers_that_mean_something_else_are_refused(tmp_path, low, high, reason):
    np.save(tmp_path / "a.npy", np.array([[[low]], [[high]]], np.float32))
    with pytest.raises(BandsError, match=reason):
        read(tmp_path / "a.npy", look(tmp_path / "a.npy"))


def test_every_short_start_of_a_file_is_unreadable_and_nothing_else(tmp_path):
    np.save(tmp_path / "a.npy", numbers(6, 7, 5))
    write(tmp_path / "a.tif", numbers(6, 7, 5), planarconfig="contig")
    write(tmp_path / "b.tif", numbers(5, 6, 7), planarconfig="separate", compression="deflate")
    for name in ("a.npy", "a.tif", "b.tif"):
        data = (tmp_path / name).read_bytes()
        for length in {*range(0, len(data) - 1, 7), len(data) - 1}:
            (tmp_path / name).write_bytes(data[:length])
            with pytest.raises(UnreadableError, match=r"truncated|damaged|empty"):
                read_header(tmp_path / name)


def test_damage_behind_the_header_has_a_reason(tmp_path):
    path = write(
        tmp_path / "a.tif", numbers(60, 70, 5), planarconfig="contig", compression="deflate"
    )
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    path.write_bytes(bytes(data))
    with pytest.raises(BandsError, match="damaged"):
        read(path, look(path))
    found = look(path)
    path.write_bytes(b"no TIFF file any more")
    with pytest.raises(BandsError, match="no TIFF file any more"):
        read(path, found)


def test_a_compression_that_needs_more_names_the_remedy(tmp_path):
    path = write(tmp_path / "a.tif", numbers(6, 7, 5), planarconfig="contig")
    with tifffile.TiffFile(path, mode="r+b") as file:
        file.pages.first.tags["Compression"].overwrite(32809)
    with pytest.raises(BandsError, match=r"\(THUNDERSCAN\).*pip install \"ssl-workbench\[tiff\]"):
        look(path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_that_of_pillow(tmp_path, orientation):
    pixels = numbers(7, 11, 5)
    tag = [(274, "H", 1, orientation, True)]
    path = write(tmp_path / "a.tif", pixels, planarconfig="contig", extratags=tag)
    write(tmp_path / "b.tif", pixels[..., :3].copy(), photometric="rgb", extratags=tag)
    upright = Image.open(tmp_path / "b.tif")
    upright.load()
    found = look(path)
    assert (found.width, found.height) == upright.size
    assert np.array_equal(read(path, found)[:3], np.asarray(upright).transpose(2, 0, 1))


def test_a_person_sees_the_first_three_bands(tmp_path):
    few = numbers(2, 4, 5)
    assert np.array_equal(stretched(few), np.stack([few[0]] * 3, -1))
    many = numbers(6, 4, 5)
    assert np.array_equal(stretched(many), many[:3].transpose(1, 2, 0))
    dark = numbers(4, 50, 50).astype(np.uint16) + 1000
    shown = stretched(dark).astype(float)
    assert shown.min() == 0
    assert shown.max() == 255
    ramp = np.clip((dark[:3] - 1002.5) * 255 / 250, 0, 255).transpose(1, 2, 0)
    assert np.abs(shown - ramp).max() < 4
    assert stretched(np.full((3, 2, 2), 4000, np.uint16)).max() == 0
