"""Accounts and rights in the admin: nobody gives themselves, or lends, more than they have."""

from datetime import date

import pytest
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from incidents.models import Absence, ApiToken, AuditEvent, Person, Qualification
from incidents.operations import people
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.incidents.scene import acts, again

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Person:
    """A superuser."""
    return member("ada", is_superuser=True)


@pytest.fixture
def lea() -> Person:
    return member("lea", "leadership")


@pytest.fixture
def cleo() -> Person:
    return member("cleo", "responder")


def password_page(who: Person) -> str:
    return reverse("admin:auth_user_password_change", args=[who.pk])


def form_of(who: Person, **changed) -> dict[str, object]:
    """What the form of a person sends when nothing but this was changed."""
    said = {
        "name": who.name,
        "username": who.username,
        "email": who.email,
        "phone": who.phone,
        "time_zone": who.time_zone,
        "digest_at": "08:00",
        "team": who.team_id or "",
        "is_active": "on",
        "is_staff": "on",
        "groups": list(who.groups.values_list("pk", flat=True)),
    }
    for rows in ("qualifications", "ways", "contact_proofs", "muted"):
        said |= {f"{rows}-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    return {name: value for name, value in (said | changed).items() if value is not None}


def group(name: str) -> int:
    return Group.objects.get(name=name).pk


# --- passwords


def test_only_a_superuser_opens_another_s_password_page(ada, lea, cleo) -> None:
    assert signed_in(ada).get(password_page(cleo)).status_code == 200
    for who in (cleo, ada, lea):
        for method in (signed_in(lea).get, signed_in(lea).post):
            body = {"password1": "correct horse battery", "password2": "correct horse battery"}
            assert method(password_page(who), body).status_code == 403
    assert again(cleo).password == cleo.password


def test_one_s_own_password_is_changed_with_the_old_one(lea) -> None:
    lea.set_password("the old one, long")
    lea.save()
    body = {"new_password1": "a new one, longer", "new_password2": "a new one, longer"}
    client = signed_in(lea)
    address = reverse("admin:password_change")
    assert client.post(address, body | {"old_password": "guessed"}).status_code == 200
    assert client.post(address, body | {"old_password": "the old one, long"}).status_code == 302
    assert again(lea).check_password("a new one, longer")


def test_no_page_shows_a_password_to_who_is_no_superuser(lea, cleo) -> None:
    cleo.set_password("known to Cleo alone")
    cleo.save()
    for who in (lea, member("olga", "auditor")):
        page = signed_in(who).get(page_of(cleo))
        assert "argon2" not in page.content.decode()
        assert "md5" not in page.content.decode()
        assert "password" not in flatten_fieldsets(page.context["adminform"].fieldsets)


def test_whom_leadership_adds_cannot_sign_in_yet(lea) -> None:
    body = {
        "name": "Nova", "username": "nova", "email": "nova@example.com", "time_zone": "UTC",
        "is_active": "on", "password1": "correct horse battery",
        "password2": "correct horse battery", "is_superuser": "on", "is_staff": "on",
        "groups": [group("leadership")],
    }  # fmt: skip
    body |= {f"qualifications-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    assert signed_in(lea).post(list_of(Person, "add"), body).status_code == 302
    nova = Person.objects.get(username="nova")
    assert not nova.has_usable_password()
    assert not nova.is_staff
    assert not nova.is_superuser
    assert not nova.groups.exists()


def test_whom_a_superuser_adds_may_get_a_password(ada) -> None:
    body = {
        "name": "Nova", "username": "nova", "email": "n@example.com", "time_zone": "UTC",
        "usable_password": "true", "password1": "correct horse battery",
        "password2": "correct horse battery",
    }  # fmt: skip
    body |= {f"qualifications-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    assert signed_in(ada).post(list_of(Person, "add"), body).status_code == 302
    assert Person.objects.get(username="nova").check_password("correct horse battery")


# --- rights


def test_a_superuser_is_changed_by_superusers_only(ada, lea) -> None:
    body = form_of(ada, email="taken@example.com", is_active=None)
    assert signed_in(lea).post(page_of(ada), body).status_code == 403
    assert again(ada).is_active
    assert signed_in(ada).post(page_of(ada), body | {"is_active": "on", "is_superuser": "on"})
    assert again(ada).email == "taken@example.com"


def test_nobody_but_a_superuser_makes_superusers_or_hands_out_permissions(lea, cleo) -> None:
    right = Permission.objects.get(codename="lead_incident")
    body = form_of(cleo, is_superuser="on", user_permissions=[right.pk], name="Cleo Changed")
    for who in (cleo, lea):
        body |= form_of(who, name="Changed")
        assert signed_in(lea).post(page_of(who), body).status_code == 302
        assert again(who).name == "Changed"
        assert not again(who).is_superuser
        assert not again(who).user_permissions.exists()


def test_leadership_puts_people_into_groups(lea, cleo) -> None:
    body = form_of(cleo, groups=[group("responder"), group("planner")])
    assert signed_in(lea).post(page_of(cleo), body).status_code == 302
    assert {each.name for each in again(cleo).groups.all()} == {"responder", "planner"}


def test_a_group_that_opens_more_than_its_giver_has_is_not_theirs_to_give(lea, cleo) -> None:
    beyond = Group.objects.create(name="administrators")
    beyond.permissions.add(Permission.objects.get(codename="delete_session"))
    page = signed_in(lea).post(page_of(cleo), form_of(cleo, groups=[beyond.pk]))
    assert "groups" in page.context["adminform"].form.errors
    assert {each.name for each in again(cleo).groups.all()} == {"responder"}


def test_a_group_beyond_one_s_own_is_not_taken_away_either(lea, cleo) -> None:
    beyond = Group.objects.create(name="administrators")
    beyond.permissions.add(Permission.objects.get(codename="delete_session"))
    cleo.groups.add(beyond)
    body = form_of(cleo, groups=[], name="Cleo Two")
    assert signed_in(lea).post(page_of(cleo), body).status_code == 302
    assert again(cleo).name == "Cleo Two"
    assert again(cleo).groups.count() == 2


def test_who_leaves_is_deactivated_by_leadership(lea, cleo) -> None:
    assert signed_in(lea).post(page_of(cleo), form_of(cleo, is_active=None)).status_code == 302
    assert not again(cleo).is_active


def test_a_responder_reads_people_and_changes_nobody(cleo, lea) -> None:
    client = signed_in(cleo)
    assert client.get(page_of(lea)).status_code == 200
    assert client.post(page_of(lea), form_of(lea, name="x")).status_code == 403
    assert client.post(page_of(cleo), form_of(cleo, is_superuser="on")).status_code == 403


# --- qualifications


def grant(client, who: Person, **changed):
    body = {
        "person": who.pk,
        "role": COMMANDER,
        "level": "qualified",
        "expires_on": "",
        "reason": "The first.",
    }
    return client.post(list_of(Qualification, "grant"), body | changed)


def test_a_qualification_is_granted_with_an_audit_line(lea, cleo) -> None:
    factories.role(COMMANDER)
    assert grant(signed_in(lea), cleo).status_code == 302
    row = Qualification.objects.get()
    assert (row.person, row.granted_by, row.level) == (cleo, lea, "qualified")
    assert acts() == ["grant_qualification"]


def test_nobody_grants_a_qualification_to_themselves(lea) -> None:
    factories.role(COMMANDER)
    page = grant(signed_in(lea), lea)
    assert page.status_code == 409
    assert page.context["form"].errors["person"] == [
        "Nobody grants it to themselves: ask another person who may."
    ]
    assert not Qualification.objects.exists()
    assert acts() == []


def test_a_qualification_is_renewed_and_taken_away_by_the_same_act(lea, cleo) -> None:
    row = factories.qualify(cleo, COMMANDER)
    client = signed_in(lea)
    for level, until in (("qualified", "2099-01-01"), ("learning", "")):
        body = {"level": level, "expires_on": until, "reason": "The first."}
        assert client.post(page_of(row, "renew"), body).status_code == 302
    assert (again(row).level, again(row).expires_on) == ("learning", None)
    assert row.history.count() == 3
    assert acts() == ["grant_qualification"] * 2


def test_a_qualification_is_not_typed(ada, cleo) -> None:
    row = factories.qualify(cleo, COMMANDER)
    client = signed_in(ada)
    assert client.get(list_of(Qualification, "add")).status_code == 403
    assert client.post(page_of(row), {"expires_on": "2099-01-01"}).status_code == 403
    assert again(row).expires_on is None


# --- absences


def away(**changed) -> dict[str, str]:
    said = {"starts_at_0": "2026-12-01", "starts_at_1": "09:00", "ends_at_0": "2026-12-02"}
    return {**said, "ends_at_1": "09:00", "reason": "leave", **changed}


def test_one_records_one_s_own_absence_and_only_that(cleo, lea) -> None:
    body = away(person=lea.pk)
    assert signed_in(cleo).post(list_of(Absence, "add"), body).status_code == 302
    assert Absence.objects.get().person == cleo


def test_one_changes_one_s_own_absence_and_not_another_s(cleo) -> None:
    mine, theirs = (
        Absence.objects.create(person=who, starts_at=NOW, ends_at=NOW.replace(hour=18))
        for who in (cleo, factories.person("ben"))
    )
    client = signed_in(cleo)
    assert client.post(page_of(mine), away(reason="ill")).status_code == 302
    assert client.post(page_of(theirs), away(reason="ill")).status_code == 403
    assert (again(mine).reason, again(theirs).reason) == ("ill", "")
    assert again(mine).person == cleo


def test_leadership_records_anybody_s_absence(lea, cleo) -> None:
    body = away(person=cleo.pk)
    assert signed_in(lea).post(list_of(Absence, "add"), body).status_code == 302
    assert Absence.objects.get().person == cleo


def test_why_somebody_is_away_is_read_by_them_by_who_entered_it_and_by_leadership(
    cleo, lea
) -> None:
    signed_in(cleo).post(list_of(Absence, "add"), away(reason="Leave"))
    row = Absence.objects.get()
    signed_in(cleo).post(page_of(row), away(reason="A wedding in the family"))
    ben, olga = member("ben", "responder"), member("olga", "responder")
    Absence.history.update(history_user=olga)  # who entered it for her
    past = f"{page_of(row, 'history')}{row.history.latest().pk}/"
    pages = list_of(Absence), page_of(row), page_of(row, "history"), past
    for reader in (cleo, olga, lea):
        for page in pages[:3]:
            assert "A wedding" in signed_in(reader).get(page).content.decode()
    said = [signed_in(ben).get(page) for page in pages]
    assert [each.status_code for each in said] == [200] * 4
    assert not any("A wedding" in each.content.decode() for each in said)
    assert "Cleo" in text_of(said[0])


def test_nobody_finds_out_by_searching_why_somebody_is_away(cleo, lea) -> None:
    signed_in(cleo).post(list_of(Absence, "add"), away(reason="A wedding in the family"))

    def found(who: Person, **query: str) -> int:
        page = signed_in(who).get(list_of(Absence), query)
        return len(page.context["cl"].result_list) if page.status_code == 200 else -1

    ben = member("ben", "responder")
    assert (found(lea, q="wedding"), found(ben, q="wedding"), found(ben, q="cleo")) == (1, 0, 1)
    assert found(lea, reason__contains="wedding") == 1
    assert found(ben, reason__contains="wedding") == -1


def test_an_absence_ends_after_it_begins(cleo) -> None:
    page = signed_in(cleo).post(list_of(Absence, "add"), away(ends_at_0="2026-11-01"))
    assert page.status_code == 200
    assert page.context["errors"]
    assert not Absence.objects.exists()


# --- tokens


def test_a_token_is_shown_once_and_belongs_to_who_asked(cleo) -> None:
    client = signed_in(cleo)
    page = client.post(list_of(ApiToken, "issue"), {"label": "calendar"})
    row = ApiToken.objects.get()
    token = page.context["token"]
    assert people.person_for_token(token) == row.person == cleo
    assert token in text_of(page)
    assert "no-store" in page["Cache-Control"]
    for address in (list_of(ApiToken), page_of(row), page_of(row, "history")):
        assert token not in client.get(address).content.decode()
    assert AuditEvent.objects.get(verb="issue_token").actor == cleo


def test_a_token_is_revoked_by_its_owner_with_an_audit_line(cleo) -> None:
    token = people.issue_token(cleo, label="old", at=NOW)
    row = ApiToken.objects.get()
    client = signed_in(cleo)
    assert client.post(page_of(row, "revoke")).status_code == 302
    assert people.person_for_token(token) is None
    assert acts() == ["issue_token", "revoke_token"]
    assert client.post(page_of(row, "revoke")).status_code == 409
    assert acts() == ["issue_token", "revoke_token"]


def test_another_s_token_is_out_of_reach_but_for_a_superuser(ada, lea, cleo) -> None:
    people.issue_token(cleo, label="old", at=NOW)
    row = ApiToken.objects.get()
    assert signed_in(lea).post(page_of(row, "revoke")).status_code == 404
    assert again(row).revoked_at is None
    assert signed_in(ada).post(page_of(row, "revoke")).status_code == 302
    assert again(row).revoked_at is not None


def test_an_auditor_issues_no_token() -> None:
    client = signed_in(member("olga", "auditor"))
    assert client.post(list_of(ApiToken, "issue"), {"label": "x"}).status_code == 403
    assert not ApiToken.objects.exists()


def test_people_are_found_by_name_mail_and_team(lea) -> None:
    factories.person("grace", name="Grace Hopper", team=factories.team("payments"))
    client = signed_in(lea)
    for term in ("hopper", "grace@", "Payments"):
        assert "Grace Hopper" in text_of(client.get(list_of(Person), {"q": term}))
    assert "Grace Hopper" not in text_of(client.get(list_of(Person), {"q": "platform"}))


def test_a_day_that_has_come_is_refused_beside_one_to_come(lea, cleo) -> None:
    factories.role(COMMANDER)
    page = grant(signed_in(lea), cleo, expires_on=date(2026, 1, 1))
    assert page.context["form"].errors["expires_on"]
    assert grant(signed_in(lea), cleo, expires_on=date(2099, 1, 1)).status_code == 302
