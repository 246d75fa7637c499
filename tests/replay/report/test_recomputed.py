"""Every figure of a report equals a computation by other means, from the raw files."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.replay.report import recomputed
from tests.replay.report.building_of import report_history

from brentwatch.core.domain import Window
from brentwatch.replay.report.contents import ReplayReport, SessionOrigin, TestedSession

HISTORIES = ("catalogue", "kazakhstan-2022")
_REL, _ABS = 1e-9, 1e-13


@cache
def build(history: str) -> ReplayReport:
    return report_history(history)


def find_skipped(report: ReplayReport) -> set[date]:
    """The sessions whose return spans several, as the calendar of the series has it."""
    from brentwatch.core.domain import BRENT_SPOT
    from brentwatch.core.sessions.calendar_check import find_spanning_sessions

    calendar = BRENT_SPOT.series.load_calendar()
    return set(find_spanning_sessions(calendar, [session for session, _ in report.prices]))


def test_the_test_of_each_session_is_the_forecast_of_its_month() -> None:
    report = build("catalogue")
    skipped = find_skipped(report)
    expected = recomputed.forecast_sessions(recomputed.read_prices("catalogue"), skipped)

    compared = [each for each in report.sessions if each.session in expected]
    assert [each for each in report.sessions if each not in compared and each.session not in skipped] == []
    for each in compared:
        other = expected[each.session]
        assert each.move == pytest.approx(other.move, rel=_REL, abs=_ABS)
        assert (each.z, each.p) == pytest.approx((other.z, other.p), rel=1e-9, abs=1e-12)
        assert (each.expected, each.low, each.high) == pytest.approx(
            (other.expected, other.low, other.high), rel=_REL, abs=_ABS
        )


@pytest.mark.parametrize("history", HISTORIES)
def test_each_move_is_that_of_the_raw_prices(history: str) -> None:
    closes = recomputed.read_prices(history)
    before = closes.shift(1)

    for each in build(history).sessions:
        assert each.close == closes[each.session]
        assert each.previous_close == before[each.session]
        assert each.move == pytest.approx(
            math.log(closes[each.session] / before[each.session]), rel=_REL, abs=_ABS
        )


@pytest.mark.parametrize("history", HISTORIES)
def test_each_event_has_the_sessions_and_the_path_of_the_raw_files(history: str) -> None:
    closes = recomputed.read_prices(history)
    days = list(closes.index)
    placed = {each.event_id: each.sessions for each in recomputed.place_events(history, closes)}

    events = build(history).events
    assert {each.event_id for each in events} == placed.keys()
    for event in events:
        assert tuple(each.session for each in event.sessions) == placed[event.event_id]
        at = days.index(placed[event.event_id][0])
        around = closes.iloc[max(at - 10, 0) : at + 11]
        assert [(each.session, each.close) for each in event.path] == list(around.items())
        moves = [np.log(close / closes.iloc[at - 1]) for close in around]
        assert [each.move for each in event.path] == pytest.approx(moves, rel=_REL, abs=_ABS)


@pytest.mark.parametrize("history", HISTORIES)
def test_sessions_with_an_event_are_counted_alike(history: str) -> None:
    report, closes = build(history), recomputed.read_prices(history)
    count = Counter(day for each in recomputed.place_events(history, closes) for day in each.sessions)
    tested = {each.session for each in report.sessions}

    assert {each.session: each.events_total for each in report.sessions if each.events_total} == {
        day: number for day, number in count.items() if day in tested
    }


@pytest.mark.parametrize("history", HISTORIES)
def test_histograms_months_and_ranks_are_those_of_pandas(history: str) -> None:
    report = build(history)
    frame = pd.DataFrame(
        {
            "session": [each.session for each in report.sessions],
            "p": [each.p for each in report.sessions],
            "z": [each.z for each in report.sessions],
            "with": [each.events_total > 0 for each in report.sessions],
        }
    ).set_index("session")
    groups = {
        "all sessions": frame,
        "sessions without an event": frame[~frame["with"]],
        "sessions with an event": frame[frame["with"]],
    }
    assert [each.group for each in report.p_values] == [name for name, group in groups.items() if len(group)]
    for each in report.p_values:
        p = groups[each.group]["p"]
        cells = (p * 20).astype(int).clip(upper=19).value_counts()
        assert list(each.counts) == [int(cells.get(cell, 0)) for cell in range(20)]
        assert each.expected == len(p) / 20
        if each.tests:
            chi, smirnov = each.tests
            assert (chi.statistic, chi.p) == pytest.approx(stats.chisquare(each.counts), rel=1e-9)
            known = stats.kstest(p, "uniform", method="asymp")
            assert (smirnov.statistic, smirnov.p) == pytest.approx((known.statistic, known.pvalue), rel=1e-9)

    by_month = frame.groupby([[day.year for day in frame.index], [day.month for day in frame.index]])
    assert len(report.months) == by_month.ngroups
    for cell in report.months:
        month = by_month.get_group((cell.year, cell.month))
        assert cell.sessions == len(month)
        assert abs(cell.z) == month["z"].abs().max()
        assert cell.z == month["z"].loc[cell.session]
        assert cell.alarms == int((month["p"] <= 0.01).sum())

    rank = frame["z"].abs().rank(ascending=False)
    for chosen, has_event in ((report.largest_with_event, True), (report.largest_without_event, False)):
        largest = frame[frame["with"] == has_event]["z"].abs().nlargest(20)
        assert [each.tested.session for each in chosen] == list(largest.index)
        assert [each.rank for each in chosen] == [int(rank[day]) for day in largest.index]


@pytest.mark.parametrize("history", HISTORIES)
def test_the_verdict_counts_what_the_sessions_say(history: str) -> None:
    report = build(history)
    replayed = [each for each in report.sessions if each.origin is SessionOrigin.REPLAY]
    abnormal = [each for each in replayed if each.p <= report.verdict.level]

    assert report.verdict.sessions == len(replayed)
    assert report.verdict.abnormal == len(abnormal) == len(report.alerts)
    assert report.verdict.after_event == sum(each.events_total > 0 for each in abnormal)
    assert report.verdict.expected == pytest.approx(0.01 * len(replayed))
    if report.verdict.heads_ups_followed is not None:
        share = report.verdict.heads_ups_followed
        interval = stats.binomtest(share.count, share.total).proportion_ci(0.95, method="exact")
        assert (share.low, share.high) == pytest.approx((interval.low, interval.high))


def test_an_alert_has_its_session_its_lead_and_what_was_left() -> None:
    report, closes = build("catalogue"), recomputed.read_prices("catalogue")
    days, sessions = list(closes.index), {each.session: each for each in build("catalogue").sessions}
    known = {each.event_id: each.known_at for each in report.events}

    for alert in report.alerts:
        assert (alert.move, alert.p) == pytest.approx(
            (sessions[alert.session].move, sessions[alert.session].p), rel=_REL, abs=_ABS
        )
        at = days.index(alert.session)
        sign = 1.0 if alert.move > 0.0 else -1.0
        assert alert.price_at_alert == closes.iloc[at]
        left = {n: sign * math.log(closes.iloc[at + n] / closes.iloc[at]) for n in (1, 5, 10)}
        assert {each.sessions: each.directed for each in alert.left} == pytest.approx(
            left, rel=_REL, abs=_ABS
        )
        for answer in alert.answers:
            if alert.events:
                first = min(known[each] for each in alert.events)
                assert answer.lead_hours == pytest.approx((answer.at - first).total_seconds() / 3600.0)
            else:
                assert answer.lead_hours is None


def test_the_mean_car_and_its_band_are_those_of_a_plain_loop() -> None:
    report, closes = build("catalogue"), recomputed.read_prices("catalogue")
    windows = recomputed.study_sessions(closes, find_skipped(report), -5, 10)
    placed = recomputed.place_events("catalogue", closes)
    firsts = sorted({each.sessions[0] for each in placed})
    studied = [day for day in firsts if day in windows.ar.index]
    car = windows.ar.cumsum(axis=1)

    mean = report.mean_car
    assert mean is not None
    assert (mean.sessions, mean.events) == (len(studied), len(placed))
    assert [each.session for each in mean.refused] == [day for day in firsts if day not in windows.ar.index]
    assert [each.tau for each in mean.points] == list(range(-5, 11))
    assert [each.aar for each in mean.points] == pytest.approx(list(windows.ar.loc[studied].mean()), rel=1e-8)
    assert [each.caar for each in mean.points] == pytest.approx(list(car.loc[studied].mean()), rel=1e-8)

    order = {day: place for place, day in enumerate(car.index)}
    ring, places = len(car), [order[day] for day in studied]
    shifts = sorted({round(16 + (ring - 32) * step / 1999) for step in range(2000)})
    assert mean.placebos == len(shifts)
    values = car.to_numpy()
    sets = np.array([np.mean([values[(at + shift) % ring] for at in places], axis=0) for shift in shifts])
    assert [each.band_low for each in mean.points] == pytest.approx(
        list(np.percentile(sets, 2.5, axis=0)), rel=1e-8
    )
    assert [each.band_high for each in mean.points] == pytest.approx(
        list(np.percentile(sets, 97.5, axis=0)), rel=1e-8
    )


def test_the_tests_of_the_average_are_those_of_scipy() -> None:
    report, closes = build("catalogue"), recomputed.read_prices("catalogue")
    windows = recomputed.study_sessions(closes, find_skipped(report), 0, 5)
    firsts = sorted({each.sessions[0] for each in recomputed.place_events("catalogue", closes)})
    studied = [day for day in firsts if day in windows.ar.index]
    ar, residuals = windows.ar.loc[studied], windows.residuals.loc[studied]
    found = {(each.test, each.quantity, each.window): each for each in report.average_tests}
    n = len(studied)

    day = ar[0]
    known = stats.ttest_1samp(day, 0.0)
    ours = found["cross-sectional", "AAR", Window(0, 0)]
    assert (ours.statistic, ours.p) == pytest.approx((known.statistic, known.pvalue), rel=1e-8)
    sums = ar.sum(axis=1)
    known = stats.ttest_1samp(sums, 0.0)
    ours = found["cross-sectional", "CAAR", Window(0, 5)]
    assert (ours.statistic, ours.p) == pytest.approx((known.statistic, known.pvalue), rel=1e-8)
    assert found["wilcoxon", "AAR", Window(0, 0)].p == pytest.approx(stats.wilcoxon(day).pvalue, rel=1e-8)

    sigma = np.sqrt((residuals**2).sum(axis=1) / 119)
    standardised = day / (sigma * math.sqrt(1.0 + 1.0 / 120.0))
    bmp = math.sqrt(n) * standardised.mean() / standardised.std(ddof=1)
    patell = standardised.sum() / math.sqrt(n * 119.0 / 117.0)
    assert found["bmp", "AAR", Window(0, 0)].statistic == pytest.approx(bmp, rel=1e-8)
    assert found["patell", "AAR", Window(0, 0)].statistic == pytest.approx(patell, rel=1e-8)

    car = sums / (sigma * math.sqrt(6.0 + 36.0 / 120.0))
    plain = math.sqrt(n) * car.mean() / car.std(ddof=1)
    r = _correlate_overlapping(windows, closes, studied)
    corrected = plain * math.sqrt((1.0 - r) / (1.0 + (n - 1.0) * r))
    ours = found["kolari-pynnonen-bmp", "CAAR", Window(0, 5)]
    assert ours.valid
    assert ours.statistic == pytest.approx(corrected, rel=1e-8)
    assert not found["bmp", "CAAR", Window(0, 5)].valid
    assert report.average_tests[0].test.startswith("kolari-pynnonen")


def _correlate_overlapping(
    windows: recomputed.ClassicalWindows, closes: pd.Series[float], studied: list[date]
) -> float:
    """The mean over all pairs of the correlation of residuals times the share of common event sessions."""
    places = {day: place for place, day in enumerate(closes.index)}
    total = 0.0
    for number, one in enumerate(studied):
        for other in studied[number + 1 :]:
            common = 6 - abs(places[other] - places[one])
            if common > 0:
                first = pd.Series(windows.residuals.loc[one].to_numpy(), windows.estimated[one])
                second = pd.Series(windows.residuals.loc[other].to_numpy(), windows.estimated[other])
                both = first.index.intersection(second.index)
                a, b = first[both].to_numpy(), second[both].to_numpy()
                total += float((a @ b) / math.sqrt((a @ a) * (b @ b))) * common / 6.0
    return 2.0 * total / (len(studied) * (len(studied) - 1.0))


def test_a_refused_event_session_has_no_figures() -> None:
    first = build("catalogue").events[0]

    assert not isinstance(first.sessions[0].test, TestedSession)
    assert "expected 500 or more" in first.sessions[0].test.reason


@pytest.mark.parametrize("history", HISTORIES)
def test_the_further_windows_of_an_event_sum_raw_returns(history: str) -> None:
    closes = recomputed.read_prices(history)
    days = list(closes.index)

    windows = [
        (days.index(each.session), window)
        for event in build(history).events
        for each in event.sessions
        for window in each.windows
    ]
    assert windows
    for at, window in windows:
        last = at + window.observed - 1
        assert window.total == pytest.approx(math.log(closes.iloc[last] / closes.iloc[at - 1]), rel=_REL)
        assert window.low < window.car < window.high
        assert window.planned == window.window.sessions >= window.observed


def test_doubtful_alerts_are_those_of_the_printed_rule() -> None:
    report, closes = build("catalogue"), recomputed.read_prices("catalogue")
    days = list(closes.index)

    expected = dict[date, tuple[int, float]]()
    for alert in report.alerts:
        at = days.index(alert.session)
        back = -math.log(closes.iloc[at + 5] / closes.iloc[at]) / math.log(
            closes.iloc[at] / closes.iloc[at - 1]
        )
        other = any(each.kind != "weekly_report" for each in alert.confounders)
        reasons = (alert.events_total == 0) + (back >= 0.5) + other
        if reasons:
            expected[alert.session] = (reasons, back)
    assert report.doubtful_total == len(expected) > 0
    assert {each.session: len(each.reasons) for each in report.doubtful} == {
        day: reasons for day, (reasons, _) in expected.items()
    }
    for each in report.doubtful:
        assert each.given_back == pytest.approx(expected[each.session][1], rel=_REL)
    order = [(-expected[each.session][0], -expected[each.session][1]) for each in report.doubtful]
    assert order == sorted(order)


def test_missed_moves_are_those_of_the_printed_rule() -> None:
    report = build("catalogue")
    exposed, slow = set[date](), set[date]()
    for event in report.events:
        for each in event.sessions:
            if event.exposure is not None and event.exposure >= 0.5:
                exposed.add(each.session)
            slow |= {
                each.session for window in each.windows if str(window.window) == "[0, 5]" and window.p <= 0.05
            }
    alerted = {each.session for each in report.alerts}

    expected = list[TestedSession]()
    for tested in report.sessions:
        outside = not tested.low <= tested.move <= tested.high
        after = tested.session in exposed and (outside or tested.session in slow)
        if tested.session not in alerted and (tested.p <= 0.01 or after):
            expected.append(tested)
    expected.sort(key=lambda each: (each.events_total == 0, -abs(each.z)))
    assert report.missed_total == len(expected)
    assert [each.tested.session for each in report.missed] == [each.session for each in expected[:30]]
    assert any(each.tested.events_total for each in report.missed)


def test_the_calendar_has_each_decided_session_with_an_event_or_something_else() -> None:
    report = build("catalogue")
    placed = recomputed.place_events("catalogue", recomputed.read_prices("catalogue"))
    days = {day for each in placed for day in each.sessions}

    assert days <= {each.session for each in report.calendar}
    others = [each for each in report.calendar if each.session not in days]
    assert all(each.confounders for each in others)
    assert {each.kind for day in report.calendar for each in day.confounders} <= {
        "opec_plus",
        "holiday",
        "other",
        "roll",
    }
    replayed = {each.session: each for each in report.sessions if each.origin is SessionOrigin.REPLAY}
    telling = {
        day for day, each in replayed.items() if any(c.kind != "weekly_report" for c in each.confounders)
    }
    assert telling <= {each.session for each in report.calendar}
