import numpy as np
import pytest
import torch

from app.panels.explore_dialled import STEPS, Asked, augmentations, dialled
from app.panels.explore_encoder import EncoderAt, read_as_stored
from app.panels.explore_layouts import FLAT, Layout, PcaSettings, Space, TsneSettings
from app.panels.explore_near import Banks
from app.panels.explore_probe import Probe
from app.tasks import Ticket
from sslcore.data.catalogue import scan
from sslcore.evaluation import perturbations
from sslcore.evaluation.features import resized
from sslcore.evaluation.projection import pca
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord
from tests.app.panels import trained


@pytest.fixture(scope="module")
def world(pictures, tmp_path_factory):
    """Run, checkpoints, the map's features at the last evaluation, and the images behind it."""
    path = trained.run(pictures, tmp_path_factory.mktemp("dialled") / "run")
    directory = RunDirectory.open(path)
    record = RunRecord()
    for event in directory.replay():
        record.apply(event)
    saved = record.embeddings[-1]
    index, features = directory.embedding(saved.step)
    space = Space(str(path), saved.step, saved.epoch, index, features)
    return path, list(record.checkpoints), space, Probe(index, scan(pictures), None)


def layout(space, way=FLAT):
    return Layout(space, way, pca(space.features, way.dimensions), kind=way.kind)


def found(world, key="rotation", position=3, seed=0, way=FLAT, step=None):
    path, checkpoints, space, probe = world
    if step is not None:
        space = Space(space.run, step, 0.5, space.index, space.features)
    asked = Asked(layout(space, way), position, key, seed)
    ticket = Ticket(lambda: None)
    return dialled(asked, probe, path, checkpoints, EncoderAt(), Banks(), ticket)


def test_all_augmentations_are_offered():
    assert [one.key for one in augmentations()] == [one.key for one in perturbations.ALL]
    hue = next(one for one in augmentations() if one.key == "hue")
    assert hue.channels == (3,)
    assert hue.title == "Hue"


def test_the_way_begins_at_the_image_itself(world):
    made = found(world)
    _, _, space, _ = world
    assert len(made.strengths) == len(made.words) == len(made.pictures) == STEPS
    assert made.strengths[0] == 0
    assert made.words[-1] == "180°"
    assert made.cosines[0] == pytest.approx(1)
    assert made.nearest[0] == 3
    assert made.stays >= 0
    np.testing.assert_allclose(made.places[0], layout(space).points[3], atol=0.02)
    assert np.abs(made.places[-1] - made.places[0]).max() > 0
    assert made.pictures[0].width() == 16
    unit = space.features / np.linalg.norm(space.features, axis=1, keepdims=True)
    pairs = unit @ unit.T
    count = len(unit)
    assert made.different == pytest.approx((pairs.sum() - count) / (count * (count - 1)), abs=1e-4)


def test_pictures_are_what_the_encoder_saw(world):
    path, checkpoints, space, probe = world
    made = found(world, "flip", 2)
    _, encoder = EncoderAt().load(path, checkpoints, space.step)
    catalogue = probe.catalogue
    image = read_as_stored(catalogue.path(int(space.index[2])), encoder, catalogue)
    whole = resized(image, 16)[0]
    shown = torch.tensor(
        [[made.pictures[1].pixelColor(x, y).red() for x in range(16)] for y in range(16)]
    )
    assert (shown - (255 * whole[0].flip(-1)).round()).abs().max() <= 1
    assert made.strengths == (0, 1)


def test_the_seed_decides_which_way_it_goes(world):
    crops = [found(world, "crop", seed=seed).cosines for seed in (0, 0, 1)]
    assert crops[0].tolist() == crops[1].tolist()
    assert crops[0].tolist() != crops[2].tolist()


def test_maps_without_exact_places(world):
    near = found(world, way=TsneSettings())
    assert near.places.shape == (STEPS, 2)
    deep = found(world, way=PcaSettings(3))
    assert deep.places is None
    assert deep.nearest[0] == 3


def test_an_encoder_of_another_step_has_no_place_on_the_map(world):
    other = found(world, step=54_321)
    assert other.step != 54_321
    assert other.places is None
    assert other.nearest == ()
    assert np.isnan(other.different)
    assert other.cosines[0] == pytest.approx(1)


def test_images_that_are_not_open(world):
    path, checkpoints, space, _ = world
    blind = Probe(space.index, None, None)
    asked = Asked(layout(space), 0, "crop", 0)
    with pytest.raises(ValueError, match="are not open"):
        dialled(asked, blind, path, checkpoints, EncoderAt(), Banks(), Ticket(lambda: None))
