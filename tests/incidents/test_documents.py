"""YAML comes in as plain data or is refused with the line; it goes out as people write it."""

import pytest

from incidents.documents import MAX_BYTES, read_document, write_document
from incidents.rules.default_scheme import DEFAULT_SCHEME
from incidents.rules.reasons import Invalid


def refusal(content: str | bytes) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read_document(content)
    return caught.value


def test_what_was_written_is_read_back_the_same_below_its_comments() -> None:
    text = write_document(DEFAULT_SCHEME, ["All levels.", ""])
    assert text.startswith("# All levels.\n#\nlevels:\n")
    assert read_document(text) == read_document(text.encode()) == DEFAULT_SCHEME


def test_equal_parts_are_written_out_twice_and_read_back() -> None:
    part = {"minutes": 5}
    assert write_document({"a": part, "b": part}) == "a: {minutes: 5}\nb: {minutes: 5}\n"


def test_json_is_yaml() -> None:
    assert read_document('{"levels": [{"code": "high"}]}') == {"levels": [{"code": "high"}]}


def test_what_json_says_in_two_escapes_is_one_character() -> None:
    assert read_document('{"a\\ud83d\\ude00": "\\ud83d\\ude00"}') == {"a😀": "😀"}


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("a: 1\nb: [", "line 2"),
        ("a: 1\nb: 2\na: 3", "line 3, column 1: “a” stands here a second time"),
        ("a: {b: 1,\n b: 2}", "line 2, column 2: “b” stands here a second time"),
        ("a: &x [1]\nb: *x", "line 2, column 4"),
        ("a: !!python/name:os.system", "line 1, column 4"),
        ("a: 1\n---\nb: 2", "line 2"),
        ("? [1]\n: 2", "unhashable key"),
        ("day: 2026-99-99", "month must be in 1..12"),
        ("[" * 30_000, "nested too deep"),
        ("a: " + "9" * 5_000, "is no YAML"),
        ("a: 0x" + "f" * 5_000, "line 1, column 4: no number is this long"),
        ("a: 0b" + "1" * 40_000, "no number is this long"),
        ("a: 1" + ":59" * 9_000, "no number is this long"),
        ("a: 1" + ":59" * 9_000 + ".5", "no number is this long"),
        ("0x" + "f" * 900 + ": a", "line 1, column 1: no number is this long"),
        ("a: \0", "is no YAML"),
        ('{"a":\n "\\ud83d"}', "line 2, column 2: half of a character"),
        ('{"\\ude00": 1}', "line 1, column 2: half of a character"),
    ],
)
def test_what_cannot_be_read_or_would_lose_something_is_refused_with_the_place(
    content: str, where: str
) -> None:
    refused = refusal(content)
    assert refused.has("bad_yaml")
    assert where in str(refused)


def test_a_document_is_text_of_a_size_people_read() -> None:
    assert refusal(b"a: \xff").has("wrong_encoding")
    assert refusal("a" * (MAX_BYTES + 1)).has("document_too_large")
    assert read_document("a" * MAX_BYTES) == "a" * MAX_BYTES
