"""What holds of threads whatever comes, and in whatever order: events, 5-minute bars, settlements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.desk import SAUDI_ARABIA, TAJIKISTAN, event
from tests.core.intraday_desk import PAST, told
from tests.core.monitor.test_machine import revisions_count_from_one
from tests.core.monitor.test_state_values import Keeper
from tests.core.thread_desk import (
    MONDAY,
    REOPENS,
    TUESDAY,
    bars_of,
    list_closes,
    settlement,
    warmed_thread,
)

from brentwatch.core.domain import Precision, PublishAlert, Stage, Standing, Status
from brentwatch.core.ids import alert_id
from brentwatch.core.monitor.state_values import assemble_state

if TYPE_CHECKING:
    from brentwatch.core.domain import Alert, Effect, Signal

_MINUTES = 2 * 24 * 60 + 6 * 60
_CLOSE = list_closes()[PAST - 1][-1]

events = st.builds(
    lambda number, revision, minutes, exposure, precision, status, standing: replace(
        event(
            f"desk:{number}",
            REOPENS + timedelta(minutes=minutes),
            exposure,
            revision=revision,
            precision=precision,
            status=status,
        ),
        standing=standing,
    ),
    number=st.integers(0, 3),
    revision=st.integers(0, 2),
    minutes=st.integers(-6 * 60, _MINUTES),
    exposure=st.sampled_from([None, SAUDI_ARABIA, TAJIKISTAN]),
    precision=st.sampled_from([Precision.MINUTE, Precision.MINUTE, Precision.DAY]),
    status=st.sampled_from([Status.NEW, Status.NEW, Status.UPDATE, Status.RETRACT]),
    standing=st.sampled_from(Standing),
)
bars = st.builds(
    lambda day, first, count, gap: told(bars_of(day, PAST, gap)[first : first + count]),
    day=st.sampled_from([MONDAY, MONDAY, TUESDAY]),
    first=st.sampled_from([0, 1, 12, 130, 240]),
    count=st.sampled_from([1, 6, 40, 130]),
    gap=st.sampled_from([0.0, 0.07, -0.05]),
)
prices = st.builds(
    lambda day, close: settlement(day, close),
    day=st.sampled_from([MONDAY, TUESDAY]),
    close=st.sampled_from([_CLOSE, _CLOSE * 1.08, -1.0]),
)
signals = st.lists(st.one_of(events, bars, prices), min_size=2, max_size=14)


def revisions(effects: list[Effect]) -> dict[str, list[Alert]]:
    by_id: dict[str, list[Alert]] = defaultdict(list)
    for effect in effects:
        if isinstance(effect, PublishAlert):
            by_id[effect.alert.alert_id].append(effect.alert)
    return by_id


def check_thread(thread: list[Alert]) -> None:
    """A severity never falls, an answer from bars never changes or goes, and each revision says something."""
    for earlier, later in pairwise(thread):
        assert not later.is_same_news(earlier)
        assert later.known_at >= earlier.known_at
        assert (later.heads_up, later.session) == (earlier.heads_up, earlier.session)
        if earlier.severity is not None:
            assert later.severity is not None
            assert later.severity.rank >= earlier.severity.rank
        still = {each.study_id: each.p for each in later.tests}
        for test in earlier.tests:
            if test.stage in (Stage.REOPEN, Stage.WITHIN):
                assert still[test.study_id] == test.p
    for each in thread:
        stages = [test.stage.rank for test in each.tests]
        assert stages == sorted(stages)
        assert not {Stage.PROVISIONAL, Stage.SETTLEMENT} <= {test.stage for test in each.tests}
        assert each.severity is not None or not each.is_abnormal
        assert each.heads_up is not None or each.severity is not None


@settings(deadline=None, derandomize=True, max_examples=25)
@given(signals, st.integers(0, 14))
def test_threads_keep_their_rules_and_a_restored_state_goes_on(history: list[Signal], cut: int) -> None:
    keeper = Keeper(warmed_thread())
    effects = keeper.fold(history[:cut])
    again = Keeper(assemble_state(keeper.state.rules, keeper.kept))
    rest = keeper.fold(history[cut:])

    assert again.fold(history[cut:]) == rest
    assert revisions_count_from_one([*effects, *rest])
    for key, thread in revisions([*effects, *rest]).items():
        assert key == alert_id("brent-front", thread[0].session)
        check_thread(thread)
