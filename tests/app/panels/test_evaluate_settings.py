from app.panels.evaluate_settings import age


def test_the_age_of_a_finding():
    words = age(3.0, (2550, 450), 12.0, (300, 3.0))
    assert words.startswith("Epoch 3.0. 2,550 training and 450 held-out images")
    assert "measure again" not in words
    assert "checkpoint of epoch 5.0 now: measure again" in age(3.0, (9, 4), 1.0, (500, 5.0))
    assert "measure again" not in age(3.0, (9, 4), 1.0, None)
