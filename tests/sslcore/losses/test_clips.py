import pytest
import torch

from sslcore.batch import Batch
from sslcore.config import ConfigError
from sslcore.losses.clips import clips


def batch(*shape):
    return Batch(torch.arange(shape[0]), {"frames": torch.rand(*shape, 3, 4, 4)})


def test_copies_are_taken_apart_in_order():
    made = batch(2, 6)
    frames = clips(made, 3, 2)
    assert frames.shape == (4, 3, 3, 4, 4)
    assert torch.equal(frames[1], made.views["frames"][0, 3:])
    assert torch.equal(frames[2], made.views["frames"][1, :3])
    assert clips(made, 0, 2).shape == (2, 6, 3, 4, 4)


@pytest.mark.parametrize(("frames", "fewest"), [(2, 3), (4, 2), (0, 9)])
def test_too_few_or_odd_numbers_of_frames_are_refused(frames, fewest):
    with pytest.raises(ConfigError, match=r"data\.frames"):
        clips(batch(2, 6), frames, fewest)
