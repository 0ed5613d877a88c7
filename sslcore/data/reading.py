"""How a folder is read: what a person may say about it, where it does not speak for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sslcore.data.kinds import Kind

Channels = Literal["auto", "native"]
"""Grey or colour where a file is either, or every file with the channels it has."""


@dataclass(frozen=True)
class Reading:
    """Answers to what a folder leaves open; each is "auto" where it is to be found out.

    Attributes:
        labels: "auto" (CSV column ``label``, else sub-folders), "none", or a CSV column.
        kind: "auto" finds sequences, pairs and captions; "images" looks for none of them; any
            other asks for that one alone.
        target: name of the folder of targets (see :mod:`sslcore.data.pairs`), or "auto".
        groups: CSV column whose images of one value stay together when a part is held out;
            "auto" takes the column ``group``, if there is one, "none" takes none.
        captions: CSV column of sentences; "auto" takes ``caption`` or ``text``, else text files
            beside the images, "none" takes none.
        channels: "auto" reads pictures as grey or colour, transparency laid on white, and only
            files that are neither with all their bands; "native" reads every file as it is.
    """

    labels: str = "auto"
    kind: Kind = "auto"
    target: str = "auto"
    groups: str = "auto"
    captions: str = "auto"
    channels: Channels = "auto"

    @property
    def names_a_column(self) -> bool:
        """Whether a CSV file is needed to answer."""
        return not {self.labels, self.groups, self.captions} <= {"auto", "none"}


AS_FOUND = Reading()
"""Everything is found out."""
