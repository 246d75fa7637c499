"""The results of `impact(...).pooled()`: all events tested together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from brentwatch.core.domain import Bar, Refused, Window
from brentwatch.core.impact import view
from brentwatch.core.impact.pooled import PooledImpacts, pool_impacts
from brentwatch.core.monitor.rules import Rules
from brentwatch.message import figures
from brentwatch.message.pooled import (
    POOLED_TITLES,
    describe_pooled,
    list_pooled_cells,
    list_pooled_explanations,
)
from brentwatch.notebook.summary import StudySummary, SummaryTable

if TYPE_CHECKING:
    import pandas as pd

_COUNTS = ("events", "sessions", "shifts", "exceedances")
_WORDS = ("window", "first", "last", "null", "left_out", "refused")


def pool_events(
    events: Mapping[str, date | datetime],
    bars: Sequence[Bar],
    rules: Rules,
    model: str,
    windows: Sequence[Window],
) -> PooledResults:
    """The test of all events together, of what `impact` has read."""
    return PooledResults(pool_impacts(events, bars, rules, model, windows))


class PooledResults:
    """The test of all events together, a row for each window.

    Moves in the DataFrame are log fractions; `summary()` shows simple percent of the price.

    Attributes:
        model: the model of normal returns.
        windows: the first and the last session of each window, both inclusive.
        level: the alert level: a mean move with a p at or below it is abnormal.
    """

    def __init__(self, pooled: PooledImpacts) -> None:
        self._pooled = pooled
        self.model, self.level = pooled.model, pooled.instrument.alert_level
        self.windows = tuple((window.start, window.end) for window in pooled.tests)

    def __repr__(self) -> str:
        return f"<PooledResults: {describe_pooled(self._pooled)} See summary(), to_frame()>"

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    def _repr_html_(self) -> str:
        return self.summary().as_html()

    @property
    def refused(self) -> Mapping[str, str]:
        """The windows without a test, and why."""
        return {
            str(window): test.reason
            for window, test in self._pooled.tests.items()
            if isinstance(test, Refused)
        }

    def to_frame(self) -> pd.DataFrame:
        """One row for each window, in the columns of `brentwatch study --pooled --format csv`.

        Returns:
            `window`; `events` and their `sessions`; `estimate`, the mean abnormal return in which a session
            has the weight 1 / standard error, with its 95 % range `low` to `high`; `mean`, the plain mean;
            `statistic`, the mean in standard errors; `p`, two-sided, from `exceedances` of `shifts`, and the
            `smallest_p` that they can give; `detectable_05` and `detectable_alert`, the mean moves that are
            found four times in five at 0.05 and at the alert level; `first` and `last` session; `null`;
            `left_out`, the events without a complete test; `refused`, why a window has no test. Moves are log
            fractions.
        """
        import pandas as pd

        columns = list(view.POOLED_COLUMNS)
        frame = pd.DataFrame(list(view.pooled_rows(self._pooled)), columns=columns)
        frame[["first", "last"]] = frame[["first", "last"]].apply(pd.to_datetime)
        numbers = [name for name in columns if name not in (*_WORDS, *_COUNTS)]
        return frame.astype({**dict.fromkeys(numbers, "float64"), **dict.fromkeys(_COUNTS, "Int64")})

    def summary(self) -> StudySummary:
        """The results for people: print it, or let a notebook show it. Moves are in percent of the price."""
        pooled = self._pooled
        rows = tuple(list_pooled_cells(window, test) for window, test in pooled.tests.items())
        left_out = dict.fromkeys(
            f"{event} is left out of {window}: {reason}."
            for window, events in pooled.left_out.items()
            for event, reason in events.items()
        )
        return StudySummary(
            title=f"All events together, {pooled.model}",
            facts=(
                ("Instrument", pooled.instrument.name),
                ("Alert level", figures.format_level(self.level)),
                ("Prices", f"{pooled.first} to {pooled.last}"),
                ("Windows", ", ".join(map(str, pooled.tests))),
            ),
            tables=(SummaryTable(columns=POOLED_TITLES, rows=rows),),
            notes=(describe_pooled(pooled), *list_pooled_explanations(pooled), *left_out),
        )
