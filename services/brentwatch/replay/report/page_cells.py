"""Cells that several tables of the page have: links to events, confounders with their source, figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from brentwatch.core.domain import Confounder
from brentwatch.message.figures import MINUS, format_p_number, format_percent_range
from brentwatch.message.foreign import parse_host
from brentwatch.message.html.page_tables import PageLink, PagePart
from brentwatch.replay.report.contents import TestedSession, WindowFigures

Links = Mapping[str, PageLink]
"""The place of each event on the page, by its id."""


def link_events(events: Iterable[str], links: Links) -> Iterator[PagePart]:
    """Each event by its name; one that is not on the page by its id."""
    for event in events:
        yield links.get(event, event)


def link_source(source: str) -> PageLink:
    """The source of an event or of a confounder, by its host."""
    return PageLink(text=parse_host(source), address=source)


def list_confounders(confounders: Iterable[Confounder]) -> list[PagePart]:
    """Each on a line, with its source in brackets."""
    return [
        PageLink(before=each.text, text=f"({parse_host(each.source)})", address=each.source)
        for each in confounders
    ]


def list_known(tested: TestedSession, links: Links) -> list[PagePart]:
    """The events of a session, then what else is known of it."""
    return [*link_events(tested.events, links), *list_confounders(tested.confounders)]


def format_z(z: float) -> str:
    """A standardised move with its sign: "+4.9"."""
    return f"{z:+.1f}".replace("-", MINUS)


def format_tau(tau: int) -> str:
    """A place in event time with its sign: "0", "+10"."""
    return f"{tau:+d}".replace("-", MINUS) if tau else "0"


def format_optional_p(p: float | None) -> str:
    """A p, or nothing."""
    return "" if p is None else format_p_number(p)


def format_optional_range(low: float | None, high: float | None, missing: str) -> str:
    """Two log fractions as a range of percent, or a text if they are missing."""
    return missing if low is None or high is None else format_percent_range(low, high)


def compute_normal_range(window: WindowFigures) -> tuple[float, float]:
    """The normal range of the summed return of a window; log fractions.

    The abnormal part is the total less a draw from the normal range: their ranges mirror each other.
    """
    return window.total - window.high, window.total - window.low
