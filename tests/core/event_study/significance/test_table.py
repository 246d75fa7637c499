from __future__ import annotations

import pytest
from tests.core.event_study.significance.panels import found, panel

from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.significance import table


def test_the_columns_of_many_events_are_those_of_the_command() -> None:
    expected = (
        "csect_t_aar,csect_t_caar,patell_z_aar,patell_z_caar,bmp_t_aar,bmp_t_caar,bw85_t_aar,bw85_t_caar,"
        "corrado_z,corrado_z_cum,gsign_z,gsign_z_cum,wilcoxon_p_aar,wilcoxon_p_caar,grank_t_caar"
    )

    assert ",".join(table.TESTS) == expected


@pytest.mark.parametrize("load", [table.load_across_events, table.load_in_calendar, table.load_of_one_event])
def test_an_unknown_test_is_refused_and_those_there_are_named(load: object) -> None:
    assert callable(load)
    with pytest.raises(InvalidInput, match=r"no test is called 'sharpe'; expected one of .*"):
        load("sharpe")


def test_a_test_that_takes_more_than_a_panel_is_not_run_without() -> None:
    with pytest.raises(InvalidInput):
        table.run("kp_bmp_t_aar", panel(1))


@pytest.mark.parametrize("name", table.IN_CALENDAR)
def test_every_test_of_the_calendar_loads(name: str) -> None:
    assert callable(table.load_in_calendar(name))


@pytest.mark.parametrize("name", table.OF_ONE_EVENT)
def test_every_test_of_one_event_loads(name: str) -> None:
    answer = table.load_of_one_event(name)(panel(1))

    assert getattr(answer, "name", None) == name


@pytest.mark.parametrize("name", [*table.TESTS, *table.BUY_AND_HOLD, *table.IN_CALENDAR])
def test_every_test_across_events_tells_what_it_asks_also_without_an_answer(name: str) -> None:
    asked = table.find_question(name)

    assert asked.name == name
    assert asked.null
    if name not in table.IN_CALENDAR:
        answer = found(table.run(name, panel(1)))
        assert (asked.null, asked.on) == (answer.null, answer.on)
