"""The data map and regulators in the admin: typed, imported, verified, and beneath their service."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client

from incidents.models import DataHolding, Regulator, Service
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.incidents.scene import again, last_act
from tests.mapped import holding, regulator

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in(member("lena", "leadership"))


@pytest.fixture
def payments() -> Service:
    return factories.service("payments")


def holding_said(service: Service, **more: object) -> dict[str, object]:
    return {
        "service": service.pk, "title": "Accounts", "data_categories": ["health", "children"],
        "jurisdictions": "us-ca, DE", "persons": "DE: 12,000\nUS-CA: 300",
        "data_role": "controller", "protection": "unknown", "is_active": "on",
    } | more  # fmt: skip


REGULATOR = {
    "recipient": "dpa_eu", "jurisdiction": "de-be", "name": "Berlin", "channel": "portal",
    "address": "https://authority.example", "timezone": "Europe/Berlin", "is_active": "on",
}  # fmt: skip


# --- typed


def test_leadership_maps_what_a_service_holds(client, payments) -> None:
    page = client.get(list_of(DataHolding, "add"))
    assert "identity papers and numbers" in text_of(page)
    client.post(list_of(DataHolding, "add"), holding_said(payments))
    made = DataHolding.objects.get()
    assert made.data_categories == ["children", "health"]
    assert made.jurisdictions == ["DE", "US-CA"]
    assert made.persons == {"DE": 12_000, "US-CA": 300}
    assert made.history.get().history_user.username == "lena"
    listed = text_of(client.get(list_of(DataHolding)))
    assert "Accounts Payments data of children, health Germany, California 12,300" in listed
    assert "never verified" in listed


def test_what_was_typed_is_shown_as_it_is_typed(client, payments) -> None:
    made = holding(payments, jurisdictions=["DE", "US-CA"], persons={"DE": 5})
    form = client.get(page_of(made)).context["adminform"].form
    assert form["jurisdictions"].value() == "DE, US-CA"
    assert form["persons"].value() == "DE: 5"
    client.post(page_of(made), holding_said(payments, persons=""))
    assert again(made).persons == {}


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"data_categories": []}, "data_categories", "Choose what kind of data"),
        ({"data_categories": ["helth"]}, "data_categories", "Select a valid choice"),
        ({"jurisdictions": "UK"}, "jurisdictions", "write GB"),
        ({"jurisdictions": ""}, "jurisdictions", "Say where these people live"),
        ({"persons": "DE: many"}, "persons", "is no count"),
        ({"persons": "FR: 1"}, "persons", "not among its places"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(client, payments, wrong, field, says) -> None:
    page = client.post(list_of(DataHolding, "add"), holding_said(payments, **wrong))
    assert says in " ".join(page.context["adminform"].form.errors[field])
    assert not DataHolding.objects.exists()


def test_leadership_adds_an_authority(client) -> None:
    page = client.get(list_of(Regulator, "add"), {"recipient": "ico_uk"})
    assert page.context["adminform"].form["recipient"].value() == "ico_uk"
    assert "the form at any hour" in text_of(page)
    client.post(list_of(Regulator, "add"), REGULATOR)
    made = Regulator.objects.get()
    assert (made.recipient, made.jurisdiction) == ("dpa_eu", "DE-BE")
    assert "Berlin" in text_of(client.get(list_of(Regulator)))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"recipient": "individuals"}, "recipient"),
        ({"jurisdiction": "UK"}, "jurisdiction"),
        ({"timezone": "CET+1"}, "timezone"),
        ({"address": ""}, "address"),
    ],
)
def test_an_authority_that_could_not_be_told_is_refused(client, wrong, field) -> None:
    page = client.post(list_of(Regulator, "add"), REGULATOR | wrong)
    assert list(page.context["adminform"].form.errors) == [field]
    assert not Regulator.objects.exists()


# --- who may


def test_a_responder_reads_words_and_verifies_and_types_nothing(payments) -> None:
    rosa = signed_in(member("rosa", "responder"))
    rows: tuple[Model, ...] = (holding(payments), regulator())
    for row in rows:
        assert rosa.get(list_of(type(row), "add")).status_code == 403
        assert "never verified" in text_of(rosa.get(page_of(row)))
        rosa.post(page_of(row, "verify"), {"note": "Looked."})
        assert again(row).verified_by.username == "rosa"
        assert last_act().verb in ("verify_holding", "verify_regulator")
    assert "health" in text_of(rosa.get(page_of(rows[0])))
    assert "data-protection supervisory authority" in text_of(rosa.get(page_of(rows[1])))


def test_a_row_that_is_changed_is_verified_no_longer_by_form_or_by_sheet(
    client, payments
) -> None:
    verified = {"verified_on": NOW.date(), "verified_by": payments.owner}
    row = holding(payments, **verified)
    said = holding_said(
        payments, data_categories=["health"], jurisdictions="DE", persons="DE: 12000"
    )
    client.post(page_of(row), said | {"note": "Asked on Monday."})
    assert again(row).verified_by == payments.owner
    client.post(page_of(row), said | {"protection": "none"})
    assert again(row).verified_on is again(row).verified_by is None
    office = regulator("The commissioner", recipient="ico_uk", **verified)
    imported(client, Regulator, REGULATOR_ROW | {"hours": "Mon-Fri 9-17"})
    assert again(office).hours == "Mon-Fri 9-17"
    assert again(office).verified_on is None


def test_dan_sees_none_of_it(payments) -> None:
    dan = signed_in(member("dan"))
    for row in (holding(payments), regulator()):
        for address in (list_of(type(row)), page_of(row), page_of(row, "verify")):
            assert dan.get(address).status_code == 403
        assert dan.post(page_of(row, "verify"), {}).status_code == 403
        assert again(row).verified_on is None


def test_a_service_shows_what_it_holds(client, payments) -> None:
    holding(payments, "Support tickets")
    page = text_of(client.get(page_of(payments)))
    assert "data it holds" in page.lower()
    assert "Support tickets" in page
    assert "Germany" in page


# --- sheets

HOLDING_ROW = {
    "service": "payments", "title": "Accounts", "data_categories": "health children",
    "jurisdictions": "DE US-CA", "persons": "DE: 12000; US-CA: 300", "data_role": "controller",
    "protection": "none", "note": "", "is_active": "1",
}  # fmt: skip
REGULATOR_ROW = {
    "recipient": "ico_uk", "jurisdiction": "", "name": "The commissioner", "channel": "telephone",
    "address": "", "phone": "+44 303 1", "timezone": "Europe/London", "hours": "", "note": "",
    "our_reference": "", "is_active": "1",
}  # fmt: skip


def imported(client: Client, model: type[Model], *rows: dict[str, str]) -> str:
    """What the preview says, or the list after it was confirmed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    file = SimpleUploadedFile("rows.csv", text.getvalue().encode(), "text/csv")
    page = client.post(list_of(model, "import"), {"format": "0", "import_file": file})
    confirm = page.context.get("confirm_form")
    if confirm is None:
        return text_of(page)
    return text_of(client.post(list_of(model, "process_import"), confirm.initial, follow=True))


