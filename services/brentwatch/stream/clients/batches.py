"""Reads batches as the broker sends them; a damaged record does not stop the reader.

If a batch or one of its records cannot be read, kafka-python 3.0.12 raises an error, mostly without the
offset, and raises it again at every later poll. Here a record that cannot be read is returned as damaged, in
its place, and the records around it are read as usual. If a whole batch cannot be read, for example because
its codec is not installed, one damaged record replaces the batch.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kafka.errors import UnsupportedCodecError
from kafka.record.util import decode_varint

from brentwatch.stream.clients.unpacking import check_old_batch, unpack_batch

_CODECS = {1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
_PACKAGES = {"snappy": "python-snappy", "lz4": "lz4", "zstd": "zstandard"}


class Damage(list[Any]):
    """What is wrong with a record. It is stored as the headers, which the client passes on unchanged."""

    def __init__(self, detail: str) -> None:
        super().__init__()
        self.detail = detail


@dataclass(slots=True)
class _Damaged:
    """The attributes that the client expects of a record, for one that cannot be read."""

    offset: int
    headers: Damage
    key: bytes | None = None
    value: bytes | None = None
    timestamp: int = -1
    timestamp_type: int = 0
    checksum: None = None
    size_in_bytes: int = 0

    def validate_crc(self) -> bool:
        return True


class Batches:
    """The batches of one answer of the broker; `place` gives the offset of the record that comes next."""

    def __init__(self, batches: Any, place: Callable[[], int]) -> None:
        self._batches = batches
        self._place = place
        self._ended = False

    def next_batch(self) -> Any:
        """The next batch, or None. After one whose end is not known the rest is fetched once more."""
        if self._ended:
            return None
        try:
            batch = self._batches.next_batch()
            if batch is None:
                return None
            is_sound = batch.validate_crc()
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - these are foreign bytes, and the client checks few of them
            return self._give_up(self._place(), f"the batch is malformed ({_describe_error(error)})")
        if not is_sound:  # then its header is not to be trusted either
            offset = max(batch.base_offset, self._place())
            return self._give_up(offset, "the checksum (CRC) of the batch does not match its bytes")
        return _Batch(batch) if batch.magic == 2 else _OldBatch(batch, self._place)

    def _give_up(self, offset: int, detail: str) -> "_LostBatch":
        self._ended = True
        return _LostBatch(offset, detail)


@dataclass(slots=True)
class _LostBatch:
    """Replaces a batch that cannot be parsed at all: one damaged record, and the rest is fetched again."""

    base_offset: int
    detail: str
    magic: int = 2
    leader_epoch: int = -1
    is_control_batch: bool = False
    records_count: int = 1

    @property
    def next_offset(self) -> int:
        return self.base_offset + 1

    def has_producer_id(self) -> bool:
        return False

    def validate_crc(self) -> bool:
        return True

    def __iter__(self) -> Iterator[_Damaged]:
        yield _Damaged(self.base_offset, Damage(self.detail))


class _Batch:
    """A batch of the current format with a valid checksum."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch
        self._next = batch.base_offset

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    @property
    def next_offset(self) -> int:
        """After this batch; never before its end, so that the reading goes on."""
        return int(max(self._batch.next_offset, self._next))

    def validate_crc(self) -> bool:
        return True

    def __next__(self) -> Any:
        """The record of a control batch; None where it cannot be read."""
        try:
            return next(self._batch)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - see `__iter__`
            return None

    def __iter__(self) -> Iterator[Any]:
        ended = False
        while not ended:
            try:
                unpack_batch(self._batch)
                for record in self._batch:
                    yield record
                    self._next = record.offset + 1
                return
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - parsers and codecs raise what they like
                damaged = self._step_over(error)
            ended = damaged is None
            if damaged is not None:
                yield damaged
                self._next = damaged.offset + 1
                ended = self._next > self._batch.last_offset

    def _step_over(self, error: Exception) -> _Damaged | None:
        """The record that could not be read, together with all later ones if the start of the next is
        unknown.

        None where every record was read, and bytes are left.
        """
        batch = self._batch
        if batch._next_record_index >= batch.records_count:
            return None
        if batch._decompressed and (found := _find_bounds(batch)) is not None:
            offset, end = found
            batch._pos = end
            batch._next_record_index += 1
            return _Damaged(offset, Damage(f"the record is malformed ({_describe_error(error)})"))
        last = batch.last_offset
        return _Damaged(last, Damage(f"offsets {self._next} to {last} of a batch: {self._explain(error)}"))

    def _explain(self, error: Exception) -> str:
        if not isinstance(error, UnsupportedCodecError):
            return f"its records cannot be unpacked ({_describe_error(error)})"
        return describe_missing_codec(self._batch.compression_type)


@dataclass(slots=True)
class _OldBatch:
    """A batch of a format before Kafka 0.11; it ends at an unreadable record; the rest is fetched again."""

    batch: Any
    place: Callable[[], int]
    magic: int = field(init=False)
    base_offset: int = field(init=False)

    def __post_init__(self) -> None:
        self.magic, self.base_offset = self.batch.magic, self.batch.base_offset

    def validate_crc(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        try:
            check_old_batch(self.batch)
            yield from self.batch
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - see `_Batch`
            yield _Damaged(self.place(), Damage(f"the record is malformed ({_describe_error(error)})"))


def describe_missing_codec(number: int) -> str:
    """Why a batch in that codec cannot be read, and what to install or configure."""
    name = _CODECS.get(number)
    if name is None:
        return (
            f"it is compressed with the unknown codec {number}; expected gzip, snappy, lz4, "
            "zstd or none: set compression.type of its producer"
        )
    package = _PACKAGES.get(name, name)
    return (
        f"it is compressed with {name}, which cannot be read here: install {package} (pip "
        f"install {package}), or set compression.type of its producer or of the topic to lz4, zstd or gzip; "
        "then send it again"
    )


def _find_bounds(batch: Any) -> tuple[int, int] | None:
    """The offset of the next record, and the position in the batch where it ends; None if unknown."""
    try:
        length, start = decode_varint(batch._buffer, batch._pos)
        _, at = decode_varint(batch._buffer, start)  # attributes
        _, at = decode_varint(batch._buffer, at)  # time
        delta, _ = decode_varint(batch._buffer, at)
    except (ValueError, IndexError):
        return None
    end = start + length
    fits = length > 0 and end <= len(batch._buffer)
    return (batch.base_offset + delta, end) if fits and 0 <= delta <= batch.last_offset_delta else None


def _describe_error(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
