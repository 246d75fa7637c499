"""`brentwatch history build`: makes a history from feeds and a price provider, for `brentwatch replay`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command
from brentwatch.commands.process import ExitCode, say
from brentwatch.ingest.feeds.table import FEEDS
from brentwatch.prices.providers.table import PROVIDERS
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brentwatch.history.manifest import Made, Manifest
    from brentwatch.prices.provider import Terms
    from brentwatch.wire.event_document import UnrestEventDocument

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("build", cls=Command)
@click.option("--from", "first", required=True, type=_DAY, metavar="DATE", help="First day, UTC.")
@click.option("--to", "last", required=True, type=_DAY, metavar="DATE", help="Last day, UTC, inclusive.")
@click.option(
    "--feed",
    "feeds",
    required=True,
    multiple=True,
    type=click.Choice(list(FEEDS)),
    help="Feed of events, with its settings in [ingest]; repeatable.",
)
@click.option(
    "--prices",
    "provider",
    required=True,
    type=click.Choice(list(PROVIDERS)),
    help="Price provider, with its settings in [prices].",
)
@click.option("--instrument", help="Instrument of the prices. [the first of the settings]")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write. [./history-DATE-DATE]")
@click.pass_obj
def build(
    sources: Sources,
    first: datetime,
    last: datetime,
    feeds: tuple[str, ...],
    provider: str,
    instrument: str | None,
    out: Path | None,
) -> int:
    """Make a history of the events from one DATE to another, for `brentwatch replay FOLDER`.

    The history has every revision of every event that became known on these days, of any relevance. Its
    prices cover these days, 1,700 sessions before them (prices.backfill_sessions), and the sessions after
    them that event windows need. Each price is known at its settlement plus the declared delay of its
    series. The same answers of feeds and provider make the same files, byte for byte. history.toml has the
    sources, their terms and the checksums.

    GDELT has 96 files a day: a year is about 35,000 files and takes about three hours. Before it starts, the
    command prints the number of files and an estimate of the time; then it shows its progress. Downloaded
    files are recorded in FOLDER.gdelt.part. If the build is interrupted, run the same command again: it
    continues with the files that are missing. Other feeds start again from the beginning.

    No Kafka is needed. A request that fails is tried five times. Exit codes: 4 if no event became known on
    these days, 6 if a feed or the provider did not answer.
    """
    from brentwatch import __version__
    from brentwatch.commands.history.gather import (
        Days,
        fetch_bars,
        find_first_price_day,
        gather_events,
        select_prices,
    )
    from brentwatch.commands.options import choose_instrument
    from brentwatch.history.making import make_files, write_history
    from brentwatch.history.manifest import Made
    from brentwatch.prices.providers.table import load as load_provider
    from brentwatch.prices.series import apply_settings
    from brentwatch.settings.load import load

    days, names, now = Days(first.date(), last.date()), tuple(dict.fromkeys(feeds)), datetime.now(UTC)
    if days.last < days.first:
        raise click.UsageError(f"--to {days.last} is before --from {days.first}; expected a later day")
    settings = load(sources).settings
    series = apply_settings(choose_instrument(settings, instrument).series, settings.prices)
    source = load_provider(provider, series, settings.prices)
    folder = out or Path(f"history-{days.first}-{days.last}")
    records = {name: folder.with_name(f"{folder.name}.{name}.part") for name in names}
    events = [
        event
        for name in names
        for event in gather_events(name, settings.ingest, days, now, _tell, records[name])
    ]
    if not events:
        _remove(records.values())
        _tell(f"no event of {', '.join(names)} became known from {days.first} to {days.last}")
        return ExitCode.NOTHING_MATCHED
    warmup = settings.prices.backfill_sessions
    _tell(f"fetching prices of {series.name} from {provider}")
    bars = fetch_bars(provider, source, find_first_price_day(days, warmup), now, settings.ingest, _tell)
    prices = select_prices(bars, series, warmup, days, now)
    how = Made(
        by=f"brentwatch {__version__}",
        first=days.first,
        last=days.last,
        feeds=names,
        prices=provider,
        series=series.name,
    )
    manifest = _build_manifest(how, events, source.terms, series.load_calendar().find_on_or_after(days.first))
    write_history(folder, make_files(manifest, events, prices))
    _remove(records.values())
    click.echo(
        f"{folder} has {len(events):,} events and {len(prices):,} sessions: brentwatch replay {folder}"
    )
    return ExitCode.OK


def _build_manifest(how: Made, events: Iterable[UnrestEventDocument], terms: Terms, start: date) -> Manifest:
    from brentwatch.history.manifest import Manifest

    provenances = [event.provenance for event in events if event.provenance]
    whose = sorted({each.attribution or each.feed for each in provenances})
    licences = sorted({f"{each.feed}: {each.licence or 'not said'}" for each in provenances})
    period = f"{how.first} to {how.last}"
    return Manifest(
        title=f"Unrest by {', '.join(how.feeds)} and {how.series} by {how.prices}, {period}",
        source=f"Events: {'; '.join(whose)}. Prices: {terms.source}.",
        licence=f"Events: {'; '.join(licences)}. Prices: {terms.licence}.",
        start=start,
        made=how,
    )


def _remove(records: Iterable[Path]) -> None:
    for path in records:
        path.unlink(missing_ok=True)


def _tell(sentence: str) -> None:
    say(f"history: {sentence}")
