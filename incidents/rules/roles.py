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
TEAM_LEAD = "team_lead"
SUPPORT = "support_lead"
COUNSEL = "legal_counsel"
PRIVACY = "privacy_officer"
ENGINEERING = "engineering_leadership"
EXECUTIVE = "executive"

# These want all of whoever holds them in a real incident: an exercise they command is given up.
UNDIVIDED = frozenset({COMMANDER, COMMUNICATIONS})

NAMES: dict[str, str] = {
    COMMANDER: "Incident commander",
    DEPUTY: "Deputy commander",
    COMMUNICATIONS: "Communications lead",
    SCRIBE: "Scribe",
    DOMAIN_OWNER: "Domain owner",
    RESPONDER: "Responder",
    SUPPORT: "Support lead",
    COUNSEL: "Legal counsel",
    PRIVACY: "Privacy officer",
    EXECUTIVE: "Executive",
    TEAM_LEAD: "Team lead",
    ENGINEERING: "Engineering leadership",
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
    PRIVACY: RoleKind.LEGAL,
    EXECUTIVE: RoleKind.EXECUTIVE,
    TEAM_LEAD: RoleKind.TECHNICAL,
    ENGINEERING: RoleKind.EXECUTIVE,
}
# To whom each reports while an incident runs; the commander to nobody (ICS: one chain).
REPORTS_TO: dict[str, str] = {
    DEPUTY: COMMANDER,
    COMMUNICATIONS: COMMANDER,
    SCRIBE: COMMANDER,
    DOMAIN_OWNER: COMMANDER,
    RESPONDER: DOMAIN_OWNER,
    TEAM_LEAD: COMMANDER,
    SUPPORT: COMMUNICATIONS,
    COUNSEL: COMMANDER,
    PRIVACY: COUNSEL,
}

EVERY_OTHER = ""
# Which roles one person never holds together in one incident, as an installation begins: role,
# other (EVERY_OTHER for all), why. Leadership may add pairs and lift these; the floor stays: who
# commands does no technical work and does not speak.
EXCLUSIONS: tuple[tuple[str, str, str], ...] = (
    (COMMANDER, EVERY_OTHER, "Command is single-threaded: who commands does nothing else."),
    (COMMUNICATIONS, DOMAIN_OWNER, "Who speaks has no time to repair."),
    (COMMUNICATIONS, RESPONDER, "Who speaks has no time to repair."),
)
