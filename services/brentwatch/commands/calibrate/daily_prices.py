"""The prices that `brentwatch calibrate` tests: bundled, from files, or fetched from a provider."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.commands.process import say
from brentwatch.core.domain import BRENT_SPOT, Bar, Instrument
from brentwatch.core.errors import InvalidInput, SettingsError

if TYPE_CHECKING:
    from brentwatch.history.series_files import Columns, DailySeries
    from brentwatch.history.tables import OrderChoice
    from brentwatch.prices.chain import ChainFact
    from brentwatch.prices.plan import Fetched
    from brentwatch.prices.provider import Terms
    from brentwatch.settings.composed import Settings

_FIRST = date(1980, 1, 1)
"""Before every daily history of Brent or WTI."""

_NO_REST = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedSessions:
    """The price of each session of an instrument, oldest first.

    `left_out` are the sessions whose return is not used: it spans missing sessions, or is the first or second
    after an expiry. `source` is one line about fetched prices, None for those of files.
    """

    instrument: Instrument
    bars: tuple[Bar, ...]
    left_out: frozenset[date]
    source: str | None = None

    @property
    def sha256(self) -> str:
        """The checksum of the prices, as lines of session and price."""
        from brentwatch.history.manifest import compute_checksum

        return compute_checksum("".join(f"{bar.session},{bar.close!r}\n" for bar in self.bars).encode())


def read_files(
    paths: Sequence[str], columns: Columns, order: OrderChoice, instrument: Instrument
) -> PricedSessions:
    """The prices of files, without rows on days without a session; a later file wins from its first day on.

    Raises:
        InvalidInput: if a file cannot be read, or with everything that is wrong with its rows.
    """
    from brentwatch.history.series_files import read_series

    read = [read_series(path, read_contents(path), columns, order) for path in paths]
    return _build_series(", ".join(paths), _join_files(read), instrument)


def read_bundled(settings: Settings, instrument: str | None) -> PricedSessions:
    """The bundled Brent spot prices, which stderr names.

    Raises:
        SettingsError: if `instrument` does not exist, or has another series.
    """
    from importlib.resources import files

    from brentwatch.commands.options import choose_known_instrument
    from brentwatch.history.series_files import Columns, read_series
    from brentwatch.history.tables import OrderChoice

    bundled = BRENT_SPOT.series.name
    if instrument is None:
        chosen = find_instrument(bundled, settings, None)
    else:
        chosen = choose_known_instrument(settings, instrument)
    if chosen.series.name != bundled:
        raise SettingsError(
            f"{chosen.name} has the series {chosen.series.name}, and only prices of {bundled} are bundled; "
            f"give --prices FILE or --fetch {chosen.series.name}"
        )
    contents = (files("brentwatch.history") / "data" / "catalogue" / "prices.csv").read_bytes()
    read = read_series("prices.csv", contents, Columns(), OrderChoice())
    how = (
        f"no --prices given: using the bundled Brent spot prices, {len(read.sessions):,} sessions from "
        f"{read.sessions[0]} to {read.sessions[-1]}"
    )
    return _build_series("prices.csv", replace(read, how=how), chosen)


def fetch_series(name: str, settings: Settings, instrument: str | None) -> PricedSessions:
    """The longest daily history of a series that its providers have, in the order of the settings.

    Raises:
        SettingsError: if no instrument has such a series, or no provider of it is usable.
        Unavailable: if no provider returns prices.
    """
    from brentwatch.prices.chain import Chain
    from brentwatch.prices.providers.table import load
    from brentwatch.prices.series import apply_settings, choose_providers
    from brentwatch.web.failures import Backoff

    chosen = find_instrument(name, settings, instrument)
    asked, now = apply_settings(chosen.series, settings.prices), datetime.now(UTC)
    members = [
        (each, load(each, asked, settings.prices)) for each in choose_providers(asked, settings.prices)
    ]
    terms = {each: provider.terms for each, provider in members}
    say(f"calibrate: fetching {name} from {' or '.join(terms)}")
    chain = Chain(members, Backoff(_NO_REST, _NO_REST), _tell)
    answer = chain.fetch(_FIRST, now, lambda given: given)
    finished = {bar.session: bar.close for bar in answer.bars if bar.closes_at + asked.delay <= answer.at}
    if not finished:
        raise InvalidInput(f"{answer.provider} has no finished session of {name}; try again later")
    series = _build_series(name, _convert_answer(answer, finished), chosen)
    return replace(series, source=_describe_source(series, answer, terms[answer.provider]))


def find_instrument(name: str, settings: Settings, chosen: str | None) -> Instrument:
    """The instrument that is tested on a series: that of the name `chosen`, or the first that has it.

    Raises:
        SettingsError: if there is none.
    """
    from brentwatch.commands.options import choose_known_instrument
    from brentwatch.core.domain import KNOWN

    known = (
        [choose_known_instrument(settings, chosen)]
        if chosen
        else [*settings.list_instruments(), *KNOWN.values()]
    )
    if found := next((each for each in known if each.series.name == name), None):
        return found
    which = ", ".join(dict.fromkeys(each.series.name for each in known))
    raise SettingsError(
        f"no instrument has a series called {name!r}; expected one of {which}; correct --fetch, "
        "or add an instrument with that series to the settings"
    )


def _convert_answer(answer: Fetched, finished: Mapping[date, float]) -> DailySeries:
    from brentwatch.history.series_files import DailySeries

    sessions = tuple(sorted(finished))
    return DailySeries(
        how=f"{answer.provider} returned {len(sessions):,} finished sessions",
        notes=(),
        sessions=sessions,
        values=tuple(finished[session] for session in sessions),
    )


def _describe_source(series: PricedSessions, answer: Fetched, terms: Terms) -> str:
    return (
        f"Prices of {series.instrument.series.name}: {len(series.bars):,} sessions, "
        f"{series.bars[0].session} to {series.bars[-1].session}, fetched {answer.at:%Y-%m-%d %H:%M} UTC "
        f"by {answer.provider} from {terms.source} ({terms.licence}); SHA-256 {series.sha256}"
    )


def _join_files(read: Sequence[DailySeries]) -> DailySeries:
    """One series from several: each file contributes the days before the first day of the next one."""
    first, *others = read
    for each in others:
        kept = [place for place, day in enumerate(first.sessions) if day < each.sessions[0]]
        first = replace(
            first,
            how=f"{first.how}; {each.how}, from {each.sessions[0]} on",
            notes=(*first.notes, *each.notes),
            sessions=(*(first.sessions[place] for place in kept), *each.sessions),
            values=(*(first.values[place] for place in kept), *each.values),
        )
    return first


def _build_series(what: str, read: DailySeries, instrument: Instrument) -> PricedSessions:
    from brentwatch.core.domain import Bar
    from brentwatch.core.sessions.roll import find_spliced_sessions
    from brentwatch.history.session_rows import describe_missing, describe_spliced, select_session_rows

    kept, spans = select_session_rows(what, read, instrument.series)
    spliced = find_spliced_sessions(instrument.series.roll, kept.sessions)
    missing = describe_missing(kept.sessions, spans, instrument.series)
    for note in (kept.how, *kept.notes, *missing, *describe_spliced(spliced, instrument.series)):
        say(f"calibrate: {note}")
    bars = (
        Bar(session=session, closes_at=instrument.series.closes_at(session), close=close)
        for session, close in zip(kept.sessions, kept.values, strict=True)
    )
    return PricedSessions(instrument=instrument, bars=tuple(bars), left_out=spliced.union(spans))


def _tell(fact: ChainFact) -> None:
    from brentwatch.prices.chain import Failed, FellBack
    from brentwatch.prices.provider import RowsRejected

    match fact:
        case Failed(provider=provider, told=told):
            say(f"calibrate: {provider}: {told}")
        case FellBack(provider=provider):
            say(f"calibrate: using {provider} instead")
        case RowsRejected(count=count, told=told):
            say(f"calibrate: {count:,} rows rejected: {told}")


def read_contents(path: str) -> bytes:
    """The bytes of a file, or of standard input for "-".

    Raises:
        InvalidInput: if it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror}; expected a file of prices; correct the path"
        ) from error
