"""What went wrong, in one sentence with a remedy."""

from __future__ import annotations

import errno

import torch

from sslcore.engine.store import SaveError

EXPECTED = (ValueError, SaveError, OSError, MemoryError, torch.OutOfMemoryError)
"""Errors that are the world's and not the program's: no traceback is wanted."""

_ALONE = "Expected more than 1 value per channel"
"""How torch says that a batch norm has a single number to take the spread of."""


def sentence(error: BaseException) -> str:
    """The reason of a failed run."""
    text = " ".join(str(error).split())
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "out of memory" in text.lower():
        return (
            "Out of memory: double schedule.accumulate (the same result with less memory), or "
            "lower schedule.batch_size, data.image_size or backbone.width"
        )
    if isinstance(error, ValueError) and _ALONE in text:
        return (
            "Batch norm has nothing to compare in a single image this small: raise "
            "schedule.batch_size to 2 or more, or data.image_size, or lower schedule.accumulate"
        )
    if isinstance(error, (ValueError, SaveError)):
        return text
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"{where}the disk is full; free space and try again"
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return f"{where}not permitted; change its permissions or choose another place"
        return f"{where}{error.strerror or text}"
    first = text.partition(". ")[0]
    return f"Internal error ({type(error).__name__}): {first[:300]}"
