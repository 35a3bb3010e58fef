"""The page an incident is run from, and the lists around it: complete, and cheap to open."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.models import (
    Alert,
    Decision,
    Dependency,
    Incident,
    IncidentLink,
    LegalClock,
    Person,
    TimelineEntry,
    Update,
    UpdateClock,
)
from incidents.operations import declaration
from incidents.operations.records import audit
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY
from tests import factories
from tests.factories import NOW
from tests.incidents import waiting_rows
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.incidents.scene import MINUTE, Scene, hold, incident_under, scene

pytestmark = pytest.mark.django_db

# One of them counts which updates were on time.
PAGE_QUERIES = 17
FULL_PAGE_QUERIES = 31  # an incident with a hand-over, calls, suggestions, proposals and links
LIST_QUERIES = 12
# Two of them say which roles have too few holders, one each who is on duty, which turns nobody has,
# and which reports are due.
INDEX_QUERIES = 41


@pytest.fixture
def stage() -> Scene:
    return scene()


@pytest.fixture
def client():
    """A leader's."""
    return signed_in(member("lena", "leadership"))


def crowd(incident: Incident, size: int) -> None:
    """Everything the page shows, so many times."""
    for number in range(size):
        who = factories.person()
        made = factories.service(f"s{number}-{incident.pk}", owner=who)
        other = factories.service(f"o{number}-{incident.pk}", owner=who)
        Dependency.objects.create(upstream=other, downstream=made, strength="hard")
        incident.services.add(made)
        held = hold(incident, who, DEPUTY)
        held.ended_at, held.end_reason = NOW + MINUTE, "test"
        held.save()
        TimelineEntry.objects.create(
            incident=incident, text="x", at=NOW, recorded_at=NOW, author=who
        )
        Decision.objects.create(
            incident=incident, question="Roll back?", decision="Yes", decided_by=who,
            decided_at=NOW, authority="command",
        )  # fmt: skip
        Update.objects.create(
            incident=incident, audience="public", text="x", drafted_by=who, drafted_at=NOW
        )
        audit("note", incident, actor=who, at=NOW)


def commanded(stage: Scene) -> None:
    """One more incident, with a commander of its own."""
    hold(incident_under(stage.incident.severity_scheme, "sev1"), factories.person(), COMMANDER)


# --- cost


@pytest.mark.parametrize("size", [1, 6])
def test_the_page_costs_the_same_however_much_it_shows(
    client, stage, size, django_assert_max_num_queries
) -> None:
    crowd(stage.incident, size)
    client.get(page_of(stage.incident))
    with django_assert_max_num_queries(PAGE_QUERIES):
        page = client.get(page_of(stage.incident))
    assert page.content.decode().count("Roll back?") == size


@pytest.mark.parametrize("size", [3, 40])
def test_the_list_costs_the_same_however_long_it_is(
    client, stage, size, django_assert_max_num_queries
) -> None:
    for _ in range(size):
        commanded(stage)
    with django_assert_max_num_queries(LIST_QUERIES):
        page = client.get(list_of(Incident))
    assert len(page.context["cl"].result_list) == min(size + 1, 25)
    assert "nobody" not in text_of(page)


@pytest.mark.parametrize("size", [1, 12])
def test_the_overview_costs_the_same_however_much_burns(
    client, stage, size, django_assert_max_num_queries
) -> None:
    for number in range(size):
        commanded(stage)
        factories.service(f"s{number}")
    client.get(reverse("admin:index"))
    with django_assert_max_num_queries(INDEX_QUERIES):
        assert client.get(reverse("admin:index")).status_code == 200


# --- what the page says


def test_the_page_names_who_holds_what_and_what_is_the_law(client, stage) -> None:
    text = text_of(client.get(page_of(stage.incident)))
    for words in ("Checkout is down", "Severity 2", "Ada", "Ben", "No clock is running."):
        assert words in text


def test_the_page_is_found_by_its_reference(client, stage) -> None:
    address = reverse("admin:incidents_incident_change", args=[stage.incident.reference])
    assert client.get(address).context["incident"] == stage.incident
    for unknown in ("INC-999", "0", "nonsense", "9" * 30):
        address = reverse("admin:incidents_incident_change", args=[unknown])
        assert client.get(address).status_code == 404


