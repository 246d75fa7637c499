"""A record or a batch that the client cannot read is handed on as damaged, and those around it are read."""

from __future__ import annotations

import random
import struct
import tracemalloc
from binascii import crc32
from typing import Any, cast

import pytest
from kafka import TopicPartition, codec
from kafka.record.default_records import DefaultRecordBatch
from kafka.record.memory_records import MemoryRecords, MemoryRecordsBuilder
from kafka.record.util import calc_crc32c

from brentwatch.stream.clients.batches import Damage, describe_missing_codec
from brentwatch.stream.clients.consumer import PartitionRecords

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
PLACE = TopicPartition("in", 0)
LENGTH, CRC, ATTRIBUTES, COUNT = 8, 17, 21, 57


class RawName(str):
    """A header name whose bytes are not UTF-8."""

    __slots__ = ()

    def encode(self, *_: object, **__: object) -> bytes:
        return b"\xff\xfetrace"


BAD_NAME = [(RawName("trace"), b"1")]


def batch(*values: bytes, first: int = 0, codec: int = LZ4, bad: frozenset[int] = frozenset()) -> bytes:
    """A batch as a broker stores it: the offset of the first record is in it."""
    builder = MemoryRecordsBuilder(magic=2, compression_type=codec, batch_size=1_000_000)
    for number, value in enumerate(values):
        builder.append(
            timestamp=1, key=b"k", value=value, headers=BAD_NAME if number in bad else [("h", b"1")]
        )
    builder.close()
    return struct.pack(">q", first) + bytes(builder.buffer())[8:]


def old_batch(*values: bytes) -> bytes:
    """A batch of the format before Kafka 0.11, from offset 0 on."""
    builder = MemoryRecordsBuilder(magic=1, compression_type=GZIP, batch_size=1_000_000)
    for value in values:
        builder.append(timestamp=1, key=b"k", value=value, headers=[])
    builder.close()
    return bytes(builder.buffer())


def sealed(data: bytes | bytearray) -> bytes:
    """The batch with the checksum that fits its bytes."""
    return (
        bytes(data[:CRC])
        + struct.pack(">I", calc_crc32c(bytes(data[ATTRIBUTES:])))
        + bytes(data[ATTRIBUTES:])
    )


def read(data: bytes, start: int = 0) -> tuple[list[tuple[int, bytes | str]], int]:
    """Offset and value of each record, or what is wrong with it; and the offset that is fetched next."""
    fetched = PartitionRecords(start, PLACE, MemoryRecords(data))
    found = [
        (raw.offset, raw.headers.detail if isinstance(raw.headers, Damage) else cast("bytes", raw.value))
        for raw in fetched.take(None)
    ]
    return found, int(fetched.next_fetch_offset)


@pytest.mark.parametrize("codec", [NONE, GZIP, LZ4, ZSTD])
def test_sound_batches_are_read_as_ever(codec: int) -> None:
    data = batch(b"a", b"b", first=5, codec=codec) + batch(b"c", first=7, codec=codec)
    assert read(data, 5) == ([(5, b"a"), (6, b"b"), (7, b"c")], 8)
    assert read(data, 6) == ([(6, b"b"), (7, b"c")], 8)


@pytest.mark.parametrize("bad", [{0}, {1}, {2}, {0, 2}, {0, 1, 2}])
@pytest.mark.parametrize("codec", [NONE, LZ4])
def test_a_header_name_that_is_not_utf_8_costs_its_record_alone(bad: set[int], codec: int) -> None:
    found, following = read(
        batch(b"a", b"b", b"c", first=5, codec=codec, bad=frozenset(bad)) + batch(b"d", first=8)
    )
    values = dict(found)
    assert [offset for offset, _ in found] == [5, 6, 7, 8]
    assert following == 9
    for number, value in enumerate((b"a", b"b", b"c")):
        assert ("utf-8" in str(values[5 + number])) is (number in bad)
        assert number in bad or values[5 + number] == value


