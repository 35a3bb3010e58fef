"""Three years of incidents, fast: the incidents from here, all they own made inside the database."""

from datetime import datetime, timedelta
from itertools import islice

from django.db import connection

from bench import dialect
from bench.company import PEOPLE, ROLES, Company
from incidents.models import Assignment, AuditHead, Incident, Service, UpdateClock
from incidents.rules.phases import OPEN_STATES, State
from incidents.rules.roles import COMMANDER

SPAN = timedelta(days=3 * 365)
MOST_OPEN = 200
MOST_COMMANDED = 20  # of the open ones; in the others the command has ended
TIMELINE = 20
BATCH = 2000
RARE_WORD = "Quicksilver"
RARE_EVERY = 1999
_WHAT = (
    "Checkout", "Search", "Login", "Payments", "Exports", "Webhooks", "Reports", "Mail", "Cache",
    "Queue", "Ledger", "Catalogue", "Uploads", "Billing", "Dashboard", "Sync",
)  # fmt: skip
_HOW = (
    "slow", "failing", "timing out", "returning errors", "stuck", "losing requests", "flapping",
)  # fmt: skip
_WHERE = ("in Frankfurt", "in Dublin", "in Oregon", "for new customers", "everywhere")


def load(company: Company, rows: int) -> None:
    """`rows` incidents, 99 % closed, each with 5 assignments and 20 timeline entries.

    Beside them, two audit lines each, a published review with one action item for each closed
    one, and one item in a hundred overdue.
    """
    made = (_incident(company, n, rows) for n in range(rows))
    while batch := list(islice(made, BATCH)):
        Incident.objects.bulk_create(batch)
    _staff_open(company)
    with dialect.unguarded(), connection.cursor() as cursor:
        for statement in _statements(company):
            cursor.execute(statement)
    lines = 2 * rows
    AuditHead.objects.update_or_create(id=1, defaults={"sequence": lines})
    dialect.settle()


