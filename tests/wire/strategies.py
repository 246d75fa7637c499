"""Studies and alerts of every kind that may be published, for hypothesis."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from brentwatch.core.domain import (
    Alert,
    Beside,
    Calibration,
    Cause,
    Confounder,
    ConfounderKind,
    Diagnostics,
    Direction,
    EventClass,
    EventRef,
    Found,
    Move,
    NotYet,
    Refused,
    Scale,
    Severity,
    Study,
    Unlisted,
    Verification,
    Window,
)

times = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2099, 12, 31),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
).map(lambda time: time.replace(fold=0))  # the second of two equal hours: UTC has none
dates = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))
ids = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200)
texts = st.text(st.characters(codec="utf-8"), max_size=500)
sentences = texts.filter(bool)
countries = st.from_regex(r"[A-Z]{3}", fullmatch=True)
counts = st.integers(0, 10_000)
numbers = st.floats(allow_nan=False, allow_infinity=False)
shares = st.floats(0, 1)
barrels = st.none() | st.floats(0, allow_infinity=False)

windows = st.tuples(st.integers(-20, 20), st.integers(0, 20)).map(lambda pair: Window(pair[0], sum(pair)))
founds = st.builds(
    Found,
    window=windows,
    observed=counts,
    planned=counts,
    null=sentences,
    total=numbers,
    expected=numbers,
    car=numbers,
    standard_error=numbers,
    low=numbers,
    high=numbers,
    statistic=numbers,
    degrees_of_freedom=st.none() | numbers,
    p=shares,
    mde_05=numbers,
    mde_alert=numbers,
)
results = founds | st.builds(NotYet, settles_at=times) | st.builds(Refused, reason=sentences)
events = st.builds(
    EventRef,
    event_id=st.from_regex(r"[A-Za-z0-9:._-]{1,128}", fullmatch=True),
    revision=counts,
    known_at=times,
    country=countries,
    place=st.none() | names,
    event_class=st.sampled_from(EventClass),
    summary=texts,
    verification=st.none() | st.sampled_from(Verification),
    source=st.none() | texts,
    exposure=st.none() | shares,
    exposure_country=st.none() | countries,
    production_kbd=barrels,
    transit_kbd=barrels,
    late=st.booleans(),
    by_day=st.booleans(),
    carried=st.booleans(),
)
unlisted = st.builds(
    Unlisted,
    feed=st.just("") | names,
    event_class=st.sampled_from(EventClass),
    count=st.integers(1, 10_000),
)
moves = st.builds(
    Move,
    session=dates,
    close=numbers,
    previous_session=dates,
    previous_close=numbers,
    log_return=st.none() | numbers,
    quality=st.lists(names, max_size=2).map(tuple),
)
confounders = st.builds(
    Confounder, session=dates, kind=st.sampled_from(ConfounderKind), text=texts, source=texts
)
calibrations = st.builds(
    Calibration,
    series=names,
    model=names,
    n=counts,
    first=dates,
    last=dates,
    size_05=shares,
    size_01=shares,
    fifths_05=st.lists(shares, max_size=5).map(tuple),
    made_on=dates,
    error_05=st.none() | shares,
    error_01=st.none() | shares,
    vintage=st.none() | names,
    prices_sha256=st.none() | st.text("0123456789abcdef", min_size=64, max_size=64),
)
besides = st.builds(Beside, model=names, p=st.none() | shares)
diagnostics = st.builds(
    Diagnostics,
    n=counts,
    arch_lm_p=st.none() | shares,
    ljung_box_p=st.none() | shares,
    jarque_bera_p=st.none() | shares,
)
scales = st.builds(Scale, k=st.floats(0, exclude_min=True, allow_infinity=False), since=dates)
common = {
    "revision": st.integers(1, 10_000),
    "known_at": times,
    "instrument": names,
    "series": names,
    "session": dates,
    "model": names,
    "events": st.lists(events, max_size=3).map(tuple),
    "events_total": counts,
    "unlisted": st.lists(unlisted, max_size=3).map(tuple),
    "rules": st.integers(1, 10_000),
    "exposure": st.none() | shares,
    "flags": st.lists(names, max_size=2).map(tuple),
    "confounders": st.lists(confounders, max_size=2).map(tuple),
    "overlaps": st.lists(dates, max_size=3).map(tuple),
    "calibration": st.none() | calibrations,
    "beside": st.lists(besides, max_size=3).map(tuple),
    "survives_addis": st.none() | st.booleans(),
}
studies = st.builds(
    Study,
    study_id=ids,
    window=windows,
    result=results,
    scale=st.none() | scales,
    diagnostics=st.none() | diagnostics,
    after=st.none() | founds,
    move=st.none() | moves,
    **common,
)
alerts = st.builds(
    Alert,
    alert_id=ids,
    cause=st.sampled_from(Cause),
    title=names,
    settled_at=times,
    severity=st.sampled_from(Severity),
    direction=st.sampled_from(Direction),
    p=shares,
    level=st.floats(0, 1, exclude_min=True),
    below_level=st.booleans(),
    headline=founds,
    windows=st.lists(founds, max_size=2).map(tuple),
    move=moves,
    **common,
)
