"""`make feeds`: precision, recall and their intervals on labels of our own making."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from benchmarks import feed_labels
from benchmarks.feed_labels import (
    LabelledArticles,
    LabelVerdict,
    Share,
    find_bar,
    is_admitted,
    main,
    run_feed,
)

from brentwatch.ingest.feeds.label_rows import COLUMN_NAMES, FIELDS, read_label_group
from brentwatch.screen.settings import ScreenSettings

if TYPE_CHECKING:
    from pathlib import Path

NORTH = ("alder", "birch", "cedar", "elder", "hazel", "larch", "maple", "rowan", "willow", "yew")


def labelled(
    number: int,
    headline: str,
    *,
    country: str = "IZ",
    unrest: str = "yes",
    right: str = "yes",
    file: str = "2030",
) -> dict[str, str]:
    return dict.fromkeys(COLUMN_NAMES, "") | {
        "file": file,
        "GlobalEventID": str(number),
        "SQLDATE": "20300507",
        "DATEADDED": "20300507120000",
        "EventCode": "190",
        "GoldsteinScale": "-10",
        "NumMentions": "4",
        "NumSources": "1",
        "NumArticles": "4",
        "AvgTone": "-3",
        "ActionGeo_Type": "4",
        "ActionGeo_FullName": "Basra",
        "ActionGeo_CountryCode": country,
        "ActionGeo_Lat": "30.5",
        "ActionGeo_Long": "47.8",
        "SOURCEURL": f"https://paper{number}.example/{headline}",
        "is_current_unrest": unrest,
        "country_right": right if unrest != "no" else "",
    }


def good() -> list[dict[str, str]]:
    return [
        labelled(number, f"shelling-{word}-{word}ton-{word}ville-basra", file="2030-05-07")
        for number, word in enumerate(NORTH * 2)
    ]


def write(path: Path, rows: list[dict[str, str]]) -> str:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMN_NAMES)
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def test_wilsons_interval() -> None:
    low, high = Share(8, 10).interval
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert str(Share(8, 10)) == "0.80 [0.49, 0.94] (8 of 10)"
    assert str(Share(0, 0)) == "none"


@pytest.mark.parametrize(
    ("unrest", "right", "asked", "verdict"),
    [
        ("yes", "yes", "IRQ", LabelVerdict.RIGHT),
        ("yes", "no", "IRQ", LabelVerdict.WRONG),
        ("yes", "yes", "LBY", LabelVerdict.UNLABELLED),
        ("doubtful", "yes", "IRQ", LabelVerdict.DOUBTFUL),
        ("doubtful", "yes", "LBY", LabelVerdict.DOUBTFUL),
        ("no", "", "IRQ", LabelVerdict.WRONG),
    ],
)
def test_what_labels_say(unrest: str, right: str, asked: str, verdict: LabelVerdict) -> None:
    labels = LabelledArticles()
    row = labelled(1, "x", unrest=unrest, right=right)
    labels.add(row, "IRQ")
    assert labels.judge(row["SOURCEURL"], asked) is verdict


def test_true_pairs_are_found_and_the_others_have_their_reason() -> None:
    rows = [
        labelled(1, "shelling-near-the-port-of-basra"),
        labelled(2, "bakery-wins-a-prize"),
        labelled(3, "gunmen-in-court-over-raid", unrest="no"),
        labelled(4, "thousands-protest-in-texas", country="US"),
    ]
    outcome = run_feed(rows)
    assert outcome.found == {(rows[0]["SOURCEURL"], "IRQ")}
    assert outcome.reasons == {"kind": 1, "crime": 1, "home": 1}
    assert outcome.left_home == {(rows[3]["SOURCEURL"], "USA")}


def test_it_ends_well_where_the_targets_are_met(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([write(tmp_path / "labels.csv", good())]) == 0
    told = capsys.readouterr().out
    assert "2030: 20 reports, 20 articles" in told
    assert "1.00 [0.84, 1.00] (20 of 20)" in told
    assert "MISSED" not in told


def test_it_ends_with_1_where_one_is_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = [each | {"is_current_unrest": "no", "country_right": ""} for each in good()[:12]]
    assert main([write(tmp_path / "labels.csv", bad + good()[12:])]) == 1
    assert "MISSED" in capsys.readouterr().out


def test_a_group_on_which_the_vocabulary_was_made_is_judged_only_with_all_rows(tmp_path: Path) -> None:
    assert feed_labels.FIXED_ON == ("2018", "2020")
    old = [
        each | {"file": "2018-03-26", "is_current_unrest": "no", "country_right": ""} for each in good()[:1]
    ]
    assert main([write(tmp_path / "labels.csv", old + good())]) == 0


def test_the_bars_are_those_of_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    protests = [
        labelled(1, "thousands-protest-in-almaty", country="KZ"),
        labelled(2, "crowds-rally-against-fuel-prices-kazakhstan", country="KZ"),
    ]
    place = {"ActionGeo_FullName": "Almaty", "ActionGeo_Lat": "43.2", "ActionGeo_Long": "76.9"}
    rows = [each | place | {"EventCode": "141"} for each in protests]
    ((single, _),) = run_feed(rows[:1]).events
    ((corroborated, _),) = run_feed(rows).events

    assert (is_admitted(single), is_admitted(corroborated)) == (False, True)
    monkeypatch.setattr(feed_labels, "ScreenSettings", lambda: ScreenSettings(corroborated_relevance=0.28))
    assert (find_bar(single), find_bar(corroborated)) == (0.3, 0.28)
    assert not is_admitted(corroborated)


def test_no_file_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "make feeds LABELS=FILE" in capsys.readouterr().err


def test_groups_and_columns() -> None:
    assert [read_label_group(each) for each in ("2018-03-26", "2025-26 202512", "mine")] == [
        "2018",
        "2025-26",
        "mine",
    ]
    assert len(set(FIELDS.values())) == len(FIELDS)


def test_what_the_home_rule_leaves_out_on_purpose_costs_no_recall(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = [labelled(100 + number, "thousands-protest-in-texas", country="US") for number in range(30)]
    assert main([write(tmp_path / "labels.csv", good() + home)]) == 0
    assert "left out by home rule      30 true pairs" in capsys.readouterr().out
