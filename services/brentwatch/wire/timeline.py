"""Signals on the timeline: signal to bytes and back, exact to the last bit of a price."""

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import assert_never

import msgspec

from brentwatch.core.domain import Bar, Canary, EventAdmitted, Exposure, PriceUpdate, Signal, Standing
from brentwatch.core.errors import InvalidInput
from brentwatch.wire import timeline_record
from brentwatch.wire.decoding import check_depth, decode_json, remove_nulls
from brentwatch.wire.event_document import LONGEST_AHEAD, UnrestEventDocument, is_ahead, refuse_ahead
from brentwatch.wire.event_rules import find_year_fault
from brentwatch.wire.input_faults import (
    DeadLetterReason,
    InvalidMessage,
    convert_whole_numbers,
    find_field_faults,
    show_value,
)
from brentwatch.wire.unrest_event import check_document, convert_from_core, convert_to_core, judge_document

_REMEDY = "correct the program that writes the timeline (schemas/timeline.v1.schema.json)"
_OWN_FEEDS = ("", "file")
_decoder: msgspec.json.Decoder[timeline_record.TimelineRecord] = msgspec.json.Decoder(
    timeline_record.TimelineRecord
)
_encoder = msgspec.json.Encoder()


def encode_signal(signal: Signal, document: UnrestEventDocument | None = None) -> bytes:
    """The record of a signal. An admitted event has its `document`, or the smallest document that gives it.

    Raises:
        InvalidInput: if `document` is not the one of the event, or the event holds what the schema refuses.
    """
    return encode_record(_build_record(signal, document))


def encode_record(record: timeline_record.TimelineRecord) -> bytes:
    """The JSON of a record."""
    return _encoder.encode(record)


def decode_signal(data: bytes) -> Signal:
    """The signal in a record of the timeline; times in UTC.

    Raises:
        InvalidMessage: if the record is not JSON, against the schema, or contradicts itself.
    """
    return build_signal(decode_record(data))


def decode_record(data: bytes) -> timeline_record.TimelineRecord:
    """The whole record, with the event's document and the fields of a price that only the wire has.

    Raises:
        InvalidMessage: if the record is not JSON, against the schema, or contradicts itself.
    """
    check_depth(data)
    try:
        record = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        record = _decode_thoroughly(data)
    return _check_record(record)


def build_signal(record: timeline_record.TimelineRecord) -> Signal:
    """The signal for the fold in a record that was read."""
    match record:
        case timeline_record.EventAdmittedRecord(event=document, standing=standing):
            return EventAdmitted(
                event=convert_to_core(document),
                exposure=_build_exposure(record.exposure),
                nearness=record.nearness,
                standing=_judge_unwritten(document) if standing is None else standing,
                measured_relevance=record.relevance,
            )
        case timeline_record.PriceUpdateRecord():
            return PriceUpdate(
                series=record.series,
                bars=tuple(_build_bar(bar) for bar in record.bars),
                complete_through=record.complete_through.astimezone(UTC),
                known_at=record.known_at.astimezone(UTC),
                warmup=record.warmup,
            )
        case timeline_record.CanaryRecord(canary_id=canary_id, known_at=known_at):
            return Canary(canary_id=canary_id, known_at=known_at.astimezone(UTC))
        case _:
            assert_never(record)


def _judge_unwritten(document: UnrestEventDocument) -> Standing:
    """The standing of an event if its screen wrote none: events of the `file` feed are the user's own."""
    feed = document.provenance.feed if document.provenance else ""
    return judge_document(document, is_own=feed in _OWN_FEEDS)


def check_signal(signal: Signal, written_at: float) -> None:
    """Refuse a signal of the timeline that is known long after it was written.

    Prices are complete through `known_at` at most, so its bound is theirs.

    Args:
        signal: the signal that was read.
        written_at: when the record was written, in milliseconds since 1970.

    Raises:
        InvalidMessage: if `known_at` is more than ten minutes later; of a bare date, one day more.
    """
    if is_ahead(signal.known_at, written_at):
        allowance = signal.event.future_allowance if isinstance(signal, EventAdmitted) else timedelta()
        refuse_ahead("known_at", signal.known_at, written_at, LONGEST_AHEAD + allowance)


def _build_record(signal: Signal, document: UnrestEventDocument | None) -> timeline_record.TimelineRecord:
    match signal:
        case EventAdmitted(event=event):
            document = convert_from_core(event) if document is None else document
            if convert_to_core(document) != event:
                raise InvalidInput(
                    f"the document {document.event_id!r} revision {document.revision} is not the one of "
                    f"the event {event.event_id!r} revision {event.revision}; expected its own document; "
                    "pass the document from which the event was made"
                )
            return timeline_record.EventAdmittedRecord(
                event=document,
                exposure=_build_exposure_record(signal.exposure),
                nearness=signal.nearness,
                relevance=signal.measured_relevance,
                standing=signal.standing,
            )
        case PriceUpdate():
            return timeline_record.PriceUpdateRecord(
                series=signal.series,
                bars=tuple(build_bar_record(bar) for bar in signal.bars),
                complete_through=signal.complete_through,
                known_at=signal.known_at,
                warmup=signal.warmup,
            )
        case Canary(canary_id=canary_id, known_at=known_at):
            return timeline_record.CanaryRecord(canary_id=canary_id, known_at=known_at)
        case _:
            assert_never(signal)


