"""The two data files are loaded whole or refused with every fault; a word without a reason is one."""

from __future__ import annotations

import pytest

from brentwatch.core.errors import InvalidInput
from brentwatch.ingest.gdelt_words.vocabulary import (
    NamedPlace,
    NameKind,
    WordGroup,
    load_vocabulary,
    parse_vocabulary,
)

WORDS = "group,reason,words\nstreet,a crowd,protest protests\nwhere,before a place,in at\n"
NAMES = "country,kind,reason,names\nKAZ,country,its name,kazakhstan\nKAZ,town,an oil port,aktau\n"


def test_the_bundled_files_have_no_fault_and_a_word_in_every_group() -> None:
    vocabulary = load_vocabulary()
    assert {group for groups in vocabulary.groups.values() for group in groups} == set(WordGroup)
    assert vocabulary.places["aktau"] == NamedPlace("KAZ", NameKind.TOWN)
    assert load_vocabulary() is vocabulary


def test_a_word_may_be_in_several_groups() -> None:
    more = WORDS + "crowd,who stands there,protest\n"
    assert parse_vocabulary(more, NAMES).groups["protest"] == (WordGroup.STREET, WordGroup.CROWD)


@pytest.mark.parametrize(
    ("words", "names", "said"),
    [
        (WORDS.replace("a crowd", " "), NAMES, "vocabulary.csv, row 2: the reason is empty"),
        (WORDS.replace("a crowd", ""), NAMES, "vocabulary.csv, row 2: the reason is empty"),
        (WORDS, NAMES.replace("an oil port", ""), "gazetteer.csv, row 3: the reason is empty"),
        (WORDS + "street,again,protest\n", NAMES, "vocabulary.csv, row 4: protest is twice in street"),
        (WORDS, NAMES + "UZB,town,another,aktau\n", "gazetteer.csv, row 4: aktau is in the file twice"),
        (WORDS.replace("street,", "dancing,"), NAMES, "group is 'dancing'; expected one of armed alone"),
        (WORDS, NAMES.replace("KAZ,town", "KAZ,river"), "kind is 'river'; expected one of country, town"),
        (WORDS, NAMES.replace("KAZ,town", "KAX,town"), "country is 'KAX'; expected one of"),
        (WORDS.replace("protests", "Protests"), NAMES, "Protests is not a word; expected lower-case letters"),
        (WORDS.replace("protests", "g7"), NAMES, "g7 is not a word"),
        (WORDS.replace("protests", "a_b_c_d_e"), NAMES, "a_b_c_d_e is not a word"),
        (WORDS.replace("protests", "a__b"), NAMES, "a__b is not a word"),
    ],
)
def test_a_mutation_of_a_file_is_refused_with_its_row(words: str, names: str, said: str) -> None:
    assert parse_vocabulary(WORDS, NAMES).groups
    with pytest.raises(InvalidInput) as caught:
        parse_vocabulary(words, names)
    assert any(said in fault for fault in caught.value.faults)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_vocabulary(WORDS.replace("a crowd", ""), NAMES.replace("an oil port", ""))
    assert len(caught.value.faults) == 2
