"""Samples and batches move, are cut and are flattened without mixing up images."""

import pytest
import torch

from sslcore.batch import Batch, Sample


@pytest.fixture
def batch() -> Batch:
    """Four images; every pixel of copy v of image b is 10 b + v."""
    value = (10 * torch.arange(4)[:, None] + torch.arange(3)).float()
    return Batch(
        index=torch.tensor([7, 3, 9, 1]),
        views={"a": value[:, :, None, None, None].expand(4, 3, 2, 5, 5)},
        target=torch.arange(4)[:, None, None, None].expand(4, 1, 5, 5),
        tokens=torch.arange(8).view(4, 2),
        truth={"a/rotation": value.long()},
    )


def test_a_view_is_flat_image_by_image(batch: Batch) -> None:
    flat = batch.view("a")
    assert flat.shape == (12, 2, 5, 5)
    assert flat[:, 0, 0, 0].tolist() == [10 * b + v for b in range(4) for v in range(3)]
    # What belongs to the flat stack is flattened alike.
    assert flat[:, 0, 0, 0].tolist() == batch.truth["a/rotation"].flatten().tolist()
    with pytest.raises(KeyError):
        batch.view("b")


def test_rows_cut_every_part_alike(batch: Batch) -> None:
    part = batch.rows(1, 3)
    assert len(part) == 2
    assert part.index.tolist() == [3, 9]
    assert part.views["a"][:, 0, 0, 0, 0].tolist() == [10, 20]
    assert part.target is not None
    assert part.target[:, 0, 0, 0].tolist() == [1, 2]
    assert part.tokens is not None
    assert part.tokens.tolist() == [[2, 3], [4, 5]]
    assert part.truth["a/rotation"].tolist() == [[10, 11, 12], [20, 21, 22]]
    pieces = [batch.rows(start, start + 2) for start in (0, 2)]
    assert torch.equal(torch.cat([one.view("a") for one in pieces]), batch.view("a"))
    assert len(batch.rows(3, 9)) == 1, "the last piece may be shorter"


def test_rows_of_a_batch_without_extras_stay_without() -> None:
    part = Batch(index=torch.arange(3), views={}).rows(0, 1)
    assert part.target is None
    assert part.tokens is None
    assert part.truth == {}


def test_all_parts_move(batch: Batch) -> None:
    moved = batch.to("meta")
    tensors = [moved.index, *moved.views.values(), moved.target, moved.tokens]
    assert all(one is not None and one.is_meta for one in [*tensors, *moved.truth.values()])
    assert not batch.index.is_meta
    sample = Sample(
        torch.arange(2),
        torch.zeros(2, 3, 4, 4),
        frames=torch.zeros(2, 5, 3, 4, 4),
        target=torch.zeros(2, 1, 4, 4),
        tokens=torch.zeros(2, 6),
    ).to("meta")
    parts = (sample.index, sample.image, sample.frames, sample.target, sample.tokens)
    assert all(one is not None and one.is_meta for one in parts)
    assert len(sample) == 2


def test_a_method_cannot_peek_at_labels_or_change_a_batch(batch: Batch) -> None:
    assert not [name for name in vars(batch) if "label" in name or "class" in name]
    with pytest.raises(AttributeError):
        batch.index = torch.zeros(4)
