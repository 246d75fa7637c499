"""What `brentwatch study --show diagnostics` shows to people: may the textbook be used on these windows?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.commands.study_drawing import (
    NARROW,
    describe_design,
    draw_events,
    format_p,
    format_signed,
    print_with_note,
)
from brentwatch.core.event_study.regression import choose_hac_lags
from brentwatch.core.event_study.views import estimation
from brentwatch.core.forecasts.diagnostics import ARCH_LAGS, LJUNG_BOX_LAGS
from brentwatch.message.figures import convert_to_percent, format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.event_study.batch import Batch
    from brentwatch.core.event_study.views.table import Cell

    Row = dict[str, Cell]

_LEVEL = 0.05
_CAUTION = (
    "There the textbook's p, which takes noise as even, independent and normal, is not to be taken at its "
    "word; `brentwatch replay` tests against a forecast."
)
_ALPHA = {"alpha": "alpha", "alpha_se": "se", "alpha_hac_se": "HAC"}
_BETA = {"beta": "beta", "beta_se": "se", "beta_hac_se": "HAC"}
_WIDE = {"arch_lm_p": "ARCH-LM p", "ljung_box_p": "Ljung-Box p", "jarque_bera_p": "Jarque-Bera p"}
_SHORT = {"arch_lm_p": "ARCH", "ljung_box_p": "L-B", "jarque_bera_p": "J-B"}


def print_estimation(batch: Batch, width: int) -> None:
    """Print a row an event; what the model does not estimate has no column."""
    rows: list[Row] = [dict(zip(estimation.COLUMNS, row, strict=True)) for row in estimation.rows(batch)]
    columns = (_ALPHA if _has(rows, "alpha") else {}) | (_BETA if _has(rows, "beta") else {})
    columns = columns | (_WIDE if width >= NARROW else _SHORT)
    cells = [[_format_estimate(name, row[name]) for name in columns] for row in rows]
    drawn = draw_events([str(row["event_id"]) for row in rows], list(columns.values()), cells, width)
    print_with_note(
        drawn,
        width,
        " ".join(
            (
                f"{batch.studies.model}, {describe_design(batch.studies.design)}.",
                *_describe_tests(rows, columns),
            )
        ),
    )


def _describe_tests(rows: Sequence[Row], columns: dict[str, str]) -> list[str]:
    below = [str(sum(_is_small(row[name]) for row in rows)) for name in _WIDE]
    told = [
        f"At or below .05, of {format_count(len(rows), 'event')}:",
        f"ARCH-LM ({ARCH_LAGS} lags: volatility in clusters) {below[0]},",
        f"Ljung-Box ({LJUNG_BOX_LAGS} lags: memory) {below[1]},",
        f"Jarque-Bera (fat tails) {below[2]}.",
        _CAUTION,
    ]
    n = rows[0]["n"]
    if "alpha" in columns and isinstance(n, int):
        told.append(
            f"HAC: the error of Newey and West, {format_count(choose_hac_lags(n), 'lag')}; trust it where se differs."
        )
    return told


def _has(rows: Sequence[Row], name: str) -> bool:
    return any(row[name] is not None for row in rows)


def _is_small(p: Cell) -> bool:
    return isinstance(p, float) and p <= _LEVEL


def _format_estimate(name: str, value: Cell) -> str:
    match name, value:
        case "alpha", float():
            return f"{format_signed(convert_to_percent(value))} %"
        case "beta", float():
            return format_signed(value)
        case (("alpha_se" | "alpha_hac_se"), float()):
            return f"{convert_to_percent(value):.2f} %"
        case (("beta_se" | "beta_hac_se"), float()):
            return f"{value:.2f}"
        case _, float():
            return format_p(value)
        case _:
            return ""
