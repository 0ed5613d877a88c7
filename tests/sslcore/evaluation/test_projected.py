from sslcore.evaluation.projected import Faithfulness


def test_words_name_both_scores_and_the_sample():
    faith = Faithfulness(0.942, 0.968, 15, 1000)
    assert faith.words(10_000) == (
        "trustworthiness 0.94, continuity 0.97 (15 neighbours on 1,000 of 10,000 images)"
    )
    assert faith.words(1000) == "trustworthiness 0.94, continuity 0.97 (15 neighbours)"
