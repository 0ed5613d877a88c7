"""Every kind of failure becomes one sentence with a remedy."""

import errno

import pytest
import torch

from sslcore.config import ConfigError
from sslcore.engine.failure import sentence


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConfigError("schedule.epochs = 0:\n too small"), "schedule.epochs = 0: too small"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried"), "Out of memory: double schedule."),
        (RuntimeError("MPS backend out of memory (x)"), "Out of memory: double schedule."),
        (MemoryError(), "Out of memory: "),
        (OSError(errno.ENOSPC, "No space", "a.bin"), "a.bin: the disk is full"),
        (PermissionError(errno.EACCES, "denied", "b"), "b: not permitted; change its permissions"),
        (KeyError("x"), "Internal error (KeyError): 'x'"),
    ],
)
def test_sentences(error: BaseException, expected: str) -> None:
    found = sentence(error)
    assert found.startswith(expected)
    assert "\n" not in found


def test_a_batch_norm_that_has_nothing_to_compare_is_told_in_our_words() -> None:
    norm = torch.nn.BatchNorm2d(3)
    with pytest.raises(ValueError, match="more than 1 value") as caught:
        norm(torch.zeros(1, 3, 1, 1))  # what torch says may change with it
    found = sentence(caught.value)
    assert "raise schedule.batch_size to 2 or more" in found
    assert "per channel" not in found
