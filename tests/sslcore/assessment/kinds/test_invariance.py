"""The invariance profile of a run, as the function of the library says it."""

import numpy as np
import pytest

from sslcore.assessment.kinds.invariance import InvarianceConfig, InvarianceFinding, measure
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.evaluation import perturbations
from sslcore.evaluation.invariance import profiles


def test_every_augmentation_under_both_encoders(subject: Subject) -> None:
    told: list[tuple[str, int, int]] = []
    found = measure(subject, InvarianceConfig(seed=3), Watch(lambda *at: told.append(at)))
    assert found.images == len(subject.queries)
    assert [one.key for one in found.augmentations] == [one.key for one in perturbations.of(3)]
    assert set(found.different) == {"trained", "untrained"}
    encoders = {name: subject.encode(name) for name in found.different}
    expected = profiles(
        encoders,
        subject.material.pixels,
        np.sort(subject.queries),
        perturbations.of(3),
        seed=3,
        image_size=16,
    )
    for name, profile in expected.items():
        assert found.different[name].mean == pytest.approx(profile.baseline, abs=1e-6)
        for one, curve in zip(found.augmentations, profile.curves, strict=True):
            response = one.responses[name]
            assert response.mean == pytest.approx(tuple(curve.mean), abs=1e-6)
            assert response.upper == pytest.approx(tuple(curve.upper), abs=1e-6)
            assert response.invariance == pytest.approx(curve.normalised.mean(), abs=1e-4)
    assert told[-1] == ("Changing images", told[-1][2], told[-1][2])


def test_it_is_said_in_words_and_comes_back_from_json(subject: Subject) -> None:
    found = measure(subject, InvarianceConfig(), Watch())
    mean = found.invariance["trained"]
    assert mean is not None
    each = [one.responses["trained"].invariance for one in found.augmentations]
    assert mean == pytest.approx(np.mean([one for one in each if one is not None]))
    assert found.headline() == f"{100 * mean:.0f} % on average"
    lines = found.lines()
    assert lines[0].split() == ["invariance", "trained", "untrained"]
    assert len(lines) == len(found.augmentations) + 3
    assert len({len(line) for line in lines}) == 1
    assert InvarianceFinding.model_validate_json(found.model_dump_json()) == found


def test_a_collapsed_encoder_has_no_invariance(subject: Subject) -> None:
    found = measure(subject, InvarianceConfig(), Watch())
    responses = {
        name: one.model_copy(update={"normalised": tuple(None for _ in one.normalised)})
        for name, one in found.augmentations[0].responses.items()
    }
    first = found.augmentations[0].model_copy(update={"responses": responses})
    flat = found.model_copy(update={"augmentations": (first,)})
    assert flat.headline() == "collapsed"
    assert "collapsed" in flat.lines()[1]


def test_encoders_from_outside_are_measured_too(subject: Subject) -> None:
    subject.outside["theirs"] = lambda images: images.mean((-2, -1)) - 0.5
    found = measure(subject, InvarianceConfig(), Watch())
    flip = next(one for one in found.augmentations if one.key == "flip")
    assert flip.responses["theirs"].mean == pytest.approx((1.0,), abs=1e-5)


def test_it_is_called_off(subject: Subject) -> None:
    with pytest.raises(Cancelled):
        measure(subject, InvarianceConfig(), Watch(cancelled=lambda: True))