def test_the_next_act_is_the_big_button_for_who_may_do_it(stage) -> None:
    for who in (stage.ada, stage.ben):
        who.is_staff = True
        who.save()
        factories.allow(who, "incidents.view_incident")
    hers = signed_in(stage.ada).get(page_of(stage.incident)).context
    his = signed_in(stage.ben).get(page_of(stage.incident)).context
    assert hers["big"].verb.name == "advance"
    assert his["big"] is None
    assert "advance" in {offer.verb.name for offer in his["refused"]}
    assert "draft_update" in {offer.verb.name for offer in his["offers"]}


def test_what_is_not_open_now_is_listed_with_its_reason(client, stage) -> None:
    page = client.get(page_of(stage.incident))
    refused = {offer.verb.name: offer.reasons for offer in page.context["refused"]}
    assert refused["close"][0].message in text_of(page)


def test_an_auditor_reads_the_page_and_is_offered_nothing(stage) -> None:
    page = signed_in(member("olga", "auditor")).get(page_of(stage.incident)).context
    assert (page["big"], page["offers"], page["refused"]) == (None, [], [])


def test_what_people_wrote_is_shown_as_text(client, stage) -> None:
    stage.incident.title = "<script>alert(1)</script>"
    stage.incident.save()
    for address in (page_of(stage.incident), list_of(Incident)):
        page = client.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_a_role_nobody_holds_is_said_by_name_with_reasons(client) -> None:
    factories.law()
    lea = factories.allow(member("lea", "leadership"), "incidents.declare_incident")
    incident = declaration.declare(
        title="Down", services=[factories.service()], facts={}, actor=lea, at=NOW
    )
    text = text_of(client.get(page_of(incident)))
    assert "Communications lead is held by nobody" in text


# --- the list


