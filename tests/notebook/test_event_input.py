"""Events are read in every form in which people have them; what is not certain is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from brentwatch import InvalidInput
from brentwatch.notebook.event_input import read_events

ABQAIQ = dt.datetime(2019, 9, 14, 0, 45, tzinfo=dt.UTC)
DAY = dt.date(2022, 1, 5)
NAMED = {"Abqaiq": ABQAIQ, "Kazakhstan": DAY}
UNNAMED = {"2019-09-14 00:45 UTC": ABQAIQ, "2022-01-05": DAY}
TEXTS = ["2019-09-14T00:45Z", "2022-01-05"]
FRAME = pd.DataFrame({"event": list(NAMED), "date": TEXTS})

FORMS: dict[str, tuple[Any, dict[str, Any]]] = {
    "dict of text": (dict(zip(NAMED, TEXTS, strict=True)), NAMED),
    "dict of datetimes": (NAMED, NAMED),
    "dict of Timestamps": (
        {"Abqaiq": pd.Timestamp("2019-09-14 02:45", tz="Europe/Berlin"), "Kazakhstan": pd.Timestamp(DAY)},
        NAMED,
    ),
    "dict of datetime64": (
        {"Abqaiq": ABQAIQ, "Kazakhstan": np.datetime64("2022-01-05")},
        NAMED,
    ),
    "text with an offset": ({"Abqaiq": "2019-09-14 02:45:00+02:00", "Kazakhstan": " 2022-01-05 "}, NAMED),
    "Series of dates by name": (pd.Series(TEXTS, index=list(NAMED)), NAMED),
    "Series of names by date": (pd.Series(list(NAMED), index=TEXTS), NAMED),
    "Series without names": (pd.Series(TEXTS), UNNAMED),
    "list of text": (TEXTS, UNNAMED),
    "tuple of dates": ((ABQAIQ, DAY), UNNAMED),
    "one text": ("2022-01-05", {"2022-01-05": DAY}),
    "one date": (DAY, {"2022-01-05": DAY}),
    "DatetimeIndex": (pd.DatetimeIndex(["2022-01-05"]), {"2022-01-05": DAY}),
    "array": (np.array(["2022-01-05"], dtype="datetime64[D]"), {"2022-01-05": DAY}),
    "Series of names by DatetimeIndex": (
        pd.Series(["Kazakhstan"], index=pd.DatetimeIndex(["2022-01-05"])),
        {"Kazakhstan": DAY},
    ),
    "DataFrame": (FRAME, NAMED),
    "DataFrame with other titles": (FRAME.rename(columns={"event": "Event ID", "date": "Event Date"}), NAMED),
    "DataFrame indexed by name": (FRAME.set_index("event"), NAMED),
    "DataFrame indexed by date": (FRAME.set_index("date"), NAMED),
    "DataFrame of dates alone": (FRAME[["date"]], UNNAMED),
    "DataFrame with one column of dates": (
        FRAME.rename(columns={"date": "attack", "event": "what"}),
        UNNAMED,
    ),
    "DataFrame with times beside dates": (
        FRAME.assign(known_at=TEXTS, date=pd.to_datetime(["2019-09-14", "2022-01-05"])),
        NAMED,
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_same_events_are_read_from_each_form(name: str) -> None:
    given, expected = FORMS[name]

    assert read_events(given) == expected


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ({}, "there are no events; expected one or more, such as"),
        ([], "there are no events"),
        (pd.DataFrame({"event": [], "date": []}), "there are no events"),
        (None, "events is None, a NoneType; expected names with their dates"),
        (5, "events is 5, a int"),
        ([("Abqaiq", "2019-09-14")], "expected names with their dates, such as"),
        ([1, 2], r"events is \[1, 2\], a list; expected"),
        (
            {"a": "14/09/2019"},
            r"the date '14/09/2019'; .* pd.to_datetime\(text, dayfirst=True\)",
        ),
        (["soon"], "an event has the date 'soon'; expected a date, or a time with its time zone"),
        ({"a": pd.NaT}, "event 'a' has the date 'NaT'"),
        ({"a": None}, "event 'a' has the date 'None'"),
        (
            {"a": pd.Timestamp("2022-01-05 10:10")},
            "'2022-01-05 10:10:00' without a time zone; .*Z",
        ),
        ({"a": "2022-01-05T10:10"}, "has the time '2022-01-05T10:10' without a time zone"),
        ({"a": dt.date(22, 1, 5)}, "of 1900 to 2200"),
        ({"": DAY}, "an event is called ''; expected a name"),
        ({float("nan"): DAY}, "an event is called 'nan'; expected a name"),
        (pd.Series([DAY] * 2, index=["a", "a"]), "there are two events 'a'; .*rename one"),
        ([DAY, DAY], "there are two events '2022-01-05'"),
        (
            pd.Series([1, 0], index=pd.DatetimeIndex(["2022-01-05", "2022-01-06"])),
            "values .1, 0.; .*names",
        ),
        (
            pd.DataFrame({"event": ["a"], "where": ["b"]}),
            "'event, where'; expected one called date",
        ),
    ],
)
def test_events_that_cannot_be_read_are_refused_in_a_sentence(events: Any, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        read_events(events)


def test_all_faults_of_the_events_are_reported_at_once() -> None:
    with pytest.raises(InvalidInput) as raised:
        read_events({"a": pd.NaT, "b": "soon", "": "2022-01-05"})

    assert len(raised.value.faults) == 3
