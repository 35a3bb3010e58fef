"""A role is retired when no law and no draft needs it, brought back, and never renamed in a law."""

from datetime import timedelta

import pytest

from incidents.models import AuditEvent, Column, MatrixVersion, Person, Role
from incidents.operations import roles
from incidents.operations.grids import grid_of
from incidents.operations.matrix_import import translate_rows
from incidents.rules.reasons import NotPermitted, Refused
from incidents.rules.roles import COMMANDER, DEPUTY
from tests.factories import NOW, allow, matrix_version, person, role
from tests.incidents.admin_room import list_of, member, page_of, signed_in

pytestmark = pytest.mark.django_db
ROWS = [["phase", "activity", "Vendor manager"], ["declare", "Open the call", "A/R"]]


@pytest.fixture
def ada() -> Person:
    return allow(person("ada"), "incidents.retire_role")


@pytest.fixture
def vendor() -> Role:
    return Role.objects.create(slug="vendor", name="Vendor manager")


def law_with(held: Role, **said) -> MatrixVersion:
    return matrix_version({("triage", "Call the vendor"): {held.slug: "A/R"}}, **said)


def refusal(held: Role, actor: Person) -> Refused:
    with pytest.raises(Refused) as refused:
        roles.retire(held, actor=actor, at=NOW)
    held.refresh_from_db()
    assert held.retired_at is None or refused.value.has("already_retired")
    return refused.value


def test_a_role_without_letters_is_retired_and_brought_back(ada: Person, vendor: Role) -> None:
    roles.retire(vendor, actor=ada, at=NOW)
    assert Role.objects.get(pk="vendor").retired_at == NOW
    assert vendor not in Role.objects.active()
    roles.restore(vendor, actor=ada, at=NOW)
    assert vendor in Role.objects.active()
    verbs = AuditEvent.objects.order_by("sequence").values_list("verb", flat=True)
    assert list(verbs) == ["retire_role", "restore_role"]
    assert vendor.history.count() == 3


def test_what_is_done_already_is_refused(ada: Person, vendor: Role) -> None:
    with pytest.raises(Refused) as refused:
        roles.restore(vendor, actor=ada, at=NOW)
    assert refused.value.has("not_retired")
    roles.retire(vendor, actor=ada, at=NOW)
    assert refusal(vendor, ada).has("already_retired")


def test_dan_retires_nothing(vendor: Role) -> None:
    with pytest.raises(NotPermitted) as refused:
        roles.retire(vendor, actor=person("dan"), at=NOW)
    assert refused.value.has("no_permission")
    with pytest.raises(NotPermitted):
        roles.restore(vendor, actor=Person.objects.get(username="dan"), at=NOW)


@pytest.mark.parametrize(
    "effective_from", [NOW - timedelta(days=1), NOW + timedelta(days=30), None]
)
def test_a_role_with_letters_in_law_law_to_come_or_a_draft_stays(
    ada: Person, vendor: Role, effective_from
) -> None:
    law_with(vendor, effective_from=effective_from)
    refused = refusal(vendor, ada)
    assert refused.has("role_holds_letters")
    assert "Standing v1 (1)" in str(refused)


def test_letters_in_what_was_law_or_is_withdrawn_do_not_matter(
    ada: Person, vendor: Role
) -> None:
    law_with(vendor, effective_from=NOW - timedelta(days=9))
    matrix_version(slug="standing", effective_from=NOW - timedelta(days=2))
    withdrawn = law_with(vendor, effective_from=None)
    withdrawn.status = "withdrawn"
    withdrawn.save()
    assert roles.retire(vendor, actor=ada, at=NOW).retired_at == NOW


def test_a_column_without_letters_does_not_matter(ada: Person, vendor: Role) -> None:
    draft = matrix_version(effective_from=None)
    Column.objects.create(version=draft, role=vendor)
    assert roles.retire(vendor, actor=ada, at=NOW).retired_at == NOW


def test_the_roles_of_the_law_stay(ada: Person) -> None:
    assert refusal(role(COMMANDER), ada).has("role_of_the_law")


def test_whom_others_report_to_stays_until_they_report_elsewhere(
    ada: Person, vendor: Role
) -> None:
    buyer = Role.objects.create(slug="buyer", name="Buyer", reports_to=vendor)
    assert "Buyer report to it" in str(refusal(vendor, ada))
    roles.retire(buyer, actor=ada, at=NOW)
    assert roles.retire(vendor, actor=ada, at=NOW).retired_at == NOW


def test_a_retired_role_gets_no_letters_from_a_file(ada: Person, vendor: Role) -> None:
    assert translate_rows(ROWS, phases={}, roles={}).unmapped_roles == ()
    roles.retire(vendor, actor=ada, at=NOW)
    assert translate_rows(ROWS, phases={}, roles={}).unmapped_roles == ("Vendor manager",)
    forced = translate_rows(ROWS, phases={}, roles={"Vendor manager": "vendor"})
    assert forced.grid is None


def test_a_new_name_of_a_role_changes_no_version() -> None:
    law = matrix_version()
    before, history = grid_of(law), law.history.count()
    deputy = Role.objects.get(pk=DEPUTY)
    deputy.name = "Second commander"
    deputy.save()
    assert grid_of(law) == before
    assert law.history.count() == history
    assert "Deputy" in deputy.history.order_by("history_id").first().name


# --- in the admin


def test_leadership_sees_kind_and_superior_and_retires_by_a_verb(vendor: Role) -> None:
    client = signed_in(member("lea", "leadership"))
    page = client.get(list_of(Role)).content.decode()
    assert "Reports to" in page
    assert "in use" in page
    assert "Bring back" not in client.get(page_of(vendor)).content.decode()
    address = page_of(vendor, "retire")
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 302
    vendor.refresh_from_db()
    assert vendor.retired_at is not None
    assert "retired " in client.get(list_of(Role)).content.decode()


def test_the_page_says_beforehand_why_a_role_stays(vendor: Role) -> None:
    law_with(vendor)
    client = signed_in(member("lea", "leadership"))
    page = client.get(page_of(vendor)).content.decode()
    assert "It still holds letters in Standing v1 (1)" in page
    assert client.post(page_of(vendor, "retire"), {}).status_code == 409


def test_a_responder_retires_nothing(vendor: Role) -> None:
    client = signed_in(member("rob", "responder"))
    assert client.get(page_of(vendor)).status_code == 200
    assert client.post(page_of(vendor, "retire"), {}).status_code == 403


def test_no_qualification_is_granted_for_a_retired_role(vendor: Role, ada: Person) -> None:
    roles.retire(vendor, actor=ada, at=NOW)
    client = signed_in(member("lea", "leadership"))
    said = {"person": ada.pk, "role": "vendor", "level": "qualified"}
    page = client.post("/admin/incidents/qualification/verb/grant/", said)
    assert page.status_code == 409
    assert not vendor.qualifications.exists()
