"""Customers in the admin: typed and imported by leadership; their notices beside the other clocks."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.models import Customer, Incident, NoticeClause, NoticeClock, Person, Service
from incidents.operations import notices
from incidents.rules.roles import COMMUNICATIONS
from tests import factories
from tests.customers import clause, customer, owed
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.incidents.scene import Scene, again, hold, incident_under, scene

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
COLUMNS = (
    "slug", "name", "services", "contact_name", "contact_email", "language", "account_manager",
    "is_active",
)  # fmt: skip


@pytest.fixture
def client() -> Client:
    return signed_in(member("lena", "leadership"))


# --- typed


def test_leadership_adds_a_customer_and_a_clause(client) -> None:
    payments = factories.service()
    factories.law()
    client.post(
        list_of(Customer, "add"),
        {
            "slug": "acme", "name": "Acme", "services": [payments.pk], "language": "en",
            "contact_name": "The desk", "contact_email": "desk@acme.example",
            "is_active": "on",
        },
    )  # fmt: skip
    acme = Customer.objects.get()
    assert list(acme.services.all()) == [payments]
    client.post(
        list_of(NoticeClause, "add"),
        {
            "customer": acme.pk, "title": "Incidents", "hours": 4, "starts": "declared",
            "concerns": "any", "levels": ["sev1"], "content": "What is affected.", "is_active": "on",
        },
    )  # fmt: skip
    made = NoticeClause.objects.get()
    assert (made.levels, made.hours, made.starts) == (["sev1"], 4, "declared")
    assert made.history.get().history_user.username == "lena"
    assert "Acme" in text_of(client.get(page_of(acme)))


def test_a_level_no_scheme_knows_cannot_be_chosen_and_one_kept_stays(client) -> None:
    factories.law()
    made = clause(customer(), levels=["p1"])
    page = client.get(page_of(made))
    form = page.context["adminform"].form
    assert [code for code, _ in form.fields["levels"].choices] == ["sev1", "sev2", "p1"]
    said = {
        "customer": made.customer_id, "title": "Incidents", "hours": 4, "starts": "detected",
        "concerns": "any", "levels": ["p9"], "content": "What is affected.", "is_active": "on",
    }  # fmt: skip
    assert client.post(page_of(made), said).status_code == 200
    assert again(made).levels == ["p1"]
    client.post(page_of(made), said | {"levels": ["p1", "sev1"]})
    assert again(made).levels == ["p1", "sev1"]


def test_a_notice_within_no_hours_is_refused(client) -> None:
    made = clause(customer())
    said = {
        "customer": made.customer_id, "title": "Incidents", "hours": 0, "starts": "detected",
        "content": "What is affected.", "is_active": "on",
    }  # fmt: skip
    assert client.post(page_of(made), said).status_code == 200
    assert again(made).hours == 4


def test_whoever_reads_everything_reads_them_and_types_nothing() -> None:
    made = clause(customer())
    for group in ("responder", "auditor"):
        reader = signed_in(member(f"of-{group}", group))
        assert reader.get(page_of(made)).status_code == 200
        assert reader.post(page_of(made), {"hours": 9}).status_code == 403
        assert reader.get(list_of(Customer, "add")).status_code == 403
    dan = signed_in(member("dan"))
    assert {dan.get(list_of(each)).status_code for each in (Customer, NoticeClause)} == {403}


def test_the_list_says_what_is_used_promised_and_due_next(client) -> None:
    here = scene()
    payments = factories.service("payments")
    acme = customer("acme", payments, *(factories.service(f"s{n}") for n in range(3)))
    clause(acme)
    clause(acme, title="Of old", is_active=False)
    here.incident.services.add(payments)
    notices.start_clocks(here.incident, at=NOW)
    page = client.get(list_of(Customer))
    row = page.context["cl"].result_list[0]
    assert (row.clauses_in_force, row.next_due_at) == (
        1,
        NoticeClock.objects.get().due_at,
    )
    assert "S0, S1 and 1 more" in text_of(page)


def test_the_list_tells_nothing_of_a_private_incident(client) -> None:
    here = scene()
    owed(here.incident)
    Incident.objects.update(is_private=True)
    assert client.get(list_of(Customer)).context["cl"].result_list[0].next_due_at is None
    assert "INC-1" not in text_of(client.get(list_of(NoticeClock)))


def test_the_list_of_clauses_says_how_many_notices_were_given_in_time(client) -> None:
    here = scene()
    used = factories.service()
    promised = clause(customer("acme", used))

    def kept() -> str:
        listed = client.get(list_of(NoticeClause)).context["cl"]
        return listed.model_admin.kept(listed.result_list[0])

    assert kept() == "-"
    made = [
        incident_under(here.incident.severity_scheme, "sev2", kind=kind)
        for kind in ("incident", "incident", "incident", "exercise")
    ]
    for incident, hours in zip(made, (1, 4, None, 9), strict=True):
        NoticeClock.objects.create(
            incident=incident, clause=promised, started_at=NOW, due_at=NOW + 4 * HOUR,
            given_at=hours and NOW + hours * HOUR,
        )  # fmt: skip
    assert kept() == "1 of 3 in time"  # one at its due instant, and one never
    made[0].is_private = True
    made[0].save()
    assert kept() == "0 of 2 in time"


def test_many_rows_cost_no_more_statements_than_one(client) -> None:
    here = scene()
    owed(here.incident)

    def statements() -> list[int]:
        found = []
        for model in (Customer, NoticeClause, NoticeClock):
            with CaptureQueriesContext(connection) as sent:
                client.get(list_of(model))
            found.append(len(sent))
        return found

    statements()
    few = statements()
    for number in range(8):
        owed(here.incident, f"acme{number}")
    assert statements() == few


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"concerns": "personal_data", "levels": ["sev1"]}, "levels"),
        ({"concerns": "any", "starts": "awareness"}, "starts"),
        ({"concerns": "personal_data", "starts": "awareness"}, ""),
    ],
)
def test_awareness_and_personal_data_belong_together_and_ask_of_no_level(
    client, said, field
) -> None:
    factories.law()
    given = {
        "customer": customer().pk, "title": "DPA", "hours": 24, "starts": "detected",
        "content": "What is known.", "is_active": "on",
    }  # fmt: skip
    page = client.post(list_of(NoticeClause, "add"), given | said)
    assert NoticeClause.objects.exists() is not bool(field)
    if field:
        assert list(page.context["adminform"].form.errors) == [field]


# --- sheets


def sheet(*rows: dict[str, str]) -> SimpleUploadedFile:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile("customers.csv", text.getvalue().encode(), "text/csv")


def imported(client: Client, *rows: dict[str, str]) -> str:
    """What the preview says, or the list after it was confirmed."""
    page = client.post(
        list_of(Customer, "import"), {"format": "0", "import_file": sheet(*rows)}
    )
    confirm = page.context.get("confirm_form")
    if confirm is None:
        return text_of(page)
    return text_of(
        client.post(list_of(Customer, "process_import"), confirm.initial, follow=True)
    )


ACME = {"slug": "acme", "name": "Acme", "services": "payments search", "language": "en",
        "contact_email": "desk@acme.example", "account_manager": "mo", "is_active": "1"}  # fmt: skip


@pytest.fixture
def catalogue() -> list[Service]:
    factories.person("mo")
    return [factories.service("payments"), factories.service("search")]


def test_customers_come_in_with_the_services_they_use(client, catalogue) -> None:
    assert "1 new" in imported(client, ACME)
    made = Customer.objects.get()
    assert {*made.services.all()} == {*catalogue}
    assert (made.account_manager.username, made.contact_email) == ("mo", "desk@acme.example")
    assert "1 skipped" in imported(client, ACME)
    assert "1 updated" in imported(client, ACME | {"services": "payments"})
    assert again(made).services.get().slug == "payments"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"services": "payments sarch"}, "There is no service “sarch”"),
        ({"account_manager": "nobody"}, "There is no person “nobody”"),
        ({"contact_email": "at the desk"}, "valid email"),
        ({"name": "=cmd()"}, "begins like a formula"),
    ],
)
def test_one_bad_row_refuses_the_whole_sheet(client, catalogue, wrong, why) -> None:
    said = imported(client, ACME, ACME | {"slug": "zenith"} | wrong)
    assert why in said
    assert not Customer.objects.exists()


def test_what_went_out_comes_in_again_unchanged(client, catalogue) -> None:
    customer("acme", *catalogue)
    fields = {f"customerresource_{name}": "on" for name in COLUMNS}
    page = client.post(
        list_of(Customer, "export"), {"format": "0", "resource": "", "customerresource_id": ""}
        | fields,
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(page.content.decode())))
    assert rows[0]["services"].split() == ["payments", "search"]
    assert "1 skipped" in imported(client, *rows)


# --- on the incident


@pytest.fixture
def here() -> Scene:
    found = scene(declared_at=timezone.now(), detected_at=timezone.now())
    Person.objects.update(is_staff=True)
    return found


def seen_by(who: Person, incident: Incident) -> str:
    reader = factories.allow(who, "incidents.view_incident", "incidents.view_noticeclock")
    return text_of(signed_in(reader).get(page_of(incident)))


def test_who_speaks_sees_the_notice_beside_the_other_clocks(here) -> None:
    clock = owed(here.incident, source="MSA 7.2")
    page = seen_by(here.ben, here.incident)
    assert "Notice to Acme: Incidents (MSA 7.2) · communications lead Draft it" in page
    assert "Record it : Notice to Acme" in page
    assert "Record it" not in seen_by(here.cleo, here.incident)
    form = signed_in(again(here.ben)).get(page_of(here.incident, "give_notice"))
    assert form.context["form"].initial["clock"] == clock.pk
    assert "What is affected. The desk desk@acme.example · MSA 7.2" in text_of(form)


def test_who_has_no_address_is_called_not_written_to(here) -> None:
    clock = owed(here.incident)
    clock.clause.customer.contact_email = ""
    clock.clause.customer.save()
    page = seen_by(here.ben, here.incident)
    assert "Acme: Incidents · communications lead, by telephone Record it" in page


def test_it_is_recorded_and_stands_among_what_was_given(here) -> None:
    clock = owed(here.incident)
    ben = factories.allow(here.ben, "incidents.view_incident")
    said = {"clock": clock.pk, "how": "Called the desk."}
    page = signed_in(ben).post(page_of(here.incident, "give_notice"), said, follow=True)
    assert "notice given Acme: Incidents Ben" in text_of(page)
    assert again(clock).how == "Called the desk."
    refused = signed_in(ben).post(page_of(here.incident, "give_notice"), said)
    assert refused.status_code == 409


def test_of_many_notices_the_first_are_shown_and_the_others_are_one_step_away(here) -> None:
    for number in range(7):
        owed(here.incident, f"acme{number}", hours=number + 1)
    page = seen_by(here.ben, here.incident)
    assert "Notice to Acme4" in page
    assert "Notice to Acme5" not in page
    assert "More notices to customers" in page
    ben = signed_in(again(here.ben))
    listed = ben.get(list_of(NoticeClock), {"q": "INC-1", "given_at__isempty": "1"})
    assert listed.context["cl"].result_count == 7


def test_an_incident_that_owes_none_asks_nothing_and_offers_nothing(here) -> None:
    ben = factories.allow(here.ben, "incidents.view_incident")
    with CaptureQueriesContext(connection) as sent:
        page = signed_in(ben).get(page_of(here.incident))
    asked = [one["sql"] for one in sent.captured_queries if "noticeclock" in one["sql"]]
    assert len(asked) == 1  # whether there is any, with the incident itself
    assert page_of(here.incident, "give_notice") not in page.content.decode()


def test_the_list_of_notices_says_how_each_stands(here) -> None:
    late = owed(here.incident)
    NoticeClock.objects.filter(pk=late.pk).update(due_at=NOW)
    owed(here.incident, "zenith")
    hold(here.incident, here.lea, COMMUNICATIONS)
    page = text_of(signed_in(member("auda", "auditor")).get(list_of(NoticeClock)))
    assert "Acme Incidents INC-1" in page
    assert "late" in page
    assert "open" in page
    assert "INC-1" in text_of(signed_in(member("audu", "auditor")).get(page_of(late)))
