"""`brentwatch history build`: a history from feeds and a price provider, to be replayed again and again."""

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
@click.option("--from", "first", required=True, type=_DAY, metavar="DATE", help="The first day, UTC.")
@click.option("--to", "last", required=True, type=_DAY, metavar="DATE", help="The last day, UTC, inclusive.")
@click.option(
    "--feed",
    "feeds",
    required=True,
    multiple=True,
    type=click.Choice(list(FEEDS)),
    help="Whose events, with its settings in [ingest]; repeatable.",
)
@click.option(
    "--prices",
    "provider",
    required=True,
    type=click.Choice(list(PROVIDERS)),
    help="Whose prices, with its settings in [prices].",
)
@click.option("--instrument", help="Which prices; by default those of the first instrument of the settings.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder [./history-DATE-DATE].")
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
    """Make a history of what became known from one DATE to another, for `brentwatch replay FOLDER`.

    Every revision of every event goes in, whatever its relevance. Prices are those of the days, of 1,700
    sessions before (prices.backfill_sessions), and as far after as windows reach; each is known the declared
    delay of its series after it settled. What feeds and provider give again makes the same files again, byte
    for byte. history.toml says whose they are, on which terms, and their checksums.

    No Kafka is needed. A feed or provider that does not answer is asked five times. Exits with 4 where no
    event became known on these days, with 6 where nobody answered.
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
        raise click.UsageError(f"--to {days.last} is before --from {days.first}; a day after it was wanted")
    settings = load(sources).settings
    series = apply_settings(choose_instrument(settings, instrument).series, settings.prices)
    source = load_provider(provider, series, settings.prices)
    events = [event for name in names for event in gather_events(name, settings.ingest, days, now, _tell)]
    if not events:
        _tell(f"no event of {', '.join(names)} became known from {days.first} to {days.last}")
        return ExitCode.NOTHING_MATCHED
    warmup = settings.prices.backfill_sessions
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
    folder = out or Path(f"history-{days.first}-{days.last}")
    write_history(folder, make_files(manifest, events, prices))
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


def _tell(sentence: str) -> None:
    say(f"history: {sentence}")
