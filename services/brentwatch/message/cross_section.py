"""One paragraph on how the size of a move depends on its event: `core/impact/cross_section.py`."""

from collections.abc import Iterator

from brentwatch.core.domain import USUAL_LEVEL, Refused
from brentwatch.core.impact.cross_section import CrossSection, Slope
from brentwatch.message.figures import MINUS, format_count, format_p_value

_TOPICS = {"exposure": "exposure", "nearness": "nearness to oil", "novelty": "novelty"}


def describe_cross_section(result: CrossSection | Refused) -> str:
    """The regression in plain sentences: what was compared, what it says, and what it cannot say."""
    match result:
        case Refused(reason=reason):
            return f"How the size of a move depends on exposure and class is not estimated: {reason}."
        case CrossSection() as found:
            return " ".join(_list_sentences(found))


def _list_sentences(found: CrossSection) -> Iterator[str]:
    topics = _join(list(dict.fromkeys(_name_topic(slope.name) for slope in found.slopes)))
    yield (
        f"Does the size of a move depend on {topics}? A regression of |z| (mean {found.mean:.2f}) over "
        f"{format_count(found.n, 'session')} with an event, with HC3 errors, explains "
        f"{100.0 * found.r_squared:.0f} % of the differences, {format_p_value(found.joint_p)}: "
        f"{_conclude(found)}."
    )
    yield from _describe_slopes(found)
    if found.joint_p > USUAL_LEVEL >= min(slope.p for slope in found.slopes):
        yield "With several slopes, one p is below 0.05 by chance more often than 5 times in 100."
    first = found.slopes[0]
    yield (
        f"The test finds a slope of {first.detectable:.1f} for {_TOPICS.get(first.name, first.name)} four "
        "times in five, and can miss a smaller one."
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


def _describe_slopes(found: CrossSection) -> Iterator[str]:
    """A sentence for each that is measured, and one for all groups of classes."""
    groups = [slope for slope in found.slopes if slope.name not in _TOPICS]
    for slope in found.slopes:
        if slope.name in _TOPICS:
            yield f"|z| changes by {_format_slope(slope)} from {_TOPICS[slope.name]} 0 to 1."
    if groups:
        told = "; ".join(f"{slope.name} {_format_slope(slope)}" for slope in groups)
        yield f"Compared with {found.reference}: {told}."


def _format_slope(slope: Slope) -> str:
    return (
        f"{_sign(slope.value)} (95 % range {_sign(slope.low)} to {_sign(slope.high)}, "
        f"{format_p_value(slope.p)})"
    )


def _sign(value: float) -> str:
    return f"{MINUS if value < 0.0 else '+'}{abs(value):.2f}"


def _join(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
