"""The replayed catalogue sent to each kind of channel: as many first messages as threads, and few pings."""

from collections import Counter
from collections.abc import Iterable
from functools import cache

import pytest
from tests.notify.desk import Desk, make_route

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, Alert, Instrument, PublishAlert, Severity
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.notify.messages import Revisions, rank_severity
from brentwatch.replay.turns import replay_signals

pytestmark = pytest.mark.slow


@cache
def list_alerts(instrument: Instrument, name: str) -> list[Alert]:
    """Every revision of every alert of a history, in its order."""
    recording = find_history(name, instrument)
    turns = replay_signals(build_rules(instrument), recording.signals)
    return [effect.alert for turn in turns for effect in turn.effects if isinstance(effect, PublishAlert)]


def send(alerts: Iterable[Alert], revisions: Revisions) -> tuple[Counter[str], Counter[str], Desk]:
    """The first messages and the pings below them, by thread, where each delivery is accepted at once."""
    desk = Desk(make_route("chat", revisions))
    roots, pings = Counter[str](), Counter[str]()
    for alert in alerts:
        desk.publish(alert)
        for delivery in desk.pending.values():
            if delivery.root is None:
                roots[delivery.thread] += 1
            elif delivery.pings:
                pings[delivery.thread] += 1
        desk.accept()
    return roots, pings, desk


@pytest.mark.parametrize("revisions", Revisions)
@pytest.mark.parametrize(
    ("instrument", "name"),
    [(BRENT_SPOT, "catalogue"), (BRENT_FRONT, "intraday-demo")],
    ids=["catalogue", "intraday-demo"],
)
def test_a_replay_has_one_first_message_a_thread_and_at_most_two_pings(
    instrument: Instrument, name: str, revisions: Revisions
) -> None:
    alerts = list_alerts(instrument, name)
    loud = {each.alert_id for each in alerts if rank_severity(each.severity) >= Severity.MEDIUM.rank}
    roots, pings, desk = send(alerts, revisions)
    assert loud, "the history has alerts"
    assert roots == dict.fromkeys(loud, 1)
    if revisions is not Revisions.EVERY:
        assert max(pings.values(), default=0) <= 2
        assert all(thread in loud for thread in pings)
    desk.expect_sum()
    assert desk.totals.copies == {}
