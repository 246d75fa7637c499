"""The results of `event_study`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from scipy.special import stdtrit

from brentwatch.core.domain import Instrument, Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.batch import Batch, EventStudy, Judged
from brentwatch.core.event_study.views.table import TEXT_COLUMNS, build_sheet
from brentwatch.message import figures
from brentwatch.notebook.arguments import list_names, read_switch, read_window, suggest_name
from brentwatch.notebook.drawing import DrawnMove, draw_moves, draw_path
from brentwatch.notebook.regression import fit_estimation_window
from brentwatch.notebook.summary import StudySummary, SummaryTable
from brentwatch.wire.input_faults import show_value

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from statsmodels.regression.linear_model import RegressionResultsWrapper

_NO_NUMBERS = TEXT_COLUMNS | {"valid"}
_OF_AR, _OF_CAR = ("ar", "t", "p", "low", "high"), ("car", "car_t", "car_p", "car_low", "car_high")
_COLUMNS = ("event", "window", "session", *_OF_AR, *_OF_CAR)
_MOST_EVENTS = 50
_LEVEL = 0.05
_TEXTBOOK = (
    "p: two-sided Student t with the variance of the estimation window. In turbulent weeks, when unrest "
    "comes, "
    "this test gives 2.7 times too many false alarms; impact(events) tests against a forecast instead."
)


class EventStudyResults:
    """The results of a classical event study.

    Moves in DataFrames are log fractions; `summary()` and `plot()` show simple percent of the price. A value
    that does not exist is NaN.

    Attributes:
        model: the model of normal returns.
        windows: the event windows, both ends inclusive.
        notes: what to know of the prices and the events, in sentences.
    """

    def __init__(self, batches: tuple[Batch, ...], instrument: Instrument, notes: tuple[str, ...]) -> None:
        self._batches, self._instrument = batches, instrument
        self.model = batches[0].studies.model
        self.windows = tuple(
            (each.studies.design.window.start, each.studies.design.window.end) for each in batches
        )
        self.notes = notes

    def __repr__(self) -> str:
        windows = ", ".join(str(batch.studies.design.window) for batch in self._batches)
        return (
            f"<EventStudyResults: {self.model}, {windows}, "
            f"{figures.format_count(len(self.events), 'event')} with "
            f"a result, {len(self.refused):,} refused; see summary(), plot(), to_frame()>"
        )

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    def _repr_html_(self) -> str:
        return self.summary().as_html()

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the events that have a result."""
        found = {name for batch in self._batches for name, _ in batch.found}
        return tuple(name for name in self._batches[0].event_ids if name in found)

    @property
    def refused(self) -> Mapping[str, str]:
        """The events without a result, and why."""
        named = frozenset(self.events)
        return {name: reason for name, reason in self._batches[0].refused.items() if name not in named}

    @property
    def rows(self) -> pd.DataFrame:
        """One row for each session of the window of each event."""
        return self._build_frame("rows")

    def to_frame(self) -> pd.DataFrame:
        """One row for each event and window.

        Returns:
            `event`; `window`; `session` (session 0); `ar`, the abnormal return of session 0, with `t`, `p`
            (two-sided) and the 95 % confidence interval `low` to `high`, all NaN if session 0 is outside the
            window; `car`, the cumulative abnormal return of the window, with `car_t`, `car_p`, `car_low` and
            `car_high`. Moves are log fractions. The names are those of `rows`.
        """
        import pandas as pd

        frame = pd.DataFrame([_list_cells(*each) for each in self._list_studies()], columns=list(_COLUMNS))
        frame["session"] = pd.to_datetime(frame["session"])
        return frame.astype(dict.fromkeys(_COLUMNS[3:], "float64"))

    def aggregate(self) -> pd.DataFrame:
        """One row for each session of the window: AAR, CAAR and the test of each that is valid here."""
        return self._build_frame("rows", aggregate=True)

    def tests(self, *, aggregate: bool = False) -> pd.DataFrame:
        """One row for each event, quantity and test; of the `aggregate` for each test and session."""
        return self._build_frame("tests", aggregate=read_switch("aggregate", aggregate))

    def diagnostics(self) -> pd.DataFrame:
        """One row for each event: its estimation window, and whether the textbook test may be used on it."""
        return self._build_frame("diagnostics")

    def fit(self, event: str, window: tuple[int, int] | None = None) -> RegressionResultsWrapper:
        """The estimation window of one event as a regression of statsmodels.

        `constant-mean` regresses the return on a constant, `market` also on the return of the benchmark, and
        `factors` on those of all factors.
        `market-adjusted` estimates no coefficient: they are fixed at 0 and 1, with standard errors of zero,
        and
        `scale` is the variance about the mean difference with n - 1 degrees of freedom. The standard error of
        an abnormal return is `fit(event).get_prediction(...).se_obs`.

        Args:
            event: its name.
            window: which one, if there are several windows that start at different sessions.

        Returns:
            A `RegressionResultsWrapper` of statsmodels. Its data are log returns, indexed by session.

        Raises:
            InvalidInput: if no event has that name, it has no result, or `window` is needed or unknown.
        """
        batch = self._choose_batch(window)
        names = [name for name, _ in batch.found]
        if event not in names:
            raise InvalidInput(self._explain_unknown_event(event, batch))
        return fit_estimation_window(batch.studies, names.index(event))

    def summary(self) -> StudySummary:
        """The results for people: print it, or let a notebook show it. Moves are in percent of the price."""
        return StudySummary(
            title=f"Classical event study, {self.model}",
            facts=tuple(self._list_facts()),
            tables=tuple(self._list_tables()),
            notes=tuple(self._list_summary_notes()),
        )

    def plot(self, event: str | None = None, *, ax: Axes | None = None) -> Axes:
        """The moves of all events beside their normal ranges (95 %), or the path of one event.

        Args:
            event: draws the cumulative abnormal return of this event, session by session.
            ax: axes of matplotlib to draw on; by default new ones.

        Returns:
            The axes; `.figure.savefig("study.png")` saves the picture.

        Raises:
            InvalidInput: if no event has that name, or none has a result.
            SettingsError: if matplotlib is missing; the message names the extra.
        """
        names = self.events
        if not names:
            raise InvalidInput(
                "no event has a result, so there is nothing to draw; see refused for the reasons"
            )
        if event is None and len(names) > 1:
            title = f"Cumulative abnormal return, {self.model}"
            return draw_moves([self._draw(*each) for each in self._list_studies()], title, ax, None)
        chosen = names[0] if event is None else event
        batch = max(self._batches, key=lambda each: each.studies.design.window.sessions)
        found = dict(batch.found)
        if chosen not in found:
            raise InvalidInput(self._explain_unknown_event(chosen, batch))
        study = found[chosen]
        moves = [_build_drawn(str(row.tau), row.tau, row, study) for row in study.rows]
        return draw_path(moves, f"{chosen}, {self.model}", "cumulative abnormal return", ax, None)

    def _build_frame(self, show: str, *, aggregate: bool = False) -> pd.DataFrame:
        """The rows of each window, one window after the other."""
        import pandas as pd

        asked = build_sheet(show, aggregate=aggregate)
        rows = [row for batch in self._batches for row in asked.rows(batch)]
        frame = pd.DataFrame(rows, columns=list(asked.columns))
        if "session" in frame:
            frame["session"] = pd.to_datetime(frame["session"])
        empty = [
            name for name in frame if name not in _NO_NUMBERS and pd.api.types.is_object_dtype(frame[name])
        ]
        return frame.astype(dict.fromkeys(empty, "float64"))

    def _list_studies(self) -> Iterator[tuple[str, Batch, EventStudy]]:
        """By event, then by window."""
        found = [(batch, dict(batch.found)) for batch in self._batches]
        for name in self.events:
            yield from ((name, batch, studies[name]) for batch, studies in found if name in studies)

    def _choose_batch(self, window: object) -> Batch:
        if window is None:
            if len({batch.studies.design.window.start for batch in self._batches}) == 1:
                return max(self._batches, key=lambda batch: len(batch.found))
            raise InvalidInput(
                f"the windows {self._list_windows()} start at different sessions, so their estimation "
                "windows "
                "differ; expected window=; choose one"
            )
        asked = read_window("window", window)
        for batch in self._batches:
            if batch.studies.design.window == asked:
                return batch
        raise InvalidInput(f"window is {asked}; expected one of {self._list_windows()}; choose one")

    def _list_windows(self) -> str:
        return ", ".join(str(batch.studies.design.window) for batch in self._batches)

    def _explain_unknown_event(self, event: object, batch: Batch) -> str:
        reason = batch.refused.get(event) if isinstance(event, str) else None
        if reason is not None:
            return f"event {event!r} has no result: {reason}"
        known = self.events
        return (
            f"event is {show_value(event)}; expected one of "
            f"{list_names(known) or 'no event, as none has a result'}; "
            f"{suggest_name(str(event), known)}"
        )

    def _list_facts(self) -> Iterator[tuple[str, str]]:
        design = self._batches[0].studies.design
        yield "Model", self.model
        yield "Events with a result", f"{len(self.events):,}"
        yield "Instrument", self._instrument.name
        yield "Events refused", f"{len(self.refused):,}"
        yield "Estimation", figures.format_count(design.estimation, "session")
        yield "Degrees of freedom", f"{self._batches[0].studies.df:,}"
        yield "Gap", figures.format_count(design.gap, "session")
        yield "Windows" if len(self._batches) > 1 else "Window", self._list_windows()

    def _list_tables(self) -> Iterator[SummaryTable]:
        """Session 0 of each event, then each window; of a single session the two would be the same."""
        studies = list(self._list_studies())
        at_zero = {
            name: (study, study.rows[batch.studies.design.taus.index(0)])
            for name, batch, study in studies
            if 0 in batch.studies.design.taus
        }
        shown = list(at_zero.items())[:_MOST_EVENTS]
        if at_zero:
            yield SummaryTable(
                title="Abnormal return of session 0 (AR)",
                columns=("event", "session", "AR", "95 % interval", "t", "p"),
                rows=tuple(
                    (
                        name,
                        str(row.session),
                        *_format_figures(row.ar, row.error_ar, row.t_ar, row.p_ar, study.df),
                    )
                    for name, (study, row) in shown
                ),
            )
        if studies and any(batch.studies.design.window != Window(0, 0) for batch in self._batches):
            yield SummaryTable(
                title="Cumulative abnormal return of the window (CAR)",
                columns=("event", "window", "CAR", "95 % interval", "t", "p"),
                rows=tuple(
                    _build_car_row(name, batch, study)
                    for name, batch, study in studies
                    if name in set(self.events[:_MOST_EVENTS])
                ),
            )

    def _list_summary_notes(self) -> Iterator[str]:
        more = len(self.events) - _MOST_EVENTS
        if more > 0:
            yield f"The first {_MOST_EVENTS} events are shown; to_frame() has {more:,} more."
        yield _TEXTBOOK
        yield from (f"{note[:1].upper()}{note[1:]}." for note in self.notes)
        for name, reason in list(self.refused.items())[:_MOST_EVENTS]:
            yield f"{name} is refused: {reason}."

    def _draw(self, name: str, batch: Batch, study: EventStudy) -> DrawnMove:
        window = batch.studies.design.window
        label = f"{name} {window}" if len(self._batches) > 1 else name
        return _build_drawn(label, window.end, study.rows[-1], study)


