"""The pages of what is owed: the list, a campaign, one's own attestation, a runbook that works."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.models import Attestation, AttestationCampaign, Obligation, Person, Service
from incidents.models.calendar import today
from incidents.operations import obligations
from incidents.operations.attestation import attest, close_campaign, open_campaign
from incidents.rules.roles import COMMANDER, DEPUTY
from raci_project import coverage
from tests.factories import matrix_version, person, qualify, service
from tests.incidents.admin_room import list_of, member, page_of, said, signed_in, text_of
from tests.incidents.scene import again

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LIST_QUERIES = 8
CAMPAIGN_QUERIES = 16


@pytest.fixture
def lea() -> Person:
    """Leads."""
    return member("lea", "leadership")


@pytest.fixture
def ada() -> Person:
    """Could command."""
    who = member("ada", "responder")
    qualify(who, COMMANDER)
    return who


@pytest.fixture
def ben() -> Person:
    """Could be the deputy."""
    who = member("ben", "responder")
    qualify(who, DEPUTY)
    return who


@pytest.fixture
def campaign(lea: Person, ada: Person, ben: Person) -> AttestationCampaign:
    matrix_version()
    now = timezone.now()
    return open_campaign(due_on=(now + 9 * DAY).date(), actor=lea, at=now)


def of(campaign: AttestationCampaign, who: Person) -> Attestation:
    return campaign.attestations.get(person=who)


def lapsing(days: int) -> None:
    on = (timezone.now() + days * DAY).date()
    qualify(person(f"in{days}".replace("-", "minus")), COMMANDER, expires_on=on)


def owed(client: Client, **asked: str) -> str:
    return text_of(client.get(list_of(Obligation), asked))


# --- owed


def test_the_list_shows_what_is_owed_and_not_what_is_settled(lea: Person) -> None:
    for days in (-3, 20, 40):
        lapsing(days)
    obligations.look(timezone.now())
    Obligation.objects.filter(owner__username="in40").settle(at=timezone.now())
    client = signed_in(lea)
    words = owed(client)
    assert "In20's qualification" in words
    assert "late by" in words
    assert "In40's" not in words
    assert "In40's" in owed(client, stands="settled")
    assert "In40's" in owed(client, stands="all")
    late = owed(client, stands="late")
    assert "Inminus3's" in late
    assert "In20's" not in late


def test_the_list_shows_mine_and_what_leadership_owes(ada: Person, lea: Person) -> None:
    service("payments", owner=ada, runbook_url="https://example.com/")
    lapsing(20)
    obligations.look(timezone.now())
    mine = owed(signed_in(ada), whose="mine")
    assert "runbook of Payments" in mine
    assert "In20's" not in mine
    nothing = owed(signed_in(lea), whose="leadership")
    assert "In20's" not in nothing


def test_the_list_leads_to_where_it_is_done(lea: Person) -> None:
    lapsing(20)
    obligations.look(timezone.now())
    row = Obligation.objects.get()
    page = signed_in(lea).get(list_of(Obligation)).content.decode()
    assert f'href="{row.link}"' in page
    assert f'href="{row.link}"' in signed_in(lea).get(page_of(row)).content.decode()


def test_an_empty_list_says_how_rows_come_into_it(lea: Person) -> None:
    assert "come here by themselves" in owed(signed_in(lea))


def test_the_list_costs_the_same_however_long(lea: Person) -> None:
    client = signed_in(lea)
    counts = []
    for batch in (range(10, 12), range(12, 40)):
        for days in batch:
            lapsing(days)
        obligations.look(timezone.now())
        with CaptureQueriesContext(connection) as queries:
            owed(client)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= LIST_QUERIES


def test_the_first_page_says_how_much_is_late(lea: Person) -> None:
    def late() -> list[str]:
        texts = [hole.text for hole in coverage.holes(lea, timezone.now())]
        return [text for text in texts if "late" in text]

    lapsing(20)
    obligations.look(timezone.now())
    assert late() == []
    lapsing(-3)
    obligations.look(timezone.now())
    (text,) = late()
    assert text.startswith("One thing that is owed is late")


# --- a campaign


def test_leadership_opens_a_campaign_from_the_list(lea: Person, ada: Person) -> None:
    version = matrix_version()
    client = signed_in(lea)
    assert str(version) in text_of(client.get(list_of(AttestationCampaign, "open")))
    day = (timezone.now() + 9 * DAY).date()
    response = client.post(list_of(AttestationCampaign, "open"), {"due_on": f"{day}"})
    made = AttestationCampaign.objects.get()
    assert response["Location"] == page_of(made)
    assert (made.due_on, made.attestations.get().person) == (day, ada)


def test_a_day_that_is_over_is_refused_beside_its_field(lea: Person, ada: Person) -> None:
    matrix_version()
    day = (timezone.now() - DAY).date()
    response = signed_in(lea).post(list_of(AttestationCampaign, "open"), {"due_on": f"{day}"})
    assert response.status_code == 409
    assert "Choose today or a later day" in text_of(response)
    assert not AttestationCampaign.objects.exists()


def test_a_campaign_shows_how_far_it_is_and_who_is_missing(
    campaign: AttestationCampaign, lea: Person, ada: Person
) -> None:
    attest(of(campaign, ada), answer="objected", note="Never", actor=ada, at=timezone.now())
    words = text_of(signed_in(lea).get(page_of(campaign)))
    assert "1 of 2" in words
    assert "50 % have answered" in words
    assert "1 objected" in words
    assert "Never" in words
    assert "nobody is there to be asked" in words  # as the communications lead


def test_who_is_in_no_group_that_may_answer_is_named(
    campaign: AttestationCampaign, lea: Person, ben: Person
) -> None:
    ben.groups.clear()
    words = text_of(signed_in(lea).get(page_of(campaign)))
    assert words.count("in no group that may answer") == 1


def test_whoever_is_asked_is_led_to_their_own(
    campaign: AttestationCampaign, ada: Person
) -> None:
    client = signed_in(ada)
    page = client.get(page_of(campaign)).content.decode()
    assert f'href="{page_of(of(campaign, ada))}"' in page
    mine = client.get(list_of(Attestation, "mine"))
    assert mine["Location"] == page_of(of(campaign, ada))


def test_whoever_is_not_asked_hears_so(campaign: AttestationCampaign, lea: Person) -> None:
    response = signed_in(lea).get(list_of(Attestation, "mine"))
    assert said(response) == ["Nothing is asked of you now."]


def test_a_closed_campaign_offers_no_end_and_says_when_it_ended(
    campaign: AttestationCampaign, lea: Person
) -> None:
    close_campaign(campaign, actor=lea, at=timezone.now())
    page = signed_in(lea).get(page_of(campaign))
    assert "closed by Lea" in text_of(page)
    assert page_of(campaign, "close") not in page.content.decode()


def test_a_campaign_page_costs_the_same_for_many_as_for_few(lea: Person, ada: Person) -> None:
    matrix_version()
    client = signed_in(lea)
    counts = []
    for more in (1, 30):
        for _ in range(more):
            qualify(person(), COMMANDER)
        now = timezone.now()
        made = open_campaign(due_on=now.date(), actor=lea, at=now)
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of(made))
        counts.append(len(queries))
        close_campaign(made, actor=lea, at=now)
    assert counts[0] == counts[1] <= CAMPAIGN_QUERIES


def test_the_report_is_a_file_of_everybody_that_no_spreadsheet_computes(
    campaign: AttestationCampaign, lea: Person, ada: Person
) -> None:
    note = "=1+1"
    attest(of(campaign, ada), answer="objected", note=note, actor=ada, at=timezone.now())
    response = signed_in(lea).get(page_of(campaign, "report"))
    text = response.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["username"], row["answer"]) for row in rows] == [
        ("ada", "objected"),
        ("ben", "not answered"),
    ]
    assert rows[0]["note"] == f"'{note}"
    assert response["Content-Disposition"].endswith(f'"attestation-{campaign.pk}.csv"')


def test_who_may_see_nothing_gets_no_page_and_no_file(campaign: AttestationCampaign) -> None:
    client = signed_in(member("dan"))
    for address in (
        page_of(campaign),
        page_of(campaign, "report"),
        page_of(Attestation.objects.all()[0]),
        list_of(Attestation, "mine"),
        list_of(Obligation),
    ):
        assert client.get(address).status_code == 403


# --- one's own


def test_my_page_shows_exactly_what_i_answer_for(
    campaign: AttestationCampaign, ben: Person
) -> None:
    words = text_of(signed_in(ben).get(page_of(of(campaign, ben))))
    assert "As Deputy commander" in words
    assert "Direct the response" in words
    assert "Draft public message" not in words  # the commander's


def test_i_confirm_after_reading_it_again(campaign: AttestationCampaign, ben: Person) -> None:
    row, client = of(campaign, ben), signed_in(ben)
    assert "Direct the response" in text_of(client.get(page_of(row, "confirm")))
    assert client.post(page_of(row, "confirm"), {"note": ""})["Location"] == page_of(row)
    assert again(row).answer == "confirmed"
    page = client.get(page_of(row))
    assert "Confirmed on" in text_of(page)
    assert page_of(row, "object") not in page.content.decode()


def test_i_object_with_words(campaign: AttestationCampaign, ben: Person) -> None:
    row, client = of(campaign, ben), signed_in(ben)
    assert client.post(page_of(row, "object"), {"note": ""}).status_code == 409
    assert again(row).answer == ""
    client.post(page_of(row, "object"), {"note": "I never practised it"})
    assert again(row).note == "I never practised it"


def test_another_person_reads_it_and_is_offered_no_answer(
    campaign: AttestationCampaign, ben: Person, ada: Person
) -> None:
    row, client = of(campaign, ben), signed_in(ada)
    page = client.get(page_of(row))
    assert "Only Ben can answer it" in text_of(page)
    assert page_of(row, "confirm") not in page.content.decode()
    assert client.post(page_of(row, "confirm"), {"note": ""}).status_code == 409
    assert again(row).answer == ""


# --- runbooks


def test_the_owner_says_on_the_service_that_its_runbook_works(ada: Person) -> None:
    row = service("payments", owner=ada, runbook_url="https://example.com/runbook")
    client = signed_in(ada)
    page = client.get(page_of(row, "check_runbook")).content.decode()
    assert 'href="https://example.com/runbook"' in page
    client.post(page_of(row, "check_runbook"), {"note": "Mended"})
    assert Service.objects.get().runbook_checked_on == today(timezone.now())


def test_another_responder_reads_why_not(ada: Person, ben: Person) -> None:
    row = service("payments", owner=ada, runbook_url="https://example.com/runbook")
    words = text_of(signed_in(ben).get(page_of(row, "check_runbook")))
    assert "Ada owns it" in words
