"""Fixed alerts as files, `golden/FORM/NAME.txt`: `python -m tests.message.golden` writes them anew.

It also puts the words of today into the examples of `alert.v2`. Read the difference before it is committed.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tests.notify.alerts import CASES

from brentwatch.core.domain import LevelRecord
from brentwatch.message.alert_text import compose_text
from brentwatch.message.words import Feedback, write_detail
from brentwatch.wire.json_schemas import find_folder
from brentwatch.wire.published import decode_alert

if TYPE_CHECKING:
    from collections.abc import Callable

    from brentwatch.core.domain import Alert

FOLDER = Path(__file__).parent / "golden"
FEEDBACK = Feedback(useful=14, total=17)
RECORD = LevelRecord(
    series="brent-spot",
    level=0.01,
    first=date(1994, 12, 13),
    last=date(2018, 8, 18),
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


FORMS: dict[str, Callable[[Alert], str]] = {"words": write_words}
"""What is written of each alert: its words; a channel adds what it sends."""


def name_file(form: str, case: str) -> Path:
    """Where the file of an alert in one form is."""
    return FOLDER / form / f"{case}.txt"


def main() -> None:
    """Write every file anew, and remove those of no alert."""
    for form, write in FORMS.items():
        (FOLDER / form).mkdir(parents=True, exist_ok=True)
        for case, alert in CASES.items():
            name_file(form, case).write_text(write(alert), encoding="utf-8")
    for file in FOLDER.glob("*/*.txt"):
        if file.stem not in CASES or file.parent.name not in FORMS:
            file.unlink()
    for file in Path(str(find_folder())).glob("examples/alert.v2/*.json"):
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
