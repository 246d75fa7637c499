"""Files whose lines are chained by hashes: one JSON object a line, each chained to the one before.

A line is canonical JSON: keys sorted, no white space, printable ASCII. Its `hash` is the SHA-256, in hex, of
the hash of the line before (`previous`; 64 zeros before the first) followed by the line without `previous`
and `hash`. A line that is changed, removed, added or moved breaks the chain there; a cut end shows in the
last hash.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from brentwatch.core.errors import InvalidInput

FIRST = "0" * 64
"""The hash before the first line."""

_LONGEST_LINE = 8 * 1024 * 1024


@dataclass(slots=True)
class HashChain:
    """How many lines were chained so far, and the hash of the last one."""

    lines: int = 0
    last: str = FIRST

    def add(self, entry: dict[str, Any]) -> str:
        """The line of an entry."""
        previous, self.last = self.last, compute_hash(self.last, entry)
        self.lines += 1
        return write_canonical(entry | {"previous": previous, "hash": self.last})


def write_canonical(value: object) -> str:
    """JSON that is the same for the same value; ValueError for a number that JSON cannot hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def compute_hash(previous: str, entry: dict[str, Any]) -> str:
    """The hash of a line behind the one whose hash is `previous`."""
    return hashlib.sha256((previous + write_canonical(entry)).encode()).hexdigest()


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file, none longer than any that is exported."""
    return iter(lambda: file.readline(_LONGEST_LINE), b"")


def verify_lines(lines: Iterable[bytes]) -> HashChain:
    """Check a whole file, a line at a time.

    Raises:
        InvalidInput: with the line where the chain breaks, and how.
    """
    chain = HashChain()
    for _ in read_entries(lines, chain):
        pass
    return chain


def read_entries(lines: Iterable[bytes], chain: HashChain) -> Iterator[dict[str, Any]]:
    """The entry of each line, without its hashes; `chain` then stands at that line.

    Raises:
        InvalidInput: with the line where the chain breaks, and how.
    """
    for line in lines:
        number = chain.lines + 1
        entry = _read_line(line, number)
        previous, stated = entry.pop("previous", None), entry.pop("hash", None)
        if previous != chain.last:
            raise InvalidInput(
                f"the chain breaks at line {number}: its previous is not the hash of the line before; "
                "expected the lines as they were written: one was removed, added, changed or moved"
            )
        chain.add(entry)
        if stated != chain.last:
            raise InvalidInput(
                f"the chain breaks at line {number}: its hash does not fit what it says; expected the line "
                "as it was written: it was changed"
            )
        yield entry


def _read_line(line: bytes, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
        if isinstance(entry, dict) and write_canonical(entry).encode() + b"\n" == line:
            return entry
    except (ValueError, RecursionError):
        pass
    raise InvalidInput(
        f"the chain breaks at line {number}: it is not as lines are written; expected one JSON object "
        "with sorted keys, and a line break: it was changed or cut off"
    )
