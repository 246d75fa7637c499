from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wire.validators import validator

from brentwatch.core.domain import (
    CLASS_WEIGHTS,
    Bar,
    Canary,
    EventAdmitted,
    Exposure,
    PriceUpdate,
    Signal,
    Standing,
)
from brentwatch.core.errors import InvalidInput
from brentwatch.wire import json_schemas
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.timeline import decode_record, decode_signal, encode_record, encode_signal
from brentwatch.wire.timeline_record import EventAdmittedRecord, PriceUpdateRecord
from brentwatch.wire.unrest_event import convert_to_core, decode_event, encode_event

FULL = decode_event(json_schemas.read_examples("unrest_event.v1")["full.json"])
MINIMAL = decode_event(json_schemas.read_examples("unrest_event.v1")["minimal.json"])

times = st.datetimes(
    min_value=datetime(1900, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2098, 12, 30),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200)
bars = st.builds(
    Bar,
    session=st.dates(min_value=date(1900, 1, 1), max_value=date(2098, 12, 31)),
    closes_at=times,
    close=st.floats(-1e6, 1e6).filter(lambda price: price == 0 or abs(price) >= 1e-6),
    interval=st.sampled_from(["1d", "5m", "15m", "1h"]),
    quality=st.lists(names, max_size=3).map(tuple),
)
exposures = st.builds(
    Exposure,
    country=st.just("KAZ"),
    production_kbd=st.floats(0, 1e6),
    transit_kbd=st.floats(0, 1e6),
    transit_name=st.none() | names,
    period=st.sampled_from(["", "2022-04"]),
)


def _known_when_told(update: PriceUpdate) -> PriceUpdate:
    """Nothing in an update lies after the moment at which it was known."""
    closes = [bar.closes_at for bar in update.bars]
    return replace(update, known_at=max(update.known_at, update.complete_through, *closes))


signals = st.one_of(
    st.builds(Canary, canary_id=names, known_at=times),
    st.builds(
        PriceUpdate,
        series=names,
        bars=st.lists(bars, max_size=4).map(tuple),
        complete_through=times,
        known_at=times,
        warmup=st.booleans(),
    ).map(_known_when_told),
    st.builds(EventAdmitted, event=st.just(convert_to_core(FULL)), exposure=st.none() | exposures),
)


@settings(deadline=None, derandomize=True)
@given(signals)
def test_a_signal_comes_back_from_the_timeline_as_it_was(signal: Signal) -> None:
    assert decode_signal(encode_signal(signal)) == signal


@settings(deadline=None, derandomize=True)
@given(signals)
def test_what_is_written_is_what_the_schema_says(signal: Signal) -> None:
    validator("timeline.v1").validate(json.loads(encode_signal(signal)))


def test_the_sign_of_a_zero_and_the_last_bit_of_a_price_survive() -> None:
    closes = (-0.0, math.nextafter(80.6, 81), 1e-6)
    update = decode_signal(encode_signal(_update(closes)))

    assert isinstance(update, PriceUpdate)
    assert [bar.close.hex() for bar in update.bars] == [close.hex() for close in closes]


def test_times_come_back_in_utc() -> None:
    known_at = datetime(2022, 1, 5, 22, 30, tzinfo=timezone(timedelta(hours=6)))
    signal = decode_signal(encode_signal(Canary(canary_id="a", known_at=known_at)))

    assert signal.known_at.isoformat() == "2022-01-05T16:30:00+00:00"


def test_an_admitted_event_carries_its_whole_document() -> None:
    record = decode_record(encode_signal(EventAdmitted(event=convert_to_core(FULL), exposure=None), FULL))

    assert isinstance(record, EventAdmittedRecord)
    assert record.event == FULL


def test_nearness_comes_back_and_a_record_of_an_older_screen_has_none() -> None:
    near = EventAdmitted(event=convert_to_core(MINIMAL), exposure=None, nearness=0.75)
    older = json.loads(encode_signal(near))
    del older["nearness"]

    assert decode_signal(encode_signal(near)) == near
    assert decode_signal(json.dumps(older).encode()) == replace(near, nearness=0.0)


