"""Studies and alerts of every kind that may be published, for hypothesis."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from brentwatch.core.domain import (
    Alert,
    AlertTest,
    Analogue,
    AnalogueMoves,
    Analogues,
    AnalogueSpread,
    Answered,
    Beside,
    BreakKind,
    Calibration,
    Cause,
    Confounder,
    ConfounderKind,
    Diagnostics,
    Direction,
    EventClass,
    EventRef,
    Found,
    GivenAlert,
    HeadsUp,
    HeadsUpRecord,
    Move,
    MoveFound,
    NotYet,
    OwnCalibration,
    ProvisionalStudy,
    Range,
    Refused,
    Reopen,
    ReopenStudy,
    Reversals,
    Scale,
    SessionStudy,
    Severity,
    Span,
    Stage,
    Standing,
    StoryEvidence,
    StoryGroup,
    Unlisted,
    Untested,
    Upcoming,
    Verification,
    Window,
    WindowSizes,
    WindowStudy,
    Within,
)

times = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2099, 12, 31),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
).map(lambda time: time.replace(fold=0))  # the second of two equal hours: UTC has none
dates = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))
event_ids = st.from_regex(r"[A-Za-z0-9:._-]{1,128}", fullmatch=True)
ids = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200)
texts = st.text(st.characters(codec="utf-8"), max_size=500)
sentences = texts.filter(bool)
countries = st.from_regex(r"[A-Z]{3}", fullmatch=True)
counts = st.integers(0, 10_000)
numbers = st.floats(allow_nan=False, allow_infinity=False)
shares = st.floats(0, 1)
barrels = st.none() | st.floats(0, allow_infinity=False)

given_alerts = st.builds(GivenAlert, estimate=numbers, low=numbers, high=numbers)
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
    given_alert=st.none() | given_alerts,
)
results = founds | st.builds(NotYet, settles_at=times) | st.builds(Refused, reason=sentences)
events = st.builds(
    EventRef,
    event_id=event_ids,
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
    standing=st.sampled_from(Standing),
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
factors = st.none() | numbers
scales = st.builds(
    Scale,
    k=st.floats(0, exclude_min=True, allow_infinity=False),
    since=dates,
    k_up=factors,
    k_down=factors,
    calendar=factors,
)
sizes = st.builds(
    WindowSizes,
    minutes=st.integers(5, 120),
    size_01=shares,
    error_01=shares,
    size_001=shares,
    error_001=shares,
)
own_calibrations = st.builds(
    OwnCalibration,
    series=names,
    sessions=counts,
    first=dates,
    last=dates,
    made_on=dates,
    sizes=st.lists(sizes, max_size=2).map(tuple),
)
answers = st.builds(
    Answered,
    data_through=times,
    answered_at=times,
    before_minutes=st.none() | counts,
    before=st.none() | numbers,
    gap=st.none() | numbers,
    own_calibration=st.none() | own_calibrations,
)
withins = st.builds(
    Within,
    minutes=st.integers(5, 120),
    begins_at=times,
    ends_at=times,
    news_at=times,
    test=st.none() | st.integers(1, 2),
    settles_at=times,
    answered=st.none() | answers,
)
reopens = st.builds(
    Reopen,
    kind=st.sampled_from(BreakKind),
    minutes=st.integers(5, 120),
    closes_at=times,
    reopens_at=times,
    begins_at=st.none() | times,
    ends_at=times,
    news_at=times,
    test=st.none() | st.integers(1, 2),
    settles_at=times,
    usual=st.none() | numbers,
    answered=st.none() | answers,
)
moves_found = st.builds(
    MoveFound,
    null=sentences,
    move=numbers,
    low=numbers,
    high=numbers,
    usual=numbers,
    ratio=numbers,
    p=shares,
    mde_05=numbers,
    mde_alert=numbers,
    given_alert=st.none() | given_alerts,
    sessions=counts,
    quiet=counts,
)
move_results = moves_found | st.builds(NotYet, settles_at=times) | st.builds(Refused, reason=sentences)
common = {
    "revision": st.integers(1, 10_000),
    "known_at": times,
    "instrument": names,
    "series": names,
    "session": dates,
    "model": names,
    "model_version": st.integers(1, 100),
    "events": st.lists(events, max_size=3).map(tuple),
    "events_total": counts,
    "unlisted": st.lists(unlisted, max_size=3).map(tuple),
    "singles": counts,
    "exposure": st.none() | shares,
    "flags": st.lists(names, max_size=2).map(tuple),
    "confounders": st.lists(confounders, max_size=2).map(tuple),
    "rules": st.integers(1, 10_000),
}
of_studies = {"study_id": ids, "move": st.none() | moves, **common}
overlaps = st.lists(dates, max_size=3).map(tuple)
magnitudes = st.floats(0, allow_infinity=False)
spreads = st.builds(
    AnalogueSpread, median=numbers, interval_low=numbers, interval_high=numbers, low=numbers, high=numbers
)
analogues = st.builds(
    Analogues,
    event_id=event_ids,
    event_class=st.sampled_from(EventClass),
    country=countries,
    bundled=counts,
    own=counts,
    effective_n=magnitudes,
    moves=st.lists(
        st.builds(
            AnalogueMoves, sessions=counts, n=counts, effective_n=magnitudes, spread=st.none() | spreads
        ),
        max_size=3,
    ).map(tuple),
    reversals=st.none() | st.builds(Reversals, n=counts, reversed=counts, placebo=st.none() | magnitudes),
    nearest=st.lists(
        st.builds(
            Analogue,
            event_id=event_ids,
            session=dates,
            country=countries,
            event_class=st.sampled_from(EventClass),
            is_bundled=st.booleans(),
            distance=shares,
            explained=st.text(max_size=200),
            weight=shares,
            moves=st.lists(numbers, max_size=3).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)
evidences = st.floats(0, allow_infinity=False)
stories = st.lists(
    st.builds(
        StoryEvidence,
        story_id=ids,
        country=countries,
        group=st.sampled_from(StoryGroup),
        since=dates,
        events=counts,
        sessions=counts,
        first=st.none() | dates,
        last=st.none() | dates,
        evidence=evidences,
        highest=evidences,
        reached=st.none() | dates,
    ),
    max_size=3,
).map(tuple)
session_studies = st.builds(
    SessionStudy,
    window=windows,
    result=results,
    beside=st.lists(besides, max_size=3).map(tuple),
    scale=st.none() | scales,
    diagnostics=st.none() | diagnostics,
    after=st.none() | founds,
    overlaps=overlaps,
    calibration=st.none() | calibrations,
    analogues=st.none() | analogues,
    stories=stories,
    **of_studies,
)
provisional_studies = st.builds(
    ProvisionalStudy,
    bar_ends_at=times,
    allowance=shares,
    result=results,
    calibration=st.none() | calibrations,
    analogues=st.none() | analogues,
    **of_studies,
)
window_studies = st.builds(WindowStudy, within=withins, result=move_results, **of_studies)
reopen_studies = st.builds(ReopenStudy, reopen=reopens, result=move_results, **of_studies)
studies = session_studies | provisional_studies | window_studies | reopen_studies

ranges = st.builds(Range, low=numbers, high=numbers)
spans = st.builds(
    Span,
    begins_at=times,
    ends_at=times,
    minutes=st.none() | st.integers(5, 120),
    number=st.none() | st.integers(1, 2),
    news_at=st.none() | times,
)
stages = st.sampled_from(Stage)
tests = st.builds(
    AlertTest,
    stage=stages,
    study_id=ids,
    window=spans,
    model=names,
    p=shares,
    level=st.floats(0, 1, exclude_min=True),
    direction=st.sampled_from(Direction),
    move=moves,
    estimate=numbers,
    range=ranges,
    normal=ranges,
    expected=numbers,
    usual=st.none() | numbers,
    mde_alert=numbers,
    given_alert=st.none() | given_alerts,
    break_kind=st.none() | st.sampled_from(BreakKind),
    sessions=counts,
    quiet=counts,
    answered=st.none() | answers,
)
untested = st.builds(
    Untested, stage=stages, study_id=ids, window=spans, reason=sentences, move=st.none() | moves
)
heads_ups = st.builds(
    HeadsUp,
    event_id=event_ids,
    known_at=times,
    reopens_at=st.none() | times,
    detectable=st.none() | numbers,
    record=st.none()
    | st.builds(HeadsUpRecord, first=dates, last=dates, count=counts, abnormal=counts, placebo=shares),
)
alerts = st.builds(
    Alert,
    alert_id=ids,
    stage=stages,
    cause=st.sampled_from(Cause),
    title=names,
    settles_at=times,
    severity=st.none() | st.sampled_from(Severity),
    tests=st.lists(tests, max_size=2).map(tuple),
    untested=st.lists(untested, max_size=1).map(tuple),
    upcoming=st.lists(st.builds(Upcoming, stage=stages, at=times), max_size=2).map(tuple),
    heads_up=st.none() | heads_ups,
    windows=st.lists(founds, max_size=2).map(tuple),
    beside=st.lists(besides, max_size=2).map(tuple),
    overlaps=overlaps,
    calibration=st.none() | calibrations,
    analogues=st.none() | analogues,
    stories=stories,
    **common,
)
