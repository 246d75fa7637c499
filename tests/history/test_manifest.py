from __future__ import annotations

from datetime import date

import pytest
from tests.history.folders import MANIFEST

from brentwatch.history.manifest import Context, Made, Manifest, read_manifest, write_manifest
from brentwatch.wire.input_faults import Faults


def faults_of(text: str) -> tuple[str, ...]:
    faults = Faults()
    assert read_manifest(text.encode(), faults) is None
    return faults.build_error().faults


def test_the_settings_of_a_history_are_read() -> None:
    faults = Faults()
    manifest = read_manifest(
        f'{MANIFEST}[[context]]\ndate = 2022-01-07\ntext = "4 %"\nsource = "a newspaper"\n'.encode(), faults
    )

    assert manifest is not None
    assert (manifest.title, manifest.start, manifest.sessions) == ("A test", date(2022, 1, 4), "all")
    assert manifest.context == (Context(date=date(2022, 1, 7), text="4 %", source="a newspaper"),)


def test_an_unknown_key_is_answered_with_the_closest() -> None:
    assert faults_of(f'{MANIFEST}\nlicense = "none"') == (
        "history.toml has the key 'license' (did you mean licence?); expected title, source, licence, start, "
        "sessions, instrument, bars_delay_minutes, context, made, sha256; rename or remove it",
    )


def test_all_faults_are_told_at_once() -> None:
    faults = faults_of('titel = "x"\nsource = ""\nstart = "soon"\nsessions = "some"\n[[context]]\nday = 1')

    assert [fault.split()[0] for fault in faults] == [
        "history.toml",
        "title",
        "source",
        "licence",
        "start",
        "sessions",
        "context[0]",
    ]


@pytest.mark.parametrize("text", ["title = ", "\ufeff title"])
def test_what_is_no_toml_says_so(text: str) -> None:
    assert "expected TOML in UTF-8" in faults_of(text)[0]


MADE = Manifest(
    title='A "test" of \\ and é',
    source="made up",
    licence="none",
    start=date(2022, 1, 4),
    made=Made(
        by="brentwatch 0",
        first=date(2022, 1, 3),
        last=date(2022, 1, 7),
        feeds=("gdelt", "file"),
        prices="fred",
        series="brent-spot",
    ),
    sha256={"events.jsonl": "ab", "prices.csv": "cd"},
)


@pytest.mark.parametrize(
    "manifest", [MADE, Manifest(title="t", source="s", licence="l", start=date(2022, 1, 4))]
)
def test_what_is_written_is_read_again(manifest: Manifest) -> None:
    assert read_manifest(write_manifest(manifest), Faults()) == manifest
