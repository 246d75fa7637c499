"""The tables of a report on the whole replay: quality, averages, p-values, identity."""

from __future__ import annotations

from collections.abc import Sequence

from brentwatch.message.figures import MINUS, format_percent
from brentwatch.message.html.page_tables import PageRow, PageTable
from brentwatch.replay.report.contents import (
    AverageTest,
    DataQuality,
    MeanCar,
    PValueHistogram,
    QualityRow,
    RunIdentity,
)
from brentwatch.replay.report.page_cells import format_optional_p, format_optional_range, format_tau


def list_quality_counts(quality: DataQuality) -> PageTable:
    """How many records had each outcome."""
    return PageTable(
        caption="Records by outcome",
        rows=[
            PageRow(
                cells={
                    "Record": each.kind,
                    "Outcome": _write_reason(each.reason),
                    "Count#": f"{each.count:,}",
                    "Used as it came": "yes" if each.taken else "no",
                }
            )
            for each in quality.counts
        ],
        style="",
    )


def list_quality_rows(quality: DataQuality) -> PageTable:
    """Each record that was not used as it came, and why."""
    listed = [_list_record(each) for each in quality.rows]
    unlisted = [
        _list_record(
            QualityRow(
                kind=each.kind, reason=each.reason, name=f"{each.count:,} more", when="", detail="not listed"
            )
        )
        for each in quality.unlisted
    ]
    return PageTable(caption="Records that were not used as they came", rows=[*listed, *unlisted])


def _list_record(row: QualityRow) -> PageRow:
    return PageRow(
        cells={
            "Record": row.kind if row.name == row.kind else f"{row.kind} {row.name}",
            "When#": row.when,
            "Outcome": _write_reason(row.reason),
            "Why": row.detail,
        }
    )


def _write_reason(reason: str) -> str:
    return reason.replace("_", " ")


def list_mean_car(mean: MeanCar) -> PageTable:
    """The values of the chart."""
    return PageTable(
        caption="Mean abnormal return (AAR), mean CAR, and the placebo band",
        rows=[
            PageRow(
                cells={
                    "Session#": format_tau(point.tau),
                    "AAR#": format_percent(point.aar),
                    "Mean CAR#": format_percent(point.caar),
                    "Placebo band (95 %)#": format_optional_range(point.band_low, point.band_high, "none"),
                }
            )
            for point in mean.points
        ],
        style="tests",
    )


def list_average_tests(tests: Sequence[AverageTest], *, valid: bool) -> PageTable:
    """The tests of the average that hold here, or those that do not."""
    held, not_held = "Tests of the average over sessions with events", "Tests that do not hold here, and why"
    return PageTable(
        caption=held if valid else not_held,
        rows=[_list_test(each) for each in tests if each.valid is valid],
    )


def _list_test(test: AverageTest) -> PageRow:
    return PageRow(
        cells={
            "Test": test.title,
            "Of#": f"{test.quantity} {test.window}",
            "Null hypothesis": test.null,
            "Statistic#": "" if test.statistic is None else f"{test.statistic:.2f}".replace("-", MINUS),
            "p#": format_optional_p(test.p),
            "n#": str(test.n),
            **({} if test.valid else {"Why": test.note}),
        }
    )


def list_p_values(histogram: PValueHistogram) -> list[PageTable]:
    """The counts of the chart, the lower half of the bins and the upper one."""
    bins = len(histogram.counts)
    rows = [
        PageRow(cells={"p#": f"{at / bins:g} to {(at + 1) / bins:g}", "Sessions#": f"{count:,}"})
        for at, count in enumerate(histogram.counts)
    ]
    half = (bins + 1) // 2
    expected = f"Expected in each: {histogram.expected:,.1f}"
    return [PageTable(caption=expected, rows=part, style="tests") for part in (rows[:half], rows[half:])]


def list_identity(identity: RunIdentity) -> PageTable:
    """What the run was made of."""
    shown = {
        "History": identity.title,
        "Source": identity.source,
        "Licence": identity.licence,
        **{f"File {each.name}, SHA-256": each.sha256 for each in identity.files},
        "Signals replayed": f"{identity.signals:,}",
        "Signals, SHA-256": identity.signals_sha256,
        "Settings, SHA-256": identity.settings_sha256,
        "Instrument": f"{identity.instrument_title} ({identity.instrument})",
        "Series": identity.series,
        "Model": f"{identity.model}, edition {identity.model_version}",
        "Rules of the monitor": str(identity.rules),
        "Version": f"brentwatch {identity.version}",
        "From": "" if identity.since is None else identity.since.isoformat(),
        "Until": "" if identity.until is None else identity.until.isoformat(),
    }
    rows = [PageRow(cells={"What": name, "Value": value}) for name, value in shown.items() if value]
    return PageTable(caption="Two runs with this identity give the same bytes", rows=rows, style="identity")
