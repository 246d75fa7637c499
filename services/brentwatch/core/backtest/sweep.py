"""A sweep: one policy for each combination of level, exposure, classes and budget, and the best of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from brentwatch.core.backtest.evaluation import PolicyResult
from brentwatch.core.backtest.policy import AlertPolicy, Budget
from brentwatch.core.domain import CLASS_GROUPS, ClassGroup, EventClass
from brentwatch.core.intraday.minutes import SESSIONS_A_YEAR

LEVELS = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1)
EXPOSURES = (0.0, 0.25, 0.5, 0.75)


def list_classes(*groups: ClassGroup) -> tuple[EventClass, ...]:
    """The classes of these groups."""
    return tuple(each for each, group in CLASS_GROUPS.items() if group in groups)


GROUPS = (ClassGroup.OIL_SUPPLY, ClassGroup.ARMED_CONFLICT, ClassGroup.UNREST)
CLASSES: Mapping[str, tuple[EventClass, ...]] = {"all": ()} | {
    str(group): list_classes(group) for group in GROUPS
}
"""The classes of a sweep by a name; () is every class."""

BUDGETS = (None, Budget(4, SESSIONS_A_YEAR), Budget(1, SESSIONS_A_YEAR // 12))
"""No budget, four alerts a year, and one in 21 sessions, about a month."""


def build_sweep(base: AlertPolicy) -> Iterator[AlertPolicy]:
    """Every combination; whatever is not swept is that of `base`."""
    for level, exposure, (name, classes), budget in product(LEVELS, EXPOSURES, CLASSES.items(), BUDGETS):
        parts = [f"level {level:g}"]
        parts += [f"exposure {exposure:g}"] if exposure else []
        parts += [name] if classes else []
        parts += [f"{budget.alerts} in {budget.sessions}"] if budget else []
        yield replace(
            base,
            name=", ".join(parts),
            alert_level=level,
            minimum_exposure=exposure,
            classes=classes,
            budget=budget,
        )


def name_classes(classes: tuple[EventClass, ...]) -> str:
    """The name of these classes in a sweep; the classes themselves if they have none."""
    return next((name for name, each in CLASSES.items() if each == classes), " ".join(classes))


def select_best(results: Iterable[PolicyResult]) -> list[PolicyResult]:
    """The results that no other one beats: more events found needs more false alarms; fewest first.

    The first one of equal results stays. Without a placebo session there is none.
    """
    known = [(each.false_yearly[0], each.power.share or 0.0, each) for each in results if each.false_yearly]
    best: list[PolicyResult] = []
    most = 0.0
    for _, share, result in sorted(known, key=lambda each: (each[0], -each[1])):
        if share > most:
            best.append(result)
            most = share
    return best
