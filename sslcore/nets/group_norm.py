"""Norms that look at one image only, where batch norm would let images tell of each other."""

from __future__ import annotations

from torch import nn

CHANNELS = 16
"""Channels that share a mean and a spread (Wu and He 2018, https://arxiv.org/abs/1803.08494)."""


def group_norm(channels: int) -> nn.GroupNorm:
    """A group norm with about :data:`CHANNELS` channels a group, one group if they do not divide.

    Never one channel a group: on a map of one pixel that would make everything zero.
    """
    groups = max(channels // CHANNELS, 1)
    return nn.GroupNorm(groups if channels % groups == 0 else 1, channels)


def without_batch_norm(network: nn.Module) -> nn.Module:
    """Replace every batch norm over maps by a group norm, in place.

    Names of modules and of their weights stay as they were, so only running statistics are gone
    from the state dict. A network without batch norm is left alone.

    Args:
        network: with or without ``nn.BatchNorm2d`` inside.

    Returns:
        The same network; a new module only where the network itself is a batch norm.
    """
    if isinstance(network, nn.BatchNorm2d):
        return group_norm(network.num_features)
    for name, part in network.named_children():
        setattr(network, name, without_batch_norm(part))
    return network
