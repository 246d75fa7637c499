"""A recorded history: the files of a folder as signals, and which of its sessions are tested.

`events.jsonl`, `prices.csv` and `history.toml` are always there; some have 5-minute bars too, in
`prices_5m.csv`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from brentwatch.core import domain
from brentwatch.core.domain import sort_signals
from brentwatch.core.errors import InvalidInput
from brentwatch.history.bundled import load_exposure, load_oil_assets
from brentwatch.history.event_files import DeadLetter, EventFile, read_events
from brentwatch.history.intraday_files import BARS, read_bars
from brentwatch.history.manifest import (
    EVENTS,
    MANIFEST,
    PRICES,
    Context,
    Manifest,
    compute_checksum,
    read_manifest,
)
from brentwatch.history.prices import PriceFile, build_price_updates, read_prices
from brentwatch.wire.event_document import UnrestEventDocument
from brentwatch.wire.input_faults import Faults
from brentwatch.wire.unrest_event import convert_to_core, judge_document


def find_tested_sessions(bars: Iterable[domain.Bar], events: Iterable[domain.UnrestEvent]) -> frozenset[date]:
    """The sessions in the windows of `events`, by the sessions of `bars` that there really were.

    A window starts at the first settlement strictly after `known_at`; for a bare date, at the session of that
    date or the next one. It ends with the longest window. An event whose time of day is unknown is counted
    for two sessions, so its windows end one session later.
    """
    ordered = sorted({(bar.closes_at, bar.session) for bar in bars})
    closes = [close for close, _ in ordered]
    sessions = [session for _, session in ordered]
    tested: set[date] = set()
    for event in events:
        first = _find_first(event, closes, sessions)
        last = first + domain.LAST_TAU + (0 if event.precision.within_a_day else 1)
        tested.update(sessions[first : last + 1])
    return frozenset(tested)


def _find_first(event: domain.UnrestEvent, closes: Sequence[datetime], sessions: Sequence[date]) -> int:
    if event.is_bare_date:
        return bisect_left(sessions, event.known_at.astimezone(UTC).date())
    return bisect_right(closes, event.known_at)


_NO_LIMIT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A history as it would have reached the timeline: `signals` in the order in which they were known.

    `documents` has the whole event by (event_id, revision); of repeated ones, the first. `start` is the first
    session after the warm-up. `notes` lists what was unusual about the files; `sha256` has their checksums.
    """

    name: str
    title: str
    source: str
    licence: str
    start: date
    sessions: str
    context: tuple[Context, ...]
    signals: tuple[domain.Signal, ...]
    documents: Mapping[tuple[str, int], UnrestEventDocument]
    dead_letters: tuple[DeadLetter, ...]
    notes: tuple[str, ...]
    sha256: Mapping[str, str]


def list_histories() -> tuple[str, ...]:
    """The bundled histories, in alphabetical order."""
    return tuple(sorted(item.name for item in _find_bundled().iterdir() if (item / MANIFEST).is_file()))


def read_instrument_name(name_or_path: str) -> str | None:
    """The default instrument of a history; None if it names none.

    Raises:
        InvalidInput: as `find_history`.
    """
    folder = find_folder(name_or_path)
    faults = Faults()
    manifest = read_manifest(_read_contents(folder)[MANIFEST], faults)
    if manifest is None:
        raise faults.build_error()
    return manifest.instrument


def find_history(
    name_or_path: str, instrument: domain.Instrument = domain.BRENT_SPOT, *, now: datetime | None = None
) -> History:
    """A bundled history by its name, or the user's own folder by its path.

    `instrument` says when its sessions settle. In a folder of your own, no price may settle after `now` (UTC;
    default: the clock).

    Raises:
        InvalidInput: if there is no such history, or its files cannot be read; with all faults.
    """
    # A wrong clock must not break the bundled histories.
    limit = _NO_LIMIT if name_or_path in list_histories() else now or datetime.now(UTC)
    return read_history(find_folder(name_or_path), instrument, now=limit)


