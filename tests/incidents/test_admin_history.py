"""Row history: every version is there to read, and reading it never writes."""

import pytest
from django.contrib import admin
from django.urls import reverse
from simple_history.admin import SimpleHistoryAdmin

from incidents.models import Person, Service, Team
from tests import factories
from tests.incidents.admin_room import member, page_of, signed_in, text_of
from tests.incidents.scene import again

pytestmark = pytest.mark.django_db


def superuser() -> Person:
    return member("ada", is_superuser=True)


def version_of(row, which: str = "earliest") -> str:
    version = getattr(row.history, which)()
    meta = row._meta
    name = f"admin:{meta.app_label}_{meta.model_name}_simple_history"
    return reverse(name, args=[row.pk, version.pk])


@pytest.fixture
def team() -> Team:
    """Renamed once, by nobody who was signed in."""
    made = factories.team()
    made.name = "Foundations"
    made.save()
    return made


def test_the_history_says_what_changed_from_what_to_what(team) -> None:
    page = text_of(signed_in(superuser()).get(page_of(team, "history")))
    assert "Platform → Foundations" in page


def test_who_did_it_is_named_and_nobody_is_the_system(team) -> None:
    client = signed_in(member("lea", "leadership", name="Lea Leader"))
    body = {"name": "Roots", "slug": team.slug, "lead": ""}
    assert client.post(page_of(team), body).status_code == 302
    page = text_of(client.get(page_of(team, "history")))
    assert "Lea Leader" in page
    assert "by the system" in page
    assert "None" not in page


def test_a_past_version_is_shown_as_it_was(team) -> None:
    page = signed_in(superuser()).get(version_of(team))
    assert page.status_code == 200
    assert "Platform" in page.content.decode()


def test_a_past_version_is_not_brought_back_even_by_a_superuser(team) -> None:
    body = {"name": "Overwritten", "slug": "platform", "lead": "", "_change_history": "1"}
    client = signed_in(superuser())
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(version_of(team), body).status_code == 403
    assert again(team).name == "Foundations"
    assert team.history.count() == 2


def test_no_model_s_past_can_be_written(team) -> None:
    client = signed_in(superuser())
    governed = [
        found
        for found in admin.site._registry.values()
        if isinstance(found, SimpleHistoryAdmin)
    ]
    assert len(governed) > 10
    for found in governed:
        name = f"admin:{found.opts.app_label}_{found.opts.model_name}_simple_history"
        assert client.post(reverse(name, args=[1, 1]), {}).status_code == 403


def test_history_is_for_those_who_may_see_it(team) -> None:
    for who, status in ((member("olga", "auditor"), 200), (member("dan"), 403)):
        client = signed_in(who)
        assert client.get(page_of(team, "history")).status_code == status
        assert client.get(version_of(team)).status_code == status


def test_a_long_history_comes_in_pages(team) -> None:
    for number in range(30):
        team.name = f"Name {number}"
        team.save()
    client = signed_in(superuser())
    first = text_of(client.get(page_of(team, "history")))
    second = text_of(client.get(page_of(team, "history"), {"p": 2}))
    assert "Name 28 → Name 29" in first
    assert "Name 28 → Name 29" not in second
    assert "Foundations" in second


def test_a_password_never_reaches_the_history() -> None:
    client, row = signed_in(superuser()), factories.person("cleo")
    row.set_password("a secret nobody reads")
    row.save()
    page = client.get(page_of(row, "history")).content.decode()
    assert row.password not in page
    assert row.password not in client.get(version_of(row, "latest")).content.decode()


def test_what_never_was_has_no_history() -> None:
    assert signed_in(superuser()).get(page_of(Service(pk=99), "history")).status_code == 404