def _build_exposure(record: timeline_record.ExposureRecord | None) -> Exposure | None:
    if record is None:
        return None
    return Exposure(
        country=record.country,
        production_kbd=record.production_kbd,
        transit_kbd=record.transit_kbd,
        transit_name=record.transit_name,
        period=record.period,
    )


def _build_exposure_record(exposure: Exposure | None) -> timeline_record.ExposureRecord | None:
    if exposure is None:
        return None
    return timeline_record.ExposureRecord(
        country=exposure.country,
        production_kbd=exposure.production_kbd,
        transit_kbd=exposure.transit_kbd,
        transit_name=exposure.transit_name,
        period=exposure.period,
    )


def _build_bar(record: timeline_record.BarRecord) -> Bar:
    return Bar(
        session=record.session,
        closes_at=record.closes_at.astimezone(UTC),
        close=record.close,
        interval=record.interval,
        opens_at=None if record.opens_at is None else record.opens_at.astimezone(UTC),
        open=record.open,
        volume=record.volume,
        quality=record.quality,
        contract=record.contract or "",
    )


def build_bar_record(bar: Bar) -> timeline_record.BarRecord:
    """The record of a bar."""
    return timeline_record.BarRecord(
        session=bar.session,
        closes_at=bar.closes_at,
        close=bar.close,
        interval=bar.interval,
        opens_at=bar.opens_at,
        open=bar.open,
        volume=bar.volume,
        quality=bar.quality,
        contract=bar.contract or None,
    )


def _decode_thoroughly(data: bytes) -> timeline_record.TimelineRecord:
    values = convert_whole_numbers(decode_json(data))
    kind = values.get("kind") if isinstance(values, dict) else None
    if not isinstance(values, dict) or not isinstance(kind, str) or kind not in timeline_record.KINDS:
        raise InvalidMessage(
            DeadLetterReason.SCHEMA,
            f"the record is {show_value(values)}; expected a JSON object of kind "
            f"{', '.join(timeline_record.KINDS)}; {_REMEDY}",
        )
    values = remove_nulls(timeline_record.KINDS[kind], values)
    faults = find_field_faults(timeline_record.KINDS[kind], values, _REMEDY)
    if faults:
        raise InvalidMessage(DeadLetterReason.SCHEMA, *faults)
    return msgspec.convert(values, timeline_record.TimelineRecord)  # type: ignore[no-any-return] # stubs: unions are Any


def _check_record(record: timeline_record.TimelineRecord) -> timeline_record.TimelineRecord:
    if isinstance(record, timeline_record.EventAdmittedRecord):
        return msgspec.structs.replace(record, event=check_document(record.event))
    named = _list_days(record)
    if faults := [fault for name, day in named if day is not None and (fault := find_year_fault(name, day))]:
        raise InvalidMessage(faults[0][0], *(f"{sentence}; {_REMEDY}" for _, sentence in faults))
    if broken := (*_find_early_times(record), *_find_tiny_prices(record)):
        raise InvalidMessage(DeadLetterReason.CONTRADICTION, *broken)
    return record


def _find_tiny_prices(
    record: timeline_record.PriceUpdateRecord | timeline_record.CanaryRecord,
) -> Iterator[str]:
    """The return from or to such a price would overflow, and no later session could be tested."""
    for bar in record.bars if isinstance(record, timeline_record.PriceUpdateRecord) else ():
        for name, price in (("close", bar.close), ("open", bar.open)):
            if price and abs(price) < timeline_record.NEAREST:
                yield (
                    f"the {name} of session {bar.session} is {price}; expected zero, or at least "
                    f"{timeline_record.NEAREST:f} away from zero; {_REMEDY}"
                )


def _find_early_times(
    record: timeline_record.PriceUpdateRecord | timeline_record.CanaryRecord,
) -> Iterator[str]:
    """A close cannot be known before it happens: future sessions would count as missing."""
    if not isinstance(record, timeline_record.PriceUpdateRecord):
        return
    if max((record.complete_through, *(bar.closes_at for bar in record.bars))) <= record.known_at:
        return
    times = {"complete_through": record.complete_through}
    times |= {f"the close of session {bar.session}": bar.closes_at for bar in record.bars}
    for name, time in times.items():
        if time > record.known_at:
            yield (
                f"{name} is {time.isoformat()}, after known_at {record.known_at.isoformat()}; expected a "
                f"time at or before known_at; {_REMEDY}"
            )


def _list_days(
    record: timeline_record.PriceUpdateRecord | timeline_record.CanaryRecord,
) -> Iterator[tuple[str, date | None]]:
    yield "known_at", record.known_at
    if isinstance(record, timeline_record.PriceUpdateRecord):
        yield "complete_through", record.complete_through
        yield "fetched_at", record.fetched_at
        for bar in record.bars:
            yield "bars.session", bar.session
            yield "bars.closes_at", bar.closes_at
            yield "bars.opens_at", bar.opens_at
