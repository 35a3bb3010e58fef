"""What is so: fields, constraints, querysets that read as sentences."""

from incidents.models.access import ApiToken
from incidents.models.catalogue import Dependency, Scenario, Service
from incidents.models.governed import GovernedVersion, VersionStatus
from incidents.models.incident import Assignment, Decision, Incident, TimelineEntry
from incidents.models.legal import LegalClock
from incidents.models.matrix import Activity, Cell, Matrix, MatrixUpload, MatrixVersion
from incidents.models.people import Person, Team
from incidents.models.records import (
    AuditEvent,
    AuditHead,
    Counter,
    Heartbeat,
    Nudged,
    OutboxMessage,
)
from incidents.models.roles import Absence, Qualification, Role
from incidents.models.severity import (
    Audience,
    EscalationStep,
    SeverityCriterion,
    SeverityLevel,
    SeverityScheme,
    UpdateCadence,
)
from incidents.models.statement import HoldingStatement
from incidents.models.update import Update, UpdateClock

__all__ = [
    "Absence",
    "Activity",
    "ApiToken",
    "Assignment",
    "Audience",
    "AuditEvent",
    "AuditHead",
    "Cell",
    "Counter",
    "Decision",
    "Dependency",
    "EscalationStep",
    "GovernedVersion",
    "Heartbeat",
    "HoldingStatement",
    "Incident",
    "LegalClock",
    "Matrix",
    "MatrixUpload",
    "MatrixVersion",
    "Nudged",
    "OutboxMessage",
    "Person",
    "Qualification",
    "Role",
    "Scenario",
    "Service",
    "SeverityCriterion",
    "SeverityLevel",
    "SeverityScheme",
    "Team",
    "TimelineEntry",
    "Update",
    "UpdateCadence",
    "UpdateClock",
    "VersionStatus",
]