def _list_cells(name: str, batch: Batch, study: EventStudy) -> tuple[object, ...]:
    taus, last = batch.studies.design.taus, study.rows[-1]
    session = batch.studies.rows.sessions[dict(zip(batch.event_ids, batch.at, strict=True))[name]]
    of_ar: tuple[float | None, ...] = (None,) * len(_OF_AR)
    if 0 in taus:
        row = study.rows[taus.index(0)]
        of_ar = _list_figures(row.ar, row.error_ar, row.t_ar, row.p_ar, study.df)
    of_car = _list_figures(last.car, last.error_car, last.t_car, last.p_car, study.df)
    return (name, str(batch.studies.design.window), session, *of_ar, *of_car)


def _list_figures(move: float, error: float, t: float, p: float, df: int) -> tuple[float, ...]:
    half = _half_width(error, df)
    return (move, t, p, move - half, move + half)


def _build_car_row(name: str, batch: Batch, study: EventStudy) -> tuple[str, ...]:
    last = study.rows[-1]
    figures_of_car = _format_figures(last.car, last.error_car, last.t_car, last.p_car, study.df)
    return (name, str(batch.studies.design.window), *figures_of_car)


def _format_figures(move: float, error: float, t: float, p: float, df: int) -> tuple[str, ...]:
    half = _half_width(error, df)
    return (
        figures.format_percent(move),
        figures.format_percent_range(move - half, move + half),
        f"{t:+.2f}".replace("-", figures.MINUS),
        figures.format_p_number(p),
    )


def _half_width(error: float, df: int) -> float:
    """Of the 95 % confidence interval."""
    return float(stdtrit(df, 1.0 - _LEVEL / 2.0)) * error


def _build_drawn(label: str, tau: int, row: Judged, study: EventStudy) -> DrawnMove:
    half = _half_width(row.error_car, study.df)
    return DrawnMove(label=label, tau=tau, move=row.car, low=-half, high=half)
