"""Images are fitted to the encoder."""

import torch

from sslcore.assessment.trained import fit_channels


def test_channels() -> None:
    grey = torch.rand(2, 1, 4, 4)
    assert torch.equal(fit_channels(grey, 3)[:, 2], grey[:, 0])
    colour = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 2, 2)
    torch.testing.assert_close(fit_channels(colour, 1), torch.full((1, 1, 2, 2), 0.299))
    assert fit_channels(colour, 3) is colour
