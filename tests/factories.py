"""Plain functions that make rows for tests. Every instant is given; nothing reads the clock."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission

from incidents.models import (
    Activity,
    Cell,
    EscalationStep,
    Matrix,
    MatrixVersion,
    Person,
    Qualification,
    Role,
    Service,
    SeverityCriterion,
    SeverityLevel,
    SeverityScheme,
    Team,
    UpdateCadence,
)
from incidents.operations import roles
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    NAMES,
    RESPONDER,
    SCRIBE,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_numbers = count(1)

# A matrix in which the checks find nothing to warn of: it names every act that must be there.
SOUND_MATRIX: dict[tuple[str, str], dict[str, str]] = {
    ("detection", "Declare the incident"): {RESPONDER: "A/R", COMMANDER: "I"},
    ("detection", "Take command"): {COMMANDER: "A/R", DEPUTY: "I"},
    ("detection", "Send the first internal update"): {COMMUNICATIONS: "A/R", DEPUTY: "I"},
    ("triage", "Decide on legal notice"): {COUNSEL: "A", COMMUNICATIONS: "R", COMMANDER: "I"},
    ("mitigation", "Contain the impact"): {DOMAIN_OWNER: "A", RESPONDER: "R", SCRIBE: "I"},
    ("mitigation", "Publish the public update"): {COMMANDER: "A", COMMUNICATIONS: "R", DEPUTY: "I"},
    ("mitigation", "Hand over command"): {COMMANDER: "A/R", SCRIBE: "R", DEPUTY: "I"},
    ("resolution", "Close the incident"): {COMMANDER: "A", DEPUTY: "R", SCRIBE: "I"},
    ("review", "Write the review"): {COMMANDER: "A", DEPUTY: "R", SCRIBE: "R", COUNSEL: "I"},
    ("review", "Agree on action items"): {DOMAIN_OWNER: "A", RESPONDER: "R", DEPUTY: "I"},
}  # fmt: skip


def team(slug: str = "platform") -> Team:
    return Team.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0]


def person(username: str = "", *, qualified: tuple[str, ...] = (), **fields: Any) -> Person:
    """A person in the platform team, qualified for the given roles for ever."""
    username = username or f"person{next(_numbers)}"
    fields.setdefault("name", username.title())
    fields.setdefault("email", f"{username}@example.com")
    fields.setdefault("team", team())
    made = Person.objects.create(username=username, **fields)
    for slug in qualified:
        qualify(made, slug)
    return made


def qualify(who: Person, slug: str, *, expires_on: date | None = None) -> Qualification:
    return Qualification.objects.create(
        person=who,
        role=role(slug),
        level=Qualification.Level.QUALIFIED,
        granted_on=date(2026, 1, 1),
        expires_on=expires_on,
    )


def allow(who: Person, *permissions: str) -> Person:
    """Give standing permissions such as "incidents.declare_incident"; returns a fresh person."""
    for permission in permissions:
        app_label, codename = permission.split(".")
        who.user_permissions.add(
            Permission.objects.get(content_type__app_label=app_label, codename=codename)
        )
    return Person.objects.get(pk=who.pk)


def role(slug: str) -> Role:
    """The role as the law knows it, with those it reports to; any other comes after them."""
    roles.make([slug])
    return Role.objects.get_or_create(
        slug=slug, defaults={"name": slug, "position": len(NAMES)}
    )[0]


def service(slug: str = "payments", *, owner: Person | None = None, **fields: Any) -> Service:
    fields.setdefault("name", slug.title())
    fields.setdefault("team", team())
    return Service.objects.create(slug=slug, owner=owner or person(f"{slug}-owner"), **fields)


def matrix_version(
    rows: dict[tuple[str, str], dict[str, str]] | None = None,
    *,
    effective_from: datetime | None = NOW - timedelta(days=30),
    slug: str = "standing",
) -> MatrixVersion:
    """A matrix version with {(phase, activity): {role: letters}}; approved unless no instant."""
    rows = rows or {
        ("triage", "Direct the response"): {COMMANDER: "A/R", DEPUTY: "R", COMMUNICATIONS: "I"},
        ("mitigation", "Draft public message"): {COMMANDER: "A", COMMUNICATIONS: "R"},
    }
    matrix, _ = Matrix.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    version = MatrixVersion.objects.create(
        matrix=matrix,
        number=matrix.versions.count() + 1,
        maker=Person.objects.filter(username="maker").first() or person("maker"),
        created_at=NOW - timedelta(days=40),
    )
    for position, ((phase, name), letters) in enumerate(rows.items()):
        activity = Activity.objects.create(
            version=version, phase=phase, name=name, position=position
        )
        for slug_, held in letters.items():
            Cell.objects.create(activity=activity, role=role(slug_), letters=held)
    if effective_from is not None:
        version.status = "approved"
        version.checker = Person.objects.filter(username="checker").first() or person("checker")
        version.approved_at = NOW - timedelta(days=31)
        version.effective_from = effective_from
        version.save()
    return version


def severity_scheme(
    *, effective_from: datetime = NOW - timedelta(days=30), answer_within: int | None = None
) -> SeverityScheme:
    """Two levels: sev1 when 1,000 customers are affected, sev2 otherwise.

    `answer_within`: the minutes a commander has to answer at sev2.
    """
    scheme = SeverityScheme.objects.create(
        number=SeverityScheme.objects.count() + 1,
        maker=Person.objects.filter(username="maker").first() or person("maker"),
        created_at=NOW - timedelta(days=40),
    )
    high = SeverityLevel.objects.create(
        scheme=scheme, code="sev1", rank=1, name="Severity 1", review_due_days=3,
        public_update_required=True,
    )  # fmt: skip
    low = SeverityLevel.objects.create(
        scheme=scheme, code="sev2", rank=2, name="Severity 2", review_due_days=7,
        command_answer_minutes=answer_within,
    )  # fmt: skip
    SeverityCriterion.objects.create(
        level=high,
        name="Many customers",
        predicate={"field": "customers_affected", "operator": "gte", "value": 1000},
    )
    for level, internal in ((high, 15), (low, 60)):
        UpdateCadence.objects.create(
            level=level, audience="internal", first_minutes=internal, every_minutes=internal
        )
    UpdateCadence.objects.create(
        level=high, audience="public", first_minutes=5, every_minutes=20,
        until_minutes=120, then_every_minutes=60,
    )  # fmt: skip
    for slug in (COMMANDER, COMMUNICATIONS):
        EscalationStep.objects.create(level=high, role=role(slug), within_minutes=0)
    EscalationStep.objects.create(level=low, role=role(COMMANDER), within_minutes=15)
    scheme.status = "approved"
    scheme.checker = Person.objects.filter(username="checker").first() or person("checker")
    scheme.approved_at = NOW - timedelta(days=31)
    scheme.effective_from = effective_from
    scheme.save()
    return scheme


def law() -> tuple[MatrixVersion, SeverityScheme]:
    """A matrix and a severity scheme in force at NOW."""
    return matrix_version(), severity_scheme()
