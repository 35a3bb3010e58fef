"""Declaring an incident: what one act does, and what it refuses."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import (
    AuditEvent,
    Dependency,
    Incident,
    MatrixVersion,
    OutboxMessage,
    Person,
    Scenario,
    Service,
    SeverityScheme,
)
from incidents.operations import staffing
from incidents.operations.declaration import declare
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    SCRIBE,
)
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MANY = {"customers_affected": 5000}


@pytest.fixture
def law() -> tuple[MatrixVersion, SeverityScheme]:
    return factories.law()


@pytest.fixture
def dora() -> Person:
    """May declare, and no more."""
    return factories.allow(factories.person("dora"), "incidents.declare_incident")


@pytest.fixture
def trio() -> dict[str, Person]:
    """One qualified person for each role of the matrix."""
    return {
        COMMANDER: factories.person("ada", qualified=(COMMANDER,)),
        COMMUNICATIONS: factories.person("ben", qualified=(COMMUNICATIONS,)),
        DEPUTY: factories.person("eve", qualified=(DEPUTY,)),
    }


def declared(actor: Person, facts: Mapping[str, Any] | None = None, **fields: Any) -> Incident:
    fields = {"title": "Checkout is down", "services": (), "at": NOW} | fields
    return declare(actor=actor, facts=facts or {}, **fields)


def holders(incident: Incident) -> dict[str, str]:
    return dict(incident.assignments.open().values_list("role", "person__username"))


def told(kind: str) -> set[str]:
    rows = OutboxMessage.objects.filter(kind=kind)
    return set(rows.values_list("recipient__username", flat=True))


# --- what it does


def test_it_opens_an_incident_of_the_computed_level_under_the_law_in_force(
    law: tuple[MatrixVersion, SeverityScheme], dora: Person
) -> None:
    payments = factories.service()
    incident = declared(dora, MANY, title=" Checkout\nis down ", services=[payments])
    incident.refresh_from_db()
    assert (incident.reference, incident.title) == ("INC-1", "Checkout is down")
    assert (incident.state, incident.kind) == ("detection", "incident")
    assert (incident.matrix_version, incident.severity_scheme) == law
    assert incident.level == incident.computed_level
    assert incident.level.code == "sev1"
    [reason] = incident.severity_reasons
    assert "customers affected is 5000" in reason
    assert incident.facts == MANY
    assert list(incident.services.all()) == [payments]
    assert incident.review_due_at is None


def test_without_a_sign_of_harm_it_is_of_the_lowest_level(law: object, dora: Person) -> None:
    assert declared(dora).level.code == "sev2"


@pytest.mark.usefixtures("law")
def test_roles_are_filled_with_a_reason_and_who_else_was_weighed(
    dora: Person, trio: dict[str, Person]
) -> None:
    factories.person("zoe", qualified=(COMMANDER,))
    incident = declared(dora)
    assert holders(incident) == {COMMANDER: "ada", COMMUNICATIONS: "ben", DEPUTY: "eve"}
    command = incident.assignments.commanding().get()
    assert command.reason == "Next in rotation: never commanded"
    assert {"username": "zoe", "reason": "never commanded"} in command.rejected
    assert (command.assigned_at, command.assigned_by) == (NOW, dora)
    assert command.history.get().history_user == dora
    assert incident.unfilled == []


@pytest.mark.usefixtures("law")
def test_every_instant_says_where_it_comes_from(dora: Person, trio: dict[str, Person]) -> None:
    incident = declared(dora, impact_started_at=NOW - HOUR)
    assert incident.impact_started_at == NOW - HOUR
    assert incident.detected_at == incident.declared_at == incident.commander_assigned_at == NOW
    sources = {name: said["source"] for name, said in incident.provenance.items()}
    assert sources == {
        "impact_started_at": "human",
        "detected_at": "auto",
        "declared_at": "auto",
        "commander_assigned_at": "auto",
    }
    typed = declared(dora, detected_at=NOW - HOUR)
    assert typed.detected_at == NOW - HOUR
    assert typed.provenance["detected_at"] == {"source": "human", "by": "dora", "reason": ""}


@pytest.mark.usefixtures("law")
def test_it_tells_who_has_a_role_starts_the_clocks_and_leaves_one_line_each(
    dora: Person, trio: dict[str, Person]
) -> None:
    incident = declared(dora, MANY)
    assert told("assigned") == {"ada", "ben", "eve"}
    assert told("escalation") == {"ada", "ben"}
    due = dict(incident.update_clocks.values_list("audience", "due_at"))
    minute = timedelta(minutes=1)
    assert due == {"internal": NOW + 15 * minute, "public": NOW + 5 * minute}
    assert [entry.text for entry in incident.timeline.all()] == ["Declared as Severity 1"]
    line = AuditEvent.objects.get()
    assert (line.verb, line.actor, line.subject_id) == ("declare", dora, str(incident.pk))
    assert line.detail["level"] == "sev1"
    assert f"{COMMANDER}: ada" in line.detail["assignments"]


@pytest.mark.usefixtures("law")
def test_possible_exposure_engages_counsel(dora: Person) -> None:
    factories.person("lex", qualified=(COUNSEL,))
    incident = declared(dora, {"personal_data_exposure": "possible"})
    assert incident.legal_clocks.get().due_at == NOW + HOUR
    assert holders(incident) == {COUNSEL: "lex"}
    assert not declared(dora).legal_clocks.exists()


@pytest.mark.usefixtures("law")
def test_the_owner_answers_for_the_service(dora: Person, trio: dict[str, Person]) -> None:
    factories.matrix_version(
        {("triage", "Judge the service"): {COMMANDER: "A", DOMAIN_OWNER: "R"}},
        effective_from=NOW - HOUR,
    )
    payments = factories.service()
    incident = declared(dora, services=[payments])
    owned = incident.assignments.get(role=DOMAIN_OWNER)
    assert (owned.person, owned.service) == (payments.owner, payments)
    assert owned.reason == "Owner of Payments"


@pytest.mark.usefixtures("law")
def test_a_role_of_the_review_alone_is_not_filled_yet(
    dora: Person, trio: dict[str, Person]
) -> None:
    factories.person("sam", qualified=(SCRIBE,))
    rows = {("review", "Write the review"): {COMMANDER: "A", SCRIBE: "R"}}
    factories.matrix_version(rows, effective_from=NOW - HOUR)
    assert holders(declared(dora)) == {COMMANDER: "ada", COMMUNICATIONS: "ben"}


def test_without_a_matrix_there_are_still_a_commander_and_a_voice(
    dora: Person, trio: dict[str, Person]
) -> None:
    factories.severity_scheme()
    incident = declared(dora)
    assert incident.matrix_version is None
    assert holders(incident) == {COMMANDER: "ada", COMMUNICATIONS: "ben"}


@pytest.mark.usefixtures("law")
def test_the_law_of_later_leaves_what_was_declared_alone(dora: Person) -> None:
    before = declared(dora)
    factories.matrix_version(effective_from=NOW + HOUR)
    after = declared(dora, at=NOW + HOUR)
    before.refresh_from_db()
    assert (before.matrix_version.number, after.matrix_version.number) == (1, 2)


@pytest.mark.usefixtures("law")
def test_numbers_run_without_gaps_in_two_series(dora: Person) -> None:
    with pytest.raises(Invalid):
        declared(dora, {"customers_affected": -1})
    kinds = ["incident", "exercise", "incident"]
    assert [declared(dora, kind=kind).reference for kind in kinds] == ["INC-1", "EX-1", "INC-2"]


@pytest.mark.usefixtures("law")
def test_a_scenario_is_kept(dora: Person) -> None:
    flood = Scenario.objects.create(slug="flood", name="Flood")
    assert declared(dora, scenario=flood).scenario == flood


# --- nobody can be found


@pytest.mark.usefixtures("law")
def test_an_unfilled_role_never_blocks_and_leadership_is_told(dora: Person) -> None:
    factories.person("ben", qualified=(COMMUNICATIONS,))
    factories.allow(factories.person("liz"), "incidents.lead_incident")
    incident = declared(dora)
    incident.refresh_from_db()
    assert [each["role"] for each in incident.unfilled] == [COMMANDER, DEPUTY]
    assert "leadership may assign" in incident.unfilled[0]["reasons"][0]
    assert incident.commander_assigned_at is None
    assert "commander_assigned_at" not in incident.provenance
    assert told("unfilled") == {"liz"}
    [message] = OutboxMessage.objects.filter(kind="unfilled")
    assert "nobody holds Incident commander, Deputy commander" in message.subject


@pytest.mark.usefixtures("law")
def test_where_every_role_is_held_leadership_is_left_in_peace(
    dora: Person, trio: dict[str, Person]
) -> None:
    factories.allow(factories.person("liz"), "incidents.lead_incident")
    declared(dora)
    assert told("unfilled") == set()


@pytest.mark.usefixtures("law")
def test_nobody_commands_two_incidents(dora: Person, trio: dict[str, Person]) -> None:
    first, second = declared(dora), declared(dora)
    assert holders(first)[COMMANDER] == "ada"
    assert COMMANDER not in holders(second)
    [gap] = [each for each in second.unfilled if each["role"] == COMMANDER]
    assert "ada: commands INC-1 already" in gap["reasons"]


@pytest.mark.usefixtures("law")
def test_who_loses_the_race_for_a_commander_takes_the_next(
    dora: Person, trio: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look is of a moment before another declaration took the same commander."""
    factories.person("zoe", qualified=(COMMANDER,))
    look, looks = staffing.candidates, []
    stale = look([COMMANDER, COMMUNICATIONS, DEPUTY], [], at=NOW)
    assert holders(declared(dora))[COMMANDER] == "ada"

    def late(*args: Any, **options: Any) -> list[Any]:
        looks.append(stale if not looks else look(*args, **options))
        return looks[-1]

    monkeypatch.setattr(staffing, "candidates", late)
    second = declared(dora)
    assert holders(second)[COMMANDER] == "zoe"
    assert len(looks) == 2
    assert (second.reference, second.history.count()) == ("INC-2", 1)
    assert Incident.objects.count() == 2