def test_unknown_exposure_is_written_as_null() -> None:
    record = json.loads(encode_signal(EventAdmitted(event=convert_to_core(MINIMAL), exposure=None)))

    assert record["exposure"] is None


def test_a_document_of_another_event_is_refused() -> None:
    with pytest.raises(InvalidInput, match="expected its own document"):
        encode_signal(EventAdmitted(event=convert_to_core(MINIMAL), exposure=None), FULL)


def test_what_only_the_wire_knows_of_a_price_stays_in_the_record() -> None:
    example = json_schemas.read_examples("timeline.v1")["price_update_intraday.json"]
    record = decode_record(example)

    assert isinstance(record, PriceUpdateRecord)
    assert (record.provider, record.bars[0].volume, len(record.bars)) == ("yahoo", 1432, 2)
    assert decode_record(encode_record(record)) == record


def test_an_intraday_bar_reaches_the_fold_with_its_beginning_open_volume_and_contract() -> None:
    signal = decode_signal(json_schemas.read_examples("timeline.v1")["price_update_intraday.json"])

    assert isinstance(signal, PriceUpdate)
    assert [(each.opens_at, each.open, each.volume, each.contract) for each in signal.bars] == [
        (datetime(2022, 1, 5, 10, 35, tzinfo=UTC), 80.09, 1432.0, "BZH2022"),
        (datetime(2022, 1, 5, 10, 40, tzinfo=UTC), None, 0.0, ""),
    ]
    assert decode_signal(encode_signal(signal)) == signal


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 60])
def test_a_record_that_is_not_json_says_so(data: bytes) -> None:
    with pytest.raises(InvalidMessage) as caught:
        decode_signal(data)

    assert caught.value.reason is DeadLetterReason.NOT_JSON


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"kind": "weather"}', b'{"kind": ["canary"]}'])
def test_a_record_of_an_unknown_kind_is_answered_with_the_known_ones(data: bytes) -> None:
    with pytest.raises(
        InvalidMessage, match="expected a JSON object of kind event_admitted, price_update, canary"
    ):
        decode_signal(data)


def test_all_faults_of_a_record_are_told_at_once() -> None:
    with pytest.raises(InvalidMessage) as caught:
        decode_signal(b'{"kind": "price_update", "series": "", "bars": [{"close": "high"}], "warmup": "no"}')

    assert [fault.split()[0] for fault in caught.value.faults] == [
        "series",
        "bars[0].close",
        "complete_through",
        "known_at",
        "warmup",
    ]


def test_an_event_that_breaks_a_rule_is_refused_on_the_timeline_too() -> None:
    record = json.loads(json_schemas.read_examples("timeline.v1")["event_admitted.json"])
    record["event"]["known_at"] = "2019-09-14T00:44:59Z"

    with pytest.raises(InvalidMessage) as caught:
        decode_signal(json.dumps(record).encode())
    assert caught.value.reason is DeadLetterReason.KNOWN_BEFORE_OCCURRED


def _update(closes: tuple[float, ...]) -> PriceUpdate:
    closes_at = datetime(2022, 1, 5, 16, 30, tzinfo=UTC)
    bars = tuple(Bar(session=date(2022, 1, 5), closes_at=closes_at, close=close) for close in closes)
    return PriceUpdate(series="s", bars=bars, complete_through=closes_at, known_at=closes_at)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"complete_through": "2022-01-05T16:30:01Z"}, "complete_through is 2022-01-05T16:30:01"),
        ({"known_at": "2022-01-05T16:29:59Z"}, "the close of session 2022-01-05 is 2022-01-05T16:30:00"),
    ],
)
def test_prices_of_the_future_are_refused(changes: dict[str, str], told: str) -> None:
    document = json.loads(json_schemas.read_examples("timeline.v1")["price_update.json"]) | changes

    with pytest.raises(InvalidMessage, match=told) as raised:
        decode_record(json.dumps(document).encode())
    assert raised.value.reason is DeadLetterReason.CONTRADICTION


def test_null_for_optional_arrays_and_texts_is_read_in_events_bars_and_exposures() -> None:
    event = json.loads(json_schemas.read_examples("timeline.v1")["event_admitted.json"])
    event["event"] |= {"actors": None, "summary": None}
    event["exposure"] |= {"period": None}
    prices = json.loads(json_schemas.read_examples("timeline.v1")["price_update.json"])
    prices["bars"] = [bar | {"quality": None} for bar in prices["bars"]]

    for document in (event, prices):
        decode_signal(json.dumps(document).encode())


