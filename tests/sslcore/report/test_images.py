"""The map and the neighbours."""

import re
from dataclasses import replace

import numpy as np

from sslcore.assessment.watch import Watch
from sslcore.evaluation.projection import Components
from sslcore.export import colours
from sslcore.export.source import Source
from sslcore.report import images as pages
from sslcore.report.story import Story


def dots(html: str) -> list[tuple[float, float, str]]:
    found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="[\d.]+" fill="(#\w+)"/>', html)
    return [(float(x), float(y), fill) for x, y, fill in found]


def test_the_map_is_the_pca_in_the_colours_of_classes(plain: Source) -> None:
    story = Story.read(plain.directory, Watch())
    html = pages.sections(story)[0]
    probe = story.probe
    points = Components.of(probe.features, 2).project(probe.features)
    found = dots(html)
    assert len(found) == len(points) == 16
    order = np.random.default_rng(0).permutation(16)
    for axis in (0, 1):
        drawn = np.array([one[axis] for one in found])
        wanted = points[order, axis]
        assert abs(np.corrcoef(drawn, wanted)[0, 1]) > 0.999
    assert [one[2] for one in found] == [colours.of_class(int(n)) for n in probe.labels[order]]
    assert all(0 <= x <= pages.WIDTH and 0 <= y <= pages.HEIGHT for x, y, _ in found)
    for name in ("dark", "light"):
        assert f"</i>{name}</span>" in html
    part = points.var(0).sum() / probe.features.var(0).sum()
    assert f"hold {100 * part:.0f} % of the spread" in html


def test_neighbours_against_plain_cosines(plain: Source) -> None:
    story = Story.read(plain.directory, Watch())
    html = pages.sections(story)[1]
    rows = html.split('<div class="row">')[1:]
    assert len(rows) == pages.ASKED
    probe = story.probe
    assert probe.catalogue is not None
    paths = [probe.catalogue.paths[row] for row in probe.index]
    unit = probe.features / np.linalg.norm(probe.features, axis=1, keepdims=True)
    for row in rows:
        titles = re.findall(r'title="([^"]+)"', row)
        first = paths.index(titles[0])
        cosines = unit @ unit[first]
        cosines[first] = -2
        wanted = [paths[place] for place in np.argsort(-cosines, kind="stable")[:8]]
        assert titles[1:] == wanted
        names = [one.partition("/")[0] for one in titles]
        assert row.count('class="other"') == sum(one != names[0] for one in names)


def test_without_images_or_features_it_says_why(plain: Source) -> None:
    story = Story.read(plain.directory, Watch())
    gone = replace(story.probe, catalogue=None, reason="The images are gone: away.")
    (only,) = pages.sections(replace(story, probe=gone))
    assert "The images are gone: away." in only
    assert {fill for _, _, fill in dots(only)} == {colours.MISSING}
    nothing = replace(story.probe, index=story.probe.index[:0], reason="No features were saved.")
    (only,) = pages.sections(replace(story, probe=nothing))
    assert "No features were saved." in only


def test_all_features_equal(plain: Source) -> None:
    story = Story.read(plain.directory, Watch())
    flat = replace(story.probe, features=np.ones_like(story.probe.features))
    html = pages.sections(replace(story, probe=flat))[0]
    assert len(dots(html)) == 16
    assert "nan" not in html
