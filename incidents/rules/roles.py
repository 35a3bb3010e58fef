"""The roles the law itself names. A company may add roles; these it cannot do without.

Sources: FEMA ICS (one commander), PagerDuty incident response "Different roles".
"""

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
