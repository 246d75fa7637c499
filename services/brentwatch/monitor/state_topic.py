"""What is kept of the monitor's state on `impact.state`: its values by key, and the cursor that goes with it.

The cursor is the offset on the timeline that the state has come to. It is written in the transaction that
commits the same offset for the group, so the two agree, or somebody has moved one of them. It also counts the
keys of the state: a topic that was deleted and created again holds the newest changes and a fitting cursor,
and only the count says that the rest is lost.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from brentwatch.core.errors import SettingsError
from brentwatch.core.monitor.state_values import KINDS, SaveState, Value
from brentwatch.stream.records import Outgoing
from brentwatch.wire.state import decode_saved, encode_saved

_CURSOR = b"cursor"
_STUDIES = ("study", "opening-study")
_DAY = len("2022-01-05")


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state has come to `offset`; `partial` where records before it were deleted unread.

    `keys` counts the values of the state; None where a version that did not count wrote it. `voided` are the
    offsets before `offset` that were passed over, since the operator had voided them.
    """

    offset: int
    partial: bool = False
    keys: int | None = None
    voided: tuple[int, ...] = ()


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
        gone = [self._record(key, None) for key in kept if key != _CURSOR and _decode_key(key) not in state]
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
                f"{self._topic} holds {len(values):,} values of the state, and expected are {place.keys:,}: "
                "records were deleted, or the topic was created anew while the monitor ran"
            )
        self._keys = set(values)
        return values

    def find_changed_sessions(self, kept: Mapping[bytes, bytes], state: Mapping[str, Value]) -> list[str]:
        """The days of the sessions whose studies in a state are not those that were kept, ascending."""
        before = {_decode_key(key): value for key, value in kept.items() if _is_study(_decode_key(key))}
        after = {key: value for key, value in state.items() if _is_study(key)}
        changed = before.keys() ^ after.keys()
        changed |= {key for key in before.keys() & after.keys() if decode_saved(before[key]) != after[key]}
        return sorted({key.partition(":")[2][:_DAY] for key in changed})

    def _encode_value(self, saved: SaveState) -> Outgoing:
        if saved.value is None:
            self._keys.discard(saved.key)
            return self._record(saved.key.encode(), None)
        self._keys.add(saved.key)
        return self._record(saved.key.encode(), encode_saved(saved.value))

    def _encode_cursor(self, cursor: Cursor) -> Outgoing:
        return self._record(_CURSOR, msgspec.json.encode(replace(cursor, keys=len(self._keys))))

    def _record(self, key: bytes, value: bytes | None) -> Outgoing:
        return Outgoing(topic=self._topic, partition=self._partition, key=key, value=value)


def read_cursor(kept: Mapping[bytes, bytes]) -> Cursor | None:
    """How far the state has come that was kept; None where there is none.

    Raises:
        SettingsError: if it cannot be read.
    """
    if _CURSOR not in kept:
        return None
    try:
        return msgspec.json.decode(kept[_CURSOR], type=Cursor)
    except msgspec.DecodeError as error:
        raise SettingsError(f"its cursor cannot be read ({error})") from error


def _is_study(key: str) -> bool:
    return key.partition(":")[0] in _STUDIES


def _decode_key(key: bytes) -> str:
    return key.decode("utf-8", "replace")


def _is_ours(key: bytes) -> bool:
    """False for the cursor, and for what a stranger wrote to the topic: that is no part of the state."""
    return key != _CURSOR and _decode_key(key).partition(":")[0] in KINDS
