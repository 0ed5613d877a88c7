from app.panels import evaluate_page
from app.panels.evaluate_knn import Page
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.knn import KnnConfig, KnnFinding


def test_a_measurement_has_its_own_page(workspace, qtbot):
    page = evaluate_page.page_for("knn", workspace)
    qtbot.addWidget(page)
    assert isinstance(page, Page)


def test_one_without_shows_its_lines(workspace, qtbot):
    page = evaluate_page.page_for("of_a_plugin", workspace)
    qtbot.addWidget(page)
    finding = KnnFinding(neighbours=(20,), accuracy={"trained": (0.5,)})
    kept = Kept("of_a_plugin", 1, 1.0, 0.0, 1.0, (9, 4), KnnConfig(), finding)
    evaluate_page.show(page, kept)
    assert page.words.text() == "\n".join(finding.lines())


def test_remarks_are_said_once(workspace, qtbot):
    finding = KnnFinding(neighbours=(20,), accuracy={"trained": (0.5,)}, remarks=("One: cat.",))
    kept = Kept("knn", 1, 1.0, 0.0, 1.0, (9, 4), KnnConfig(), finding, changed=True)
    knn, few = (evaluate_page.page_for(key, workspace) for key in ("knn", "few_labels"))
    for page in (knn, few):
        qtbot.addWidget(page)
    assert evaluate_page.cautions(knn, kept) == [kept.caution, "One: cat."]
    assert evaluate_page.cautions(few, kept) == [kept.caution]  # has a place of its own for them


def test_what_was_not_kept_is_said_beside_the_finding(workspace, qtbot):
    finding = KnnFinding(neighbours=(20,), accuracy={"trained": (0.5,)})
    kept = Kept("knn", 1, 1.0, 0.0, 1.0, (9, 4), KnnConfig(), finding, unsaved="no room")
    page = evaluate_page.page_for("knn", workspace)
    qtbot.addWidget(page)
    assert evaluate_page.cautions(page, kept) == ["Not kept with the run: no room."]
