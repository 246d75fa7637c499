"""The end of a replay with bars of five minutes: what the windows within the sessions came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.domain.study import Found, NotYet
from brentwatch.core.intraday.windows import LEVEL
from brentwatch.message.figures import format_count, format_level
from brentwatch.message.intraday import write_study_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from brentwatch.core.domain.study import Study, Within


def summarise_windows(windows: Iterable[Study]) -> Iterator[str]:
    """How many windows were tested and which were abnormal; how many have no answer, or no test at all."""
    known = [(each, each.within) for each in windows if each.within is not None]
    tested = [(study, within) for study, within in known if within.test is not None]
    answered = [study for study, _ in tested if isinstance(study.result, Found)]
    abnormal = [study for study in answered if isinstance(study.result, Found) and study.result.p <= LEVEL]
    yield (
        f"Within the sessions {format_count(len(answered), 'window')} of {format_count(_count_openings(tested), 'test')} "
        f"answered, {len(abnormal)} abnormal at the {format_level(LEVEL)} level ({len(answered) * LEVEL:.2f} would "
        f"be by chance alone){':' if abnormal else '.'}"
    )
    for study in abnormal:
        yield from (f"  {line}" for line in write_study_lines(study))
    if untested := _count_openings(known) - _count_openings(tested):
        studies = "study" if untested == 1 else "studies"
        yield f"{untested} {studies} without a test: both of the session were taken."
    if silent := len(tested) - len(answered):
        waiting = sum(isinstance(study.result, NotYet) for study, _ in tested)
        yield f"{format_count(silent, 'window')} without an answer, {waiting} of them because the bars ended."


def _count_openings(windows: Iterable[tuple[Study, Within]]) -> int:
    """However many windows each has."""
    return len({within.begins_at for _, within in windows})
