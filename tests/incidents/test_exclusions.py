"""Which roles exclude each other: excluded and lifted by leadership, held by the database too."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents.models import Incident, Person, Role, RoleExclusion
from incidents.operations import exclusions
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    EVERY_OTHER,
    EXCLUSIONS,
    RESPONDER,
    SCRIBE,
)
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import hold, last_act, refused

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def lea() -> Person:
    for slug in (COMMANDER, COMMUNICATIONS, COUNSEL, DEPUTY, DOMAIN_OWNER, RESPONDER, SCRIBE):
        factories.role(slug)
    return factories.allow(factories.person("lea"), "incidents.set_roleexclusion")


def exclude(actor: Person, role: str = SCRIBE, other: str = COUNSEL, **said: Any) -> Any:
    given = {"reason": "Who writes along gives no advice", "at": LATER} | said
    return exclusions.exclude(role=role, other=other, actor=actor, **given)


def lift(actor: Person, role: str, other: str, **said: Any) -> RoleExclusion:
    row = RoleExclusion.objects.get(role=role, other=other, lifted_at=None)
    return exclusions.lift(row, **({"reason": "We are few", "at": LATER} | said), actor=actor)


def incident(reference: str = "INC-1", **fields: Any) -> Incident:
    given = {"title": "Trouble", "declared_at": NOW, "state": "triage"}
    return Incident.objects.create(reference=reference, **(given | fields))


def database_refuses(here: Incident, person: Person, role: str) -> bool:
    """The guard speaks, whoever asks; what it lets through is taken back."""
    try:
        with transaction.atomic():
            hold(here, person, role)
            transaction.set_rollback(True)
    except IntegrityError as error:
        assert "excluded_roles_held_together" in str(error)
        return True
    return False


def test_an_installation_begins_with_the_shipped_pairs_and_made_once(lea: Person) -> None:
    kept = set(RoleExclusion.objects.values_list("role", "other"))
    assert kept == {(role, other) for role, other, _ in EXCLUSIONS}
    lift(lea, COMMANDER, EVERY_OTHER)
    exclusions.begin()
    assert RoleExclusion.objects.filter(lifted_at=None).count() == len(EXCLUSIONS) - 1


def test_a_pair_that_leadership_adds_holds_at_once_in_the_rules_and_in_the_database(
    lea: Person,
) -> None:
    here, ada = incident(), factories.person("ada")
    hold(here, ada, COUNSEL)
    assert exclusions.conflicting([COUNSEL], SCRIBE) == []
    assert not database_refuses(here, ada, SCRIBE)
    here.assignments.all().delete()
    made = exclude(lea)
    hold(here, ada, COUNSEL)
    why = "Who writes along gives no advice"
    assert exclusions.conflicting([DEPUTY, COUNSEL], SCRIBE) == [(COUNSEL, why)]
    assert exclusions.conflicting([SCRIBE], COUNSEL) == [(SCRIBE, why)]
    assert database_refuses(here, ada, SCRIBE)
    assert not database_refuses(here, factories.person("ben"), SCRIBE)
    line = last_act()
    assert (line.verb, line.actor, line.detail["reason"]) == ("exclude_roles", lea, why)
    assert (made.made_by, made.made_at) == (lea, LATER)


def test_a_lifted_pair_no_longer_counts_anywhere(lea: Person) -> None:
    here, ada = incident(), factories.person("ada")
    hold(here, ada, COMMUNICATIONS)
    assert database_refuses(here, ada, RESPONDER)
    gone = lift(lea, COMMUNICATIONS, RESPONDER)
    assert not database_refuses(here, ada, RESPONDER)
    assert exclusions.conflicting([COMMUNICATIONS], RESPONDER) == []
    assert (gone.lifted_at, gone.lifted_by, last_act().verb) == (LATER, lea, "lift_exclusion")
    with refused("lifted_already"):
        exclusions.lift(gone, reason="Again", actor=lea, at=LATER)


def test_the_floor_stands_when_everything_else_is_lifted(lea: Person) -> None:
    for role, other, _ in EXCLUSIONS:
        lift(lea, role, other)
    here, ada = incident(), factories.person("ada")
    hold(here, ada, COMMANDER)
    assert not database_refuses(here, ada, SCRIBE)
    assert exclusions.conflicting([COMMANDER], SCRIBE) == []
    for role in (RESPONDER, COMMUNICATIONS):
        assert database_refuses(here, ada, role)
        assert [one.other for one in exclusions.conflicting([COMMANDER], role)] == [COMMANDER]
        assert [one.other for one in exclusions.conflicting([role], COMMANDER)] == [role]


def test_the_floor_follows_the_kind_a_company_gives_its_own_role(lea: Person) -> None:
    lift(lea, COMMANDER, EVERY_OTHER)
    Role.objects.create(slug="liaison", name="Liaison", kind="other")
    here, ada = incident(), factories.person("ada")
    hold(here, ada, COMMANDER)
    assert not database_refuses(here, ada, "liaison")
    Role.objects.filter(slug="liaison").update(kind="voice")
    assert database_refuses(here, ada, "liaison")
    assert len(exclusions.conflicting([COMMANDER], "liaison")) == 1


def test_a_role_that_excludes_every_other_excludes_also_what_comes_later(lea: Person) -> None:
    exclude(lea, COUNSEL, EVERY_OTHER)
    here, ada = incident(), factories.person("ada")
    hold(here, ada, COUNSEL)
    assert database_refuses(here, ada, SCRIBE)
    assert exclusions.conflicting([COUNSEL], "yet_to_come")
    assert exclusions.conflicting([COUNSEL], COUNSEL) == []


@pytest.mark.parametrize(
    ("role", "other", "code", "kind"),
    [
        (SCRIBE, "nobody_knows", "unknown_role", Invalid),
        ("nobody_knows", EVERY_OTHER, "unknown_role", Invalid),
        (SCRIBE, SCRIBE, "same_role", Invalid),
        (RESPONDER, COMMUNICATIONS, "excluded_already", exclusions.Refused),
        (COMMANDER, EVERY_OTHER, "excluded_already", exclusions.Refused),
        (COMMANDER, RESPONDER, "floor_stands", exclusions.Refused),
        (COMMUNICATIONS, COMMANDER, "floor_stands", exclusions.Refused),
    ],
)
def test_what_cannot_be_excluded_is_refused_and_a_new_pair_is_not(
    lea: Person, role: str, other: str, code: str, kind: type
) -> None:
    with refused(code, kind):
        exclude(lea, role, other)
    assert exclude(lea).pk


def test_an_exclusion_says_why(lea: Person) -> None:
    with refused("reason_missing", Invalid):
        exclude(lea, reason="  ")
    with refused("reason_missing", Invalid):
        lift(lea, COMMUNICATIONS, RESPONDER, reason="")


def test_a_pair_somebody_holds_in_an_open_incident_waits_until_they_gave_one_up(
    lea: Person,
) -> None:
    here, ada = incident(), factories.person("ada")
    scribe = hold(here, ada, SCRIBE)
    hold(here, ada, COUNSEL)
    for other in (COUNSEL, EVERY_OTHER):
        with refused("held_together") as caught:
            exclude(lea, SCRIBE, other)
        assert "Ada holds both in INC-1" in str(caught.value)
    scribe.ended_at = LATER
    scribe.save()
    assert exclude(lea).pk


def test_what_was_held_together_in_a_closed_incident_hinders_nothing(lea: Person) -> None:
    here, ada = incident(state="closed", closed_at=NOW), factories.person("ada")
    hold(here, ada, SCRIBE)
    hold(here, ada, COUNSEL)
    assert exclude(lea).pk


def test_only_who_may_set_exclusions_excludes_and_lifts(lea: Person) -> None:
    dan = factories.person("dan")
    with refused("no_permission", NotPermitted):
        exclude(dan)
    with refused("no_permission", NotPermitted):
        lift(dan, COMMUNICATIONS, RESPONDER)
    assert exclude(lea).pk
    assert lift(lea, COMMUNICATIONS, RESPONDER).lifted_at


def test_what_excludes_is_one_question(lea: Person, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        exclusions.conflicting([SCRIBE, COUNSEL], COMMANDER)
