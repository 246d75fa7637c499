"""What is kept of the monitor's state on `impact.state`: its values by key, and the cursor with them."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from brentwatch.core.domain import Study, is_same_news
from brentwatch.core.errors import SettingsError
from brentwatch.core.monitor.state_values import DATE_LENGTH, KINDS, META, Meta, SaveState, Value
from brentwatch.stream import Outgoing
from brentwatch.wire.state import CURSOR, Cursor, decode_cursor, decode_saved, encode_saved

_STUDIES = ("study", "opening-study", "provisional")


class StateTopic:
    """One partition of the state topic."""

    def __init__(self, topic: str, partition: int) -> None:
        self._topic = topic
        self._partition = partition
        self._keys: set[str] = set()

    def encode_changes(self, saved: Iterable[SaveState], cursor: Cursor) -> Sequence[Outgoing]:
        """The records that keep these values, and the cursor."""
        values = [self._encode_value(each) for each in saved]
        return [*values, self._encode_cursor(cursor)]

    def encode_replacement(
        self, kept: Mapping[bytes, bytes], state: Mapping[str, Value], cursor: Cursor
    ) -> Sequence[Outgoing]:
        """The records that put a whole state in the place of what was kept."""
        gone = [self._record(key, None) for key in kept if key != CURSOR and _decode_key(key) not in state]
        whole = [self._record(key.encode(), encode_saved(value)) for key, value in state.items()]
        self._keys = set(state)
        return [*gone, *whole, self._encode_cursor(cursor)]

    def restore_values(self, kept: Mapping[bytes, bytes]) -> Mapping[str, Value]:
        """The values by key.

        Raises:
            SettingsError: if one cannot be read, or some are missing.
        """
        values = {_decode_key(key): decode_saved(value) for key, value in kept.items() if _is_ours(key)}
        place = read_cursor(kept)
        if place is not None and place.keys not in (None, len(values)):
            raise SettingsError(
                f"{self._topic} has {len(values):,} values of the state; expected {place.keys:,}: "
                "records were deleted, or the topic was created again while the monitor ran"
            )
        self._keys = set(values)
        return values

    def _encode_value(self, saved: SaveState) -> Outgoing:
        if saved.value is None:
            self._keys.discard(saved.key)
            return self._record(saved.key.encode(), None)
        self._keys.add(saved.key)
        return self._record(saved.key.encode(), encode_saved(saved.value))

    def _encode_cursor(self, cursor: Cursor) -> Outgoing:
        return self._record(CURSOR, msgspec.json.encode(replace(cursor, keys=len(self._keys))))

    def _record(self, key: bytes, value: bytes | None) -> Outgoing:
        return Outgoing(topic=self._topic, partition=self._partition, key=key, value=value)


def read_cursor(kept: Mapping[bytes, bytes]) -> Cursor | None:
    """How far the state has come that was kept; None where there is none.

    Raises:
        SettingsError: if it cannot be read.
    """
    return decode_cursor(kept[CURSOR]) if CURSOR in kept else None


def read_rules(kept: Mapping[bytes, bytes]) -> int | None:
    """The number of the rules that decided the state that was kept; None where there is none.

    Raises:
        NewerState: if they are higher than ours.
        SettingsError: if it cannot be read.
    """
    meta = decode_saved(kept[META.encode()]) if META.encode() in kept else None
    return meta.rule_number if isinstance(meta, Meta) else None


def read_values(kept: Mapping[bytes, bytes]) -> dict[str, Value]:
    """The values by key, those that cannot be read left out."""
    found: dict[str, Value] = {}
    for key, value in kept.items():
        with suppress(SettingsError):
            if _is_ours(key):
                found[_decode_key(key)] = decode_saved(value)
    return found


def find_changed_sessions(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[str]:
    """The days of the sessions whose studies in the one state say something else than in the other."""
    changed = {
        key
        for key in before.keys() | after.keys()
        if _is_study(key) and not _is_same_news(before.get(key), after.get(key))
    }
    return sorted({key.partition(":")[2][:DATE_LENGTH] for key in changed})


def _is_same_news(one: Value | None, other: Value | None) -> bool:
    return isinstance(one, Study) and isinstance(other, Study) and is_same_news(one, other)


def _is_study(key: str) -> bool:
    return key.partition(":")[0] in _STUDIES


def _decode_key(key: bytes) -> str:
    return key.decode("utf-8", "replace")


def _is_ours(key: bytes) -> bool:
    """False for the cursor, and for what a stranger wrote to the topic: that is no part of the state."""
    return key != CURSOR and _decode_key(key).partition(":")[0] in KINDS