def _incident(company: Company, n: int, rows: int) -> Incident:
    """The nth oldest; the newest one in a hundred is open."""
    declared_at = company.at - SPAN * (rows - n) / (rows + 1)
    declared_at = declared_at.replace(microsecond=0)
    is_open = n >= rows - min(rows // 100, MOST_OPEN)
    level = company.levels[0 if n % 10 == 0 else 1]
    state = OPEN_STATES[n % len(OPEN_STATES)] if is_open else State.CLOSED
    declarer = company.people[n % PEOPLE]
    return Incident(
        reference=f"OLD-{n}",
        title=_title(n),
        state=state,
        facts={"customers_affected": n * 7 % 5000, "customer_facing": n % 2 == 0},
        level=level,
        computed_level=level,
        severity_reasons=["Many customers: customers_affected is at least 1,000"],
        matrix_version=company.matrix,
        severity_scheme=company.scheme,
        detected_at=declared_at - timedelta(minutes=n % 9),
        declared_at=declared_at,
        declared_by=declarer,
        provenance={
            name: {"source": "auto", "by": declarer.username, "reason": ""}
            for name in ("detected_at", "declared_at", "contained_at", "closed_at")
        },
        **({} if is_open else _ends(declared_at, n)),
    )


def _title(n: int) -> str:
    what, how, where = (words[n * 7 % len(words)] for words in (_WHAT, _HOW, _WHERE))
    return f"{RARE_WORD if n % RARE_EVERY == 0 else what} {how} {where} ({n % 997})"


def _ends(declared_at: datetime, n: int) -> dict[str, datetime]:
    minutes = {
        "acknowledged_at": 3, "commander_assigned_at": 0, "contained_at": 20 + n * 13 % 90,
        "mitigated_at": 120, "resolved_at": 180, "closed_at": 1500,
        "first_internal_update_at": 10, "review_due_at": 6000,
    }  # fmt: skip
    if n % 3:
        minutes["first_public_update_at"] = 8 + n * 17 % 60
    return {name: declared_at + timedelta(minutes=each) for name, each in minutes.items()}


def _staff_open(company: Company) -> None:
    """The open ones go through constraints and triggers like any other."""
    opened = list(Incident.objects.open().order_by("id"))
    Assignment.objects.bulk_create(
        _assignment(company, incident, place, part)
        for place, incident in enumerate(opened)
        for part in range(len(ROLES))
    )
    UpdateClock.objects.bulk_create(
        UpdateClock(
            incident=incident, audience="internal", due_at=company.at + timedelta(minutes=30)
        )
        for incident in opened
    )


def _assignment(company: Company, incident: Incident, place: int, part: int) -> Assignment:
    is_over = ROLES[part] == COMMANDER and place >= MOST_COMMANDED
    return Assignment(
        incident=incident,
        role_id=ROLES[part],
        person=company.people[(part * 30 + place) % PEOPLE],
        reason="Next in rotation",
        assigned_at=incident.declared_at,
        ended_at=incident.declared_at + timedelta(hours=2) if is_over else None,
    )


def _statements(company: Company) -> tuple[str, ...]:
    person = _one_of(company.people[0].pk, len(company.people), "incident.id * 7 + n")
    return (
        _services(company.services[0]),
        _closed_assignments(person),
        _timeline(person),
        _audit(person),
        _reviews(_one_of(company.causes[0].pk, len(company.causes), "incident.id"), person),
        _action_items(company, person.replace("incident.id", "review.id").replace("+ n", "")),
    )


def _one_of(first: int, count: int, by: str) -> str:
    """SQL: one of so many rows with consecutive keys, chosen by an expression."""
    return f"({first} + ({by}) % {count})"


def _numbers(count: int) -> str:
    return f"(WITH one(n) AS (VALUES {', '.join(f'({n})' for n in range(count))}) SELECT n FROM one) numbers"


def _services(first: Service) -> str:
    service = _one_of(first.pk, 40, "incident.id * 13 + n * 5")
    return f"""
        INSERT INTO incidents_incident_services (incident_id, service_id)
        SELECT incident.id, {service} FROM incidents_incident incident CROSS JOIN {_numbers(2)}
    """


def _closed_assignments(person: str) -> str:
    role = " ".join(f"WHEN {n} THEN '{slug}'" for n, slug in enumerate(ROLES))
    return f"""
        INSERT INTO incidents_assignment
            (incident_id, role_id, person_id, reason, rejected, assigned_at, ended_at, end_reason)
        SELECT incident.id, CASE n {role} END, {person}, 'Next in rotation', '[]',
            declared_at, closed_at, 'Closed'
        FROM incidents_incident incident CROSS JOIN {_numbers(len(ROLES))}
        WHERE state = 'closed' ORDER BY incident.id
    """


def _timeline(person: str) -> str:
    at = dialect.later("declared_at", "n * 4")
    return f"""
        INSERT INTO incidents_timelineentry (incident_id, at, source, text, author_id, recorded_at)
        SELECT incident.id, {at}, CASE n % 4 WHEN 0 THEN 'act' ELSE 'human' END,
            'Step ' || n || ': looked at the graphs of the last hour and wrote down what changed',
            {person}, {at}
        FROM incidents_incident incident CROSS JOIN {_numbers(TIMELINE)} ORDER BY incident.id, n
    """


def _audit(person: str) -> str:
    return f"""
        INSERT INTO incidents_auditevent
            (sequence, at, actor_id, actor_name, verb, subject_type, subject_id, subject, detail,
             previous_hash, hash)
        SELECT ROW_NUMBER() OVER (ORDER BY incident.id, n), declared_at, {person}, 'Somebody',
            CASE n WHEN 0 THEN 'declare' ELSE 'close' END, 'incidents.incident',
            CAST(incident.id AS TEXT), title, '{{}}', '', ''
        FROM incidents_incident incident CROSS JOIN {_numbers(2)}
    """


def _reviews(cause: str, person: str) -> str:
    return f"""
        INSERT INTO reviews_review
            (incident_id, owner_id, status, summary, impact, went_well, cause_class_id, due_at,
             nudged_through, published_at, published_by_id)
        SELECT incident.id, {person}, 'published', 'What happened, in a few sentences.',
            'Whom it touched.', 'What helped.', {cause}, review_due_at, '', closed_at, {person}
        FROM incidents_incident incident CROSS JOIN {_numbers(1)}
        WHERE state = 'closed' ORDER BY incident.id
    """


def _action_items(company: Company, person: str) -> str:
    """One in a hundred overdue by 1 to 9 days, nine open and due later, the rest done."""
    now = f"{'' if connection.vendor == 'sqlite' else 'timestamptz '}'{company.at:%Y-%m-%d %H:%M:%S}'"
    overdue = dialect.later(now, "-1440 * (1 + k / 100 % 9)")
    ahead = dialect.later(now, "1440 * (10 + k % 90)")
    due = f"CASE k % 100 WHEN 0 THEN {overdue} ELSE {ahead} END"
    is_open = "k % 100 < 10"
    return f"""
        INSERT INTO reviews_actionitem
            (reference, review_id, title, detail, kind, element, capability, owner_id, due_on, original_due_on,
             status, finished_at, outcome, due_at, next_nudge_at, nudged_through)
        SELECT 'OLD-' || k, id, 'Add an alert for what nobody saw', '', 'detect', '', '', owner,
            DATE({due}), DATE({due}), CASE WHEN {is_open} THEN 'open' ELSE 'done' END,
            CASE WHEN {is_open} THEN NULL ELSE published_at END, '',
            {due}, CASE WHEN {is_open} THEN {due} ELSE NULL END, ''
        FROM (
            SELECT review.id, published_at, {person} AS owner,
                ROW_NUMBER() OVER (ORDER BY review.id) AS k FROM reviews_review review
        ) numbered
    """
