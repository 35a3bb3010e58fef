"""W07 and W08: words of the trade, and names no customer knows."""

from collections.abc import Iterator, Mapping

from incidents.rules.findings import Level
from incidents.rules.wording_text import SUPPORT, Folded, Reading, Spot

# What is found, as a pattern, and what to say instead.
PLAIN: Mapping[str, str] = {
    r"[45]xx": "errors",
    r"HTTP(?:/\d)? ?[345]\d\d": "errors",
    r"[45]\d\d (?:errors?|responses?|status codes?)": "errors",
    r"roll(?:ed|ing|s)?[- ]?back": "undone a change",
    r"revert(?:ed|ing)?": "undone a change",
    r"hot-?fix(?:es)?": "a correction",
    r"fail(?:ed|ing)?[- ]?over": "moved to a reserve system",
    r"p(?:50|90|95|99)": "what most customers see",
    r"kubernetes|k8s": "our systems",
    r"pods?": "our systems",
    r"clusters?": "our systems",
    r"shard(?:s|ed|ing)?": "part of the data",
    r"replicas?|replication lag": "copies of the data",
    r"load[- ]balanc(?:ers?|ing)": "the entry to our systems",
    r"back-?ends?": "our systems",
    r"ingress|egress": "traffic in, traffic out",
    r"upstream|downstream": "a system we depend on",
    r"latenc(?:y|ies)": "slow responses",
    r"throughput": "how much we can handle",
    r"throttl(?:ed|ing)": "limited",
    r"rate[- ]limit(?:s|ed|ing)?": "limited",
    r"time-?outs?|timed out": "no answer in time",
    r"packet loss": "connections that break",
    r"BGP": "internet routing",
    r"DNS": "how our addresses are found",
    r"TLS|SSL": "secure connections",
    r"OOM|out of memory": "overloaded",
    r"CPU": "capacity",
    r"garbage collection": "",
    r"deadlock(?:s|ed)?": "",
    r"connection pools?": "connections",
    r"thundering herd": "too many requests at once",
    r"canary|canaries": "a trial",
    r"feature flags?": "a switch",
    r"hypervisors?": "our systems",
    r"control plane|data plane": "what manages the service, what carries it",
    r"telemetry": "our measurements",
    r"root cause analysis|RCA": "what we learnt",
    r"SLOs?|SLIs?|MTTR|MTTD": "",
    r"sev-?[0-5]|P[0-4] incident": "",
    r"on-?call|war ?room|incident commander": "our team",
    r"backfill(?:ed|ing)?": "catching up on data",
    r"infra": "our systems",
    r"micro-?services?": "our systems",
    r"endpoints?": "addresses",
    r"regression": "a fault that a change brought",
    r"config(?:s|uration)? (?:change|push|drift|rollout)": "a change of settings",
    r"deploy(?:s|ed|ing|ments?)?": "a change",
    r"roll-?outs?": "bringing in a change",
    r"cach(?:e|es|ed|ing)": "stored copies",
    r"idempoten(?:t|cy)": "",
    r"race condition": "a fault",
    r"segfault|core dump": "a crash",
    r"null pointer": "a fault",
    r"cron ?jobs?": "a regular task",
}
_TERM = Folded(
    "(?<![\\w-])(?:"
    + "|".join(f"(?P<t{number}>{term})" for number, term in enumerate(PLAIN))
    + ")(?![\\w-])"
)
_INSTEAD = {f"t{number}": plain for number, plain in enumerate(PLAIN.values())}


def jargon(reading: Reading) -> Iterator[Spot]:
    """W07: each word of the trade once; support may know it, so that it is only shown there."""
    level = Level.INFORMATION if reading.words.audience == SUPPORT else None
    seen: set[str] = set()
    for found in _TERM.finditer(reading.prose):
        term = found[0]
        if found.lastgroup and found.lastgroup not in seen and term not in reading.named:
            seen.add(found.lastgroup)
            plain = _INSTEAD[found.lastgroup]
            instead = f"say “{plain}”, or" if plain else "say"
            message = f"“{reading.quote(found)}” is a word of the trade: {instead} what customers notice."
            yield Spot(*found.span(), message, level)


def internal_names(reading: Reading) -> Iterator[Spot]:
    """W08: a name of ours, unless customers call it so too."""
    called = {name.casefold(): public for name, public in reading.known.internal.items()}
    names = [name for name in called if not _is_public(name, called[name], reading.named)]
    for start, end, name in reading.names(names):
        public = called[name]
        instead = f"customers call it “{public}”." if public else "say what it does for them."
        message = f"“{reading.text[start:end]}” is a name no customer knows: {instead}"
        yield Spot(start, end, message)


def _is_public(name: str, public: str, named: str) -> bool:
    return name == public.casefold() or name in named