# --- exercises


@pytest.mark.usefixtures("law")
def test_players_take_their_roles_without_being_qualified_and_nobody_else_is_told(
    dora: Person, trio: dict[str, Person]
) -> None:
    factories.allow(factories.person("liz"), "incidents.lead_incident")
    cleo, kim = factories.person("cleo"), factories.person("kim")
    players = {COMMANDER: cleo, SCRIBE: kim}
    factories.role(SCRIBE)
    exercise = declared(dora, MANY, kind="exercise", players=players)
    assert exercise.reference == "EX-1"
    assert holders(exercise) == {COMMANDER: "cleo", SCRIBE: "kim"}
    assert [each["role"] for each in exercise.unfilled] == [COMMUNICATIONS, DEPUTY]
    everybody = OutboxMessage.objects.values_list("recipient__username", flat=True)
    assert set(everybody) == {"cleo", "kim"}


@pytest.mark.usefixtures("law")
def test_the_constraints_hold_in_an_exercise(dora: Person, trio: dict[str, Person]) -> None:
    ada, cleo = trio[COMMANDER], factories.person("cleo")
    both = {COMMANDER: cleo, COMMUNICATIONS: cleo}
    with pytest.raises(Refused) as refused:
        declared(dora, kind="exercise", players=both)
    assert refused.value.has("holds_another_role")
    assert holders(declared(dora))[COMMANDER] == "ada"
    with pytest.raises(Refused) as refused:
        declared(dora, kind="exercise", players={COMMANDER: ada})
    assert refused.value.has("commands_another")
    assert declared(dora, kind="exercise", players={COMMANDER: cleo}).reference == "EX-1"


