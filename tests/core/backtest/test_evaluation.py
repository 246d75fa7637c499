"""The backtest of the catalogue: every figure equals another computation, with pandas and SciPy."""

from __future__ import annotations

import csv
import json
from importlib.resources import files
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.core.backtest.tables import make_event, make_session, play_catalogue, replay_catalogue

from brentwatch.core.backtest.evaluation import Backtest
from brentwatch.core.backtest.policy import AlertPolicy, Budget
from brentwatch.core.backtest.sessions import BacktestTable, PriorLabel
from brentwatch.core.backtest.sweep import build_sweep, select_best
from brentwatch.core.domain import EventClass, Found, Severity, Stage
from brentwatch.core.domain.shares import ExactShare
from brentwatch.history.bundled import load_exposure

if TYPE_CHECKING:
    from brentwatch.core.backtest.evaluation import PolicyResult
    from brentwatch.core.domain.shares import MoveLeft

DATA = files("brentwatch.history") / "data" / "catalogue"
INSTALLED = AlertPolicy(name="installed", alert_level=0.01)
POLICIES = (
    INSTALLED,
    AlertPolicy(name="loose", alert_level=0.05),
    AlertPolicy(name="exposed", alert_level=0.05, minimum_exposure=0.75),
    AlertPolicy(name="war", alert_level=0.1, classes=(EventClass.WAR_ONSET, EventClass.BOMBARDMENT)),
)
WHOLE = AlertPolicy(name="everything", alert_level=0.01, minimum_severity=Severity.INFO)


@pytest.fixture(scope="module")
def backtest() -> Backtest:
    return Backtest(replay_catalogue())


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """The sessions with their p, and the rest from the files: prices, events, exposure, labels."""
    table = replay_catalogue()
    found = pd.DataFrame(
        {
            "p": [each.p for each in table.sessions],
            "sign": [np.sign(each.abnormal) for each in table.sessions],
            "abnormal": [each.abnormal for each in table.sessions],
        },
        index=pd.to_datetime([each.session for each in table.sessions]),
    )
    text = StringIO((DATA / "prices.csv").read_text(encoding="utf-8"))
    prices = pd.read_csv(text, parse_dates=["date"], index_col="date")["usd_per_bbl"]
    log = np.log(prices)
    for horizon in (1, 5):
        found[f"left_{horizon}"] = found["sign"] * (log.shift(-horizon) - log).reindex(found.index)
    placed = place_events(pd.DatetimeIndex(prices.index))
    found["events"] = pd.Series([placed.get(day, []) for day in found.index], index=found.index)
    return found


