"""Decompresses batches up to a limit: a batch of 1 MB may hold a gigabyte of zeros.

kafka-python 3.0.12 unpacks a batch whole, whatever its size. Here the same libraries stop at the limit.
"""

import struct
from gzip import GzipFile
from io import BytesIO
from typing import Any

from kafka.codec import snappy_decode

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
MOST_BYTES = 16 << 20
"""Limit of an unpacked batch. Producers fill a batch by its size before it is compressed, up to some 1 MB."""

_LARGEST_WINDOW = 32 << 20
"""Bytes that zstd may ask for to look back at; its usual levels take 8 MB at most."""


class UnpacksTooLarge(ValueError):
    """A batch that exceeds the limit when decompressed."""

    def __init__(self) -> None:
        super().__init__(f"it unpacks to more than {MOST_BYTES:,} bytes; expected at most that many")


def unpack(codec: int, packed: bytes) -> bytes:
    """What is compressed in a batch with one of the codecs above.

    Raises:
        UnpacksTooLarge: if that is more than 16 MB.
        Exception: whatever the library of the codec raises for foreign bytes.
    """
    found = _unpack_up_to(codec, packed, MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise UnpacksTooLarge
    return found


def _unpack_up_to(codec: int, packed: bytes, most: int) -> bytes:
    if codec == GZIP:
        return GzipFile(fileobj=BytesIO(packed)).read(most)
    if codec == SNAPPY:  # its ratio is 21 at most
        return bytes(snappy_decode(packed))
    if codec == LZ4:
        from lz4.frame import LZ4FrameDecompressor  # type: ignore[import-untyped]  # no stubs exist

        unpacker = LZ4FrameDecompressor()
        found = bytes(unpacker.decompress(packed, max_length=most))
        if not unpacker.eof and len(found) < most:
            raise ValueError("its end is missing")
        return found
    if codec == ZSTD:
        from zstandard import ZstdDecompressor

        zstd = ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        with zstd.stream_reader(BytesIO(packed), read_across_frames=True) as reader:
            return bytes(reader.read(most))
    raise ValueError(f"codec {codec} is not known")


def unpack_batch(batch: Any) -> None:
    """Unpack a batch of the present format in its place, as it does itself when it is read."""
    if batch._decompressed or batch.compression_type == 0:
        return
    batch._assert_has_codec(batch.compression_type)
    found = unpack(batch.compression_type, bytes(memoryview(batch._buffer)[batch._pos :]))
    batch._buffer, batch._pos, batch._decompressed = bytearray(found), 0, True


def check_old_batch(batch: Any) -> None:
    """Look how large a batch of an older format is, before it unpacks itself: its records are the value of
    a message that holds them.

    Raises:
        UnpacksTooLarge: if it is too large.
    """
    if batch.compression_type == 0:
        return
    batch._assert_has_codec(batch.compression_type)
    at = batch.KEY_OFFSET_V1 if batch.magic == 1 else batch.KEY_OFFSET_V0
    (key,) = struct.unpack_from(">i", batch._buffer, at)
    at += 4 + max(key, 0)
    (length,) = struct.unpack_from(">i", batch._buffer, at)
    unpack(batch.compression_type, bytes(batch._buffer[at + 4 : at + 4 + length]))
