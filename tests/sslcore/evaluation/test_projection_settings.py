import json

import pytest

from sslcore.evaluation.projection_settings import (
    PcaSettings,
    TsneSettings,
    UmapSettings,
    from_words,
    to_words,
)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (PcaSettings, {"dimensions": 4}, "dimensions must be 2 or 3, got 4"),
        (UmapSettings, {"n_neighbors": 1}, "n_neighbors must be at least 2, got 1"),
        (UmapSettings, {"min_dist": 1.5}, "min_dist must be between 0 and 1"),
        (UmapSettings, {"metric": "hamming"}, 'metric must be "cosine" or "euclidean", got "ham'),
        (UmapSettings, {"dimensions": 4}, "dimensions must be 2 or 3"),
        (UmapSettings, {"seed": -1}, "seed must be between 0"),
        (UmapSettings, {"epochs": 5}, "epochs must be at least 11"),
        (UmapSettings, {"start": "anywhere"}, 'start must be "last" or "pca"'),
        (TsneSettings, {"perplexity": 0.5}, "perplexity must be at least 1"),
        (TsneSettings, {"learning_rate": 0.0}, "learning_rate must be positive"),
        (TsneSettings, {"iterations": 100}, "iterations must be at least 250"),
        (TsneSettings, {"seed": 2**32}, "seed must be between 0"),
        (TsneSettings, {"dimensions": 1}, "dimensions must be 2 or 3"),
    ],
)
def test_settings_out_of_range_are_refused(kind, values, message):
    with pytest.raises(ValueError, match=message):
        kind(**values)


@pytest.mark.parametrize(
    "settings",
    [UmapSettings(30, 0.2, "euclidean", 5, 3, "pca"), TsneSettings(12.5, learning_rate=200.0)],
)
def test_they_survive_being_written_as_words(settings):
    assert from_words(json.loads(json.dumps(to_words(settings)))) == settings
