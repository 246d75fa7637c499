"""Makes the files of a recorded history from events and prices; the same input makes the same files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from msgspec.structs import replace

from brentwatch.core.errors import InvalidInput
from brentwatch.history.manifest import (
    EVENTS,
    MANIFEST,
    PRICES,
    Manifest,
    compute_checksum,
    read_manifest,
    write_manifest,
)
from brentwatch.history.regular_files import write_whole
from brentwatch.wire.event_document import UnrestEventDocument
from brentwatch.wire.input_faults import Faults
from brentwatch.wire.unrest_event import encode_event


@dataclass(frozen=True, slots=True)
class Settled:
    """The price (USD/bbl) of one session, and when it became known (UTC)."""

    session: date
    close: float
    known_at: datetime


def make_files(
    manifest: Manifest, events: Iterable[UnrestEventDocument], prices: Iterable[Settled]
) -> dict[str, bytes]:
    """The files by name; the manifest is the last one and has the checksums of the others."""
    files = {EVENTS: _encode_events(events), PRICES: _encode_prices(prices)}
    sums = {name: compute_checksum(data) for name, data in files.items()}
    return files | {MANIFEST: write_manifest(replace(manifest, sha256=sums))}


def write_history(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a history into a folder that is new, is empty, or has a history that was made this way.

    Each file is replaced atomically, and the manifest is written last, so its checksums reveal an incomplete
    history.

    Raises:
        InvalidInput: if the folder has other files, or cannot be written.
    """
    if folder.is_symlink():
        raise InvalidInput(f"{folder} is a symbolic link; expected a folder; give its target with --out")
    try:
        if folder.exists() and any(folder.iterdir()) and not _is_made_here(folder):
            raise InvalidInput(
                f"{folder} has files that `brentwatch history build` did not make; expected a new or empty "
                "folder; name another one with --out"
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            write_whole(folder / name, data)
    except OSError as error:
        raise InvalidInput(
            f"{folder} cannot be written: {error.strerror}; expected a writable folder; name another one "
            "with --out"
        ) from error


def _is_made_here(folder: Path) -> bool:
    path = folder / MANIFEST
    manifest = read_manifest(path.read_bytes(), Faults()) if path.is_file() else None
    return manifest is not None and manifest.made is not None


def _encode_events(events: Iterable[UnrestEventDocument]) -> bytes:
    ordered = sorted(events, key=lambda event: (event.known_at, event.event_id, event.revision))
    return b"".join(encode_event(event) + b"\n" for event in ordered)


def _encode_prices(prices: Iterable[Settled]) -> bytes:
    rows = (
        f"{price.session},{price.close!r},{price.known_at:%Y-%m-%dT%H:%M:%SZ}\n"
        for price in sorted(prices, key=lambda price: price.session)
    )
    return ("date,usd_per_bbl,known_at\n" + "".join(rows)).encode()
