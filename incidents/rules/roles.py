"""The roles the law itself names. A company may add roles; these it cannot do without.

Sources: FEMA ICS (one commander), PagerDuty incident response "Different roles".
"""

from enum import StrEnum


class RoleKind(StrEnum):
    """What sort of work a role does: the checks keep some kinds apart."""

    COMMAND = "command"
    VOICE = "voice"
    TECHNICAL = "technical"
    SUPPORT = "support"
    LEGAL = "legal"
    EXECUTIVE = "executive"
    OTHER = "other"


COMMANDER = "incident_commander"
DEPUTY = "deputy_commander"
COMMUNICATIONS = "communications_lead"
SCRIBE = "scribe"
DOMAIN_OWNER = "domain_owner"
RESPONDER = "responder"
SUPPORT = "support_lead"
COUNSEL = "legal_counsel"
EXECUTIVE = "executive"

NAMES: dict[str, str] = {
    COMMANDER: "Incident commander",
    DEPUTY: "Deputy commander",
    COMMUNICATIONS: "Communications lead",
    SCRIBE: "Scribe",
    DOMAIN_OWNER: "Domain owner",
    RESPONDER: "Responder",
    SUPPORT: "Support lead",
    COUNSEL: "Legal counsel",
    EXECUTIVE: "Executive",
}

KINDS: dict[str, RoleKind] = {
    COMMANDER: RoleKind.COMMAND,
    DEPUTY: RoleKind.COMMAND,
    COMMUNICATIONS: RoleKind.VOICE,
    SCRIBE: RoleKind.SUPPORT,
    DOMAIN_OWNER: RoleKind.TECHNICAL,
    RESPONDER: RoleKind.TECHNICAL,
    SUPPORT: RoleKind.SUPPORT,
    COUNSEL: RoleKind.LEGAL,
    EXECUTIVE: RoleKind.EXECUTIVE,
}
# To whom each reports while an incident runs; the commander to nobody (ICS: one chain).
REPORTS_TO: dict[str, str] = {
    DEPUTY: COMMANDER,
    COMMUNICATIONS: COMMANDER,
    SCRIBE: COMMANDER,
    DOMAIN_OWNER: COMMANDER,
    RESPONDER: DOMAIN_OWNER,
    SUPPORT: COMMUNICATIONS,
    COUNSEL: COMMANDER,
}
