"""The lines of the scored record (`schemas/record.v1.schema.json`): what was forecast, and what came of it.

The first line says what the file is about. Every other line but feedback says which signal of the timeline
led to it: its `number`, 1 for the first, and `input`, a digest of all signals up to it. Times are UTC,
returns log fractions, prices in USD/bbl.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, BinaryIO

import msgspec
from msgspec import Meta, Struct

from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.two_tails import WIDEST
from brentwatch.wire.decoding import is_too_deep
from brentwatch.wire.documents import FIRST_YEAR, LAST_YEAR
from brentwatch.wire.event_document import LARGEST, Count, EventId, Name, Share, Time
from brentwatch.wire.hash_chain import HashChain, read_entries, read_lines, write_canonical
from brentwatch.wire.input_faults import convert_whole_numbers

VERSION = 1

Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$(?!\n)")]
Positive = Annotated[float, Meta(ge=1e-12, le=1000)]
LogReturn = Annotated[float, Meta(ge=-1000, le=1000)]
Bend = Annotated[float, Meta(ge=-WIDEST, le=WIDEST)]
Reason = Annotated[str, Meta(max_length=2000)]
Word = Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,40}$(?!\n)")]


class ForecastDocument(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The forecast of a return: Student t around `expected`; the normal distribution without degrees.

    Each tail has its own factor of `scale`, `k_up` and `k_down`, and its own bend beyond 0.025. `calendar`
    is the factor of the variance for the days since the session before, already in `scale`.
    """

    expected: LogReturn
    scale: Positive
    degrees_of_freedom: Annotated[float, Meta(ge=1.01, le=1e6)] | None = None
    k_up: Positive = 1.0
    k_down: Positive = 1.0
    bend_up: Bend = 0.0
    bend_down: Bend = 0.0
    calendar: Positive | None = None


class HeaderLine(Struct, frozen=True, kw_only=True, tag_field="kind", tag="record"):
    """The first line. An alert needs a p at or below `level`."""

    version: Annotated[int, Meta(ge=1, le=LARGEST)]
    instrument: Name
    series: Name
    model: Word
    level: Share


class SessionLine(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="session"):
    """A session that was decided: its forecast, made at the settlement before, and what came.

    `outcome` is tested, refused or missing; `reason` says why it was not tested. The range `low` to `high`
    held 95 of 100 returns. `pit` is the probability that the forecast gave to a return at or below this one.
    `turbulence` is the volatility known before the session over that of 120 sessions. `peers` are the
    forecasts of the models that the record is compared with. `events` of `exposure` were known by then.
    """

    number: Count
    input: Digest
    known_at: Time
    session: date
    rules: Count
    outcome: Word
    reason: Reason = ""
    close: float | None = None
    log_return: LogReturn | None = None
    forecast: ForecastDocument | None = None
    low: LogReturn | None = None
    high: LogReturn | None = None
    p: Share | None = None
    pit: Share | None = None
    turbulence: Annotated[float, Meta(ge=0)] | None = None
    peers: dict[Word, ForecastDocument] = {}
    events: Count = 0
    exposure: Share | None = None


class RevisionLine(Struct, frozen=True, kw_only=True, tag_field="kind", tag="revision"):
    """A price was revised: the session was tested again, against the same forecast.

    `close` is None if the licence of the prices lets nobody show it.
    """

    number: Count
    input: Digest
    known_at: Time
    session: date
    close: float | None
    log_return: LogReturn
    p: Share
    pit: Share


class TestOfAlert(Struct, frozen=True, kw_only=True):
    """One test of an alert; the move was `estimate` more than expected."""

    stage: Word
    p: Share
    level: Share
    estimate: LogReturn


class HeadsUpLine(Struct, frozen=True, kw_only=True, tag_field="kind", tag="heads-up"):
    """A revision of an alert while no price was tested. The news was known at `news_at`."""

    number: Count
    input: Digest
    known_at: Time
    alert_id: Name
    revision: Count
    session: date
    settles_at: Time
    news_at: Time
    events: tuple[EventId, ...]
    events_total: Count


