"""A time long after the record was written is refused, whoever names it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.screen.messages import message

from brentwatch.core.domain import Canary, EventAdmitted, PriceUpdate
from brentwatch.wire.event_document import check_event
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.timeline import check_signal
from brentwatch.wire.unrest_event import convert_to_core, decode_event

pytestmark = pytest.mark.attack

WRITTEN = datetime(2022, 1, 5, 10, tzinfo=UTC)
AT = 1000.0 * WRITTEN.timestamp()
TWO_DAYS = timedelta(days=2)


def event(known_at: str, start: str, precision: str = "minute", *, scheduled: bool = False) -> bytes:
    occurred = {"start": start, "precision": precision}
    return message(known_at=known_at, occurred=occurred, scheduled=scheduled)


ALLOWED = {
    "now": event("2022-01-05T10:00:00Z", "2022-01-05T09:00:00Z"),
    "a clock ten minutes ahead": event("2022-01-05T10:10:00Z", "2022-01-05T10:10:00Z"),
    "the bare date of tomorrow": event("2022-01-06T00:00:00Z", "2022-01-06T00:00:00Z", "day"),
    "a strike that was called for March": event(
        "2022-01-05T09:00:00Z", "2022-03-01T00:00:00Z", "day", scheduled=True
    ),
}
REFUSED = {
    "eleven minutes": event("2022-01-05T10:11:00Z", "2022-01-05T09:00:00Z"),
    "2098": event("2098-01-01T00:00:00Z", "2022-01-05T09:00:00Z"),
    "a bare date in two days": event("2022-01-07T00:00:00Z", "2022-01-07T00:00:00Z", "day"),
    "a strike that is known in March": event(
        "2022-03-01T09:00:00Z", "2022-03-01T00:00:00Z", "day", scheduled=True
    ),
}


@pytest.mark.parametrize("data", ALLOWED.values(), ids=ALLOWED)
def test_an_event_of_the_present_is_taken(data: bytes) -> None:
    document = decode_event(data)
    check_event(document, AT, TWO_DAYS)
    check_signal(EventAdmitted(event=convert_to_core(document), exposure=None), AT)


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_an_event_of_the_future_is_refused(data: bytes) -> None:
    document = decode_event(data)
    with pytest.raises(InvalidMessage, match=r"known_at is .* was written at 2022-01-05T10:00:00Z"):
        check_event(document, AT, TWO_DAYS)
    with pytest.raises(InvalidMessage) as caught:
        check_signal(EventAdmitted(event=convert_to_core(document), exposure=None), AT)
    assert caught.value.reason == "future"


def test_how_far_ahead_an_event_may_occur_is_a_setting() -> None:
    tomorrow = decode_event(ALLOWED["the bare date of tomorrow"])
    with pytest.raises(InvalidMessage, match=r"occurred\.start is .* at most nothing later"):
        check_event(tomorrow, AT, timedelta(0))


@pytest.mark.parametrize("minutes", [10, 11])
def test_prices_and_canaries_have_the_same_bound(minutes: int) -> None:
    known_at = WRITTEN + timedelta(minutes=minutes)
    update = PriceUpdate(series="brent-spot", bars=(), complete_through=known_at, known_at=known_at)
    for signal in (update, Canary(canary_id="c", known_at=known_at)):
        if minutes == 10:
            check_signal(signal, AT)
        else:
            with pytest.raises(InvalidMessage):
                check_signal(signal, AT)
