"""Probes in the Evaluate place: bars of every probe and what the difference means."""

from app.panels.evaluate_probes import Page, verdict
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.probes import ProbesConfig, ProbeScores, ProbesFinding


def finding(line, curved, sgd=None):
    def both(value):
        return {
            name: ProbeScores(top_1=value - less, top_5=0.9, choice="rate 0.1")
            for name, less in (("trained", 0.0), ("untrained", 0.1))
        }

    scores = {"linear": both(line), "mlp": both(curved)}
    if sgd is not None:
        scores["sgd"] = both(sgd)
    return ProbesFinding(scores=scores, asked=2500)


def test_what_a_small_network_reads_beyond_a_line():
    assert verdict(finding(0.4, 0.5)).startswith("Classes are there, but folded up")
    assert "+10.0 points: 50.0 % against 40.0 %" in verdict(finding(0.4, 0.5))
    assert verdict(finding(0.4, 0.425)).startswith("A small network reads a little more")
    assert verdict(finding(0.4, 0.41)).startswith("A straight cut reads as much")
    worse = verdict(finding(0.5, 0.4))
    assert worse.startswith("A small network reads less")
    assert "−10.0 points" in worse


def test_bars_and_words(workspace, qtbot):
    page = Page(workspace)
    qtbot.addWidget(page)
    config = ProbesConfig()
    page.show_finding(Kept("probes", 1, 1.0, 0.0, 1.0, (9, 9), config, finding(0.4, 0.5, 0.45)))
    told = page.bars.accessibleDescription()
    assert "Linear, exact, top 1: trained 40.0 % ± 1.0" in told
    assert "MLP, top 1: untrained 40.0 %" in told
    assert "Linear, SGD on crops, top 1: trained 45.0 %" in told
    assert "2,500 held-out images" in page.foot.text()
    assert "MLP: trained rate 0.1" in page.foot.text()
    page.show_finding(Kept("probes", 1, 1.0, 0.0, 1.0, (9, 9), config, finding(0.4, 0.5)))
    assert "SGD" not in page.bars.accessibleDescription()