class AlertLine(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="alert"):
    """A revision of an alert with a test or the reason why there is none.

    `severity` is left out until a test is abnormal, `news_at` if no event is known.
    """

    number: Count
    input: Digest
    known_at: Time
    alert_id: Name
    revision: Count
    session: date
    settles_at: Time
    stage: Word
    cause: Word
    severity: Word | None = None
    news_at: Time | None = None
    exposure: Share | None = None
    events: tuple[EventId, ...]
    events_total: Count
    tests: tuple[TestOfAlert, ...]


class FeedbackLine(Struct, frozen=True, kw_only=True, tag_field="kind", tag="feedback"):
    """What a person answered to an alert: useful or false_alarm; `offset` is on impact.deliveries.

    `person` is the same for all answers of one person to one alert, and is not the name. The last one counts.
    """

    offset: Count
    at: Time
    answer_id: Name
    alert_id: Name
    person: Digest
    answer: Word
    via: Name


SignalLine = SessionLine | RevisionLine | HeadsUpLine | AlertLine
Line = HeaderLine | SignalLine | FeedbackLine
_decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


def build_entry(line: Line) -> dict[str, Any]:
    """The values of a line, without its hashes, as they are chained."""
    entry: dict[str, Any] = msgspec.to_builtins(line)
    return entry


def read_record(file: BinaryIO, chain: HashChain) -> Iterator[Line]:
    """Each line of a file, checked: its hashes, its form, and its place.

    Raises:
        InvalidInput: with the first line that is wrong, and how.
    """
    return read_record_lines(read_lines(file), chain)


def read_record_lines(lines: Iterable[bytes], chain: HashChain) -> Iterator[Line]:
    """The same for lines of bytes."""
    for entry in read_entries(lines, chain):
        line = decode_entry(entry, chain.lines)
        _check_place(line, chain.lines)
        yield line


def decode_entry(entry: dict[str, Any], number: int) -> Line:
    """The line of an entry that was read as line `number` of a file.

    Raises:
        InvalidInput: if it is against the schema.
    """
    text = write_canonical(entry).encode()
    if is_too_deep(text):
        raise _build_error(number, "it is nested too deeply")
    try:
        line = _decoder.decode(text)
    except msgspec.ValidationError as error:
        line = _decode_thoroughly(entry, number, str(error))
    if wrong := [name for name in line.__struct_fields__ if _has_wrong_year(getattr(line, name))]:
        raise _build_error(
            number, f"{wrong[0]} is of another year than those from {FIRST_YEAR} to {LAST_YEAR}"
        )
    return line


def _decode_thoroughly(entry: dict[str, Any], number: int, why: str) -> Line:
    """The slow path: accepts 3.0 for 3, which is the same number in JSON."""
    try:
        line: Line = msgspec.convert(convert_whole_numbers(entry), Line)
    except msgspec.ValidationError as error:
        raise _build_error(number, why) from error
    return line


def _has_wrong_year(value: object) -> bool:
    return isinstance(value, datetime) and not FIRST_YEAR <= value.year <= LAST_YEAR


def _build_error(number: int, why: str) -> InvalidInput:
    return InvalidInput(
        f"line {number} is no line of a record: {why}; expected a line of schemas/record.v1.schema.json; "
        "name a file that `brentwatch record write` wrote"
    )


def _check_place(line: Line, number: int) -> None:
    if isinstance(line, HeaderLine) != (number == 1):
        raise InvalidInput(
            f"line {number} is of the kind {line.__struct_config__.tag}; expected the kind record in line 1 "
            "and nowhere else; name a file that `brentwatch record write` wrote"
        )
    if isinstance(line, HeaderLine) and line.version > VERSION:
        raise InvalidInput(
            f"the record has version {line.version}; expected at most {VERSION}: upgrade this brentwatch"
        )
