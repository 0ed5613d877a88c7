"""Small pictures with depth and classes that follow from their feature map, for dense tests."""

import torch
from torch.nn import functional as F


class Memory:
    def __init__(self, images):
        self.images = images

    def read(self, rows):
        return self.images[torch.as_tensor(rows)]


def coarse(images):
    """A frozen network whose map has a quarter of the side: mean colours of 4 x 4 px."""
    return F.avg_pool2d(images, 4)


def world(count=60, side=16):
    """Images, depth (some of it not measured) and classes (some of it void)."""
    generator = torch.Generator().manual_seed(0)
    blocks = torch.rand(count, 3, side // 4, side // 4, generator=generator)
    images = blocks.repeat_interleave(4, 2).repeat_interleave(4, 3)
    wide = F.interpolate(blocks, (side, side), mode="bilinear", align_corners=False)
    depth = 2.0 + 3.0 * wide[:, :1] - 1.5 * wide[:, 1:2]
    depth[torch.rand(depth.shape, generator=generator) < 0.1] = 0.0
    classes = torch.where(wide[:, :1] > wide[:, 1:2], 7.0, 3.0)
    classes[torch.rand(classes.shape, generator=generator) < 0.1] = 255.0
    return Memory(images), Memory(depth), Memory(classes)
