import numpy as np
import pytest
import torch
from torch import nn

from sslcore.evaluation.features import (
    Cancelled,
    channels_fit,
    extract,
    fit_channels,
    pixels,
    resized,
)


class Memory:
    """A store in memory that counts what is asked of it."""

    def __init__(self, images):
        self.images = images
        self.asked = []

    def read(self, rows):
        self.asked.append(rows.tolist())
        return self.images[torch.from_numpy(rows)]


@pytest.fixture
def store():
    return Memory(torch.rand(10, 3, 8, 8, generator=torch.Generator().manual_seed(0)))


def test_order_of_rows_and_batches(store):
    seen = []
    rows = [7, 2, 2, 9, 0]
    found = extract(
        lambda images: images.mean((-2, -1)), store, rows, 2, progress=lambda *at: seen.append(at)
    )
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, store.images[rows].mean((-2, -1)), rtol=1e-6)
    assert store.asked == [[7, 2], [2, 9], [0]]
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_an_encoder_in_training_is_read_as_in_evaluation_and_left_as_it_was(store):
    encoder = nn.Sequential(nn.BatchNorm2d(3), nn.Dropout(), nn.Flatten())
    encoder[1].eval()
    encoder[0].running_mean.fill_(0.25)
    found = extract(encoder, store, range(10), 3)
    expected = ((store.images - 0.25) / (1 + 1e-5) ** 0.5).flatten(1)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert [module.training for module in encoder.modules()] == [True, True, False, True]
    assert encoder[0].num_batches_tracked == 0


def test_a_step_of_one_pixel_does_not_alias_when_images_shrink():
    stripes = torch.zeros(1, 1, 8, 8)
    stripes[..., ::2] = 1.0
    small = resized(stripes, 4)
    assert small.shape == (1, 1, 4, 4)
    assert (small - 0.5).abs().max() < 0.13
    assert resized(stripes, 8) is stripes
    assert resized(stripes, None) is stripes


def test_grey_and_colour_are_fitted_to_the_encoder():
    grey = torch.rand(2, 1, 4, 4)
    assert torch.equal(fit_channels(grey, 3)[:, 2], grey[:, 0])
    colour = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 2, 2)
    torch.testing.assert_close(fit_channels(colour, 1), torch.full((1, 1, 2, 2), 0.299))
    assert fit_channels(colour, 3) is colour
    for have in (1, 2, 3, 5):
        for wanted in (1, 2, 3, 5):
            if channels_fit(have, wanted):
                assert fit_channels(torch.zeros(1, have, 2, 2), wanted).shape[1] == wanted
            else:
                with pytest.raises(ValueError, match=f"have {have} channels"):
                    fit_channels(torch.zeros(1, have, 2, 2), wanted)
    with pytest.raises(ValueError, match="the images have 2 channels"):
        fit_channels(torch.zeros(1, 2, 4, 4), 3)


def test_encoders_get_the_size_they_were_trained_at(store):
    sides = []

    def encode(images):
        sides.append(tuple(images.shape[-2:]))
        return images.flatten(1)

    assert extract(encode, store, [1, 2], image_size=6).shape == (2, 108)
    assert sides == [(6, 6)]


def test_pixels_are_the_images_themselves(store):
    np.testing.assert_array_equal(pixels(store, [3, 1], 8), store.images[[3, 1]].flatten(1))
    assert pixels(store, [3, 1], 4).shape == (2, 48)


def test_large_images_are_compared_small():
    store = Memory(torch.rand(2, 3, 80, 80))
    found = pixels(store, [0, 1])
    assert found.shape == (2, 3 * 32 * 32)
    np.testing.assert_allclose(found, resized(store.images, 32).flatten(1), atol=1e-6)


def test_cancelling_ends_it_before_the_next_batch(store):
    with pytest.raises(Cancelled, match="stopped after 4 of 10"):
        extract(
            lambda images: images.flatten(1),
            store,
            range(10),
            2,
            cancelled=lambda: len(store.asked) == 2,
        )
    assert len(store.asked) == 2


def test_a_failing_encoder_is_put_back_in_training(store):
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(5, 2))
    with pytest.raises(RuntimeError):
        extract(encoder, store, [0])
    assert encoder.training


def test_bad_input_is_refused(store):
    with pytest.raises(ValueError, match="at least one image"):
        extract(lambda images: images.flatten(1), store, [])
    with pytest.raises(ValueError, match="batch_size"):
        extract(lambda images: images.flatten(1), store, [0], 0)
    with pytest.raises(ValueError, match=r"one feature row per image: 2 images became \(2, 3, 8"):
        extract(lambda images: images, store, [0, 1])