@pytest.mark.parametrize(
    ("model", "row", "change"),
    [
        (DataHolding, HOLDING_ROW, {"protection": "unknown"}),
        (Regulator, REGULATOR_ROW, {"hours": "Mon-Fri 9-17"}),
    ],
)
def test_rows_come_in_once_and_change_by_their_key(
    client, payments, model, row, change
) -> None:
    assert "1 new" in imported(client, model, row)
    assert last_act().verb == "import_sheet"
    assert "1 skipped" in imported(client, model, row)
    assert "1 updated" in imported(client, model, row | change)
    made = model.objects.get()
    assert made.history.count() == 2
    assert made.verified_on is None


@pytest.mark.parametrize(
    ("model", "row", "wrong", "why"),
    [
        (DataHolding, HOLDING_ROW, {"service": "paymnts"}, "There is no service “paymnts”"),
        (DataHolding, HOLDING_ROW, {"data_categories": "helth"}, "There is no category helth"),
        (DataHolding, HOLDING_ROW, {"jurisdictions": "UK"}, "write GB"),
        (DataHolding, HOLDING_ROW, {"persons": "DE 12"}, "is no count"),
        (DataHolding, HOLDING_ROW, {"protection": "rot13"}, "not a valid choice"),
        (DataHolding, HOLDING_ROW, {"note": "=cmd()"}, "begins like a formula"),
        (Regulator, REGULATOR_ROW, {"recipient": "nobody"}, "There is no recipient nobody"),
        (Regulator, REGULATOR_ROW, {"timezone": "CET+1"}, "not an IANA time zone"),
        (Regulator, REGULATOR_ROW, {"phone": ""}, "Give an address or a phone number"),
    ],
)
def test_one_bad_row_refuses_the_whole_sheet(client, payments, model, row, wrong, why) -> None:
    key = "title" if model is DataHolding else "name"
    assert why in imported(client, model, row, row | {key: "Another"} | wrong)
    assert not model.objects.exists()


@pytest.mark.parametrize("model", [DataHolding, Regulator])
def test_what_went_out_comes_in_again_unchanged(client, payments, model) -> None:
    made = (
        holding(payments, jurisdictions=["DE", "US-CA"])
        if model is DataHolding
        else regulator()
    )
    resource = "holdingresource" if model is DataHolding else "regulatorresource"
    columns = HOLDING_ROW if model is DataHolding else REGULATOR_ROW
    said = {f"{resource}_{name}": "on" for name in columns}
    page = client.post(
        list_of(model, "export"),
        {"format": "0", "resource": "", f"{resource}_id": ""} | said,
    )
    rows = list(csv.DictReader(io.StringIO(page.content.decode())))
    assert len(rows) == 1
    assert "1 skipped" in imported(client, model, *rows)
    assert again(made).history.count() == 1


def test_dan_and_a_responder_import_nothing(payments) -> None:
    for who in (member("dan"), member("rosa", "responder")):
        for model in (DataHolding, Regulator):
            assert signed_in(who).get(list_of(model, "import")).status_code == 403