def test_a_batch_in_a_codec_that_is_not_installed_costs_that_batch_and_says_what_to_install() -> None:
    unknown = bytearray(batch(b"a", b"b", first=1, codec=NONE))
    unknown[ATTRIBUTES + 1] = SNAPPY
    assert not codec.has_snappy()
    found, following = read(batch(b"x") + sealed(unknown) + batch(b"y", first=3))
    assert [offset for offset, _ in found] == [0, 2, 3]
    assert "offsets 1 to 2 of a batch" in str(found[1][1])
    assert "pip install python-snappy" in str(found[1][1])
    assert (found[2][1], following) == (b"y", 4)


def bomb(magic: int, codec: int) -> bytes:
    """A batch of some 100 kB that unpacks to 32 MB."""
    builder = MemoryRecordsBuilder(magic=magic, compression_type=codec, batch_size=100_000_000)
    for _ in range(2):
        builder.append(timestamp=1, key=None, value=bytes(16 << 20), headers=[])
    builder.close()
    return bytes(builder.buffer())


@pytest.mark.attack
@pytest.mark.parametrize("codec", [GZIP, LZ4, ZSTD])
def test_a_batch_that_unpacks_to_more_than_is_taken_costs_itself_and_little_memory(codec: int) -> None:
    data = bomb(2, codec)
    assert len(data) < 200_000
    tracemalloc.start()
    found, following = read(data + batch(b"y", first=2))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [offset for offset, _ in found] == [1, 2]
    assert "offsets 0 to 1 of a batch: its records cannot be unpacked" in str(found[0][1])
    assert "it unpacks to more than 16,777,216 bytes" in str(found[0][1])
    assert (found[1][1], following) == (b"y", 3)
    assert most < 64 << 20


@pytest.mark.attack
@pytest.mark.parametrize(("magic", "codec"), [(0, GZIP), (1, GZIP), (1, LZ4)])
def test_a_batch_of_an_old_format_that_unpacks_to_more_than_is_taken_is_one_damaged_record(
    magic: int, codec: int
) -> None:
    ((offset, told),), following = read(bomb(magic, codec))
    assert (offset, following) == (0, 1)
    assert "it unpacks to more than 16,777,216 bytes" in str(told)


@pytest.mark.parametrize("codec", [GZIP, LZ4])
def test_a_batch_of_an_old_format_is_read(codec: int) -> None:
    builder = MemoryRecordsBuilder(magic=1, compression_type=codec, batch_size=1_000_000)
    builder.append(timestamp=1, key=b"k", value=b"a", headers=[])
    builder.close()
    assert read(bytes(builder.buffer())) == ([(0, b"a")], 1)


def test_a_codec_that_nobody_knows_says_which_are_known() -> None:
    assert "codec 7" in describe_missing_codec(7)
    assert "gzip, snappy, lz4, zstd" in describe_missing_codec(7)


def test_a_checksum_that_does_not_fit_costs_one_record_and_the_rest_is_fetched_again() -> None:
    broken = bytearray(batch(b"a", b"b", first=5))
    broken[-1] ^= 1
    found, following = read(batch(b"x", first=4) + bytes(broken) + batch(b"y", first=7), 4)
    assert [offset for offset, _ in found] == [4, 5]
    assert "checksum" in str(found[1][1])
    assert following == 6
    assert [offset for offset, _ in read(bytes(broken) + batch(b"y", first=7), 6)[0]] == [6]


def test_bytes_that_do_not_decompress_cost_their_batch() -> None:
    broken = bytearray(batch(b"a" * 1_000, b"b", first=5))
    broken[70:] = b"\x00" * len(broken[70:])
    found, following = read(sealed(broken) + batch(b"y", first=7), 5)
    assert [offset for offset, _ in found] == [6, 7]
    assert "cannot be unpacked" in str(found[0][1])
    assert following == 8


