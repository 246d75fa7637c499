"""The regression of |z| on what is known of an event: by hand, and where it has no answer."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import f as f_distribution
from scipy.stats import t as student

from brentwatch.core.domain import (
    BRENT_SPOT,
    HEADLINE,
    ClassGroup,
    EventAdmitted,
    EventClass,
    Exposure,
    Found,
    Precision,
    PublishStudy,
    Refused,
    SessionStudy,
    Status,
    UnrestEvent,
)
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.impact.cross_section import (
    FEWEST_ROWS,
    CrossSection,
    CrossSectionRow,
    collect_rows,
    regress_sizes,
)
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.message.cross_section import describe_cross_section
from brentwatch.replay.turns import replay_signals

FIRST = date(2015, 1, 1)
CIVIL, FORCE, SUPPLY = ClassGroup.UNREST, ClassGroup.ARMED_CONFLICT, ClassGroup.OIL_SUPPLY


def make_rows(n: int = 90, seed: int = 4, slope: float = 0.0) -> list[CrossSectionRow]:
    """Sessions whose |z| depends on exposure by `slope`, with a spread that grows with exposure."""
    random = np.random.default_rng(seed)
    rows = []
    for at in range(n):
        exposure = float(random.uniform())
        rows.append(
            CrossSectionRow(
                session=FIRST + timedelta(days=at),
                z=float(slope * exposure + (0.4 + exposure) * abs(random.standard_normal()))
                * float(random.choice([-1.0, 1.0])),
                exposure=exposure,
                nearness=float(random.choice([0.0, 0.3, 0.9])),
                group=(SUPPLY, FORCE, CIVIL)[int(random.choice(3, p=[0.2, 0.3, 0.5]))],
                novelty=float(random.choice([1.0, 0.5], p=[0.7, 0.3])),
            )
        )
    return rows


def regress(rows: list[CrossSectionRow]) -> CrossSection:
    found = regress_sizes(rows)
    assert isinstance(found, CrossSection)
    return found


def solve_by_hand(sizes: Floats, design: Floats) -> tuple[Floats, Floats, Floats]:
    """Coefficients, the HC3 covariance and the residuals, by the formula of the sandwich."""
    bread = np.linalg.inv(design.T @ design)
    values = bread @ design.T @ sizes
    residuals = sizes - design @ values
    leverage = np.einsum("ij,jk,ik->i", design, bread, design)
    meat = (design * ((residuals / (1.0 - leverage)) ** 2)[:, None]).T @ design
    return values, bread @ meat @ bread, residuals


def test_equals_the_sandwich_formula_by_hand() -> None:
    """Every figure of the result, worked out with numpy alone."""
    rows = make_rows()
    found = regress(rows)
    groups = [slope.name for slope in found.slopes[3:]]
    design = np.array(
        [
            [1.0, row.exposure, row.nearness, row.novelty, *(row.group == each for each in groups)]
            for row in rows
        ],
        dtype=np.float64,
    )
    sizes = np.abs([row.z for row in rows])
    values, covariance, residuals = solve_by_hand(sizes, design)
    errors, df = np.sqrt(np.diag(covariance)), len(rows) - design.shape[1]
    got = (found.intercept, *found.slopes)
    assert [each.name for each in got] == ["intercept", "exposure", "nearness", "novelty", *groups]
    assert found.reference == CIVIL
    assert groups == [FORCE, SUPPLY]
    np.testing.assert_allclose([each.value for each in got], values, rtol=1e-9)
    np.testing.assert_allclose([each.error for each in got], errors, rtol=1e-9)
    np.testing.assert_allclose(
        [each.p for each in got], 2.0 * student.sf(np.abs(values / errors), df), rtol=1e-8
    )
    reach = student.ppf(0.975, df) * errors
    np.testing.assert_allclose([each.low for each in got], values - reach, rtol=1e-8)
    np.testing.assert_allclose([each.high for each in got], values + reach, rtol=1e-8)
    np.testing.assert_allclose(
        [each.detectable for each in got], (student.ppf(0.975, df) + student.ppf(0.8, df)) * errors, rtol=1e-8
    )
    q = design.shape[1] - 1
    wald = values[1:] @ np.linalg.solve(covariance[1:, 1:], values[1:]) / q
    assert found.joint_p == pytest.approx(f_distribution.sf(wald, q, df), rel=1e-8)
    spread = np.sum((sizes - sizes.mean()) ** 2)
    assert found.r_squared == pytest.approx(1.0 - np.sum(residuals**2) / spread, rel=1e-9)
    assert (found.n, found.degrees_of_freedom, found.without_exposure) == (90, df, 0)


def test_joint_p_is_uniform_if_nothing_matters() -> None:
    """600 lists in which |z| depends on nothing but chance: 5 % of the joint p are at or below 0.05."""
    random = np.random.default_rng(11)
    rows = make_rows(80)
    share = np.mean(
        [
            regress([replace(row, z=float(random.standard_t(7))) for row in rows]).joint_p <= 0.05
            for _ in range(600)
        ]
    )
    assert abs(share - 0.05) < 3.0 * np.sqrt(0.05 * 0.95 / 600)


def test_order_of_the_rows_does_not_matter() -> None:
    rows = make_rows()
    one, other = regress(rows), regress(rows[::-1])
    assert one.joint_p == pytest.approx(other.joint_p, rel=1e-9)


def test_unknown_exposure_is_left_out_and_counted_not_zero() -> None:
    rows = make_rows()
    lost = [replace(row, exposure=None) for row in rows[:7]]
    found = regress([*lost, *rows[7:]])
    assert (found.n, found.without_exposure) == (83, 7)
    assert found.intercept == regress(rows[7:]).intercept
    assert "Not counted: 7 sessions with unknown exposure." in describe_cross_section(found)


@pytest.mark.parametrize(
    ("changes", "left_out", "slopes"),
    [
        ({"group": CIVIL}, {}, ["exposure", "nearness", "novelty"]),
        ({"exposure": 0.5}, {"exposure": "exposure does not vary"}, ["nearness", "novelty", FORCE, SUPPLY]),
        (
            {"nearness": 0.0, "novelty": 1.0},
            {"nearness": "nearness does not vary", "novelty": "novelty does not vary"},
            ["exposure", FORCE, SUPPLY],
        ),
    ],
)
def test_what_does_not_vary_has_no_slope(
    changes: dict[str, object], left_out: dict[str, str], slopes: list[str]
) -> None:
    found = regress([replace(row, **changes) for row in make_rows()])  # type: ignore[arg-type]  # by case
    assert [slope.name for slope in found.slopes] == slopes
    assert found.left_out == left_out


def test_a_rare_kind_has_no_slope() -> None:
    """Four sessions near oil would decide its coefficient alone."""
    rows = [replace(row, nearness=0.9 if at < 4 else 0.0) for at, row in enumerate(make_rows())]
    assert regress(rows).left_out == {"nearness": "only 4 sessions differ in nearness"}


def test_a_repeated_regressor_has_no_slope() -> None:
    rows = [replace(row, nearness=row.exposure or 0.0) for row in make_rows()]
    assert regress(rows).left_out == {"nearness": "nearness repeats the regressors before it"}


def test_a_session_that_alone_decides_a_coefficient_is_refused() -> None:
    """Exposure and nearness differ in session 0 alone, among those of either."""
    shared = [1.0 if at < 5 else 0.0 for at in range(60)]
    rows = [
        replace(row, exposure=share, nearness=0.0 if at == 0 else share, group=CIVIL, novelty=1.0)
        for at, (row, share) in enumerate(zip(make_rows(60), shared, strict=True))
    ]
    rows[5] = replace(rows[5], nearness=1.0, exposure=1.0)
    found = regress_sizes(rows)
    assert isinstance(found, Refused)
    assert "session 2015-01-01 alone decides a coefficient" in found.reason


@pytest.mark.parametrize("n", [0, 1, FEWEST_ROWS - 1])
def test_too_few_sessions_are_refused(n: int) -> None:
    found = regress_sizes(make_rows(n))
    assert isinstance(found, Refused)
    assert f"too few to say: {n} sessions" in found.reason
    assert describe_cross_section(found).startswith(
        "How the size of a move depends on exposure and class is not estimated"
    )


def test_each_coefficient_needs_ten_sessions() -> None:
    """Six coefficients need 60."""
    assert isinstance(regress_sizes(make_rows(59)), Refused)
    assert isinstance(regress_sizes(make_rows(60)), CrossSection)


def test_nothing_that_varies_is_refused() -> None:
    same = [replace(row, exposure=0.5, nearness=0.0, novelty=1.0, group=CIVIL) for row in make_rows()]
    assert isinstance(regress_sizes(same), Refused)
    assert isinstance(regress_sizes([replace(row, z=0.7) for row in make_rows()]), Refused)


def test_paragraph_says_what_it_tells() -> None:
    """Nothing if the slopes are not found together; if they are, with the condition."""
    random = np.random.default_rng(5)
    quiet = [replace(row, z=float(random.standard_t(7))) for row in make_rows()]
    loud = make_rows(slope=4.0)
    assert regress(quiet).joint_p > 0.05
    assert "it tells almost nothing." in describe_cross_section(regress(quiet))
    assert "With several slopes" not in describe_cross_section(regress(quiet))
    found = regress(quiet)
    lucky = replace(found, slopes=(replace(found.slopes[0], p=0.03), *found.slopes[1:]))
    assert "With several slopes, one p is below 0.05 by chance more often" in describe_cross_section(lucky)
    text = describe_cross_section(regress(loud))
    assert "more than chance explains, if the events were chosen without knowing what followed." in text
    exposure = regress(loud).slopes[0]
    assert f"|z| changes by +{exposure.value:.2f}" in text


def make_event(name: str, day: int, event_class: EventClass, country: str = "LBY") -> EventAdmitted:
    known = datetime(2011, 2, day, 12, tzinfo=UTC)
    event = UnrestEvent(
        event_id=name,
        revision=0,
        status=Status.NEW,
        occurred_at=known,
        precision=Precision.MINUTE,
        known_at=known,
        country=country,
        event_class=event_class,
    )
    exposure = Exposure(country=country, production_kbd=1_600.0)
    return EventAdmitted(event=event, exposure=exposure)


def replay(admitted: list[EventAdmitted]) -> list[SessionStudy]:
    history = find_history("catalogue")
    prices = [each for each in history.signals if not isinstance(each, EventAdmitted)]
    signals = sorted([*prices, *admitted], key=lambda each: each.known_at)
    return [
        effect.study
        for turn in replay_signals(build_rules(BRENT_SPOT), signals)
        for effect in turn.effects
        if isinstance(effect, PublishStudy) and isinstance(effect.study, SessionStudy)
    ]


def test_rows_of_a_replay() -> None:
    """One row a session; the most relevant event counts; novelty looks back three days only."""
    events = [
        make_event("a", 15, EventClass.PROTEST),
        make_event("A", 15, EventClass.SUPPLY_DISRUPTION),
        make_event("c", 17, EventClass.PROTEST),
        make_event("d", 22, EventClass.PROTEST),
    ]
    studies = replay(events)
    rows = collect_rows(studies, {each.event.event_id: each for each in events})
    assert [row.session for row in rows] == [date(2011, 2, 15), date(2011, 2, 17), date(2011, 2, 22)]
    assert [row.group for row in rows] == [SUPPLY, CIVIL, CIVIL]
    assert [row.novelty for row in rows] == [1.0, 0.5, 1.0]
    headline = {
        each.session: each.result.statistic
        for each in studies
        if (each.window, each.model) == (HEADLINE, HEADLINE_MODEL) and isinstance(each.result, Found)
    }
    assert [row.z for row in rows] == [headline[row.session] for row in rows]


def test_what_is_known_later_changes_no_earlier_row() -> None:
    """The rows of the first events are those of the whole list."""
    events = [make_event(str(day), day, EventClass.PROTEST) for day in (15, 16, 17, 22)]
    whole = collect_rows(replay(events), {each.event.event_id: each for each in events})
    part = collect_rows(replay(events[:2]), {each.event.event_id: each for each in events[:2]})
    assert whole[:2] == part


def test_catalogue_tells_almost_nothing_and_the_docs_say_so() -> None:
    """The figures of docs/methods.md, from a replay of the bundled catalogue."""
    signals = find_history("catalogue").signals
    admitted = {each.event.event_id: each for each in signals if isinstance(each, EventAdmitted)}
    found = regress_sizes(collect_rows(replay(list(admitted.values())), admitted))
    assert isinstance(found, CrossSection)
    assert found.slopes[0].name == "exposure"
    assert found.left_out.keys() >= {"nearness", "novelty"}
    page = Path(__file__).parents[3].joinpath("docs", "methods.md").read_text(encoding="utf-8")
    text = f"over the {found.n} first sessions with known exposure, explains {100 * found.r_squared:.0f} % of"
    assert text in page
    assert f"(HC3 errors, joint p {found.joint_p:.3f}): it tells almost nothing." in page
