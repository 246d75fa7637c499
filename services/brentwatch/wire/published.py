"""Studies and alerts on their topics: to bytes and back, exact to the last bit of a number.

They are defined once: the fields come from the core and the limits from `schemas/`, and the Structs of a
document are made from both; see `document_types`. New records have version 2. Version 1 stays readable; see
`from_first_version`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar, get_args

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from brentwatch.core.domain import Alert, Study, Window
from brentwatch.wire import from_first_version
from brentwatch.wire.document_types import Records, build_structs
from brentwatch.wire.documents import (
    WindowDocument,
    check_document,
    decode_document,
    is_faultless,
    read_heading,
    read_values,
    translate,
)
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage, show_value

LOCK_SCREEN_CHARACTERS = 120
CARD_LINES = 6
CARD_LINE_CHARACTERS = 300
"""Characters are Unicode code points."""

# `$` also matches before a line feed at the very end; the look-ahead closes that gap, in ECMAScript too.
_ONE_LINE = r"^[^\r\n]+$(?!\n)"
_SIX_LINES = r"^[^\r\n]+(\n[^\r\n]+){0,5}$(?!\n)"
_CARD_CHARACTERS = CARD_LINES * (CARD_LINE_CHARACTERS + 1) - 1

LockScreen = Annotated[str, Meta(max_length=LOCK_SCREEN_CHARACTERS, pattern=_ONE_LINE)]
Card = Annotated[str, Meta(max_length=_CARD_CHARACTERS, pattern=_SIX_LINES)]


class AlertText(Struct, frozen=True, kw_only=True):
    """The text that channels send: `lock_screen` is one line, `card` at most six, separated by line feeds."""

    lock_screen: LockScreen
    card: Card

    @property
    def lines(self) -> list[str]:
        """The lock screen and the lines of the card."""
        return [self.lock_screen, *self.card.split("\n")]


@dataclass(frozen=True, slots=True)
class PublishedAlert:
    """An alert as it is on its topic; `text` is None if it was published by a version without texts.

    `thread` is the id of the thread of its session. It is `alert_id`, except for an alert of version 1 within
    a session, which had an id of its own.
    """

    alert: Alert
    text: AlertText | None
    thread: str


VERSION = 2
"""The version of new studies and alerts."""

ALERT_SCHEMA = f"alert.v{VERSION}"
STUDY_SCHEMA = f"study.v{VERSION}"
"""The header `schema` of a record tells which of `schemas/` its value follows; version 1 had no header."""

RECORDS: Records = {Window: WindowDocument}
_ALERT = build_structs(Alert, ALERT_SCHEMA, RECORDS, ("text", AlertText | UnsetType, UNSET))
_STUDIES = {core.test: build_structs(core, STUDY_SCHEMA, RECORDS) for core in get_args(Study)}
_CORE: dict[type, type] = {record: core for core, record in RECORDS.items()}

_STUDY_REMEDY = f"correct the program that publishes studies (schemas/{STUDY_SCHEMA}.schema.json)"
_ALERT_REMEDY = f"correct the program that publishes alerts (schemas/{ALERT_SCHEMA}.schema.json)"

_encoder = msgspec.json.Encoder()


class _Dated(Struct):
    known_at: datetime


_dated_decoder = msgspec.json.Decoder(_Dated)


def encode_study(study: Study) -> bytes:
    """The JSON of a study; the same study gives the same bytes.

    Raises:
        InvalidMessage: if it holds what the schema refuses.
    """
    return _encode(_build_document(study, RECORDS[type(study)], _STUDY_REMEDY))


def decode_study(data: bytes) -> Study:
    """The study in the value of a message, of whatever version; times in UTC.

    Raises:
        InvalidMessage: if it is not JSON, of a higher version, against the schema, or contradicts itself.
    """
    heading = read_heading(data, VERSION)
    if heading.version == 1:
        return from_first_version.decode_first_study(data)
    record = _choose_study(heading.test)
    study: Study = translate(decode_document(data, record, _STUDY_REMEDY), _CORE)
    return study


def encode_alert(alert: Alert, text: AlertText | None = None) -> bytes:
    """The JSON of an alert with its words; the same alert and words give the same bytes.

    Raises:
        InvalidMessage: if the alert holds what the schema refuses.
    """
    document = _build_document(alert, _ALERT, _ALERT_REMEDY)
    return _encode(document if text is None else replace(document, text=text))


def decode_alert(data: bytes) -> PublishedAlert:
    """The alert in the value of a message, of whatever version, with its words; times in UTC.

    Raises:
        InvalidMessage: if it is not JSON, of a higher version, against the schema, or contradicts itself.
    """
    if read_heading(data, VERSION).version == 1:
        return _decode_first_alert(data)
    document: Any = decode_document(data, _ALERT, _ALERT_REMEDY)
    alert: Alert = translate(document, _CORE)
    return PublishedAlert(alert, None if document.text is UNSET else document.text, alert.alert_id)


def _decode_first_alert(data: bytes) -> PublishedAlert:
    document = from_first_version.decode_first_alert(data)
    told = document.text
    text = None if told is UNSET else AlertText(lock_screen=told.lock_screen, card=told.card)
    return PublishedAlert(
        from_first_version.convert_alert(document), text, from_first_version.find_thread(document)
    )


def decode_known_at(data: bytes) -> datetime:
    """When an alert was known (UTC); only for an alert that `decode_alert` has read: nothing is checked."""
    return _dated_decoder.decode(data).known_at


def _choose_study(kind: object) -> type[Struct]:
    record = _STUDIES.get(kind) if isinstance(kind, str) else None
    if record is None:
        raise InvalidMessage(
            DeadLetterReason.SCHEMA,
            f"test is {show_value(kind)}; expected one of {', '.join(_STUDIES)}; {_STUDY_REMEDY}",
        )
    return record


D = TypeVar("D", bound=Struct)


def _encode(document: Struct) -> bytes:
    """The version comes first; no Struct holds it, because it is that of the whole schema."""
    return b'{"version":%d,' % VERSION + _encoder.encode(document)[1:]


def _build_document(value: Study | Alert, record: type[D], remedy: str) -> D:
    return _convert_at_once(value, record) or _convert_thoroughly(value, record, remedy)


def _convert_at_once(value: Study | Alert, record: type[D]) -> D | None:
    """The value as its Struct; None if it has a fault to report, or a time that is not in UTC."""
    try:
        document = msgspec.convert(value, record, from_attributes=True)
    except msgspec.ValidationError:
        return None
    return document if is_faultless(document) else None


def _convert_thoroughly(value: Study | Alert, record: type[D], remedy: str) -> D:
    values = msgspec.to_builtins(translate(value, RECORDS))
    return check_document(read_values(values, record, remedy), remedy)
