"""The results of `impact`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from brentwatch.core.domain import Calibration, Found, Refused
from brentwatch.core.errors import InvalidInput
from brentwatch.core.impact import view
from brentwatch.core.impact.impacts import EventImpact, Impacts, MoveVerdict, WindowImpact, judge_move
from brentwatch.message import figures
from brentwatch.notebook.arguments import list_names, suggest_name
from brentwatch.notebook.drawing import DrawnMove, draw_moves, draw_path
from brentwatch.notebook.pooled_results import PooledResults
from brentwatch.notebook.summary import StudySummary, SummaryTable
from brentwatch.wire.input_faults import show_value

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_TEXT = ("event", "known", "window", "verdict", "notes", "also", "refused")
_WHOLE = ("next_session", "sessions", "session")
_MOST_EVENTS = 50
_SHORT = {MoveVerdict.OUTSIDE: "outside"}


class ImpactResults:
    """The impact of events on the price, tested as the monitor tests it.

    Moves in DataFrames are log fractions; `summary()` and `plot()` show simple percent of the price. A value
    that does not exist is NaN.

    Attributes:
        model: the model of normal returns.
        windows: the first and the last session of each window, both inclusive.
        level: the alert level: a move with a p at or below it is abnormal.
        notes: what to know of the prices and the events, in sentences.
    """

    def __init__(
        self,
        impacts: Impacts,
        calibration: Calibration | None,
        notes: tuple[str, ...],
        pool: Callable[[], PooledResults],
    ) -> None:
        self._impacts, self._calibration, self._pool = impacts, calibration, pool
        self.model, self.level = impacts.model, impacts.level
        self.windows = tuple((window.start, window.end) for window in impacts.windows)
        self.notes = notes

    def __repr__(self) -> str:
        return (
            f"<ImpactResults: {self.model}, {figures.format_count(len(self.events), 'event')} with a result, "
            f"{len(self.refused):,} refused; see summary(), plot(), to_frame()>"
        )

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    def _repr_html_(self) -> str:
        return self.summary().as_html()

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the events that have a result."""
        return tuple(dict.fromkeys(each.event for each in self._impacts.found))

    @property
    def refused(self) -> Mapping[str, str]:
        """The events without a result, and why."""
        return self._impacts.refused

    def to_frame(self) -> pd.DataFrame:
        """One row for each event, session and window, in the columns of `brentwatch study --format csv`.

        An event with a date and no time has rows for two sessions.

        Returns:
            `event`; `known` (ISO 8601 text); `session`, the session 0 of the row; `next_session`, true for
            the second session of a date without a time; `window`; `sessions` that have a price so far;
            `move`, the summed return, `expected` by the forecast and normal from `normal_low` to
            `normal_high` (95 %); `car`, the move less the expected one, with its 95 % range `low` to `high`;
            `t`, the multiple of its standard error; `p`, two-sided; `detectable`, the move that the test
            finds four times in five at the alert level; `verdict` ("normal", "outside the normal range" or
            "abnormal"); `notes`; `also`, what else is recorded of these sessions; `refused`, why a window has
            no test. Moves are log fractions.
        """
        import pandas as pd

        frame = pd.DataFrame(list(view.rows(self._impacts)), columns=list(view.COLUMNS))
        frame["session"] = pd.to_datetime(frame["session"])
        numbers = [name for name in view.COLUMNS if name not in (*_TEXT, *_WHOLE)]
        return frame.astype({**dict.fromkeys(numbers, "float64"), "next_session": "bool"})

    def summary(self) -> StudySummary:
        """The results for people: print it, or let a notebook show it. Moves are in percent of the price."""
        impacts = self._impacts
        return StudySummary(
            title=f"Impact of events on the price, {self.model}",
            facts=(
                ("Instrument", impacts.instrument.name),
                ("Events with a result", f"{len(self.events):,}"),
                ("Prices", f"{impacts.first} to {impacts.last}"),
                ("Events refused", f"{len(self.refused):,}"),
                ("Alert level", figures.format_level(self.level)),
                ("Windows", ", ".join(str(window) for window in impacts.windows)),
            ),
            tables=tuple(self._list_tables()),
            notes=tuple(self._list_summary_notes()),
        )

    def plot(self, event: str | None = None, *, ax: Axes | None = None) -> Axes:
        """The moves of all events beside their normal ranges (95 %), or those of one event by session.

        Args:
            event: draws the windows of this event as one path.
            ax: axes of matplotlib to draw on; by default new ones.

        Returns:
            The axes; `.figure.savefig("impact.png")` saves the picture.

        Raises:
            InvalidInput: if no event has that name, or none has a result.
            SettingsError: if matplotlib is missing; the message names the extra.
        """
        names = self.events
        if not names:
            raise InvalidInput(
                "no event has a result, so there is nothing to draw; see refused for the reasons"
            )
        if event is None:
            moves = [
                _build_drawn(f"{_name_row(impact)} {each.window}", each.result, self.level)
                for impact, each in self._list_shown()
                if isinstance(each.result, Found)
            ]
            return draw_moves(moves, f"Move of the price, {self.model}", ax, self.level)
        if event not in names:
            raise InvalidInput(self._explain_unknown_event(event))
        impact = next(each for each in self._impacts.found if each.event == event)
        tested = sorted(
            (each.result for each in impact.windows if isinstance(each.result, Found)), key=_find_last_session
        )
        path = [_build_drawn(str(found.window), found, self.level) for found in tested]
        return draw_path(path, f"{event}, {self.model}", "move of the price", ax, self.level)

    def pooled(self) -> PooledResults:
        """The test of all events together, for each window: is their mean move abnormal?

        It finds moves that are too small for the test of one event. The mean of the standardised abnormal
        returns is compared with that of the same set of sessions moved elsewhere in the series. Every session
        of the prices is forecast for it, some 3 seconds for 25 years.

        Raises:
            InvalidInput: if there are no events.
        """
        return self._pool()

    def _list_shown(self) -> Iterator[tuple[EventImpact, WindowImpact]]:
        """What people see: every window of the first session, and the second session alone."""
        for impact in self._impacts.found:
            windows = impact.windows[:1] if impact.carried else impact.windows
            yield from ((impact, each) for each in windows)

    def _list_tables(self) -> Iterator[SummaryTable]:
        shown, rows, before = frozenset(self.events[:_MOST_EVENTS]), list[tuple[str, ...]](), None
        for impact, each in self._list_shown():
            if impact.event in shown:
                is_new = impact is not before
                name = ("or" if impact.carried else impact.event) if is_new else ""
                rows.append(self._build_row(name, str(impact.session) if is_new else "", each))
                before = impact
        if rows:
            columns = ("event", "session", "window", "move", "normal range", "p", "verdict")
            yield SummaryTable(columns=columns, rows=tuple(rows))

    def _build_row(self, name: str, session: str, each: WindowImpact) -> tuple[str, ...]:
        found = each.result
        if isinstance(found, Refused):
            return (name, session, str(each.window), "", "", "", "no test")
        verdict = judge_move(found, self.level)
        return (
            name,
            session,
            str(each.window),
            figures.format_percent(found.total),
            figures.format_percent_range(*found.normal_range),
            figures.format_p_number(found.p),
            _SHORT.get(verdict, str(verdict)),
        )

    def _list_summary_notes(self) -> Iterator[str]:
        more = len(self.events) - _MOST_EVENTS
        if more > 0:
            yield f"The first {_MOST_EVENTS} events are shown; to_frame() has {more:,} more."
        yield (
            "Each move is compared with the forecast made at the settlement before it. abnormal: p is "
            f"{figures.format_level(self.level)} or less. outside: outside the normal range, which holds "
            "95 of "
            "100 moves when nothing happens. normal: inside it."
        )
        yield self._describe_error_rate()
        yield from (f"{note[:1].upper()}{note[1:]}." for note in self.notes)
        for impact, each in self._list_shown():
            if isinstance(each.result, Refused):
                yield f"{impact.event} has no test for {each.window}: {each.result.reason}."
        for name, reason in list(self.refused.items())[:_MOST_EVENTS]:
            yield f"{name} is refused: {reason}."

    def _describe_error_rate(self) -> str:
        record = self._calibration
        if record is None:
            return (
                f"How often {self.model} is wrong on these prices is not measured; sizes(prices, "
                f"{self.model!r}) measures it."
            )
        return (
            f"How often this is wrong: of {record.n:,} sessions from {record.first.year} to "
            f"{record.last.year}, news or none, p was 0.05 or less in {100.0 * record.size_05:.1f} % and "
            "0.01 "
            f"or less in {100.0 * record.size_01:.1f} %."
        )

    def _explain_unknown_event(self, event: object) -> str:
        reason = self.refused.get(event) if isinstance(event, str) else None
        if reason is not None:
            return f"event {event!r} has no result: {reason}"
        known = self.events
        return (
            f"event is {show_value(event)}; expected one of {list_names(known)}; "
            f"{suggest_name(str(event), known)}"
        )


def _name_row(impact: EventImpact) -> str:
    return f"or {impact.session}" if impact.carried else impact.event


def _find_last_session(found: Found) -> int:
    """The event time of the last session that has a price."""
    return found.window.start + found.observed - 1


def _build_drawn(label: str, found: Found, level: float) -> DrawnMove:
    low, high = found.normal_range
    return DrawnMove(
        label=label,
        tau=_find_last_session(found),
        move=found.total,
        low=low,
        high=high,
        abnormal=judge_move(found, level) is MoveVerdict.ABNORMAL,
    )
