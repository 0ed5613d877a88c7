"""A workspace whose folder may be written to: tags lie beside the images."""

import shutil

import numpy as np

from app.panels.explore_mapped import Mapped

WAIT = 20_000


def own_folder(workspace, pictures, folder, qtbot):
    """Open a copy of the pictures; its tags are read."""
    shutil.copytree(pictures, folder)
    with qtbot.waitSignal(workspace.catalogue_changed, timeout=WAIT):
        workspace.open_folder(folder)
    settled(workspace, qtbot)
    return workspace


def settled(workspace, qtbot):
    """Everything asked for was done."""
    tagging = workspace.tagging
    qtbot.waitUntil(lambda: not tagging.obstacle, timeout=WAIT)
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=WAIT)


def features(count=24):
    """(count, 6) of two classes that lie apart, each image a little further from the first."""
    made = np.zeros((count, 6), np.float32)
    for row in range(count):
        angle = 0.03 * (row % 12)
        made[row, 2 * (row // 12)], made[row, 2 * (row // 12) + 1] = np.cos(angle), np.sin(angle)
    return made


def mapped(**more):
    """A map of all images but the last two, in another order than the folder's."""
    index = np.arange(22)[::-1].copy()
    return Mapped(index, features()[index, :2], "PCA", features()[index], **more)
