"""The tables of the page of a report: the figures of its parts as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from brentwatch.core.domain import Confounder, Stage
from brentwatch.message.figures import (
    MINUS,
    format_count,
    format_day,
    format_exposure,
    format_p_number,
    format_percent,
    format_percent_range,
    format_price,
)
from brentwatch.message.foreign import parse_host
from brentwatch.message.html.page_tables import PageCell, PageLink, PagePart, PageRow, PageTable
from brentwatch.replay.report.charts import MARKS, compute_normal_range, make_strips, write_tau
from brentwatch.replay.report.contents import (
    AlertFigures,
    AverageTest,
    CalendarDay,
    CarPoint,
    DataQuality,
    DoubtfulAlert,
    EventFigures,
    MeanCar,
    MissedMove,
    PValueHistogram,
    QualityRow,
    RankedMove,
    RunIdentity,
    TestedSession,
    UntestedSession,
    WindowFigures,
)

_SHOWN_LEFT = (1, 5)
"""What was left is shown after that many sessions."""

_SHOWN_EVENTS = 2
_KNOWN, _ALSO = "What is known of the day", "Also on that day"

Links = Mapping[str, PageLink]
"""The place of each event on the page, by its id."""


def format_z(z: float) -> str:
    """A standardised move with its sign: "+4.9"."""
    return f"{z:+.1f}".replace("-", MINUS)


def list_alerts(alerts: Sequence[AlertFigures], links: Links) -> PageTable:
    """The alerts with their lead time, and what was left of the move after them."""
    return PageTable(
        caption="Alerts: hours from the news to the heads-up and to the alert, then the move that was left "
        "after the alert (plus: the price went on the same way; minus: it came back).",
        columns=(
            "Session#",
            "Event",
            "Severity#",
            "Move#",
            "p#",
            "Heads-up#",
            "Alert#",
            *(f"{format_count(each, 'session')} later#" for each in _SHOWN_LEFT),
        ),
        rows=[_list_alert(alert, links) for alert in alerts],
    )


def _list_alert(alert: AlertFigures, links: Links) -> PageRow:
    left = {each.sessions: each for each in alert.left}
    events = list(_link_events(alert.events[:_SHOWN_EVENTS], links))
    if alert.events_total > len(events) > 0:
        events.append(f"and {alert.events_total - len(events)} more")
    cells: list[PageCell] = [
        format_day(alert.session, year=True),
        events or "no event known",
        str(alert.severity),
        format_percent(alert.move),
        format_p_number(alert.p),
        _format_lead(alert, Stage.HEADS_UP),
        _format_lead(alert, alert.opening_stage),
        *(format_percent(left[each].directed) if each in left else "not known" for each in _SHOWN_LEFT),
    ]
    return PageRow(cells=cells, style="" if alert.events else "dim")


def _format_lead(alert: AlertFigures, stage: Stage) -> str:
    """Hours from the news to a stage, and the share of the move by then if it is known."""
    answer = next((each for each in alert.answers if each.stage is stage), None)
    if answer is None or answer.lead_hours is None:
        return "none"
    share = "" if answer.share is None else f", {100.0 * answer.share:.0f} % of the move"
    return f"{answer.lead_hours:.1f} h{share}".replace("-", MINUS)


def _link_events(events: Iterable[str], links: Links) -> Iterator[PagePart]:
    for event in events:
        yield links.get(event, event)


def link_source(source: str) -> PageLink:
    """The source of an event or of a confounder, by its host."""
    return PageLink(text=parse_host(source), address=source)


def list_confounders(confounders: Iterable[Confounder]) -> list[PagePart]:
    """Each on a line, with its source."""
    return [
        PageLink(before=each.text, text=parse_host(each.source), address=each.source) for each in confounders
    ]


def list_tests(event: EventFigures) -> PageTable:
    """The tests of an event: its session, and the windows."""
    rows: list[PageRow] = []
    for each in event.sessions:
        rows.append(_list_session(each.test, carried=each.carried))
        if not each.carried:
            rows += [_list_window(window) for window in (*each.windows, each.after) if window is not None]
    return PageTable(
        caption="Tests",
        columns=("Sessions#", "Move#", "Normal range (95 %)#", "p#"),
        rows=rows,
        style="tests",
    )


def _list_session(test: TestedSession | UntestedSession, *, carried: bool) -> PageRow:
    name = f"{'or ' if carried else ''}{format_day(test.session)}"
    if isinstance(test, UntestedSession):
        move = "" if test.move is None else format_percent(test.move)
        return PageRow(cells=(name, move, "no test", ""))
    normal = format_percent_range(test.low, test.high)
    cells = (name, format_percent(test.move), normal, format_p_number(test.p))
    return PageRow(cells=cells, style=MARKS[test.verdict].name.lower())


def _list_window(window: WindowFigures) -> PageRow:
    ongoing = "" if window.observed == window.planned else f", {window.observed} settled"
    normal = format_percent_range(*compute_normal_range(window))
    return PageRow(
        cells=(f"{window.window}{ongoing}", format_percent(window.total), normal, format_p_number(window.p))
    )


def list_untested(event: EventFigures) -> list[str]:
    """The sessions of an event without a test, and why."""
    return [
        f"{format_day(each.session)} {each.test.outcome}: {each.test.reason}"
        for each in event.sessions
        if isinstance(each.test, UntestedSession)
    ]


def list_prices(event: EventFigures) -> PageTable:
    """The settlements around an event."""
    rows = [
        (
            write_tau(point.tau),
            format_day(point.session, year=True),
            format_price(point.close),
            "" if point.move is None else format_percent(point.move),
        )
        for point in event.path
    ]
    return PageTable(
        caption="Settlements around the event; the move is since the close before session 0",
        columns=("Session#", "Day#", "Close#", "Move#"),
        rows=[PageRow(cells=cells) for cells in rows],
        style="tests",
    )


def list_quality_counts(quality: DataQuality) -> PageTable:
    """How many records had each outcome."""
    return PageTable(
        caption="Records by outcome",
        columns=("Record", "Outcome", "Count#", "Used as it came"),
        rows=[
            PageRow(cells=(each.kind, _name(each.reason), f"{each.count:,}", "yes" if each.taken else "no"))
            for each in quality.counts
        ],
        style="",
    )


def list_quality_rows(quality: DataQuality) -> PageTable:
    """Each record that was not used as it came, and why."""
    unlisted = [
        PageRow(cells=(each.kind, f"{each.count:,} more", "", _name(each.reason), ""))
        for each in quality.unlisted
    ]
    return PageTable(
        caption="Records that were not used as they came",
        columns=("Record", "Name", "When", "Outcome", "Why"),
        rows=[
            *(
                PageRow(cells=(each.kind, _name_record(each), each.when, _name(each.reason), each.detail))
                for each in quality.rows
            ),
            *unlisted,
        ],
    )


def _name_record(row: QualityRow) -> str:
    return "" if row.name == row.kind else row.name


def _name(reason: str) -> str:
    return reason.replace("_", " ")


def list_calendar(calendar: Sequence[CalendarDay], links: Links) -> PageTable:
    """The sessions with an event or with other dated news."""
    return PageTable(
        caption="Sessions with events or other dated news; weekly reports are left out",
        columns=("Session#", "Events", _ALSO),
        rows=[
            PageRow(
                cells=(
                    format_day(day.session, year=True),
                    list(_link_events(day.events, links)),
                    list_confounders(day.confounders),
                )
            )
            for day in calendar
        ],
    )


def list_mean_car(mean: MeanCar) -> PageTable:
    """The values of the chart."""
    return PageTable(
        caption="Mean abnormal return (AAR), mean CAR, and the placebo band",
        columns=("Session#", "AAR#", "Mean CAR#", "Placebo band (95 %)#"),
        rows=[
            PageRow(
                cells=(
                    write_tau(point.tau),
                    format_percent(point.aar),
                    format_percent(point.caar),
                    _format_band(point),
                )
            )
            for point in mean.points
        ],
        style="tests",
    )


def _format_band(point: CarPoint) -> str:
    if point.band_low is None or point.band_high is None:
        return "too few placebo sets"
    return format_percent_range(point.band_low, point.band_high)


def list_average_tests(tests: Sequence[AverageTest], *, valid: bool) -> PageTable:
    """The tests of the average that hold here, or those that do not."""
    shown = [each for each in tests if each.valid is valid]
    return PageTable(
        caption="Tests of the average over sessions with events"
        if valid
        else "Tests that do not hold here, and why",
        columns=("Test", "Of#", "Null hypothesis", "Statistic#", "p#", "n#", *(() if valid else ("Why",))),
        rows=[
            PageRow(
                cells=(
                    each.test,
                    f"{each.quantity} {each.window}",
                    each.null,
                    "" if each.statistic is None else f"{each.statistic:.2f}".replace("-", MINUS),
                    "" if each.p is None else format_p_number(each.p),
                    str(each.n),
                    *(() if valid else (each.note,)),
                )
            )
            for each in shown
        ],
    )


def list_p_values(histogram: PValueHistogram) -> PageTable:
    """The counts of the chart, the lower half of the bins beside the upper one."""
    bins = len(histogram.counts)
    cells = [
        (f"{at / bins:g} to {(at + 1) / bins:g}", f"{count:,}") for at, count in enumerate(histogram.counts)
    ]
    half = (bins + 1) // 2
    return PageTable(
        caption=f"Sessions in each bin; expected: {histogram.expected:.1f}",
        columns=("p#", "Sessions#", "p#", "Sessions#"),
        rows=[
            PageRow(cells=(*lower, *upper))
            for lower, upper in zip_longest(cells[:half], cells[half:], fillvalue=("", ""))
        ],
        style="tests",
    )


def list_ranked(caption: str, ranked: Sequence[RankedMove], links: Links) -> PageTable:
    """The largest moves by |z|."""
    strips = make_strips(each.tested for each in ranked)
    return PageTable(
        caption=caption,
        columns=(
            "Rank#",
            "Session#",
            "Move#",
            "Beside the normal range",
            "z#",
            "p#",
            "What is known of the day",
        ),
        rows=[
            PageRow(
                cells=(
                    format_day(each.tested.session, year=True),
                    format_percent(each.tested.move),
                    strip,
                    format_z(each.tested.z),
                    f"{each.rank:,}",
                    format_p_number(each.tested.p),
                    _list_known(each.tested, links),
                ),
                style=MARKS[each.tested.verdict].name.lower(),
            )
            for each, strip in zip(ranked, strips, strict=True)
        ],
    )


def list_doubtful(doubtful: Sequence[DoubtfulAlert]) -> PageTable:
    """The alerts that may be false, worst first."""
    return PageTable(
        caption="Alerts that may be false, worst first",
        columns=(
            "Session#",
            "Move#",
            "p#",
            "Given back in 5 sessions#",
            "Why it may be false",
            "Also on that day",
        ),
        rows=[
            PageRow(
                cells=(
                    format_day(each.session, year=True),
                    format_percent(each.move),
                    format_p_number(each.p),
                    "not known"
                    if each.given_back is None
                    else f"{100.0 * each.given_back:.0f} %".replace("-", MINUS),
                    list(each.reasons),
                    list_confounders(each.confounders),
                )
            )
            for each in doubtful
        ],
    )


def _format_given_back(share: float | None) -> str:
    if share is None:
        return "not known"
    return f"{100.0 * share:.0f} %" if share > 0.0 else "none, it went on"


def list_missed(missed: Sequence[MissedMove], links: Links) -> PageTable:
    """The moves that should have had an alert, worst first."""
    return PageTable(
        caption="Moves without an alert, worst first",
        columns=("Session#", "Move#", "Normal range (95 %)#", "z#", "p#", "Why there was no alert", _KNOWN),
        rows=[
            PageRow(
                cells=(
                    format_day(each.tested.session, year=True),
                    format_percent(each.tested.move),
                    format_percent_range(each.tested.low, each.tested.high),
                    format_z(each.tested.z),
                    format_p_number(each.tested.p),
                    _write_missed(each),
                    _list_known(each.tested, links),
                ),
                style=MARKS[each.tested.verdict].name.lower(),
            )
            for each in missed
        ],
    )


def _write_missed(missed: MissedMove) -> str:
    exposure = "" if missed.exposure is None else f"; exposure {format_exposure(missed.exposure)}"
    return f"{missed.reason}{exposure}"


def _list_known(tested: TestedSession, links: Links) -> list[PagePart]:
    """The events of a session, then what else is known of it."""
    return [*_link_events(tested.events, links), *list_confounders(tested.confounders)]


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
    rows = [PageRow(cells=(name, value)) for name, value in shown.items() if value]
    return PageTable(
        caption="Two runs with this identity give the same bytes",
        columns=("What", "Value"),
        rows=rows,
        style="identity",
    )
