import math

import pytest
import torch

from sslcore.evaluation.negatives import MEASURES, Trial, ceiling, compared, negatives, point, sweep
from sslcore.losses.contrastive import mutual_information_bound
from sslcore.method import registry


def config(key, **changes):
    return registry()[key].card.config().changed(**changes)


def test_negatives_of_every_method():
    counted = {
        key: negatives(key, method.card.config(), batch_size=32, images=500)
        for key, method in registry().items()
    }
    assert {key: count for key, count in counted.items() if count is not None} == {
        "simclr": 62,
        "moco_v1": 125,
        "moco_v2": 125,
        "moco_v3": 31,
        "clip": 31,
        "instance_discrimination": 499,
        "cpc": 32 * 49 - 1,  # every other patch of the batch
        "triplet": 31,
    }


def test_settings_that_change_the_number():
    assert negatives("simclr", config("simclr", negatives=False), 32, 500) is None
    assert negatives("moco_v2", config("moco_v2", queue_size=77), 32, 500) == 77
    assert negatives("cpc", config("cpc", grid=4, ahead=3), 32, 500) == 32 * 16 - 1
    assert negatives("cpc", config("cpc", over="frames"), 32, 500) is None
    assert negatives("triplet", config("triplet", negatives="random"), 32, 500) == 1
    noise = config("instance_discrimination", exact_up_to=100, negatives=64)
    assert negatives("instance_discrimination", noise, 32, 500) == 64


def test_ceiling_is_that_of_the_bound():
    bound = mutual_information_bound(torch.zeros(()), 63)  # nothing lost: all that can be shown
    assert ceiling(62) == pytest.approx(float(bound))


def trial(count, name="run", method="simclr", **values):
    return Trial(f"{name} {count}", method, count, values)


def test_runs_of_a_sweep_side_by_side():
    found = sweep(
        [
            trial(126, bound=2.0, knn=0.5, nmi=0.3, shared=0.3, split=0.2),
            trial(30, bound=1.5, knn=0.4, nmi=0.2, shared=0.6, split=0.1),
            trial(30, "again", bound=1.7, knn=0.44, nmi=0.24, shared=0.5, split=0.1),
            trial(510, knn=0.46, nmi=0.33, shared=0.2, split=0.11),
        ]
    )
    assert [one.negatives for one in found.points] == [30, 126, 510]
    assert found.points[0].ceiling == pytest.approx(math.log(31))
    assert found.points[0].names == ("run 30", "again 30")
    knn = found.points[0].values["knn"]
    assert (knn.mean, knn.low, knn.high) == pytest.approx((0.42, 0.4, 0.44))
    assert set(found.points[0].values) == set(MEASURES)
    assert "bound" not in found.points[2].values
    bound, neighbours, nmi, under, over = found.sentences
    assert "from 1.60 nats with 30 negatives to 2.00 with 126" in bound
    assert "3.43 and 4.84" in bound
    assert neighbours == "kNN accuracy is best with 126 negatives: 50.0 %."
    assert nmi == "NMI is best with 510 negatives: 33.0 %."
    assert under.startswith("Under-clustering falls from 30 to 510 negatives (55 % to 20 %")
    assert over.startswith("Over-clustering hardly changes")


def test_single_runs_are_said_to_be_single():
    found = sweep([trial(30, knn=0.4, split=0.1), trial(62, knn=0.41, split=0.3)])
    assert found.sentences[1].startswith("Over-clustering rises")
    assert "may be chance" in found.sentences[-1]


def test_nothing_is_said_of_faults_where_clusters_follow_no_class():
    found = sweep([trial(30, shared=1.0, split=0.0), trial(62, shared=0.95, split=0.05)])
    assert found.sentences[0].startswith("Under- and over-clustering cannot be told")
    assert not any("rises" in one or "hardly changes" in one for one in found.sentences)


def test_what_makes_no_sweep():
    with pytest.raises(ValueError, match=r"of one method, these are of moco_v2, simclr"):
        sweep([trial(30), trial(62, method="moco_v2")])
    with pytest.raises(ValueError, match="at least two numbers of negatives"):
        sweep([trial(30), trial(30)])
    with pytest.raises(ValueError, match="at least two numbers of negatives"):
        sweep([])


def test_methods_are_compared_where_they_have_equal_numbers():
    lines = {
        "SimCLR": [point([trial(62, knn=0.40)]), point([trial(254, knn=0.43, nmi=0.2)])],
        "MoCo v2": [point([trial(62, knn=0.31)]), point([trial(1022, knn=0.36)])],
        "Triplet": [point([trial(7)])],
    }
    assert compared(lines) == (
        "Of all, kNN accuracy is best with 254 negatives of SimCLR: 43.0 %. It moves by up to 5.0 "
        "points with N within a method, and by up to 9.0 between methods with equal N.",
    )
    del lines["SimCLR"][0]
    (words,) = compared(lines)  # no number in common
    assert words.endswith("SimCLR: 43.0 %.")
    assert compared({"SimCLR": lines["SimCLR"]}) == ()
