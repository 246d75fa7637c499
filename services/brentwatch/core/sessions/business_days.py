"""Monday to Friday without some holidays: the next such day, quickly."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable


class BusinessDays:
    """The days from Monday to Friday that are not among `holidays`."""

    def __init__(self, holidays: Iterable[date | np.datetime64]) -> None:
        self._calendar = np.busdaycalendar(holidays=np.asarray(list(holidays), dtype="datetime64[D]"))
        self._known: dict[date, date] = {}

    def find_on_or_after(self, day: date) -> date:
        """The first business day on or after `day`; what was asked once is remembered."""
        if (known := self._known.get(day)) is None:
            session = np.busday_offset(np.datetime64(day), 0, roll="forward", busdaycal=self._calendar)
            known = self._known[day] = date.fromisoformat(str(session))
        return known
