"""What is kept of the monitor's state on `impact.state`: its values by key, and the cursor that goes with it.

The cursor is the offset on the timeline that the state has come to. It is written in the transaction that
commits the same offset for the group, so the two agree, or somebody has moved one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from brentwatch.core.errors import SettingsError
from brentwatch.core.saving import KINDS
from brentwatch.stream.records import Outgoing
from brentwatch.wire.saved import decode_saved, encode_saved

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from brentwatch.core.saving import SaveState, Value

_CURSOR = b"cursor"


class Keep:
    """One partition of the state topic."""

    def __init__(self, topic: str, partition: int) -> None:
        self._topic = topic
        self._partition = partition

    def saving(self, saved: Iterable[SaveState], place: int) -> Sequence[Outgoing]:
        """The records that keep these values, and the cursor."""
        values = [
            self._record(each.key.encode(), None if each.value is None else encode_saved(each.value))
            for each in saved
        ]
        return [*values, self._record(_CURSOR, msgspec.json.encode({"offset": place}))]

    def replacing(
        self, kept: Mapping[bytes, bytes], state: Mapping[str, Value], place: int
    ) -> Sequence[Outgoing]:
        """The records that put a whole state in the place of what was kept."""
        gone = [self._record(key, None) for key in kept if key != _CURSOR and _name(key) not in state]
        whole = [self._record(key.encode(), encode_saved(value)) for key, value in state.items()]
        return [*gone, *whole, self._record(_CURSOR, msgspec.json.encode({"offset": place}))]

    def restored(self, kept: Mapping[bytes, bytes], place: int | None) -> Mapping[str, Value]:
        """The values by key, for a group that goes on at `place`, None where it never began.

        Raises:
            SettingsError: if the cursor says otherwise, or a value cannot be read.
        """
        cursor = None if _CURSOR not in kept else int(msgspec.json.decode(kept[_CURSOR])["offset"])
        if cursor != place:
            raise self._disagreement(cursor, place)
        return {_name(key): decode_saved(value) for key, value in kept.items() if _is_ours(key)}

    def _record(self, key: bytes, value: bytes | None) -> Outgoing:
        return Outgoing(topic=self._topic, partition=self._partition, key=key, value=value)

    def _disagreement(self, cursor: int | None, place: int | None) -> SettingsError:
        rebuild = "brentwatch run monitor --rebuild, which recreates the state from the timeline"
        where = f"partition {self._partition}"
        if cursor is None:
            return SettingsError(
                f"the group goes on at offset {place} of the timeline, {where}, and {self._topic} holds no "
                f"state that has come so far; the two were wanted together: run {rebuild}"
            )
        went = "has committed nothing" if place is None else f"goes on at offset {place}"
        return SettingsError(
            f"the state on {self._topic} has come to offset {cursor} of the timeline, {where}, and the group "
            f"{went}; the two are written together: put the group back with kafka-consumer-groups.sh "
            f"--reset-offsets --to-offset {cursor}; or, if the state is what is wrong, run {rebuild}"
        )


def _name(key: bytes) -> str:
    return key.decode("utf-8", "replace")


def _is_ours(key: bytes) -> bool:
    """False for the cursor, and for what a stranger wrote to the topic: that is no part of the state."""
    return key != _CURSOR and _name(key).partition(":")[0] in KINDS