@pytest.mark.parametrize("field", ["known_at", "complete_through"])
def test_prices_of_a_time_that_leaves_the_years_are_refused(field: str) -> None:
    prices = json.loads(json_schemas.read_examples("timeline.v1")["price_update_without_bars.json"])
    for time in ("2098-12-31T23:59:59-12:00", "2099-01-01T00:00:00Z"):
        with pytest.raises(InvalidMessage, match="expected a year from 1900 to 2098"):
            decode_signal(json.dumps(prices | {"known_at": time, field: time}).encode())


@pytest.mark.parametrize("price", [5e-324, -1e-7, 1e-300, 1e7, -1e308])
@pytest.mark.parametrize("field", ["close", "open"])
def test_a_price_that_no_return_can_be_taken_of_is_refused(price: float, field: str) -> None:
    """Let in, it would stop the fold at the session after it."""
    prices = json.loads(json_schemas.read_examples("timeline.v1")["price_update_intraday.json"])
    prices["bars"][0] |= {field: price}
    with pytest.raises(InvalidMessage) as caught:
        decode_signal(json.dumps(prices).encode())
    assert caught.value.reason in (DeadLetterReason.SCHEMA, DeadLetterReason.CONTRADICTION)


def test_relevance_and_standing_stand_beside_the_exposure() -> None:
    signal = EventAdmitted(
        event=convert_to_core(FULL), exposure=None, standing=Standing.CORROBORATED, measured_relevance=0.25
    )
    written = json.loads(encode_signal(signal, FULL))

    assert (written["relevance"], written["standing"]) == (0.25, "corroborated")
    assert decode_signal(json.dumps(written).encode()) == signal


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ({"reliability": {"verification": "curated"}}, Standing.STATED),
        ({"provenance": {"feed": "file"}}, Standing.STATED),
        ({}, Standing.STATED),
        ({"provenance": {"feed": "gdelt"}}, Standing.SINGLE),
        ({"provenance": {"feed": "elsewhere"}}, Standing.CORROBORATED),
        ({"provenance": {"feed": "gdelt"}, "reports": 2}, Standing.CORROBORATED),
        ({"reliability": {"verification": "machine"}, "reports": 1}, Standing.SINGLE),
        ({"reliability": {"verification": "machine"}, "reports": 2}, Standing.CORROBORATED),
    ],
)
def test_what_an_older_screen_wrote_is_judged_by_its_document(
    told: dict[str, object], standing: Standing
) -> None:
    exposure = {"country": "KAZ", "production_kbd": 1800.0, "transit_kbd": 0.0}
    event = json.loads(encode_event(MINIMAL)) | told
    record = {"kind": "event_admitted", "event": event, "exposure": exposure}
    signal = decode_signal(json.dumps(record).encode())

    assert isinstance(signal, EventAdmitted)
    assert signal.exposure is not None
    assert signal.standing is standing
    assert signal.relevance == CLASS_WEIGHTS[MINIMAL.event_class] * signal.exposure.weight


def test_a_close_after_it_was_known_is_refused() -> None:
    value = (
        b'{"kind":"price_update","series":"brent-spot","complete_through":"2020-01-02T19:30:00Z",'
        b'"known_at":"2020-01-02T20:00:00Z","warmup":false,"bars":[{"session":"2020-01-03",'
        b'"closes_at":"2020-01-03T19:30:00Z","close":60.0,"interval":"1d"}]}'
    )
    with pytest.raises(InvalidMessage, match=r"the close of session 2020-01-03 is .*, after known_at"):
        decode_signal(value)


def test_a_year_that_only_utc_refuses_is_refused() -> None:
    value = (
        b'{"kind":"price_update","series":"brent-spot","complete_through":"2020-01-02T19:30:00Z",'
        b'"known_at":"2098-12-31T23:30:00-02:00","warmup":false,"bars":[]}'
    )
    with pytest.raises(InvalidMessage, match="in UTC too"):
        decode_signal(value)
