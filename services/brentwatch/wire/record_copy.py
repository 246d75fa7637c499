"""A record of Kafka as a line of a file: what `brentwatch topics save` writes and `restore` reads.

Bytes are in Base64, and `time` is the broker's, in milliseconds since 1970. The last line of a file has the
number of records before it, so that a truncated file is noticed.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from brentwatch.core.errors import InvalidInput


class RecordCopy(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="record"
):
    """One record, with its place and time."""

    partition: Annotated[int, Meta(ge=0, le=9_999)]
    offset: Annotated[int, Meta(ge=0)]
    time: Annotated[int, Meta(ge=0)]
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class CopyEnd(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="end"):
    """The last line of a file: how many records it has."""

    records: int


_DECODER: msgspec.json.Decoder[RecordCopy | CopyEnd] = msgspec.json.Decoder(RecordCopy | CopyEnd)
_ENCODER = msgspec.json.Encoder()


def encode_copy(line: RecordCopy | CopyEnd) -> bytes:
    """A line of a file."""
    return _ENCODER.encode(line) + b"\n"


def decode_copies(name: str, lines: Iterable[bytes]) -> Iterator[RecordCopy]:
    """The records of the file `name`, in their order.

    Raises:
        InvalidInput: if a line is not such a record, or the last line is missing or wrong.
    """
    count, end = 0, None
    for number, line in enumerate(lines, start=1):
        if end is not None:
            raise _explain(name, f"line {number} comes after the end marker")
        match _decode_line(name, number, line):
            case RecordCopy() as record:
                count += 1
                yield record
            case CopyEnd(records):
                end = records
    if end is None:
        raise _explain(name, f"it is cut off after {count:,} records: the end marker is missing")
    if end != count:
        raise _explain(name, f"it has {count:,} records, but its end marker says {end:,}")


def _decode_line(name: str, number: int, line: bytes) -> RecordCopy | CopyEnd:
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _explain(name, f"line {number} cannot be read: {error}") from error


def _explain(name: str, what: str) -> InvalidInput:
    return InvalidInput(
        f"{name}: {what}; expected a file written by `brentwatch topics save`: use another copy"
    )