def test_what_fits_no_record_costs_the_rest_of_its_batch() -> None:
    values = (b"a", b"b", b"c")
    broken = bytearray(batch(*values, first=5, codec=NONE))
    second = broken.index(b"b") - 6
    broken[second - 2 : second + 4] = b"\xff" * 6
    found, following = read(sealed(broken) + batch(b"y", first=8), 5)
    assert (found[0], found[-1]) == ((5, b"a"), (8, b"y"))
    assert [offset for offset, _ in found] == sorted({offset for offset, _ in found})
    assert following == 9


def test_an_offset_outside_its_batch_costs_the_rest_of_it_and_no_record_behind() -> None:
    broken = bytearray(batch(b"a", b"second", b"c", first=5, codec=NONE, bad=frozenset({1})))
    broken[broken.index(b"second") - 4] = 0x7E  # 63 offsets after the first
    found, following = read(sealed(broken) + batch(b"y", first=8), 5)
    assert [offset for offset, _ in found] == [5, 7, 8]
    assert "offsets 6 to 7 of a batch" in str(found[1][1])
    assert following == 9


def test_bytes_after_the_last_record_of_a_batch_cost_no_record() -> None:
    longer = bytearray(batch(b"a", b"b", first=5, codec=NONE)) + b"\x00\x00"
    longer[LENGTH : LENGTH + 4] = struct.pack(">i", len(longer) - LENGTH - 4)
    assert read(sealed(longer) + batch(b"y", first=7), 5) == ([(5, b"a"), (6, b"b"), (7, b"y")], 8)


@pytest.mark.parametrize("start", [0, 1])
def test_a_batch_of_the_old_format_is_read_and_a_damaged_one_does_not_hold_up_the_reading(start: int) -> None:
    sound = old_batch(b"a", b"b", b"c")
    damaged = bytearray(sound)
    damaged[40:] = b"\x00" * len(damaged[40:])
    damaged[12:16] = struct.pack(">I", crc32(damaged[16:]))

    assert read(sound, start) == ([(0, b"a"), (1, b"b"), (2, b"c")][start:], 3)
    found, following = read(bytes(damaged), start)
    assert [offset for offset, _ in found] == [start]
    assert "the record is malformed" in str(found[0][1])
    assert following == start + 1


def test_an_aborted_batch_is_left_out_whatever_it_holds() -> None:
    """As before: only what a reader of committed records sees can be damaged."""
    data = bytearray(batch(b"a", b"b", bad=frozenset({1})))
    data[ATTRIBUTES + 1] |= DefaultRecordBatch.TRANSACTIONAL_MASK
    data[43:51] = struct.pack(">q", 77)

    class Aborted:
        first_offset, producer_id = 0, 77

    fetched = PartitionRecords(
        0, PLACE, MemoryRecords(sealed(data)), isolation_level=1, aborted_transactions=[Aborted()]
    )
    assert fetched.take(None) == []
    assert fetched.next_fetch_offset == 2


@pytest.mark.parametrize("seed", range(20))
def test_no_bytes_end_the_reading_and_it_always_goes_on(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same each time is what is wanted
    for _ in range(50):
        codec = dice.choice([NONE, GZIP, LZ4, ZSTD])
        data = bytearray(batch(*(dice.randbytes(dice.randrange(40)) for _ in range(5)), codec=codec))
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(ATTRIBUTES, len(data))] = dice.randrange(256)
        whole = bytes(data) if dice.random() < 0.3 else sealed(data)
        assert progress(whole + batch(b"y", first=5))


def progress(data: bytes) -> bool:
    """True where the reading came on, as it must: else the same bytes would be fetched for ever."""
    fetched: Any = PartitionRecords(0, PLACE, MemoryRecords(data))
    fetched.take(None)
    return bool(fetched.next_fetch_offset > 0)
