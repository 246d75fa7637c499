from __future__ import annotations

from datetime import date

import pytest

from brentwatch.core.domain import Window
from brentwatch.core.ids import alert_id, study_id

SESSION = date(2022, 1, 6)
STUDY = ("brent-spot", SESSION, Window(0, 1), "garch-t")


def test_an_id_is_the_same_in_every_run_and_every_release() -> None:
    assert study_id(*STUDY) == "c95ddd7922008fa4919a"
    assert alert_id("brent-spot", SESSION) == "2f3281c51315af3e530b"


@pytest.mark.parametrize(
    "other",
    [
        ("brent-futures", SESSION, Window(0, 1), "garch-t"),
        ("brent-spot", date(2022, 1, 7), Window(0, 1), "garch-t"),
        ("brent-spot", SESSION, Window(1, 1), "garch-t"),
        ("brent-spot", SESSION, Window(0, 5), "garch-t"),
        ("brent-spot", SESSION, Window(0, 1), "constant-mean"),
    ],
)
def test_each_part_of_a_study_makes_another_id(other: tuple[str, date, Window, str]) -> None:
    assert study_id(*other) != study_id(*STUDY)


def test_each_part_of_an_alert_makes_another_id() -> None:
    ids = {
        alert_id("brent-spot", SESSION),
        alert_id("brent-futures", SESSION),
        alert_id("brent-spot", date(2022, 1, 7)),
    }
    assert len(ids) == 3


def test_parts_cannot_run_into_each_other() -> None:
    assert study_id("a", SESSION, Window(0, 1), "5-days") != study_id("a", SESSION, Window(0, 15), "-days")
