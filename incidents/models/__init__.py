"""What is so: fields, constraints, querysets that read as sentences."""

from incidents.models.access import ApiToken
from incidents.models.adherence import (
    Advice,
    Consultation,
    Delegation,
    Omission,
    Performance,
)
from incidents.models.alert import Alert
from incidents.models.attestation import Attestation, AttestationCampaign
from incidents.models.audience import Destination, Subscriber
from incidents.models.broadcast import Broadcast, NoticeClock, StatusPage
from incidents.models.calling import EscalationCall
from incidents.models.catalogue import Dependency, Scenario, Service
from incidents.models.classification import Classification
from incidents.models.commanding import CommandCall, HandOver, Suggestion
from incidents.models.contact import ContactWay, Muted
from incidents.models.customer import Customer, NoticeClause
from incidents.models.data_map import DataHolding, Regulator
from incidents.models.decision import Decision, Proposal, Topic
from incidents.models.drafting import (
    CheckLimits,
    EmergencyChange,
    MatrixConfirmation,
    MatrixRevision,
    MatrixUpload,
)
from incidents.models.governed import GovernedVersion, VersionStatus
from incidents.models.incident import Assignment, Incident
from incidents.models.law_pack import LawPack, LegalProfile
from incidents.models.legal import FactSaid, Filing, LegalClock, LegalDecision, LegalNote
from incidents.models.links import IncidentLink
from incidents.models.matrix import Activity, Cell, Column, Matrix, MatrixVersion, Variation
from incidents.models.nudging import NudgePolicy, NudgeStep
from incidents.models.obligation import Obligation
from incidents.models.once import DoneOnce
from incidents.models.outbox import OutboxMessage, Outlet, Reply
from incidents.models.people import Channel, ContactProof, Person, Team
from incidents.models.records import (
    AuditEvent,
    AuditHead,
    Counter,
    Heartbeat,
    Nudged,
)
from incidents.models.roles import Absence, Qualification, Role, RoleExclusion
from incidents.models.rotation import Shift
from incidents.models.severity import (
    Audience,
    EscalationStep,
    SeverityCriterion,
    SeverityLevel,
    SeverityScheme,
    UpdateCadence,
)
from incidents.models.statement import HoldingStatement
from incidents.models.timeline import TimelineEntry
from incidents.models.update import (
    StatementCopy,
    Update,
    UpdateClock,
    UpdateDue,
    VerifiedFact,
)

__all__ = [
    "Absence",
    "Activity",
    "Advice",
    "Alert",
    "ApiToken",
    "Assignment",
    "Attestation",
    "AttestationCampaign",
    "Audience",
    "AuditEvent",
    "AuditHead",
    "Broadcast",
    "Cell",
    "Channel",
    "CheckLimits",
    "Classification",
    "Column",
    "CommandCall",
    "Consultation",
    "ContactProof",
    "ContactWay",
    "Counter",
    "Customer",
    "DataHolding",
    "Decision",
    "Delegation",
    "Dependency",
    "Destination",
    "DoneOnce",
    "EmergencyChange",
    "EscalationCall",
    "EscalationStep",
    "FactSaid",
    "Filing",
    "GovernedVersion",
    "HandOver",
    "Heartbeat",
    "HoldingStatement",
    "Incident",
    "IncidentLink",
    "LawPack",
    "LegalClock",
    "LegalDecision",
    "LegalNote",
    "LegalProfile",
    "Matrix",
    "MatrixConfirmation",
    "MatrixRevision",
    "MatrixUpload",
    "MatrixVersion",
    "Muted",
    "NoticeClause",
    "NoticeClock",
    "NudgePolicy",
    "NudgeStep",
    "Nudged",
    "Obligation",
    "Omission",
    "OutboxMessage",
    "Outlet",
    "Performance",
    "Person",
    "Proposal",
    "Qualification",
    "Regulator",
    "Reply",
    "Role",
    "RoleExclusion",
    "Scenario",
    "Service",
    "SeverityCriterion",
    "SeverityLevel",
    "SeverityScheme",
    "Shift",
    "StatementCopy",
    "StatusPage",
    "Subscriber",
    "Suggestion",
    "Team",
    "TimelineEntry",
    "Topic",
    "Update",
    "UpdateCadence",
    "UpdateClock",
    "UpdateDue",
    "Variation",
    "VerifiedFact",
    "VersionStatus",
]
