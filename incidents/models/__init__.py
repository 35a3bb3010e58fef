"""What is so: fields, constraints, querysets that read as sentences."""

from incidents.models.access import ApiToken
from incidents.models.adherence import (
    Advice,
    Consultation,
    Delegation,
    Omission,
    Performance,
)
from incidents.models.catalogue import Dependency, Scenario, Service
from incidents.models.drafting import (
    CheckLimits,
    EmergencyChange,
    MatrixConfirmation,
    MatrixRevision,
    MatrixUpload,
)
from incidents.models.governed import GovernedVersion, VersionStatus
from incidents.models.incident import Assignment, Decision, Incident, TimelineEntry
from incidents.models.legal import LegalClock
from incidents.models.matrix import Activity, Cell, Column, Matrix, MatrixVersion, Variation
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
    "Advice",
    "ApiToken",
    "Assignment",
    "Audience",
    "AuditEvent",
    "AuditHead",
    "Cell",
    "CheckLimits",
    "Column",
    "Consultation",
    "Counter",
    "Decision",
    "Delegation",
    "Dependency",
    "EmergencyChange",
    "EscalationStep",
    "GovernedVersion",
    "Heartbeat",
    "HoldingStatement",
    "Incident",
    "LegalClock",
    "Matrix",
    "MatrixConfirmation",
    "MatrixRevision",
    "MatrixUpload",
    "MatrixVersion",
    "Nudged",
    "Omission",
    "OutboxMessage",
    "Performance",
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
    "Variation",
    "VersionStatus",
]
