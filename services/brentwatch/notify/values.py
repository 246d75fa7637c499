"""What the notifier keeps on `impact.deliveries.state`: one JSON value a key, `SECTION:NAME`.

thread:THREAD        an alert thread: its newest revision, and what each channel shows of it
delivery:ID          a delivery that has not ended; an ended one is in the totals
silence:ID           a silence that has not ended
held:CHANNEL         what silence, quiet hours, age or a digest hold back
timer:NAME           when something is due
channel:CHANNEL      how its last attempts ended
replica:REPLICA      the last outcome of a process: none is counted twice
totals               how many deliveries were recorded, and how they ended
cursor               the offset of `impact.deliveries` that the state has come to
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from brentwatch.core.domain import Direction, Severity
from brentwatch.core.errors import NewerState, SettingsError

VERSION = 2
"""2: a severity may be null, which is that of a heads-up; values of version 1 are read as they are."""

ENDS = ("accepted", "failed", "superseded", "digested")
"""How a recorded delivery ends."""


class ShownThread(Struct, frozen=True, kw_only=True):
    """What a channel shows of a thread once its deliveries are sent; `root` is known when the first is.

    `severity` and `direction` are None of a heads-up, also once its tests found no abnormal move. `is_told`:
    it shows how the session ended, or that the news was withdrawn; older versions sent nothing before that.
    """

    alert_id: str
    revision: int
    severity: Severity | None
    direction: Direction | None
    figures: str
    root: str | None = None
    is_told: bool = True
    is_withdrawn: bool = False
    is_closed: bool = False
    posts: int = 0
    seen_by: tuple[str, ...] = ()


class Acknowledged(Struct, frozen=True, kw_only=True):
    """The person who acknowledged a thread, when and how."""

    by: str
    via: str
    at: datetime


class AlertThread(Struct, frozen=True, kw_only=True):
    """An alert thread; `revisions` has the highest one of each alert in it, `newest` the last as JSON.

    `digested` are the channels whose digests listed it, or will; `failed` those whose last delivery of it
    was given up.
    """

    revisions: dict[str, int]
    newest: Raw
    title: str
    severity: Severity | None
    at: datetime
    channels: dict[str, ShownThread] = {}
    acknowledged: Acknowledged | None = None
    feedback: dict[str, bool] = {}
    digested: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


_NULL = Raw(b"null")


class Pending(Struct, frozen=True, kw_only=True):
    """A delivery that has not ended: an alert (`alert` is its JSON), or a digest or notice with its words.

    `severity` is None of a heads-up. `root` is what the channel calls the first message of the thread, None
    for a first message. `pings`: the change is important. `note` is a line to add, `feedback` how many
    answers there are of this severity, and how many called the alert useful.
    """

    channel: str
    thread: str
    recorded_at: datetime
    severity: Severity | None
    alert: Raw = _NULL
    lock_screen: str = ""
    card: str = ""
    root: str | None = None
    pings: bool = True
    note: str = ""
    feedback: tuple[int, int] = (0, 0)

    @property
    def is_alert(self) -> bool:
        """False for a digest or a notice."""
        return bytes(self.alert) != b"null"


class Silence(Struct, frozen=True, kw_only=True):
    """Nothing is sent to `channel` (None: to any) before `until`."""

    by: str
    at: datetime
    until: datetime
    channel: str | None = None
    reason: str = ""


class Item(Struct, frozen=True, kw_only=True):
    """A line of a digest: the newest revision of one thread that was held back, and why."""

    line: str
    severity: Severity | None
    reason: str


class HeldBack(Struct, frozen=True, kw_only=True):
    """What is held back for a channel, by thread in the order in which it came."""

    items: dict[str, Item]


class Timer(Struct, frozen=True, kw_only=True):
    """When something is due."""

    at: datetime


class ChannelRecord(Struct, frozen=True, kw_only=True):
    """How the last attempts of a channel ended; `failures` are those in a row."""

    accepted_at: datetime | None = None
    failed_at: datetime | None = None
    failures: int = 0
    reason: str = ""


class ReplicaRecord(Struct, frozen=True, kw_only=True):
    """The newest run of a process, and the number of its last outcome that was counted."""

    run: str
    number: int


class Totals(Struct, frozen=True, kw_only=True):
    """Counts since the topic began: deliveries by channel and how they ended, alerts without a delivery.

    `recorded[channel]` is the sum of `ended[channel]` and of what is pending. `copies` were accepted a second
    time. `feedback` has by severity, or under `heads-up`, how many answers there are, and how many called the
    alert useful.
    """

    recorded: dict[str, int] = {}
    ended: dict[str, dict[str, int]] = {}
    copies: dict[str, int] = {}
    suppressed: dict[str, int] = {}
    feedback: dict[str, tuple[int, int]] = {}


class PlaceReached(Struct, frozen=True, kw_only=True):
    """The next offset of `impact.deliveries`, and how many other keys the state has."""

    offset: int
    keys: int
    version: int = VERSION


Value = AlertThread | Pending | Silence | HeldBack | Timer | ChannelRecord | ReplicaRecord | Totals
SECTIONS: dict[str, type[Struct]] = {
    "thread": AlertThread,
    "delivery": Pending,
    "silence": Silence,
    "held": HeldBack,
    "timer": Timer,
    "channel": ChannelRecord,
    "replica": ReplicaRecord,
    "totals": Totals,
}
CURSOR = b"cursor"

T = TypeVar("T", bound=Struct)
Values = dict[str, dict[str, Any]]
"""Section -> name -> value."""


class View:
    """The values as one record changes them: reads see its writes, and `values` stay as they are."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self.changes: dict[tuple[str, str], Value | None] = {}

    def get(self, kind: type[T], name: str = "") -> T | None:
        """The value of that kind and name; None where there is none."""
        section = _SECTION_OF[kind]
        if (section, name) in self.changes:
            changed: Any = self.changes[section, name]
            return changed  # type: ignore[no-any-return] # of this section
        return self._values[section].get(name)

    def put(self, name: str, value: Value) -> None:
        """Set a value."""
        self.changes[_SECTION_OF[type(value)], name] = value

    def remove(self, kind: type[Struct], name: str) -> None:
        """Forget a value, if it is there."""
        self.changes[_SECTION_OF[kind], name] = None

    def list(self, kind: type[T]) -> Iterator[tuple[str, T]]:
        """All values of a kind, by name."""
        section = _SECTION_OF[kind]
        changed = {name: value for (where, name), value in self.changes.items() if where == section}
        for name, value in (self._values[section] | changed).items():
            if value is not None:
                yield name, value