def read_history(folder: Traversable, instrument: domain.Instrument, *, now: datetime) -> History:
    """The history in `folder`.

    Raises:
        InvalidInput: if a file is missing or cannot be read; with the faults of all files.
    """
    contents = _read_contents(folder)
    faults = Faults()
    manifest = read_manifest(contents[MANIFEST], faults)
    prices = read_prices(contents[PRICES], instrument, now, faults)
    if manifest is None:
        raise faults.build_error()
    bars = read_bars(contents.get(BARS), instrument, manifest, now, faults)
    faults.add(*_find_changed_files(manifest, contents), *_find_other_series(manifest, instrument))
    if faults:
        raise faults.build_error()
    events = read_events(contents[EVENTS])
    admitted = _admit_events(events, load_exposure())
    updates = build_price_updates(
        prices.prints, instrument.series.name, _build_warmup_test(manifest, prices, admitted)
    )
    return History(
        name=folder.name,
        title=manifest.title,
        source=manifest.source,
        licence=manifest.licence,
        start=manifest.start,
        sessions=manifest.sessions,
        context=manifest.context,
        signals=tuple(sort_signals((*updates, *bars.updates, *admitted))),
        documents={(event.event_id, event.revision): event for event in reversed(events.documents)},
        dead_letters=events.dead_letters,
        notes=(*prices.notes, *bars.notes),
        sha256={name: compute_checksum(data) for name, data in contents.items()},
    )


def _admit_events(events: EventFile, table: domain.ExposureTable) -> list[domain.EventAdmitted]:
    """The events as the screen would admit them."""
    assets = load_oil_assets()
    return [_admit_event(document, table, assets) for document in events.documents]


def _admit_event(
    document: UnrestEventDocument, table: domain.ExposureTable, assets: tuple[domain.Asset, ...]
) -> domain.EventAdmitted:
    event, town = convert_to_core(document), document.location.town if document.location else None
    exposure, nearness = domain.find_exposure_at(event.countries, town, table, assets)
    weight = None if exposure is None else exposure.weight
    return domain.EventAdmitted(
        event=event,
        exposure=exposure,
        nearness=nearness,
        standing=judge_document(document, is_own=True),
        measured_relevance=domain.weigh_relevance(event.event_class, weight, nearness),
    )


def _build_warmup_test(
    manifest: Manifest, prices: PriceFile, admitted: list[domain.EventAdmitted]
) -> Callable[[date], bool]:
    if manifest.sessions == "all":
        return lambda session: session < manifest.start
    tested = find_tested_sessions((item.bar for item in prices.prints), (signal.event for signal in admitted))
    return lambda session: session < manifest.start or session not in tested


def _find_changed_files(manifest: Manifest, contents: Mapping[str, bytes]) -> Iterator[str]:
    for name, wanted in manifest.sha256.items():
        if (found := compute_checksum(contents.get(name, b""))) != wanted:
            yield (
                f"{name} has the sha256 {found}; expected {wanted} from history.toml; restore the file, or "
                "remove its checksum from history.toml if the change is intended"
            )


def _find_other_series(manifest: Manifest, instrument: domain.Instrument) -> Iterator[str]:
    if manifest.made is not None and manifest.made.series != instrument.series.name:
        yield (
            f"the history has prices of {manifest.made.series}; expected {instrument.series.name}, the "
            f"series of {instrument.name}; give the instrument that it was built for with --instrument"
        )


def _read_contents(folder: Traversable) -> dict[str, bytes]:
    missing = [name for name in (MANIFEST, EVENTS, PRICES) if not (folder / name).is_file()]
    if missing:
        raise InvalidInput(
            f"the history {folder.name!r} lacks {' and '.join(missing)}; "
            f"expected {MANIFEST}, {EVENTS} and {PRICES} in its folder; add what is missing"
        )
    try:
        more = [BARS] if (folder / BARS).is_file() else []
        return {name: (folder / name).read_bytes() for name in (MANIFEST, EVENTS, PRICES, *more)}
    except OSError as error:
        raise InvalidInput(
            f"the history {folder.name!r} cannot be read ({error}); expected three readable files; "
            "check their permissions"
        ) from error


def find_folder(name_or_path: str) -> Traversable:
    """The folder of a bundled history by its name, or the user's own by its path.

    Raises:
        InvalidInput: if there is no such history.
    """
    return (
        _find_bundled() / name_or_path if name_or_path in list_histories() else _find_own_folder(name_or_path)
    )


def _find_own_folder(path: str) -> Traversable:
    folder = Path(path)
    if folder.is_dir():
        return folder.resolve()
    close = get_close_matches(path, list_histories(), n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    raise InvalidInput(
        f"no history is called {path!r} and no folder has that path{meant}; "
        f"choose one of {', '.join(list_histories())}, or give the path of a folder"
    )


def _find_bundled() -> Traversable:
    return files("brentwatch.history") / "data"
