"""W11: what opens a door, in any audience; inside, words are kept for years too."""

import re
from collections.abc import Iterator

from incidents.rules.wording_text import Folded, Reading, Spot

_KEYS = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA|AROA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,255}|\bgithub_pat_[A-Za-z0-9_]{30,255}"
    r"|\bglpat-[\w-]{20,64}|\bnpm_[A-Za-z0-9]{30,64}|\bpypi-[\w-]{40,255}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,255}"
    r"|\bhooks\.slack\.com/services/[\w/]{20,120}"
    r"|\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,128}|\bsk-[A-Za-z0-9_-]{20,200}"
    r"|\bAIza[\w-]{35}|\bya29\.[\w-]{20,255}"
    r"|\bSG\.[\w-]{16,32}\.[\w-]{30,64}"
    r"|\beyJ[\w-]{8,120}\.eyJ[\w-]{8,2000}"
)
_CONNECTION = re.compile(
    r"\b[a-z][a-z0-9+]{1,20}://[^\s:/@]{1,80}:[^\s@/]{1,120}@[\w.-]{1,120}", re.IGNORECASE
)
_GIVEN = Folded(
    r"\b(?:password|passwd|passphrase|pwd|secret|token|api[_ -]?key|access[_ -]?key|client[_ -]?secret|bearer)"
    r"[\"']?\s{0,3}(?:[:=]|\bis\b|\bwas\b|(?<=bearer))\s{0,3}[\"'`]?(?P<value>[^\s\"'`,;]{6,200})"
)
# Looked for first: plain searches cost next to nothing, and most texts have none.
_BEGINNINGS = (
    "-----BEGIN", "AKIA", "ASIA", "AROA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_",
    "glpat-", "npm_", "pypi-", "xox", "hooks.slack.com", "sk_", "rk_", "sk-", "AIza", "ya29.", "SG.",
    "eyJ",
)  # fmt: skip
_CALLED = ("passw", "passphrase", "pwd", "secret", "token", "key", "bearer")
_SHOWN = 4  # characters of a secret that a remark repeats


def secrets(reading: Reading) -> Iterator[Spot]:
    """W11: keys, tokens, passwords, and addresses that carry one."""
    message = (
        "This opens a door: take it out, and have it replaced, since it has been typed here."
    )
    if any(each in reading.text for each in _BEGINNINGS):
        for found in _KEYS.finditer(reading.text):
            yield Spot(*found.span(), message)
    if "://" in reading.text:
        for found in _CONNECTION.finditer(reading.text):
            yield Spot(*found.span(), message)
    folded = reading.text.lower()
    for found in (
        _GIVEN.finditer(reading.text) if any(each in folded for each in _CALLED) else ()
    ):
        if _looks_random(found["value"]):
            yield Spot(*found.span("value"), message)


def masked(quote: str) -> str:
    """What a remark may repeat of a secret."""
    return f"{quote[:_SHOWN]}…"


def _looks_random(value: str) -> bool:
    """Letters and digits, or signs among them; “password: changed” is no password."""
    has_letter = any(each.isalpha() for each in value)
    has_other = any(each.isdigit() or each in "!@#$%^&*+=~" for each in value.rstrip(".!)"))
    return has_letter and has_other and "://" not in value