_SECTION_OF = {kind: section for section, kind in SECTIONS.items()}


def create_values() -> Values:
    """A state without anything in it."""
    return {section: {} for section in SECTIONS}


def apply_changes(values: Values, changes: Mapping[tuple[str, str], Value | None]) -> None:
    """Make the changes of a view."""
    for (section, name), value in changes.items():
        if value is None:
            values[section].pop(name, None)
        else:
            values[section][name] = value


def encode_value(value: Struct) -> bytes:
    """The JSON of a value."""
    return msgspec.json.encode(value)


def encode_key(section: str, name: str) -> bytes:
    """The key of a value on the topic."""
    return f"{section}:{name}".encode()


def decode_values(kept: Mapping[bytes, bytes]) -> Values:
    """The values of what was kept by key; keys of strangers are left out.

    Raises:
        SettingsError: if one cannot be read, or some are missing.
    """
    values = create_values()
    for key, value in kept.items():
        section, _, name = key.decode("utf-8", "replace").partition(":")
        if section in SECTIONS:
            values[section][name] = _decode(key, value, SECTIONS[section])
    reached, found = decode_place(kept), sum(map(len, values.values()))
    if reached is not None and reached.keys != found:
        raise SettingsError(
            f"the state holds {found:,} values, expected {reached.keys:,}: records were deleted, or the "
            "topic was created again"
        )
    return values


def decode_place(kept: Mapping[bytes, bytes]) -> PlaceReached | None:
    """How far the state has come; None where there is none.

    Raises:
        NewerState: if a newer version wrote it.
        SettingsError: if it cannot be read.
    """
    if CURSOR not in kept:
        return None
    reached = _decode(CURSOR, kept[CURSOR], PlaceReached)
    if reached.version > VERSION:
        raise NewerState(
            f"version {reached.version} of brentwatch's notifier wrote the state, and this one knows version "
            f"{VERSION}: start the newer version again, or upgrade this one"
        )
    return reached


def _decode(key: bytes, value: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(value, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the value of {key.decode('utf-8', 'replace')} cannot be read: {error}"
        ) from None