def test_the_list_shows_level_phase_and_who_commands(client, stage) -> None:
    incident_under(stage.incident.severity_scheme, "sev1", title="Nobody there")
    incident_under(
        stage.incident.severity_scheme, "sev2", title="Over", state="closed",
        closed_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    text = text_of(client.get(list_of(Incident)))
    for words in ("Severity 1", "Severity 2", "Triage", "Closed", "Ada", "nobody"):
        assert words in text


@pytest.mark.parametrize("term", ["INC-1", "inc-1", "Checkout", "is down"])
def test_an_incident_is_found_by_reference_and_by_title(client, stage, term) -> None:
    incident_under(stage.incident.severity_scheme, "sev1", title="Another")
    page = client.get(list_of(Incident), {"q": term})
    assert [row.reference for row in page.context["cl"].result_list] == ["INC-1"]


# --- forms of verbs


def test_facts_nobody_gave_are_not_recorded_as_no(client, stage) -> None:
    hold(stage.incident, stage.cleo, DEPUTY)
    body = {"customers_affected": "7"}
    assert client.post(page_of(stage.incident, "record_facts"), body).status_code == 302
    stage.incident.refresh_from_db()
    assert stage.incident.facts == {"customers_affected": 7}


def test_a_fact_out_of_range_is_refused_on_its_field(client, stage) -> None:
    page = client.post(page_of(stage.incident, "record_facts"), {"customers_affected": "-1"})
    assert page.status_code == 409
    assert "customers_affected" in page.context["form"].errors
    stage.incident.refresh_from_db()
    assert stage.incident.facts == {}


def test_an_update_leads_back_to_its_incident(client, stage) -> None:
    draft = Update.objects.create(
        incident=stage.incident, audience="internal", text="x", drafted_by=stage.ben,
        drafted_at=NOW,
    )  # fmt: skip
    page = client.post(page_of(draft, "approve_update"))
    assert (page.status_code, page.url) == (302, page_of(stage.incident))
    draft.refresh_from_db()
    assert draft.status == "approved"


def test_its_own_drafter_is_told_why_they_cannot_approve(stage) -> None:
    ben = factories.allow(stage.ben, "incidents.view_incident", "incidents.view_update")
    ben.is_staff = True
    ben.save()
    draft = Update.objects.create(
        incident=stage.incident, audience="internal", text="x", drafted_by=ben, drafted_at=NOW
    )
    client = signed_in(ben)
    assert client.get(page_of(draft, "approve_update")).context["reasons"]
    assert client.post(page_of(draft, "approve_update")).status_code == 409
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert COMMUNICATIONS in set(stage.incident.assignments.values_list("role", flat=True))


@pytest.mark.parametrize("size", [1, 6])
def test_a_service_costs_the_same_however_many_need_it(
    client, size, django_assert_max_num_queries
) -> None:
    made = factories.service()
    for number in range(size):
        other = factories.service(f"s{number}")
        Dependency.objects.create(upstream=made, downstream=other, strength="hard")
    client.get(page_of(made))
    with django_assert_max_num_queries(LIST_QUERIES):
        assert f"S{size - 1}" in text_of(client.get(page_of(made)))


# --- what waits for somebody


def reader(stage: Scene, who: Person) -> Client:
    """One of the scene, signed in to the admin."""
    made = factories.allow(who, "incidents.view_incident")
    made.is_staff = True
    made.save()
    return signed_in(made)


def notices(page: HttpResponse) -> str:
    """The words of the panel of what cannot wait."""
    panel = page.content.decode().split('id="panel-notices"')[1].split('id="panel-due"')[0]
    return text_of(HttpResponse(panel))


def test_who_is_offered_command_reads_the_briefing_and_accepts_with_the_big_button(
    stage,
) -> None:
    waiting_rows.hand_over(stage.incident, stage.ada, stage.cleo)
    hers = reader(stage, stage.cleo).get(page_of(stage.incident))
    for words in (
        "Ada offers you command.", "Half of the payments fail", "We rolled back",
        "Public, at ten", "Why Dublin?",
    ):  # fmt: skip
        assert words in notices(hers)
    assert hers.context["big"].verb.name == "accept_command"
    his = reader(stage, stage.ben).get(page_of(stage.incident))
    assert "Ada offers command to Cleo." in notices(his)
    assert "accept_command" not in his.context["urls"]
    giver = reader(stage, stage.ada).get(page_of(stage.incident))
    assert "Withdraw the hand-over" in notices(giver)


def test_a_commander_who_is_called_is_here_with_one_press_and_others_see_the_clock(
    stage,
) -> None:
    waiting_rows.command_call(stage.incident, asked_by=stage.ben)
    hers = reader(stage, stage.ada).get(page_of(stage.incident))
    assert "You are called." in notices(hers) and "I am here" in notices(hers)
    assert hers.context["big"].verb.name == "answer_call"
    his = reader(stage, stage.ben).get(page_of(stage.incident))
    assert "Ada was called by Ben" in notices(his) and "I am here" not in notices(his)
    due = [(one.what, one.whose) for one in his.context["due"]]
    assert due == [("The commander answers, else the deputy takes over", "Ada")]


def test_calls_say_who_was_called_when_and_what_comes_next(stage) -> None:
    waiting_rows.escalation_call(stage.incident, stage.ben, role=COMMUNICATIONS)
    waiting_rows.escalation_call(
        stage.incident, stage.lea, role=DEPUTY, ended="answered", answered_at=NOW,
        next_call_at=None,
    )  # fmt: skip
    waiting_rows.escalation_call(stage.incident, None, calls=0, next_call_at=None)
    page = reader(stage, stage.cleo).get(page_of(stage.incident))
    text = text_of(page)
    for words in (
        "Who was called: 3",
        "Communications lead, phone call",
        "2 times",
        "nobody found",
    ):
        assert words in text
    assert [(one.what, one.whose) for one in page.context["due"]] == [
        ("Called again unless answered", "Ben (Communications lead)")
    ]
    assert "You are called." not in text
    called = reader(stage, stage.ben).get(page_of(stage.incident))
    assert "You are called." in notices(called)
    assert called.context["big"].verb.name == "answer_call"


def test_a_proposed_level_asks_to_be_decided_until_somebody_says_why_not(stage) -> None:
    stage.incident.computed_level = stage.incident.severity_scheme.levels.get(code="sev1")
    stage.incident.severity_missed = ["sev1, Safety: nobody is in danger"]
    stage.incident.save()
    ada = reader(stage, stage.ada)
    page = ada.get(page_of(stage.incident))
    assert "The facts now say Severity 1; it is Severity 2." in notices(page)
    assert "Set Severity 1" in notices(page)
    assert "Keep Severity 2, and say why" in notices(page)
    assert "nobody is in danger" in text_of(page)
    assert (page.context["big"].verb.name, page.context["big"].verb.label) == (
        "classify", "Decide: Severity 1 is proposed",
    )  # fmt: skip
    form = ada.get(page.context["big"].url).context["form"]
    assert form["level_code"].value() == "sev1"
    stage.incident.severity_override_reason = "It is contained."
    stage.incident.save()
    decided = ada.get(page_of(stage.incident))
    assert "The facts now say" not in notices(decided)
    assert decided.context["big"].verb.name == "advance"


def test_an_update_that_is_late_is_the_next_act_of_who_speaks(stage) -> None:
    UpdateClock.objects.create(
        incident=stage.incident, audience="public", due_at=timezone.now() - MINUTE
    )
    big = reader(stage, stage.ben).get(page_of(stage.incident)).context["big"]
    assert (big.verb.label, big.url.endswith("?audience=public")) == (
        "Draft the public update", True,
    )  # fmt: skip


def test_a_role_nobody_holds_names_who_stands_in(client, stage) -> None:
    stage.incident.unfilled = [
        {
            "role": DEPUTY,
            "service": None,
            "reasons": ["Nobody is qualified."],
            "stand_in": ["lea"],
        }
    ]
    stage.incident.save()
    factories.role(DEPUTY)
    page = client.get(page_of(stage.incident))
    words = "Deputy commander is held by nobody. Leadership stands in: Lea mail to Lea"
    assert words in notices(page)
    assert "Nobody is qualified." in notices(page)


def test_suggestions_are_accepted_or_dismissed_from_where_they_stand(client, stage) -> None:
    one = waiting_rows.suggestion(stage.incident, COMMUNICATIONS, stage.cleo)
    page = client.get(page_of(stage.incident))
    assert "Communications lead: Cleo? The shift is over. Next in rotation" in notices(page)
    for verb in {"accept_suggestion", "dismiss_suggestion"} & page.context["urls"].keys():
        assert f"{page_of(stage.incident, verb)}?suggestion={one.pk}" in page.content.decode()
    one.outcome = "dismissed"
    one.save()
    later = client.get(page_of(stage.incident))
    assert "The shift is over." not in text_of(later)
    assert not {"accept_suggestion", "dismiss_suggestion"} & later.context["urls"].keys()


def test_decisions_show_what_was_heard_and_when_to_look_again_and_proposals_wait(stage) -> None:
    made = waiting_rows.proposal(stage.incident, stage.cleo)
    Decision.objects.create(
        incident=stage.incident, question="Roll back?", decision="Yes, at once",
        decided_by=stage.ada, authority="incident commander", decided_at=NOW,
        revisit_at=NOW + MINUTE,
        inputs=[{"person": "olga", "role": "domain_owner", "said": "It is safe"}],
    )  # fmt: skip
    page = reader(stage, stage.ada).get(page_of(stage.incident))
    text = text_of(page)
    for words in (
        "1 proposed", "Switch to the spare?", "Cleo proposes", "Yes, at once",
        "Ada (incident commander)", "olga (domain_owner): It is safe",
    ):  # fmt: skip
        assert words in text
    assert [one.what for one in page.context["due"]] == ["Decide again: Roll back?"]
    assert f"{page_of(stage.incident, 'decide')}?proposal={made.pk}" in page.content.decode()


def test_every_kind_of_clock_stands_in_one_list_by_urgency(client, stage) -> None:
    UpdateClock.objects.create(
        incident=stage.incident, audience="public", due_at=NOW + 3 * MINUTE
    )
    LegalClock.objects.create(
        incident=stage.incident, kind="counsel", title="Engage counsel", basis="Data may be out",
        started_at=NOW, due_at=NOW + 4 * MINUTE,
    )  # fmt: skip
    waiting_rows.command_call(stage.incident)
    waiting_rows.escalation_call(stage.incident, stage.ben)
    Decision.objects.create(
        incident=stage.incident, question="Roll back?", decision="No", decided_by=stage.ada,
        authority="command", decided_at=NOW, revisit_at=NOW + MINUTE,
    )  # fmt: skip
    page = client.get(page_of(stage.incident))
    assert [one.what for one in page.context["due"]] == [
        "Decide again: Roll back?",
        "Called again unless answered",
        "Next public update",
        "Engage counsel",
        "The commander answers, else the deputy takes over",
    ]
    assert page.content.decode().count("data-until") >= 5


# --- whom to call, where it hangs together, who may


def test_services_name_whom_to_call_up_and_down_the_stream(client, stage) -> None:
    olga = factories.person("olga", phone="+49 30 1234", email="olga@example.com")
    payments, ledger = factories.service(owner=olga), factories.service("ledger", owner=olga)
    Dependency.objects.create(upstream=ledger, downstream=payments, strength="hard")
    stage.incident.services.add(payments)
    page = client.get(page_of(stage.incident))
    assert "Needs Ledger: Olga +49 30 1234" in text_of(page)
    assert page.content.decode().count('href="tel:+49301234"') == 2
    assert page.content.decode().count('href="mailto:olga@example.com"') == 2


def test_linked_incidents_stand_both_ways_unless_they_are_not_the_readers_to_know_of(
    client, stage
) -> None:
    scheme = stage.incident.severity_scheme
    other = incident_under(scheme, "sev1", title="The other one")
    secret = incident_under(scheme, "sev1", title="Hush", is_private=True)
    for kind, linked in (("caused", other), ("related", secret)):
        IncidentLink.objects.create(
            incident=stage.incident, kind=kind, other=linked, made_by=stage.ada, made_at=NOW
        )
    here, there = (text_of(client.get(page_of(one))) for one in (stage.incident, other))
    assert "This was caused by INC-2 The other one" in here
    assert "Hush" not in here
    assert "This caused INC-1 Checkout is down" in there


def test_the_alert_it_came_from_is_named(client, stage) -> None:
    Alert.objects.create(
        source="grafana", external_id="7", title="Error rate above 5 %", detected_at=NOW,
        received_at=NOW, status="accepted", incident=stage.incident, decided_by=stage.ada,
        decided_at=NOW,
    )  # fmt: skip
    text = text_of(client.get(page_of(stage.incident)))
    assert "Error rate above 5 % grafana" in text and "accepted by Ada" in text


def test_the_page_says_who_may_do_what_now(client, stage) -> None:
    may = client.get(page_of(stage.incident)).context["who_may"]
    classify = next(row for row in may["Severity and facts"] if row.verb == "classify")
    assert [str(one) for who in classify.who for one in who.people] == ["Ada"]
    assert "More" not in may


def test_acts_are_grouped_and_what_answers_nothing_has_no_button(client, stage) -> None:
    page = client.get(page_of(stage.incident))
    groups = {one.name: [*one.open, *one.refused] for one in page.context["groups"]}
    assert list(groups)[:3] == ["Command", "Severity and facts", "Words"]
    assert "More" not in groups
    shown = {offer.verb.name for offers in groups.values() for offer in offers}
    assert not shown & {
        "accept_command", "decline_command", "withdraw_hand_over", "answer_call",
        "accept_suggestion", "dismiss_suggestion", "decline_proposal", "end_delegation",
    }  # fmt: skip
    assert {"assign", "record_facts", "note"} <= shown


def test_everything_at_once_costs_a_bounded_number_of_queries(
    client, stage, django_assert_max_num_queries
) -> None:
    crowd(stage.incident, 4)
    other = incident_under(stage.incident.severity_scheme, "sev1")
    for one, two in ((stage.incident, other), (other, stage.incident)):
        IncidentLink.objects.create(
            incident=one, kind="related", other=two, made_by=stage.ada, made_at=NOW
        )
    for role in (COMMUNICATIONS, DEPUTY):
        waiting_rows.suggestion(stage.incident, role, stage.cleo)
        waiting_rows.escalation_call(stage.incident, stage.ben, role=role)
        waiting_rows.proposal(stage.incident, stage.cleo)
    waiting_rows.hand_over(stage.incident, stage.ada, stage.cleo)
    waiting_rows.command_call(stage.incident)
    Incident.objects.filter(pk=stage.incident.pk).update(declared_by=stage.lea)
    client.get(page_of(stage.incident))
    with django_assert_max_num_queries(FULL_PAGE_QUERIES):
        client.get(page_of(stage.incident))
