"""The file of a law pack may share its parts; it may not hide or multiply anything."""

from typing import Any

import pytest

from incidents.documents import MAX_PACK_BYTES, read_pack_document, shipped_pack
from incidents.rules.reasons import Invalid


def test_the_shipped_file_is_read_with_its_shared_parts_written_out() -> None:
    trigger = shipped_pack()["regimes"][0]["trigger"]["all"]
    assert trigger[0] == {"field": "data_roles", "operator": "contains", "value": "controller"}
    assert "NO" in trigger[1]["any"][0]["value"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a: &a [x]\nb: {<<: *a}", "bad_yaml"),
        ("a: 1\na: 2", "bad_yaml"),
        ("a: *nowhere", "bad_yaml"),
        ("a: &a [*a]", "document_too_large"),
        ("a" * (MAX_PACK_BYTES + 1), "document_too_large"),
        (b"\xff", "wrong_encoding"),
    ],
)
def test_a_file_that_hides_or_multiplies_something_is_refused(content: Any, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_pack_document(content)
    assert caught.value.has(code)


def test_a_hundred_bytes_of_aliases_do_not_unfold_to_gigabytes() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(Invalid) as caught:
        read_pack_document("\n".join(lines))
    assert caught.value.has("document_too_large")
