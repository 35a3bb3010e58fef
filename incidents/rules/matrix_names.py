"""Our words for phases and roles, and the well-known words other companies use for them.

Only synonyms the field agrees on stand here. A word that could mean two of ours (“respond”,
“internal liaison”, “support”) is left out on purpose: a person must say what it means.
Vocabularies read: PagerDuty, Atlassian, GitLab, UK GDS, SANS PICERL, ITIL, FEMA ICS.
"""

import re
from collections.abc import Mapping

from incidents.rules import roles
from incidents.rules.phases import Phase

PHASES: tuple[str, ...] = tuple(Phase)
ROLES: tuple[str, ...] = tuple(roles.NAMES)

_PHASE_SYNONYMS: dict[str, tuple[str, ...]] = {
    Phase.PREPARATION: ("prepare", "preparedness", "readiness"),
    Phase.DETECTION: ("detect", "declare", "declaration", "identification", "identify"),
    Phase.TRIAGE: (
        "assess",
        "assessment",
        "classify",
        "investigate",
        "investigation",
        "prioritise",
        "prioritize",
    ),
    Phase.MITIGATION: (
        "mitigate",
        "contain",
        "containment",
        "remediate",
        "remediation",
        "eradicate",
        "eradication",
        "coordinate",
        "coordination",
        "communicate",
        "communication",
    ),
    Phase.RESOLUTION: ("resolve", "recover", "recovery"),
    Phase.REVIEW: (
        "learn",
        "lessons learned",
        "after",
        "after action",
        "after action review",
        "retrospective",
        "postmortem",
        "post mortem",
        "post incident review",
    ),
}

_ROLE_SYNONYMS: dict[str, tuple[str, ...]] = {
    roles.COMMANDER: (
        "ic",
        "incident manager",
        "major incident manager",
        "incident lead",
        "incident leader",
        "situation lead",
    ),
    roles.DEPUTY: ("deputy", "deputy ic", "deputy incident commander"),
    roles.COMMUNICATIONS: (
        "comms lead",
        "comms manager",
        "communication lead",
        "communications manager",
        "communications manager on call",
        "external liaison",
        "customer liaison",
    ),
    roles.SCRIBE: ("note taker", "notetaker"),
    roles.DOMAIN_OWNER: ("service owner", "system owner"),
    roles.RESPONDER: (
        "responders",
        "sme",
        "subject matter expert",
        "subject matter experts",
        "engineer on call",
        "on call engineer",
    ),
    roles.SUPPORT: ("support manager", "customer support lead"),
    roles.COUNSEL: ("counsel", "legal", "general counsel"),
    roles.PRIVACY: ("privacy", "dpo", "data protection officer", "chief privacy officer"),
    roles.EXECUTIVE: ("executives", "executive sponsor"),
    roles.TEAM_LEAD: ("tech lead", "technical lead"),
    roles.ENGINEERING: ("engineering leaders", "head of engineering"),
}


def fold(name: str) -> str:
    """The name without regard to case, punctuation and spacing."""
    return " ".join(re.findall(r"[^\W_]+", name.casefold())) or name.strip()


def _index(synonyms: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {fold(word): ours for ours, words in synonyms.items() for word in (ours, *words)}


_PHASE_OF = _index(_PHASE_SYNONYMS)
_ROLE_OF = _index(_ROLE_SYNONYMS)


def propose_phase(foreign: str) -> str | None:
    """Our phase for a foreign word, or None where a person must be asked."""
    return _PHASE_OF.get(fold(foreign))


def propose_role(foreign: str) -> str | None:
    """Our role for a foreign word, or None where a person must be asked."""
    return _ROLE_OF.get(fold(foreign))
