"""Wording checks: names of ours and of machines, secrets, personal data."""

import pytest

from incidents.rules.wording_checks import Known, Level, check
from tests.incidents.wording_room import KEYS, ids, levels, said

A_CARD, AN_IBAN = "4111 1111 1111 1111", "GB82 WEST 1234 5698 7654 32"


def test_a_name_of_ours_is_said_with_what_customers_call_it() -> None:
    known = Known(internal={"Blue-Bird": "Sign-in", "kestrel": ""})
    found = check(said("blue-bird and KESTREL are down."), known)
    names = [(each.quote, each.message) for each in found if each.rule == "W08"]
    assert [name for name, _ in names] == ["blue-bird", "KESTREL"]
    assert "Sign-in" in names[0][1]
    assert "W08" not in ids("bluebirds are birds.", known)


def test_a_name_customers_use_is_no_secret() -> None:
    assert "W08" not in ids("Payments fail.", Known(internal={"payments": "Payments"}))
    shown = said("Search is slow.", services=("Search and browse",))
    assert "W08" not in ids(shown, Known(internal={"search": "Browsing"}))


@pytest.mark.parametrize(
    "text",
    [
        "10.20.30.40", "10.20.30.40:8080", "2001:db8::ff00:42:8329", "fe80::1",
        "web-03", "db01.prod.internal", "ip-10-0-32-54.eu-west-1.compute.internal",
        "http://10.1.2.3/health", "Traceback (most recent call last):",
        "java.lang.NullPointerException: null", "    at com.example.Main.run(Main.java:5)",
    ],
)  # fmt: skip
def test_a_machine_is_an_error(text: str) -> None:
    assert levels(f"We see this:\n{text}\nand look into it.", "W09") == [Level.ERROR]


@pytest.mark.parametrize(
    "text",
    [
        "at 12:30:45 UTC",
        "rule 5.4.1.1",
        "version 2.10",
        "https://example.com/help",
        "status: ok",
    ],
)
def test_a_time_a_version_or_a_public_link_is_no_machine(text: str) -> None:
    assert "W09" not in ids(f"We look into it, {text}.")


def test_addresses_for_a_list_of_what_is_let_in_only_warn() -> None:
    text = "Add 203.0.113.0/24 to your allow list."
    assert levels(text, "W09") == [Level.WARNING]


@pytest.mark.parametrize(
    "text", ["OPS-4711", "commit 9fceb02d", "feature/new-login", "/var/log/app.log", "PR #12"]
)
def test_a_number_of_our_tools_is_a_warning(text: str) -> None:
    assert levels(f"See {text} for more.", "W10") == [Level.WARNING]


@pytest.mark.parametrize(
    "text", ["INC-12", "UTF-8", "SHA-256", "CVE-2026-1234", "and/or", "1234567", "decades"]
)
def test_a_standard_or_our_own_reference_is_no_number_of_our_tools(text: str) -> None:
    assert "W10" not in ids(f"See {text} for more.")


def test_a_path_in_a_command_for_the_reader_is_theirs() -> None:
    assert "W10" not in ids("Run sudo mkdir /mnt/boot-disk and start again.")


@pytest.mark.parametrize("key", KEYS)
def test_a_secret_is_found_and_not_repeated(key: str) -> None:
    found = [each for each in check(said(f"Use {key} now.")) if each.rule == "W11"]
    assert len(found) == 1
    assert len(found[0].quote) <= 5
    assert found[0].quote.endswith("…")


@pytest.mark.parametrize(
    "text",
    ["Your password is safe.", "Reset your password: see below.", "Tokens are valid again."],
)
def test_speaking_of_passwords_gives_none_away(text: str) -> None:
    assert "W11" not in ids(text)


@pytest.mark.parametrize(
    "text", ["jane.doe@example.com", "+44 20 7946 0958", A_CARD, AN_IBAN, "Ada Lovelace"]
)
def test_personal_data_is_an_error_outside(text: str) -> None:
    known = Known(people=("ada lovelace",))
    found = [each for each in check(said(f"Ask {text} now."), known) if each.rule == "W12"]
    assert [(each.quote, each.level) for each in found] == [(text, Level.ERROR)]


@pytest.mark.parametrize(
    "text",
    [
        "support@example.com", "security-team@example.com", "our hotline +44 20 7946 0958",
        "4111 1111 1111 1112", "GB82 WEST 1234 5698 7654 33", "2026-11-23 09:00", "Ada",
    ],
)  # fmt: skip
def test_what_belongs_to_a_role_or_is_no_such_number_is_not(text: str) -> None:
    assert "W12" not in ids(f"Ask {text} now.", Known(people=("Ada Lovelace",)))
