"""The published record is what the product does today; `make record` makes it anew."""

from __future__ import annotations

import re

import pytest
from benchmarks import scored_record as maker

from brentwatch.commands.record.contents import gather_contents
from brentwatch.core.calibration.record_scores import check_uniformity, score_record

pytestmark = pytest.mark.slow

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def take_numbers(text: str) -> tuple[str, list[tuple[float, float]]]:
    """The text without its numbers, and each number with the size of its last digit."""
    numbers = [found.group() for found in _NUMBER.finditer(text)]
    sizes = [10.0 ** -len(each.partition(".")[2]) for each in numbers]
    values = [float(each.replace(",", "")) for each in numbers]
    return _NUMBER.sub("#", text), list(zip(values, sizes, strict=True))


@pytest.fixture(scope="module")
def scores() -> str:
    return maker.write_scores()


def test_the_page_has_the_scores_of_today(scores: str) -> None:
    """Fits differ a little between machines, so the last digit of a number with decimals may differ."""
    _, published, _ = maker.split_page(maker.PAGE.read_text(encoding="utf-8"))
    words, numbers = take_numbers(published)
    words_now, numbers_now = take_numbers(scores)

    assert words_now == words
    for (value, size), (now, _) in zip(numbers, numbers_now, strict=True):
        assert abs(value - now) <= (size * 1.01 if size < 1.0 else 0.0)


def test_the_claims_of_the_page_about_its_scores_hold() -> None:
    """Clearly better than the textbook; better than garch-n in the tails, and not in the middle."""
    tested = gather_contents(maker.record_bundled()).tested
    gains = {gain.peer: gain for gain in score_record(tested)[0].gains}
    textbook, normal = gains["constant-mean"], gains["garch-n"]

    assert textbook.log_gain > 4.0 * textbook.log_error
    assert textbook.crps_gain > 3.0 * textbook.crps_error
    assert normal.log_gain > 2.5 * normal.log_error
    assert abs(normal.crps_gain) < 2.0 * normal.crps_error
    assert [test.name for test in check_uniformity(tested) if test.p < 0.05] == ["chi-squared, 20 cells"]
