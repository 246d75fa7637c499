"""How well an event is supported: stated by people, corroborated by headlines, or a single machine report.

Theory. Many reports of a machine feed are wrong, and a second headline is the cheapest check. Two websites
are easy to fake, so a machine report never ranks above `corroborated`, however many headlines it counts.

Rules. (1) An event that people or curators verified is `stated`. (2) An event without any verification is
`stated` if it came from the user's own files or feeds, and `corroborated` if it does not say how it was
found, because a person most likely sent it. (3) Every other event is `corroborated` if it has two headlines,
or two reports if headlines are not counted, unless its confidence is given and below `TRUSTED`. (4) All
others are `single`.
"""

from enum import StrEnum

from brentwatch.core.domain.events import Verification


class Standing(StrEnum):
    """How well an event is supported; the order of the members is their rank, lowest first."""

    SINGLE = "single"
    CORROBORATED = "corroborated"
    STATED = "stated"

    @property
    def rank(self) -> int:
        """0 for `single` to 2 for `stated`."""
        return list(Standing).index(self)


TRUSTED = 0.8
"""A report is not corroborated if its machine gives it less confidence than this."""

ENOUGH = 2
"""An event with this many headlines or reports is corroborated."""


def judge_standing(
    verification: Verification | None,
    *,
    confidence: float | None = None,
    headlines: int | None = None,
    reports: int | None = None,
    is_own: bool = False,
) -> Standing:
    """The standing of an event, from its document; an argument is None if the document does not have it.

    `is_own` is true if the event came from the user's own files or feeds.
    """
    if verification in (Verification.HUMAN, Verification.CURATED):
        return Standing.STATED
    if verification is None and is_own:
        return Standing.STATED
    if verification is None and confidence is None and headlines is None and reports is None:
        return Standing.CORROBORATED
    if confidence is not None and confidence < TRUSTED:
        return Standing.SINGLE
    told = reports if headlines is None else headlines
    return Standing.CORROBORATED if (told or 0) >= ENOUGH else Standing.SINGLE


def choose_higher(one: Standing, other: Standing) -> Standing:
    """The higher of the two: standing never falls from one revision to the next."""
    return one if one.rank >= other.rank else other
