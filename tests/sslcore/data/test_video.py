import numpy as np
import pytest
from PIL import Image

from sslcore.data import video
from sslcore.data.catalogue import scan
from sslcore.data.image_file import UnreadableError, opened
from sslcore.data.video import VideoError, frame_path, look, read_frame, split_path

av = pytest.importorskip("av")


def film(path, count=40, size=(32, 48)):
    """A video whose frame i has the brightness 5 i + 20, with a keyframe every 8 frames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.height, stream.width = size
        stream.pix_fmt, stream.gop_size, stream.bit_rate = "yuv420p", 8, 4_000_000
        for number in range(count):
            pixels = np.full((*size, 3), 5 * number + 20, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


def number_of(image):
    return round((np.asarray(image, float).mean() - 20) / 5)


@pytest.mark.parametrize("name", ["a.mp4", "b.avi", "c.mkv", "d.mov", "e.mpeg"])
def test_frames_are_counted_and_read_in_any_order(tmp_path, name):
    path = film(tmp_path / name)
    clip = look(path)
    assert (clip.count, clip.height, clip.width) == (40, 32, 48)
    for number in (0, 1, 2, 20, 39, 3, 21, 19, 0):
        image = read_frame(path, number)
        assert isinstance(image, Image.Image)
        assert (image.mode, image.size) == ("RGB", (48, 32))
        assert number_of(image) == number


def test_more_videos_than_are_kept_open(tmp_path):
    paths = [film(tmp_path / f"{number}.mp4", 6) for number in range(6)]
    for number in (1, 5, 2):
        assert [number_of(read_frame(path, number)) for path in paths] == [number] * 6


def test_a_path_of_a_frame_tells_video_and_number():
    assert frame_path("a/b.MP4", 12) == "a/b.MP4#000012"
    assert split_path("a/b.MP4#000012") == ("a/b.MP4", 12)
    for other in ("a/b.mp4", "b.png#3", "b.mp4#3.png", "a.mp4#x"):
        assert split_path(other) is None


def test_frames_are_opened_as_images_are(tmp_path):
    path = film(tmp_path / "a.mp4", 5)
    with opened(tmp_path / frame_path("a.mp4", 3)) as image:
        assert number_of(image) == 3
    with pytest.raises(UnreadableError, match="it has 5 frames, none numbered 7"):
        opened(tmp_path / frame_path(path.name, 7)).__enter__()


def test_what_is_no_video_says_so(tmp_path):
    (tmp_path / "text.mp4").write_text("no video at all" * 50)
    with pytest.raises(VideoError, match="not a video that can be read"):
        look(tmp_path / "text.mp4")
    with pytest.raises(VideoError, match="not a video that can be read"):
        look(tmp_path / "gone.mp4")


def test_without_the_library_a_person_learns_which_extra_to_install(tmp_path, monkeypatch):
    film(tmp_path / "a.mp4", 4)
    Image.new("RGB", (8, 8)).save(tmp_path / "still.png")
    monkeypatch.setattr(video, "installed", lambda: False)
    catalogue = scan(tmp_path)
    assert catalogue.paths == ("still.png",)
    assert "ssl-workbench[video]" in catalogue.problems[0].reason
