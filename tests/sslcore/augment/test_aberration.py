"""Steps against chromatic aberration: what is left of the colours."""

import pytest
import torch

from sslcore.augment.aberration import ChannelDrop, ColourProjection


def draw(step, count=60, seed=0):
    return step.draw(torch.Generator().manual_seed(seed), count, (9, 9))


def test_one_channel_stays_and_the_others_become_grey_with_a_trace_of_noise():
    step = ChannelDrop(noise=0.1)
    images = torch.rand(60, 3, 9, 9)
    params = draw(step)
    result = step.apply(images, params, 9)
    assert set(params["keep"].tolist()) == {0, 1, 2}
    ratios = []
    for row, kept in enumerate(params["keep"].tolist()):
        others = [one for one in range(3) if one != kept]
        assert torch.equal(result[row, kept], images[row, kept])
        assert (result[row, others].flatten(1).mean(1) - 0.5).abs().max() < 0.02
        ratios.append(result[row, others].std() / images[row, kept].std())
    assert torch.stack(ratios).mean().item() == pytest.approx(0.1, rel=0.05)
    assert step.describe({"keep": torch.tensor([1])}, 0) == "green stays"


def test_noise_of_an_even_surface_is_none():
    step = ChannelDrop()
    result = step.apply(torch.full((1, 3, 4, 4), 0.3), draw(step, 1), 4)
    assert sorted(set(result.flatten().tolist())) == pytest.approx([0.3, 0.5])


def test_projection_takes_green_and_magenta_out_of_every_pixel():
    step = ColourProjection()
    images = torch.rand(60, 3, 9, 9)
    result = step.apply(images, draw(step), 9)
    along = torch.tensor([-1.0, 2.0, -1.0])
    assert torch.einsum("c,nchw->nhw", along, result).abs().max() < 1e-5
    torch.testing.assert_close(result.mean(1), images.mean(1))
    torch.testing.assert_close(
        result[:, 0] - result[:, 2], (images[:, 0] - images[:, 2]) * 2 / 3, atol=1e-6, rtol=1e-5
    )


def test_projection_equals_the_papers_matrix_up_to_the_weaker_colour():
    pixel = torch.tensor([0.9, 0.2, 0.4], dtype=torch.float64)
    a = torch.tensor([[-1.0, 2.0, -1.0]], dtype=torch.float64)
    projected = (torch.eye(3) - a.T @ a / (a @ a.T)) @ pixel
    expected = projected.mean() + (projected - projected.mean()) * 2 / 3
    step = ColourProjection()
    found = step.apply(pixel.float().reshape(1, 3, 1, 1), draw(step, 1), 1).flatten()
    assert found.tolist() == pytest.approx(expected.tolist(), abs=1e-6)


def test_no_corner_of_the_colour_cube_is_clipped():
    corners = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3).reshape(8, 3, 1, 1)
    step = ColourProjection()
    result = step.apply(corners, draw(step, 8), 1)
    assert result.sum(1).flatten().tolist() == pytest.approx(corners.sum(1).flatten().tolist())
    assert step.describe({}, 0) == "green and magenta are grey"


@pytest.mark.parametrize("step", [ChannelDrop(), ColourProjection()], ids=lambda one: one.kind)
def test_images_without_colour_are_refused(step):
    with pytest.raises(ValueError, match=f"{step.kind} needs images with 3 channels"):
        step.apply(torch.rand(2, 1, 4, 4), draw(step, 2), 4)
    assert step.needs_colour
