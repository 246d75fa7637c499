"""From what a late provider shows to the alert: the bar that closes the window is seen, and is answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tests.core.desk import event
from tests.core.intraday_desk import DELAY, FineDesk, new_york, slot, today, warmed
from tests.prices.markets import FRONT_BARS

from brentwatch.core.domain import Bar
from brentwatch.core.intraday.clock import BAR
from brentwatch.prices.plan import Fetched, Ledger, plan
from brentwatch.wire.timeline import decode_signal, encode_record

SERIES = replace(FRONT_BARS, delay=DELAY)
POLL = timedelta(minutes=1)


def shown(bars: list[Bar], now: datetime) -> tuple[Bar, ...]:
    """What a provider shows that is fifteen minutes late, the bar that is not finished among it."""
    return tuple(
        replace(bar, opens_at=bar.closes_at - BAR) for bar in bars if bar.closes_at - BAR <= now - DELAY
    )


def test_an_attack_at_0942_is_alerted_within_one_poll_of_its_window_being_seen() -> None:
    bars, desk, ledger = today(0.05, slot(9, 50)), FineDesk(warmed()), Ledger(SERIES)
    now, alerted = new_york(9), list[datetime]()
    while now <= new_york(11, 30):
        if now == new_york(9, 44):
            desk.tell(event("desk:attack", new_york(9, 42)))
        for record in plan(SERIES, ledger, Fetched("yahoo", now, shown(bars, now)), 60).records:
            ledger.take(record)
            desk.tell(decode_signal(encode_record(record)))
        alerted += [now] * (len(desk.within()) - len(alerted))
        now += POLL

    assert alerted == [new_york(10, 15), new_york(11)]
    assert [each.known_at for each in desk.within()] == alerted
