"""What the tests of the wording checks share."""

from datetime import UTC, datetime

from incidents.rules.wording_checks import Known, Level, Words, check

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
# Put together here, so that no scanner of repositories takes them for real ones.
KEYS = [
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "ghp_" + "a1B2" * 9,
    "xoxb-" + "1234567890-abcdef",
    "sk_live_" + "a1b2c3d4e5f6a7b8",
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxMjM0In0",
    "postgres://app:" + "hunter2@db.example.com",
    "password: " + "Winter2031x",
]


def said(text: str, audience: str = "public", **more) -> Words:
    return Words(text=text, audience=audience, at=AT, **more)


def ids(words: Words | str, known: Known | None = None) -> set[str]:
    words = said(words) if isinstance(words, str) else words
    return {each.rule for each in check(words, known or Known())}


def levels(text: str, rule: str, audience: str = "public") -> list[Level]:
    return [each.level for each in check(said(text, audience)) if each.rule == rule]


def after(*earlier: Words, **more) -> Known:
    return Known(earlier=earlier, **more)
