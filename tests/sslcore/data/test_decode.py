import numpy as np
import pytest
from PIL import Image

from sslcore.data.decode import decode, load_image
from sslcore.data.image_file import UnreadableError
from tests.sslcore.data.pictures import huge_png, noise, save, smooth


def test_pixels_of_the_right_size_come_out_unchanged(tmp_path):
    pixels = noise(9, 9)
    out = decode(save(tmp_path / "a.png", pixels), 9)
    assert out.dtype == np.uint8
    assert np.array_equal(out, pixels.transpose(2, 0, 1))


def test_the_middle_is_cut_out(tmp_path):
    pixels = noise(9, 15)
    assert np.array_equal(
        decode(save(tmp_path / "a.png", pixels), 9), pixels[:, 3:12].transpose(2, 0, 1)
    )


def test_shrinking_is_antialiased(tmp_path):
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    out = decode(save(tmp_path / "a.png", board), 16, channels=1)
    assert abs(out.astype(int) - 128).max() <= 2  # without it, black and white would remain


def test_shrinking_is_near_the_mean_of_blocks(tmp_path):
    pixels = smooth(64, 64)
    means = pixels.reshape(16, 4, 16, 4, 3).mean((1, 3)).transpose(2, 0, 1)
    out = decode(save(tmp_path / "a.png", pixels), 16).astype(float)
    assert abs(out - means)[:, 1:-1, 1:-1].max() < 2


def test_a_large_jpeg_decoded_small_looks_like_itself(tmp_path):
    pixels = smooth(900, 1200)
    path = save(tmp_path / "a.jpg", pixels, quality=95)
    small = Image.fromarray(pixels[:, 150:1050]).resize((40, 40), Image.Resampling.BICUBIC)
    assert abs(decode(path, 40).astype(int) - np.asarray(small, int).transpose(2, 0, 1)).max() < 6


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_orientation(tmp_path, orientation, name):
    upright = smooth(32, 48)
    # How a camera would have stored it: the inverse of what each number asks for.
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: np.rot90(upright, 2).transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 95} if name.endswith(("jpg", "webp")) else {}
    path = save(tmp_path / name, np.ascontiguousarray(stored), exif=exif, **options)
    out = decode(path, 32).astype(int)
    assert abs(out - upright[:, 8:40].transpose(2, 0, 1)).mean() < 6
    assert load_image(path).size == (48, 32)


def test_transparency_is_laid_on_white(tmp_path):
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:2] = (200, 0, 0, 255)
    pixels[2:, :, 3] = 0
    pixels[3, :, 3] = 128
    out = decode(save(tmp_path / "a.png", pixels), 4)
    assert out[:, 0, 0].tolist() == [200, 0, 0]
    assert out[:, 2, 0].tolist() == [255, 255, 255]
    assert out[:, 3, 0].tolist() == [127, 127, 127]
    grey = np.stack([np.full((4, 4), 60, np.uint8), np.full((4, 4), 0, np.uint8)], -1)
    assert decode(save(tmp_path / "la.png", grey), 4, channels=1).min() == 255


@pytest.mark.parametrize("mode", ["P", "1", "CMYK", "L", "RGBA", "LA"])
def test_every_mode_becomes_rgb_or_grey(tmp_path, mode):
    picture = Image.fromarray(smooth(24, 24))
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    picture.convert(mode).save(path)
    assert decode(path, 24).shape == (3, 24, 24)
    assert decode(path, 24, channels=1).shape == (1, 24, 24)
    if mode in ("CMYK", "RGBA", "P"):
        error = decode(path, 24).astype(int) - smooth(24, 24).transpose(2, 0, 1)
        assert abs(error).mean() < 20


