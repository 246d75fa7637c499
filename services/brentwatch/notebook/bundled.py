"""What is bundled: the prices and the events of the recorded histories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING

from brentwatch.core.domain import EventClass
from brentwatch.core.errors import InvalidInput
from brentwatch.history.event_files import read_events, read_study_events
from brentwatch.history.folder import list_histories
from brentwatch.notebook.arguments import list_items, read_choice, read_choices
from brentwatch.wire.countries import country_name, read_country
from brentwatch.wire.input_faults import Faults, show_value

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import pandas as pd

    from brentwatch.notebook.names import EventClassName, HistoryName
    from brentwatch.wire.event_document import UnrestEventDocument

_CLASSES = tuple(each.value for each in EventClass)


def bundled_prices(history: HistoryName = "catalogue") -> pd.Series[float]:
    """The daily prices of a bundled history.

    Args:
        history: `catalogue` has EIA Europe Brent spot since 2001; the others have the years before
            their events.

    Returns:
        USD/bbl by session, a Series with a DatetimeIndex. The source is the U.S. Energy Information
        Administration, Europe Brent Spot Price FOB (RBRTE), public domain.

    Raises:
        InvalidInput: if there is no such history.
    """
    import pandas as pd

    with (_find_folder(history) / "prices.csv").open("rb") as opened:
        return pd.read_csv(opened, index_col="date", parse_dates=True)["usd_per_bbl"]


def bundled_events(
    history: HistoryName = "catalogue",
    *,
    country: str | Sequence[str] | None = None,
    event_class: EventClassName | Sequence[EventClassName] | None = None,
) -> pd.DataFrame:
    """The unrest events of a bundled history; `impact` and `event_study` take them as they are.

    Args:
        history: `catalogue` has 82 events of unrest and supply disruption, 2002 to 2026.
        country: only events of this country or these, by ISO 3166-1 code or English name: "IRN" or "Iran".
        event_class: only events of this class or these, such as "protest".

    Returns:
        One row for each event, with `event` (its name), `date` (UTC), `known_at` (ISO 8601 text, the time at
        which the news was public, or the date alone if the time of day is unknown), `country` (ISO 3166-1
        alpha-3), `country_name`, `event_class`, `place`, `headline` and `source` (a web address). Retracted
        events are left out.

    Raises:
        InvalidInput: if there is no such history, country or class, or no event has both; with every fault.
    """
    folder, faults = _find_folder(history), Faults()
    events = _read_newest((folder / "events.jsonl").read_bytes())
    codes = faults.attempt(partial(_read_countries, country, events))
    classes = faults.attempt(partial(_read_classes, event_class))
    if faults:
        raise faults.build_error()
    kept = [
        (known, event)
        for known, event in events
        if (not codes or _list_countries(event) & codes)
        and (not classes or event.event_class.value in classes)
    ]
    if not kept:
        here = sorted(
            {event.event_class.value for _, event in events if _list_countries(event) & (codes or set())}
        )
        raise InvalidInput(
            f"no event of {history!r} has country {show_value(country)} and event_class "
            f"{show_value(event_class)}; "
            f"the events of that country have the classes {', '.join(here) or 'of no event'}; choose one "
            "of these"
        )
    return _build_frame(kept)


def _find_folder(history: object) -> Traversable:
    return files("brentwatch.history") / "data" / read_choice("history", history, list_histories())


_Event = tuple["date | datetime", "UnrestEventDocument"]


def _read_newest(data: bytes) -> list[_Event]:
    """Each event in its newest revision, with the time at which it was first known."""
    ordered = sorted(read_events(data).documents, key=lambda document: document.revision)
    newest = {document.event_id: document for document in ordered}
    known = read_study_events("events.jsonl", data).events
    return [(each.known, newest[each.event_id]) for each in known]


def _list_countries(event: UnrestEventDocument) -> set[str]:
    return {event.country, *event.extra_countries}


def _read_classes(given: object) -> tuple[str, ...]:
    return () if given is None else read_choices("event_class", given, _CLASSES)


def _read_countries(given: object, events: Sequence[_Event]) -> set[str]:
    """ISO codes, none if no country is given; a country without an event is refused."""
    if given is None:
        return set()
    names = [given] if isinstance(given, str) else list_items(given)
    if not names or not all(isinstance(name, str) for name in names):
        raise InvalidInput(
            f"country is {show_value(given)}; expected one or more ISO 3166-1 codes, such as 'IRN'; give them"
        )
    present = set[str]().union(*(_list_countries(event) for _, event in events))
    faults, codes = Faults(), set[str]()
    for name in names:
        code = faults.attempt(partial(read_country, str(name)))
        if code is not None and code not in present:
            faults.add(
                f"country is {show_value(name)}, and no event of this history is in {country_name(code)}; "
                f"expected one of {', '.join(sorted(present))}; choose one of these"
            )
        codes |= {code} if code is not None else set()
    if faults:
        raise faults.build_error()
    return codes


def _build_frame(events: Sequence[_Event]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {
            "event": event.event_id.partition(":")[2] or event.event_id,
            "date": known.date() if isinstance(known, datetime) else known,
            "known_at": _format_known(known),
            "country": event.country,
            "country_name": country_name(event.country),
            "event_class": event.event_class.value,
            "place": (event.location.place if event.location else None) or "",
            "headline": event.summary,
            "source": event.sources[0].url if event.sources else "",
        }
        for known, event in events
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(date=pd.to_datetime(frame["date"]))


def _format_known(known: date | datetime) -> str:
    return f"{known:%Y-%m-%dT%H:%M:%SZ}" if isinstance(known, datetime) else known.isoformat()