@pytest.mark.usefixtures("law")
def test_who_has_left_plays_nothing(dora: Person) -> None:
    gone = factories.person("gone", is_active=False)
    with pytest.raises(Refused) as refused:
        declared(dora, kind="exercise", players={COMMANDER: gone})
    assert refused.value.has("not_active")


# --- what it refuses


@pytest.mark.usefixtures("law")
def test_it_needs_the_permission(dora: Person) -> None:
    with pytest.raises(NotPermitted) as refused:
        declared(factories.person("dan"))
    assert refused.value.has("no_permission")
    assert declared(dora).pk


def test_it_needs_a_severity_scheme_and_says_what_leadership_must_do(dora: Person) -> None:
    factories.matrix_version()
    with pytest.raises(Refused) as refused:
        declared(dora)
    assert refused.value.has("no_severity_scheme")
    assert "Draft the next version" in str(refused.value)
    factories.severity_scheme()
    assert declared(dora).pk


BAD: dict[str, tuple[Callable[[], dict[str, Any]], str, str]] = {
    "no title": (lambda: {"title": " \n "}, "title_missing", "title"),
    "a long title": (lambda: {"title": "x" * 201}, "title_too_long", "title"),
    "a NUL": (lambda: {"title": "a\0b"}, "title_unusable", "title"),
    "no such kind": (lambda: {"kind": "drill"}, "unknown_kind", "kind"),
    "no such fact": (lambda: {"facts": {"mood": 1}}, "unknown_fact", "facts.mood"),
    "a fact of the catalogue": (
        lambda: {"facts": {"service_tier": 1}},
        "fact_is_derived",
        "facts.service_tier",
    ),
    "detected tomorrow": (
        lambda: {"detected_at": NOW + HOUR},
        "instant_in_the_future",
        "detected_at",
    ),
    "detected who knows where": (
        lambda: {"detected_at": NOW.replace(tzinfo=None)},
        "instant_without_offset",
        "detected_at",
    ),
    "detected before it began": (
        lambda: {"detected_at": NOW - 2 * HOUR, "impact_started_at": NOW - HOUR},
        "instants_out_of_order",
        "detected_at",
    ),
    "a service that is gone": (
        lambda: {"services": [factories.service("old", is_active=False)]},
        "inactive_service",
        "services",
    ),
    "a service of no catalogue": (
        lambda: {"services": [Service(pk=999, slug="ghost")]},
        "unknown_service",
        "services",
    ),
    "players in earnest": (
        lambda: {"players": {COMMANDER: factories.person()}},
        "players_in_an_incident",
        "players",
    ),
    "a role of no catalogue": (
        lambda: {"kind": "exercise", "players": {"jester": factories.person()}},
        "unknown_role",
        "players",
    ),
}


@pytest.mark.usefixtures("law")
@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_refused_and_nothing_is_written(case: str, dora: Person) -> None:
    fields, code, field = BAD[case]
    with pytest.raises(Invalid) as refused:
        declared(dora, **fields())
    assert [(reason.code, reason.field) for reason in refused.value.reasons] == [(code, field)]
    assert not Incident.objects.exists()
    assert not AuditEvent.objects.exists()
    assert declared(dora).reference == "INC-1"


# --- what it costs


@pytest.mark.usefixtures("law")
def test_the_number_of_statements_does_not_grow(dora: Person, trio: dict[str, Person]) -> None:
    payments, search = factories.service(), factories.service("search")
    Dependency.objects.create(upstream=payments, downstream=search)
    declared(dora, MANY, services=[payments])
    few = statements(dora, payments)
    for number in range(30):
        factories.person(f"able{number}", qualified=(COMMANDER, COMMUNICATIONS, DEPUTY))
    many = statements(dora, payments)
    assert many <= few
    assert many <= 40


def statements(actor: Person, service: Service) -> int:
    with CaptureQueriesContext(connection) as captured:
        declared(actor, MANY, services=[service])
    return len(captured)