def test_transparent_palettes(tmp_path):
    picture = Image.new("P", (6, 6), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.paste(1, (0, 0, 3, 6))
    picture.save(tmp_path / "a.gif", transparency=0)
    out = decode(tmp_path / "a.gif", 6)
    assert out[:, 0, 0].tolist() == [0, 255, 0]
    assert out[:, 0, 5].tolist() == [255, 255, 255]


def test_of_an_animation_the_first_frame_counts(tmp_path):
    frames = [Image.new("RGB", (5, 5), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], lossless=True)
    for name in ("a.gif", "a.webp"):
        assert decode(tmp_path / name, 5)[:, 2, 2].tolist() == [255, 0, 0]


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_stay(tmp_path, name):
    pixels = np.random.default_rng(0).integers(0, 65536, (8, 8), np.uint16)
    path = save(tmp_path / name, pixels)
    out = decode(path, 8, channels=1, bits=16)
    assert out.dtype == np.uint16
    assert np.array_equal(out[0], pixels)
    as_colour = decode(path, 8)
    assert np.array_equal(as_colour[0], np.rint(pixels / 257).astype(np.uint8))
    assert np.array_equal(as_colour[0], as_colour[2])


def test_eight_bits_among_sixteen_keep_their_brightness(tmp_path):
    path = save(tmp_path / "a.png", np.array([[0, 255], [100, 7]], np.uint8))
    out = decode(path, 2, channels=1, bits=16)
    assert out.ravel().tolist() == [0, 65535, 25700, 1799]
    colours = save(tmp_path / "b.png", noise(4, 4))
    assert np.array_equal(decode(colours, 4, 3, 16), decode(colours, 4).astype(np.uint16) * 257)


def test_floating_point_tiff(tmp_path):
    ones = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4)
    out = decode(save(tmp_path / "a.tif", ones), 4, channels=1, bits=16)
    assert np.array_equal(out[0], np.rint(ones * 65535).astype(np.uint16))
    broken = ones.copy()
    broken[0, 0] = np.nan
    with pytest.raises(UnreadableError, match="not finite"):
        decode(save(tmp_path / "b.tif", broken), 4, channels=1, bits=16)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (2, 3)])
def test_the_smallest_and_the_longest(tmp_path, shape):
    out = decode(save(tmp_path / "a.png", np.full((*shape, 3), 90, np.uint8)), 24)
    assert out.shape == (3, 24, 24)
    assert out.min() == out.max() == 90


def test_what_cannot_be_decoded_has_a_reason(tmp_path):
    path = save(tmp_path / "a.jpg", noise(80, 80))
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(UnreadableError, match="truncated"):
        decode(path, 16)
    with pytest.raises(UnreadableError, match="too large"):
        decode(huge_png(tmp_path / "b.png", 20_000, 20_000), 16)


def test_channels_that_a_file_does_not_have_are_told(tmp_path):
    path = save(tmp_path / "a.png", noise(6, 6))
    with pytest.raises(UnreadableError, match="it has 3 channels where 5 are needed"):
        decode(path, 6, channels=5)
    with pytest.raises(UnreadableError, match="it has 3 channels where 4 are needed"):
        decode(path, 6, channels=4, native=True)
    np.save(tmp_path / "b.npy", noise(6, 6, 5))
    with pytest.raises(UnreadableError, match="it has 5 channels where 3 are needed"):
        decode(tmp_path / "b.npy", 6)


def test_bands_are_cut_resized_and_turned_as_colours_are(tmp_path):
    pixels = smooth(40, 60)
    np.save(tmp_path / "a.npy", np.dstack([pixels, pixels[..., :2]]))
    colours = save(tmp_path / "a.png", pixels)
    out = decode(tmp_path / "a.npy", 25, channels=5)
    assert np.array_equal(out[:3], decode(colours, 25))
    assert np.array_equal(out[3:], out[:2])
    deep = decode(tmp_path / "a.npy", 25, channels=5, bits=16)
    assert abs(deep / 257 - out).max() <= 0.51
    np.save(tmp_path / "b.npy", pixels.astype(np.uint16) * 257)
    assert abs(decode(tmp_path / "b.npy", 25).astype(int) - out[:3]).max() <= 1


def test_previews_of_many_channels(tmp_path):
    np.save(tmp_path / "a.npy", np.dstack([smooth(20, 40), smooth(20, 40)]))
    seen = load_image(tmp_path / "a.npy", 100)
    assert np.array_equal(np.asarray(seen), smooth(20, 40))
    assert load_image(tmp_path / "a.npy", 10).size == (10, 5)
    clear = np.dstack([smooth(20, 40), np.zeros((20, 40), np.uint8)])
    path = save(tmp_path / "a.png", clear)
    assert np.asarray(load_image(path)).min() == 255
    assert np.array_equal(np.asarray(load_image(path, native=True)), clear[..., :3])


def test_previews_keep_the_shape_and_the_limit(tmp_path):
    path = save(tmp_path / "a.png", smooth(200, 400))
    picture = load_image(path, longest=100)
    assert picture.size == (100, 50)
    assert picture.mode == "RGB"
    assert load_image(save(tmp_path / "b.png", smooth(20, 40)), 100).size == (40, 20)
