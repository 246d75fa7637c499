"""Past events like this one in words: one sentence on the card, and some lines in the detail.

They are never more certain than their number: below an effective number of 8 no move is named.
"""

from collections.abc import Iterator

from brentwatch.core.domain import Alert, Analogue, AnalogueMoves, Analogues, Reversals
from brentwatch.message import alert_state, figures
from brentwatch.message.event_lines import name_class, name_country
from brentwatch.message.figures import format_count, format_day, format_short_percent, format_short_range
from brentwatch.message.foreign import add_fitting, clean

_TOLD = 1
"""The card names the median move after this number of sessions."""

_ENOUGH = 8
_SHOWN = 2


def add_analogue_sentence(alert: Alert, line: str, room: int) -> str:
    """The line behind a sentence on past events like the one that the card names, as far as it has room."""
    found = alert.analogues
    if found is None or not _is_named(alert, found):
        return line
    told = _count_events(found)
    spread = found.find_moves(_TOLD).spread
    left = room - len(f". {line}")
    if spread is None:
        return f"{add_fitting(told, [_explain_few(found)], left)}. {line}"
    interval = format_short_range(spread.interval_low, spread.interval_high)
    moved = f"median move after 1 session {format_short_percent(spread.median)}, 95 % interval {interval}"
    pieces = [f"; {moved}", *_list_reversals(found)]
    return f"{add_fitting(told, pieces, left)}. {line}"


def _is_named(alert: Alert, found: Analogues) -> bool:
    events = alert_state.select_events_before(alert) or alert.events
    return bool(events) and events[0].event_id == found.event_id


def _count_events(found: Analogues) -> str:
    if not found.n:
        return "No past event like this is known"
    of_catalogue = f" ({found.bundled} from the catalogue)" if found.bundled else ""
    return f"Events like this: {found.n}{of_catalogue}"


def _explain_few(found: Analogues) -> str:
    if not found.n:
        return ""
    worth = f", effective number {found.effective_n:.1f}" if found.n >= _ENOUGH else ""
    return f"{worth}, too few to say"


def _list_reversals(found: Analogues) -> Iterator[str]:
    told = found.reversals
    if told is not None:
        yield f"; {told.reversed} of {told.n} reversed{_describe_placebo(told)}"


def _describe_placebo(told: Reversals) -> str:
    return "" if told.placebo is None else f" (by chance {told.placebo:.0f})"


def write_analogue_lines(alert: Alert) -> Iterator[str]:
    """The lines of `describe_analogues` for an alert."""
    if alert.analogues is not None:
        yield from describe_analogues(alert.analogues)


def describe_analogues(found: Analogues) -> Iterator[str]:
    """What followed past events like this one, how many reversed, and the nearest two; none without any."""
    if not found.n:
        return
    what = f"{name_class(found.event_class)}, {name_country(found.country)}"
    sources = f"{found.bundled} of the catalogue, with Brent spot prices, and {found.own} of this timeline"
    yield f"Past events like this one ({what}): {sources}; effective number {found.effective_n:.1f}"
    yield from map(_describe_moves, found.moves)
    if found.reversals is not None:
        yield _describe_reversals(found.reversals)
    yield from (_describe_analogue(each) for each in found.nearest[:_SHOWN])


def _describe_moves(moves: AnalogueMoves) -> str:
    spread = moves.spread
    when = f"After {format_count(moves.sessions, 'session')}" if moves.sessions else "The session itself"
    if spread is None:
        return f"{when}: n = {moves.n}, too few to say"
    interval = format_short_range(spread.interval_low, spread.interval_high)
    quartiles = format_short_range(spread.low, spread.high)
    median = format_short_percent(spread.median)
    return f"{when}: n = {moves.n}, median {median}, 95 % interval {interval}, quartiles {quartiles}"


def _describe_reversals(told: Reversals) -> str:
    placebo = "the price history is too short for a placebo"
    if told.placebo is not None:
        placebo = f"placebo: {told.placebo:.1f}, from other sessions with moves of that size"
    counts = f"{told.reversed} of {told.n}"
    return f"Half or more of the first move gone after 5 sessions: {counts} ({placebo})"


def _describe_analogue(analogue: Analogue) -> str:
    what = f"{name_class(analogue.event_class)}, {name_country(analogue.country)}"
    moved = f", {figures.format_percent(analogue.moves[0])}" if analogue.moves else ""
    day = format_day(analogue.session, year=True)
    return f"Like it: {what}, session {day}{moved} ({clean(analogue.explained)})"
