"""One paragraph on what the size of a move after an event goes with: `core/impact/cross_section.py`."""

from collections.abc import Iterator

from brentwatch.core.domain import USUAL_LEVEL, Refused
from brentwatch.core.impact.cross_section import CrossSection, Slope
from brentwatch.message.figures import MINUS, format_count, format_p_value

_TOPICS = {"exposure": "exposure", "nearness": "nearness to oil", "novelty": "novelty"}
_GROUPS = {
    "supply": "events at oil supply",
    "force": "armed events",
    "civil": "civil unrest and politics",
}


def describe_cross_section(result: CrossSection | Refused) -> str:
    """The regression in plain sentences: what was compared, what it says, and what it cannot say."""
    match result:
        case Refused(reason=reason):
            return f"What the size of a move goes with is not estimated: {reason}."
        case CrossSection() as found:
            return " ".join(_list_sentences(found))


def _list_sentences(found: CrossSection) -> Iterator[str]:
    topics = _join(list(dict.fromkeys(_name_topic(slope.name) for slope in found.slopes)))
    yield (
        f"Does the size of a move go with {topics}? A regression of |z| (mean {found.mean:.2f}) over "
        f"{format_count(found.n, 'session')} with an event, with HC3 errors, explains "
        f"{100.0 * found.r_squared:.0f} % of the differences, {format_p_value(found.joint_p)}: "
        f"{_conclude(found)}."
    )
    yield from (_describe_slope(slope, found.reference) for slope in found.slopes)
    widest = max(found.slopes, key=lambda slope: slope.detectable)
    yield (
        f"With {format_count(found.n, 'session')} the test finds a slope of {widest.detectable:.1f} for "
        f"{name_regressor(widest.name)} four times in five, and can miss a smaller one."
    )
    if found.left_out:
        yield f"Left out: {'; '.join(found.left_out.values())}."
    if found.without_exposure:
        yield f"Not counted: {format_count(found.without_exposure, 'session')} with unknown exposure."


def _conclude(found: CrossSection) -> str:
    if found.joint_p > USUAL_LEVEL:
        return "it tells almost nothing"
    return "more than chance explains, if the events were chosen without knowing what followed"


def _name_topic(name: str) -> str:
    return _TOPICS.get(name, "the class of the event")


def name_regressor(name: str) -> str:
    """The words for a regressor or a group of classes."""
    return _TOPICS.get(name) or _GROUPS.get(name, name)


def _describe_slope(slope: Slope, reference: str) -> str:
    figures = (
        f"{_sign(slope.value)} (95 % range {_sign(slope.low)} to {_sign(slope.high)}, "
        f"{format_p_value(slope.p)})"
    )
    if slope.name in _TOPICS:
        return f"From 0 to 1, {_TOPICS[slope.name]} goes with {figures}."
    return f"Compared with {name_regressor(reference)}, {name_regressor(slope.name)} have {figures}."


def _sign(value: float) -> str:
    return f"{MINUS if value < 0.0 else '+'}{abs(value):.2f}"


def _join(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
