"""One alert of each kind, whole: a change of a word is seen here, and read before it is kept."""

from __future__ import annotations

import pytest
from tests.message import golden
from tests.notify.alerts import CASES


@pytest.mark.parametrize("form", golden.FORMS)
@pytest.mark.parametrize("case", CASES)
def test_what_is_shown_is_that_of_the_file(form: str, case: str) -> None:
    written = golden.name_file(form, case).read_text(encoding="utf-8")
    assert golden.FORMS[form](CASES[case]) == written, "python -m tests.message.golden writes them anew"


def test_every_file_is_of_an_alert() -> None:
    found = {file for file in golden.FOLDER.rglob("*") if file.is_file()}
    assert found == {golden.name_file(form, case) for form in golden.FORMS for case in CASES}
