"""The identity of a run: checksums of what it was made of, and no clock and no host."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from brentwatch import __version__
from brentwatch.core.domain import RULES, Instrument, Signal
from brentwatch.core.forecasts.table import HEADLINE_MODEL, load
from brentwatch.history.manifest import compute_checksum
from brentwatch.replay.report.contents import FileDigest, RunIdentity
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from brentwatch.replay.recording import Recording


def identify_run(
    recording: Recording,
    instrument: Instrument,
    signals: Iterable[Signal],
    since: datetime | None,
    until: datetime | None,
) -> RunIdentity:
    """The identity of a replay of `signals`."""
    checksum, count = hashlib.sha256(), 0
    for signal in signals:
        checksum.update(encode_signal(signal) + b"\n")
        count += 1
    return RunIdentity(
        title=recording.title,
        source=recording.source,
        licence=recording.licence,
        files=tuple(_list_files(recording)),
        signals=count,
        signals_sha256=checksum.hexdigest(),
        settings_sha256=compute_checksum(repr(instrument).encode()),
        instrument=instrument.name,
        instrument_title=instrument.title,
        series=instrument.series.name,
        model=HEADLINE_MODEL,
        model_version=load(HEADLINE_MODEL).edition,
        rules=RULES,
        version=__version__,
        since=since,
        until=until,
    )


def _list_files(recording: Recording) -> Iterator[FileDigest]:
    for name, sha256 in sorted(recording.sha256.items()):
        yield FileDigest(name=name, sha256=sha256)
    tables = [each for each in (files("brentwatch.history") / "data").iterdir() if each.name.endswith(".csv")]
    for table in sorted(tables, key=lambda each: each.name):
        yield FileDigest(name=f"bundled {table.name}", sha256=compute_checksum(table.read_bytes()))
