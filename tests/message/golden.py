"""The words of fixed alerts as files, `golden/NAME.txt`; `python -m tests.message.golden` writes them anew.

It also puts the words of today into the examples of `alert.v1`. Read the difference before it is committed.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tests.notify.alerts import CASES

from brentwatch.core.domain.alerts import LevelRecord
from brentwatch.message.alert_text import compose_text
from brentwatch.message.words import Feedback, write_detail
from brentwatch.wire.json_schemas import find_folder
from brentwatch.wire.published import decode_alert

if TYPE_CHECKING:
    from brentwatch.core.domain.alerts import Alert

FOLDER = Path(__file__).parent / "golden"
FEEDBACK = Feedback(useful=14, total=17)
RECORD = LevelRecord(
    series="brent-spot",
    level=0.01,
    first=date(2002, 12, 13),
    last=date(2026, 8, 18),
    sessions=6000,
    abnormal=61,
    after_events=4,
)
"""Made up; of one level of one series."""


def write_words(alert: Alert) -> str:
    """The three lengths of an alert: lock screen, card and detail, with a line between them."""
    text = compose_text(alert)
    detail = write_detail(alert, RECORD, FEEDBACK)
    return "\n\n".join([text.lock_screen, text.card, "\n".join(detail)]) + "\n"


def main() -> None:
    """Write every file anew, and remove those of no alert."""
    FOLDER.mkdir(exist_ok=True)
    for name, alert in CASES.items():
        (FOLDER / f"{name}.txt").write_text(write_words(alert), encoding="utf-8")
    for file in FOLDER.glob("*.txt"):
        if file.stem not in CASES:
            file.unlink()
    for file in Path(str(find_folder())).glob("examples/alert/*.json"):
        _rewrite_example(file)


def _rewrite_example(file: Path) -> None:
    """Only the two strings change: the layout of the file is for people."""
    told = file.read_text(encoding="utf-8")
    published = decode_alert(told.encode())
    text = compose_text(published.alert)
    before = published.text
    if before is not None:
        for old, new in ((before.lock_screen, text.lock_screen), (before.card, text.card)):
            told = told.replace(json.dumps(old, ensure_ascii=False), json.dumps(new, ensure_ascii=False))
        file.write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()
