"""The quick look-up of token and permission says what the two slow ones say, at every request."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, Permission

from incidents.api.legal_cases import VIEW_PACK
from incidents.models import ApiToken, Person
from incidents.operations.people import (
    issue_token,
    permitted_by_token,
    person_for_token,
    revoke_token,
)
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def view_pack() -> Permission:
    app, codename = VIEW_PACK.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def tokens() -> Iterator[tuple[str, str, bool]]:
    """By whose way they came to it: the token, and whether it opens the address."""
    readers, others = (Group.objects.create(name=name) for name in ("readers", "others"))
    readers.permissions.add(view_pack())
    others.permissions.add(Permission.objects.get(codename="view_legalprofile"))
    for name, groups, own, fields, opens in (
        ("nobody", (), False, {}, False),
        ("by_group", (others, readers), False, {}, True),
        ("by_another_group", (others,), False, {}, False),
        ("by_own", (), True, {}, True),
        ("by_both", (readers,), True, {}, True),
        ("superuser", (), False, {"is_superuser": True}, True),
        ("staff", (), False, {"is_staff": True}, False),
        ("gone", (readers,), True, {"is_superuser": True}, False),
        ("revoked", (readers,), True, {"is_superuser": True}, False),
    ):
        person = factories.person(name, **fields)
        person.groups.set(groups)
        if own:
            person.user_permissions.add(view_pack())
        token = issue_token(person, label="test", at=NOW)
        if name == "revoked":
            revoke_token(ApiToken.objects.get(person=person), actor=person, at=NOW)
        if name == "gone":
            Person.objects.filter(pk=person.pk).update(is_active=False)
        yield name, token, opens


def same(token: str) -> Person | None:
    """Whom the quick way lets in, which is whom the slow way does."""
    slow, quick = person_for_token(token), permitted_by_token(token, VIEW_PACK)
    assert quick == (slow if slow and slow.has_perm(VIEW_PACK) else None)
    return quick


def judge_all() -> None:
    for name, token, opens in tokens():
        found = same(token)
        assert (found is not None) is opens, name
        if found:
            assert (found.username, str(found)) == (
                name,
                str(Person.objects.get(username=name)),
            )
            assert found.is_active
    for wrong in ("", "x", "\0", "\u00e4", "' OR 1=1 --", "a" * 5000):
        assert same(wrong) is None


def taken_back() -> None:
    """What is taken away is gone at the next request: nothing is kept."""
    group = Group.objects.create(name="for a day")
    group.permissions.add(view_pack())
    person = factories.person("guest")
    person.groups.add(group)
    token = issue_token(person, label="test", at=NOW)
    assert same(token) == person
    group.permissions.clear()
    assert same(token) is None
    person.user_permissions.add(view_pack())
    assert same(token) == person
    row = ApiToken.objects.get(person=person)
    revoke_token(row, actor=person, at=NOW)
    assert same(token) is None


def test_it_lets_in_whom_the_slow_way_lets_in_and_nobody_else() -> None:
    judge_all()


def test_what_is_taken_back_opens_nothing_at_the_next_request() -> None:
    taken_back()


def test_the_same_name_of_a_permission_of_another_app_opens_nothing() -> None:
    kind = Permission.objects.exclude(content_type__app_label="incidents")[0].content_type
    person = factories.person("elsewhere")
    person.user_permissions.add(
        Permission.objects.create(codename="view_lawpack", content_type=kind, name="Another")
    )
    assert same(issue_token(person, label="test", at=NOW)) is None