def place_events(sessions: pd.DatetimeIndex) -> dict[pd.Timestamp, list[dict[str, Any]]]:
    """The events of each session by the rule in words: a bare date is for two sessions, a time for one."""
    written = (DATA / "labels.csv").read_text(encoding="utf-8").splitlines()
    labels = {row["event_id"]: row["expected"] for row in csv.DictReader(written)}
    table, placed = load_exposure(), dict[pd.Timestamp, list[dict[str, Any]]]()
    settles = pd.DatetimeIndex([each + pd.Timedelta("16:30:00") for each in sessions]).tz_localize(
        "Europe/London"
    )
    for line in (DATA / "events.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        known = pd.Timestamp(event["known_at"])
        if event["occurred"]["precision"] == "day" and known == known.normalize():
            first = sessions.searchsorted(known.tz_localize(None))
            chosen = sessions[first : first + 2]
        else:
            first = settles.searchsorted(known, side="right")
            chosen = sessions[first : first + 1]
        facts = {
            "id": event["event_id"],
            "known": known,
            "class": event["event_class"],
            "label": labels[event["event_id"]],
            "exposure": table[event["country"]].weight if event["country"] in table else None,
            "curated": event["reliability"]["verification"] == "curated",
        }
        for day in chosen:
            placed.setdefault(day, []).append(facts)
    return placed


def passes(policy: AlertPolicy, event: dict[str, Any]) -> bool:
    exposed = event["exposure"] is None or event["exposure"] >= policy.minimum_exposure
    return exposed and (not policy.classes or event["class"] in policy.classes)


def is_watched(policy: AlertPolicy, events: list[dict[str, Any]]) -> bool:
    """At medium severity: an event that is no single report passes, and one that passes has a class."""
    exposed = AlertPolicy(name="", alert_level=0.01, minimum_exposure=policy.minimum_exposure)
    left = [each for each in events if passes(exposed, each)]
    return any(each["curated"] for each in left) and any(passes(policy, each) for each in left)


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_figure_equals_another_computation(
    backtest: Backtest, frame: pd.DataFrame, policy: AlertPolicy
) -> None:
    result = backtest.evaluate(policy)
    has_news = frame["events"].map(len) > 0
    watched = frame["events"].map(lambda events: is_watched(policy, events))
    alerts = frame[watched & (frame["p"] <= policy.alert_level)]
    lenders = frame["events"][has_news].tolist()
    quiet = frame[~has_news]
    lent = [is_watched(policy, lenders[at % len(lenders)]) for at in range(len(quiet))]
    placebo = quiet[np.array(lent) & (quiet["p"] <= policy.alert_level).to_numpy()]

    assert result.watched == watched.sum()
    assert [each.session for each in result.alerts] == [day.date() for day in alerts.index]
    assert result.yearly.rate == pytest.approx(len(alerts) / (len(frame) / 252))
    assert result.placebo == ExactShare(len(placebo), len(quiet))
    assert result.placebo_expected == pytest.approx(policy.alert_level * watched.sum() / has_news.sum())
    assert result.false_yearly is not None
    exact = stats.binomtest(len(placebo), len(quiet)).proportion_ci(0.95, method="exact")
    assert result.false_yearly == pytest.approx(
        tuple(252 * each for each in (len(placebo) / len(quiet), exact.low, exact.high))
    )
    check_difference(result, frame["p"][watched], quiet["p"])
    check_labels(result, frame, alerts)
    leads = [(day - min(each["known"] for each in events)) for day, events in settle(alerts)]
    assert result.median_lead == pd.Series(leads).median()
    check_held(result.held, alerts, frame)
    check_held(result.placebo_held, placebo, frame)
    for told, source in ((result.left, alerts), (result.placebo_left, placebo)):
        for each in told:
            check_left(each, source[f"left_{each.horizon}"].dropna().to_numpy())


def check_held(told: ExactShare, alerts: pd.DataFrame, frame: pd.DataFrame) -> None:
    """The abnormal returns of the next five tested sessions, in the direction of the alert."""
    later = frame["abnormal"][::-1].rolling(5).sum()[::-1].shift(-1)
    known = pd.DataFrame({"move": frame["abnormal"], "later": later}).loc[alerts.index].dropna()
    held = np.sign(known["move"]) * known["later"] > -0.5 * known["move"].abs()
    assert told == ExactShare(int(held.sum()), len(held))


def settle(alerts: pd.DataFrame) -> list[tuple[pd.Timestamp, list[dict[str, Any]]]]:
    settled = [(day + pd.Timedelta("16:30:00")).tz_localize("Europe/London") for day in alerts.index]
    return list(zip(settled, alerts["events"], strict=True))


def check_difference(result: PolicyResult, watched: pd.Series, quiet: pd.Series) -> None:
    """At 0.05, by the sum of the probabilities of all tables that are no likelier than the one seen."""
    one, other = int((watched <= 0.05).sum()), int((quiet <= 0.05).sum())
    chances = stats.hypergeom(len(watched) + len(quiet), one + other, len(watched)).pmf(
        range(len(watched) + 1)
    )

    assert result.difference.one == ExactShare(one, len(watched))
    assert result.difference.other == ExactShare(other, len(quiet))
    assert result.difference.p == pytest.approx(chances[chances <= chances[one] * (1 + 1e-9)].sum(), rel=1e-6)


def check_labels(result: PolicyResult, frame: pd.DataFrame, alerts: pd.DataFrame) -> None:
    for told, label in ((result.found, "shock"), (result.disturbed, "control")):
        every = {each["id"] for events in frame["events"] for each in events if each["label"] == label}
        seen = {each["id"] for events in alerts["events"] for each in events if each["label"] == label}
        assert told == ExactShare(len(seen), len(every))


def check_left(told: MoveLeft, values: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    assert told.n == len(values)
    assert told.mean == pytest.approx(values.mean())
    spread = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    assert (told.low, told.high) == pytest.approx(spread)


@pytest.mark.slow
def test_the_installed_policy_alerts_where_the_replay_of_the_catalogue_does(backtest: Backtest) -> None:
    """The same sessions and times; p is that of the replay, in which only sessions near events are tested."""
    replayed = play_catalogue()
    loud = {
        alert.session: replayed.leads[alert.alert_id][Stage.SETTLEMENT]
        for alert in replayed.alerts.values()
        if alert.severity is not None and alert.severity.rank >= Severity.MEDIUM.rank
    }
    result = backtest.evaluate(INSTALLED)

    assert [each.session for each in result.alerts] == sorted(loud)
    assert list(result.leads) == [loud[each] for each in sorted(loud)]


@pytest.mark.slow
def test_a_policy_for_info_alerts_wherever_the_monitor_does(backtest: Backtest) -> None:
    replayed = play_catalogue()
    opened = {each.session for each in replayed.alerts.values() if each.severity is not None}
    tested = {study.session for study in replayed.tested}
    result = backtest.evaluate(WHOLE)

    assert {each.session for each in result.alerts} & tested == opened
    ours = {each.session: each.p for each in replay_catalogue().sessions}
    assert all(
        isinstance(each.result, Found) and ours[each.session] == each.result.p for each in replayed.tested
    )


def test_a_budget_is_used_up_by_false_alarms_too() -> None:
    """The shock on session 3 is found without a budget, and not if a false alarm came just before."""
    news = make_session(3, 0.001, make_event("shock"))
    table = BacktestTable(
        sessions=(make_session(1, 0.5), make_session(2, 0.001), news, make_session(4, 0.5)),
        labels={"shock": PriorLabel.SHOCK},
    )
    free = Backtest(table).evaluate(INSTALLED)
    limited = Backtest(table).evaluate(AlertPolicy(name="one", alert_level=0.01, budget=Budget(1, 252)))

    assert (free.placebo.count, free.found.count) == (1, 1)
    assert (limited.placebo.count, limited.found.count) == (1, 0)
    assert [each.session for each in limited.alerts] == [news.session]


def test_what_followed_decides_no_alert() -> None:
    """The alerts of all policies are the same if every return after a session is another one."""
    news = [make_session(at, 0.005, make_event(), after=(0.01 * at, None)) for at in range(5)]
    turned = [make_session(at, 0.005, make_event(), after=(-0.02, 0.3)) for at in range(5)]
    tables = [BacktestTable(sessions=tuple(each), labels={}) for each in (news, turned)]
    for policy in build_sweep(INSTALLED):
        one, other = (Backtest(table).evaluate(policy) for table in tables)
        assert [each.place for each in one.alerts] == [each.place for each in other.alerts]


def test_the_best_of_a_sweep_are_beaten_by_none() -> None:
    sessions = [
        make_session(at, (at + 1) / 400, *([make_event(f"e{at}")] if at % 3 else [])) for at in range(60)
    ]
    backtest = Backtest(BacktestTable(sessions=tuple(sessions), labels={}))
    results = [backtest.evaluate(each) for each in build_sweep(INSTALLED)]
    best = select_best(results)
    places = [(each.false_yearly[0], each.power.count) for each in results if each.false_yearly]

    assert best
    for each in best:
        assert each.false_yearly is not None
        x, y = each.false_yearly[0], each.power.count
        assert not any((a <= x and b > y) or (a < x and b >= y) for a, b in places)
    assert max(each.power.count for each in best) == max(y for _, y in places)


def test_without_a_quiet_session_false_alarms_are_unknown_and_not_zero() -> None:
    sessions = tuple(make_session(at, 0.001, make_event(f"e{at}")) for at in range(3))
    result = Backtest(BacktestTable(sessions=sessions, labels={})).evaluate(INSTALLED)

    assert result.false_yearly is None
    assert (result.placebo, result.difference.p) == (ExactShare(0, 0), None)
    assert result.told == ExactShare(3, 3)
    assert select_best([result]) == []
