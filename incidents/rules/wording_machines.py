"""W09 and W10: what only our machines and our tools are called."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from incidents.rules.findings import Level
from incidents.rules.wording_text import Folded, Reading, Span, Spot

_LONGEST = 120  # characters: no name of a machine is longer, so that no token costs more
_INSIDE = (
    ".internal",
    ".local",
    ".lan",
    ".corp",
    ".intranet",
    ".localdomain",
    ".cluster.local",
)
_ADDRESS = "the address of a machine"
_NO_HOSTS = ("rc.local", "conf.local", "env.local")
_CLOUD = (".compute.amazonaws.com", ".rds.amazonaws.com", ".cloudapp.azure.com")
_HOST = re.compile(
    r"(?:ip-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}"
    r"|(?:[a-z]{2,12}-){0,4}(?:web|app|api|db|sql|srv|server|node|host|worker|cache|redis|kafka"
    r"|pg|mysql|lb|vm|gw|k8s)-?\d{1,4}"
    r"|(?:prod|stg|staging|dev|prd)(?:-[a-z0-9]{1,12}){0,4}-\d{1,4})(?:\.[a-z0-9-]{1,30}){0,5}"
)
_TRACE = re.compile(
    r"Traceback \(most recent call last\)"
    r"|^[ \t]{1,16}at [\w.$<>]{3,200}\("
    r"|^[ \t]{0,16}File \"[^\"\n]{1,200}\", line \d{1,7}"
    r"|\bException in thread\b|\bpanic: |\bgoroutine \d{1,7}|\bsegmentation fault\b"
    r"|\b[A-Z]\w{2,60}(?:Exception|Error)(?=:\s| at )",
    re.MULTILINE,
)
_TICKET = re.compile(r"[A-Z][A-Z0-9]{1,9}-\d{1,6}")
# Standards, products and our own reference, which customers may be given.
_NO_TICKET = re.compile(
    r"(?:INC|UTF|SHA|MD|AES|RSA|ISO|IEC|RFC|CVE|COVID|HTTP|TLS|IPV|GPT|GMT|UTC|US|EU|AP|SEV|H|A|B|X|V)-?\d*-.*"
    r"|[A-Z]\d?-\d+"
)
_HASH = re.compile(
    r"(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])(?:[0-9a-f]{7,12}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})"
)
_BRANCH = re.compile(r"(?:feature|bugfix|hotfix|release|feat|chore)/[\w./-]{2,80}")
_PATH = re.compile(
    r"/(?:var|etc|usr|opt|home|tmp|srv|proc|mnt|root|dev|lib|bin|data)/[\w./-]{1,110}"
    r"|[A-Za-z]:\\[\w.\\ -]{1,110}"
)
_COMMAND = Folded(
    r"\b(?:sudo|mkdir|mount|chmod|chown|chroot|cd|cat|cp|mv|rm|ls|docker|kubectl|curl)\b|\$ "
)
_ALLOWING = Folded(r"\b(?:allow|white|safe)[ -]?list|\bfirewall")
_PULL = re.compile(
    r"\b(?:PR|pull request|merge request|MR|issue|ticket|commit) ?#\d{1,7}\b", re.IGNORECASE
)


def machines(reading: Reading) -> Iterator[Spot]:
    """W09: addresses, hosts and stack traces help whoever attacks, and nobody else.

    A warning where addresses are given to customers for their own lists of what is let in.
    """
    level = Level.WARNING if _ALLOWING.search(reading.prose) else None
    for token in (*reading.tokens, *reading.links):
        what = _machine(token) if len(token.text) <= _LONGEST else ""
        if what:
            message = f"“{token.text}” is {what}: leave it out, and name the service instead."
            yield Spot(token.start, token.end, message, level if what == _ADDRESS else None)
    for found in _TRACE.finditer(reading.prose):
        message = "This is part of a stack trace: say what customers notice instead."
        yield Spot(*found.span(), message)


def tools(reading: Reading) -> Iterator[Spot]:
    """W10: tickets, commits, branches and paths mean something only to us; each once."""
    seen = set()
    for token in reading.tokens:
        what = _tool(token, reading) if len(token.text) <= _LONGEST else ""
        if what and token.text not in seen:
            seen.add(token.text)
            message = f"“{token.text}” is {what} of ours: leave it out."
            yield Spot(token.start, token.end, message)
    for found in _PULL.finditer(reading.prose):
        yield Spot(*found.span(), f"“{found[0]}” is a number of ours: leave it out.")


def _machine(token: Span) -> str:
    said = token.text.lower()
    if not ("." in said or ":" in said or said[-1].isdecimal()):
        return ""
    if "://" in said:
        said = said.split("://", 1)[1].split("/", 1)[0].split("?", 1)[0]
        said = said.rsplit("@", 1)[-1]
    if _is_address(said.split("/", 1)[0]):
        return _ADDRESS
    bare = said.rsplit(":", 1)[0] if said.count(":") == 1 else said
    if bare.endswith((*_INSIDE, *_CLOUD)) and bare not in _NO_HOSTS and bare[0].isalnum():
        return "a machine"
    return "a machine" if "@" not in said and _HOST.fullmatch(bare) else ""


def _is_address(said: str) -> bool:
    bare = said.strip("[]")
    if bare.count(":") >= 2 and not bare.replace(":", "").isdecimal():
        return _holds(IPv6Address, bare)
    host = bare.rsplit(":", 1)[0] if bare.count(":") == 1 else bare
    if host.count(".") != 3 or all(len(part) == 1 for part in host.split(".")):
        return False  # 5.4.1.1 is the number of a section or of a version
    return _holds(IPv4Address, host)


def _holds(kind: type[IPv4Address] | type[IPv6Address], said: str) -> bool:
    try:
        kind(said)
    except AddressValueError:
        return False
    return True


def _tool(token: Span, reading: Reading) -> str:
    said = token.text
    if said.lower() in reading.named:
        return ""
    if _TICKET.fullmatch(said) and not _NO_TICKET.fullmatch(said):
        return "a ticket"
    if _HASH.fullmatch(said):
        return "a commit or an id"
    if _BRANCH.fullmatch(said):
        return "a branch"
    return "a file" if _PATH.fullmatch(said) and not _is_typed(token, reading) else ""


def _is_typed(token: Span, reading: Reading) -> bool:
    """Whether the path is in a command that readers are asked to type on their own machine."""
    line = reading.prose.rfind("\n", 0, token.start) + 1
    return bool(_COMMAND.search(reading.prose[max(line, token.start - 80) : token.start]))
