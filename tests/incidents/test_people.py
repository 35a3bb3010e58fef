"""What people are qualified for, and the tokens by which programs act for them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from incidents.models import ApiToken, AuditEvent, OutboxMessage, Person, Qualification
from incidents.models.calendar import today
from incidents.operations import people, staffing
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import LATER, last_act, refused

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
NEXT_YEAR = date(2027, 11, 23)


@pytest.fixture
def ada() -> Person:
    """She may grant, and holds what she grants."""
    made = factories.allow(factories.person("ada"), "incidents.grant_qualification")
    factories.qualify(made, COMMANDER)
    return made


@pytest.fixture
def cleo() -> Person:
    return factories.person("cleo")


@pytest.fixture
def dan() -> Person:
    return factories.person("dan")


def grant(to: Person, **fields) -> Qualification:
    """With a reason, since there is none here of what her role asks for."""
    given = {"level": "qualified", "expires_on": NEXT_YEAR, "reason": "Seen.", "at": NOW}
    return people.grant_qualification(to, factories.role(COMMANDER), **(given | fields))


def test_a_qualification_is_granted_from_today_until_a_day(ada, cleo) -> None:
    grant(cleo, actor=ada)
    row = Qualification.objects.valid(TODAY).get(person=cleo)
    assert (row.person, row.role_id, row.granted_by) == (cleo, COMMANDER, ada)
    assert (row.granted_on, row.expires_on) == (TODAY, NEXT_YEAR)
    assert last_act().verb == "grant_qualification"
    assert last_act().detail["person"] == "cleo"


def test_who_is_learning_is_not_qualified_yet(ada, cleo) -> None:
    grant(cleo, actor=ada, level="learning")
    assert not Qualification.objects.valid(TODAY).filter(person=cleo).exists()


def test_a_qualification_is_taken_away_with_a_reason_and_who_had_it_is_told(ada, cleo) -> None:
    grant(cleo, actor=ada)
    with refused("reason_missing", Invalid) as caught:
        grant(cleo, actor=ada, level="learning", reason=" ")
    assert caught.value.reasons[0].field == "reason"
    assert Qualification.objects.get(person=cleo).level == "qualified"
    grant(cleo, actor=ada, level="learning", reason="Away from command for two years.")
    told = OutboxMessage.objects.get(kind="qualification_taken")
    assert (told.recipient, told.subject) == (
        cleo, "You are no longer qualified as Incident commander",
    )  # fmt: skip
    assert "Away from command for two years." in told.body
    assert (last_act().verb, last_act().detail["reason"]) == (
        "grant_qualification", "Away from command for two years.",
    )  # fmt: skip


def test_only_a_step_down_asks_for_a_reason_and_tells(ada, cleo) -> None:
    grant(cleo, actor=ada, level="learning", reason="")
    grant(cleo, actor=ada, level="learning", reason="")
    grant(cleo, actor=ada)
    grant(cleo, actor=ada)
    assert not OutboxMessage.objects.exists()


def test_a_new_grant_replaces_the_old_one(ada, cleo) -> None:
    grant(cleo, actor=ada, level="learning")
    grant(cleo, actor=ada, expires_on=None)
    row = Qualification.objects.get(person=cleo)
    assert (row.level, row.expires_on) == ("qualified", None)
    assert row.history.count() == 2


def test_granting_is_a_standing_permission(cleo, dan) -> None:
    with refused("no_permission", NotPermitted):
        grant(cleo, actor=dan)
    assert not Qualification.objects.exists()


def test_nobody_grants_it_to_themselves(ada, cleo) -> None:
    with refused("self_granted"):
        grant(ada, actor=ada)
    assert grant(cleo, actor=ada).granted_by == ada


def test_a_role_is_granted_by_somebody_who_holds_it(ada, cleo) -> None:
    lea = factories.allow(
        factories.person("lea"), "incidents.grant_qualification", "incidents.lead_incident"
    )
    with refused("not_held", NotPermitted):
        grant(cleo, actor=lea, reason="She has led three exercises.")
    Qualification.objects.filter(person=ada).update(expires_on=TODAY)
    with refused("not_held", NotPermitted):
        grant(cleo, actor=ada, reason="I held it until yesterday.")
    with refused("reason_missing", Invalid):
        grant(cleo, actor=lea, reason="")
    assert grant(cleo, actor=lea, reason="She has led three exercises.").reason
    assert grant(factories.person("ben"), actor=cleo_who_may(cleo)).granted_by == cleo


def cleo_who_may(cleo: Person) -> Person:
    return factories.allow(cleo, "incidents.grant_qualification")


def test_that_somebody_learns_a_role_needs_no_holder(cleo) -> None:
    elif_ = factories.allow(factories.person("elif"), "incidents.grant_qualification")
    assert grant(cleo, actor=elif_, level="learning").level == "learning"
    with refused("not_held", NotPermitted):
        grant(cleo, actor=elif_)


def test_a_grant_ends_after_it_begins(ada, cleo) -> None:
    with refused("expires_before_grant", Invalid):
        grant(cleo, actor=ada, expires_on=TODAY)
    assert grant(cleo, actor=ada, expires_on=date(2026, 11, 24))


def test_a_grant_counts_from_the_organisations_day_and_to_its_end(ada, cleo, settings) -> None:
    settings.ORGANISATION_ZONE = ZoneInfo("Europe/Berlin")
    late = NOW.replace(hour=23)  # the 24th has begun there
    tomorrow, after = date(2026, 11, 24), date(2026, 11, 25)
    with refused("expires_before_grant", Invalid):
        grant(cleo, actor=ada, at=late, expires_on=tomorrow)
    assert grant(cleo, actor=ada, at=late, expires_on=after).granted_on == tomorrow


def test_who_is_qualified_until_a_day_is_so_until_midnight_in_the_organisations_zone(
    cleo, settings
) -> None:
    settings.ORGANISATION_ZONE = ZoneInfo("Europe/Berlin")
    factories.qualify(cleo, COMMANDER, expires_on=date(2026, 11, 24))
    evening, midnight = NOW.replace(hour=22), NOW.replace(hour=23)
    assert [lapsed(at) for at in (evening, midnight)] == [[], [COMMANDER]]


def lapsed(at: datetime) -> list[str]:
    """The roles nobody would be given at this instant, of those once granted."""
    [found] = staffing.candidates([COMMANDER], [], at=at)
    valid = Qualification.objects.valid(today(at))
    assert list(valid.values_list("role", flat=True)) == sorted(found.qualified_for)
    return sorted(found.lapsed)


def test_a_level_is_one_of_those_known(ada, cleo) -> None:
    with refused("unknown_level", Invalid):
        grant(cleo, actor=ada, level="wizard")


def test_who_has_left_is_granted_nothing(ada) -> None:
    with refused("not_active"):
        grant(factories.person("gone", is_active=False), actor=ada)


def test_a_token_lets_a_program_act_as_its_person(cleo) -> None:
    token = people.issue_token(cleo, label=" calendar ", at=NOW)
    assert people.person_for_token(token) == cleo
    row = ApiToken.objects.get()
    assert (row.label, row.created_at) == ("calendar", NOW)
    assert last_act().verb == "issue_token"


def test_a_token_is_kept_nowhere(cleo) -> None:
    token = people.issue_token(cleo, label="", at=NOW)
    kept = [str(row) for row in (*ApiToken.objects.values(), *AuditEvent.objects.values())]
    assert not any(token in row for row in kept)
    assert len(token) == 43


def test_each_token_is_another(cleo) -> None:
    first, second = (people.issue_token(cleo, label="", at=NOW) for _ in range(2))
    assert first != second
    assert people.person_for_token(first) == people.person_for_token(second) == cleo


def test_an_unknown_or_revoked_token_opens_nothing(cleo) -> None:
    token = people.issue_token(cleo, label="", at=NOW)
    for other in ("", "x", token[:-1], token.upper()):
        assert people.person_for_token(other) is None
    ApiToken.objects.update(revoked_at=LATER)
    assert people.person_for_token(token) is None


def test_the_token_of_who_has_left_opens_nothing(cleo) -> None:
    token = people.issue_token(cleo, label="", at=NOW)
    Person.objects.filter(pk=cleo.pk).update(is_active=False)
    assert people.person_for_token(token) is None


def test_who_has_left_gets_no_token() -> None:
    with refused("not_active"):
        people.issue_token(factories.person("gone", is_active=False), label="", at=NOW)


def test_a_label_fits(cleo) -> None:
    with refused("label_too_long", Invalid):
        people.issue_token(cleo, label="x" * 81, at=NOW)
    assert people.issue_token(cleo, label="x" * 80, at=NOW)


def test_a_token_is_made_by_whom_it_speaks_for(ada, cleo) -> None:
    with refused("not_your_token", NotPermitted):
        people.issue_token(cleo, label="", actor=ada, at=NOW)
    assert people.issue_token(cleo, label="", actor=cleo, at=NOW)
    assert last_act().actor == cleo


def test_a_revoked_token_opens_nothing_and_is_revoked_once(cleo) -> None:
    token = people.issue_token(cleo, label="", at=NOW)
    row = people.revoke_token(ApiToken.objects.get(), actor=cleo, at=LATER)
    assert (row.revoked_at, people.person_for_token(token)) == (LATER, None)
    assert last_act().verb == "revoke_token"
    with refused("already_revoked"):
        people.revoke_token(row, actor=cleo, at=LATER)


def test_another_s_token_is_revoked_by_superusers_only(ada, cleo) -> None:
    people.issue_token(cleo, label="", at=NOW)
    row = ApiToken.objects.get()
    with refused("not_your_token", NotPermitted):
        people.revoke_token(row, actor=ada, at=LATER)
    root = factories.person("root", is_superuser=True)
    assert people.revoke_token(row, actor=root, at=LATER).revoked_at == LATER
