"""What is due when."""

from sslcore.engine import pace


def test_due() -> None:
    assert pace.every(1.0, 30) == 30
    assert pace.every(0.5, 5) == 2
    assert pace.every(0.01, 3) == 1
    assert [step for step in range(9) if pace.due(step, 3, 8)] == [3, 6, 8]


def test_speed_counts_images_of_the_last_steps() -> None:
    speed = pace.Speed(window=2)
    rates: list[float] = []
    for images in (10, 20, 30):
        speed.start()
        rates.append(speed.stop(images))
    assert all(rate > 0 for rate in rates)
