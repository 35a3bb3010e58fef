"""The verbs of the law in the admin, the panel on an incident's page, the file, and its evidence."""

import hashlib
from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from incidents.admin import legal_panel
from incidents.models import Filing, Incident, LegalClock, LegalDecision, LegalNote, Person
from incidents.operations import facts, law
from incidents.rules.legal import MAX_FILE
from incidents.rules.roles import COMMUNICATIONS, COUNSEL
from tests import factories
from tests.factories import NOW
from tests.incidents import lawful
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.incidents.scene import Scene, again, hold, scene

pytestmark = pytest.mark.django_db

EXPOSED = {
    "affected_jurisdictions": ["DE"],
    "data_categories": ["personal_data"],
    "personal_data_exposure": "confirmed",
    "risk_to_individuals": "risk",
}
SECRET = "The old contract is on our side"


@pytest.fixture
def stage() -> Scene:
    """With exposure confirmed: counsel within the hour, and GDPR art. 33 runs."""
    made = scene(
        law_pack=lawful.pack(),
        legal_profile=lawful.profile(),
        detected_at=timezone.now() - timedelta(hours=2),
    )
    facts.record_facts(made.incident, facts=EXPOSED, actor=made.ada, at=timezone.now())
    return made


@pytest.fixture
def nora(stage) -> Person:
    """Counsel of the incident."""
    who = member("nora", "responder")
    factories.qualify(who, COUNSEL)
    hold(stage.incident, who, COUNSEL)
    return who


@pytest.fixture
def counsel(nora) -> Client:
    return signed_in(nora)


def art33(incident: Incident) -> LegalClock:
    return LegalClock.objects.get(incident=incident, regime="eu-gdpr-art33")


def typed(at) -> dict[str, str]:
    local = timezone.localtime(at)
    return {"sent_at_0": f"{local:%Y-%m-%d}", "sent_at_1": f"{local:%H:%M:%S}"}


def filed(counsel: Client, incident: Incident, **more):
    body = {"clock": art33(incident).pk, **typed(timezone.now()), **more}
    return counsel.post(page_of(incident, "file_notice"), body)


def evidence(
    name: str = "receipt.pdf", content: bytes = b"%PDF-1.7 sent"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


# --- verbs


def test_counsel_is_engaged_and_their_clock_is_met(counsel, nora, stage) -> None:
    page = counsel.get(page_of(stage.incident, "engage_counsel"))
    assert page.context["form"].initial["person"] == nora.pk
    assert "Which" not in text_of(page)
    body = {"person": nora.pk, "how": "By telephone"}
    assert counsel.post(page_of(stage.incident, "engage_counsel"), body).status_code == 302
    clock = LegalClock.objects.get(incident=stage.incident, kind="counsel")
    assert (clock.outcome, clock.settled_by) == ("met", nora)


def test_only_counsel_can_be_chosen_as_counsel(counsel, stage) -> None:
    body = {"person": stage.ben.pk, "how": "By telephone"}
    refused = counsel.post(page_of(stage.incident, "engage_counsel"), body)
    assert refused.status_code == 409
    assert "person" in refused.context["form"].errors


def test_a_filing_is_recorded_with_its_evidence_and_leads_back_to_the_law(
    counsel, stage
) -> None:
    address = page_of(stage.incident, "file_notice")
    shown = counsel.get(address, {"clock": art33(stage.incident).pk})
    assert str(shown.context["form"].initial["clock"]) == str(art33(stage.incident).pk)
    done = filed(counsel, stage.incident, reference="LDA-17", attachment=evidence())
    assert done.status_code == 302
    assert done["Location"] == page_of(stage.incident, "law")
    row = Filing.objects.get()
    assert row.sha256 == hashlib.sha256(b"%PDF-1.7 sent").hexdigest()
    assert (row.reference, row.file_name) == ("LDA-17", "receipt.pdf")
    assert art33(stage.incident).outcome == "met"
    assert "supplement" in text_of(counsel.get(address))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"x" * (MAX_FILE + 1), "At most 5 MiB")],
)
def test_a_file_that_is_empty_or_too_large_is_refused(counsel, stage, content, words) -> None:
    refused = filed(counsel, stage.incident, attachment=evidence(content=content))
    assert refused.status_code == 409
    assert words in str(refused.context["form"].errors["attachment"])


def test_a_refused_filing_says_by_when_it_was_owed_and_asks_for_its_file_again(
    counsel, stage
) -> None:
    clock = art33(stage.incident)
    hour = timedelta(hours=1)
    LegalClock.objects.filter(pk=clock.pk).update(due_at=NOW - hour, permitted_until=None)
    assert "it was not kept" not in text_of(counsel.get(page_of(stage.incident, "file_notice")))
    refused = filed(counsel, stage.incident, attachment=evidence())
    assert refused.status_code == 409
    text = text_of(refused)
    assert "UTC (2026-11-23 09:00 Europe/Berlin): write why it was sent later." in text
    assert "Choose the file again: it was not kept." in text
    assert not Filing.objects.exists()


def test_a_clock_is_stood_down_with_a_reason_by_counsel_alone(counsel, stage) -> None:
    address = page_of(stage.incident, "stand_down_clock")
    clock = art33(stage.incident)
    assert counsel.post(address, {"clock": clock.pk, "reason": ""}).status_code == 409
    assert counsel.post(address, {"clock": clock.pk, "reason": "Test data"}).status_code == 302
    assert art33(stage.incident).outcome == "stood_down"
    lena = signed_in(member("lena", "leadership"))
    assert lena.post(address, {"clock": clock.pk, "reason": "x"}).status_code == 409


def test_a_clock_in_doubt_is_kept_with_a_reason(counsel, stage) -> None:
    address = page_of(stage.incident, "keep_clock")
    assert "there is nothing to keep" in text_of(counsel.get(address))
    clock = art33(stage.incident)
    assert counsel.post(address, {"clock": clock.pk, "reason": "Not sure"}).status_code == 409
    facts.record_facts(
        stage.incident, facts={"risk_to_individuals": "unlikely"}, actor=stage.ada,
        at=timezone.now(),
    )  # fmt: skip
    page = counsel.get(page_of(stage.incident, "law"))
    assert "The facts no longer call for it." in text_of(page)
    assert "Keep it" in text_of(page)
    assert counsel.post(address, {"clock": clock.pk, "reason": "Not sure"}).status_code == 302
    assert LegalDecision.objects.get().kind == "keep"
    assert art33(stage.incident).is_open


def test_a_decision_not_to_notify_stands_in_the_register(counsel, stage) -> None:
    address = page_of(stage.incident, "decide_not_to_notify")
    assert "EU GDPR - communication" in text_of(counsel.get(address))
    body = {"regime": "eu-gdpr-art34", "reason": "The risk is not high"}
    assert counsel.post(address, body).status_code == 302
    why = text_of(counsel.get(page_of(stage.incident, "law_why")))
    assert "The risk is not high" in why
    assert "not to notify" in why
    law = counsel.get(page_of(stage.incident, "law"))
    assert "eu-gdpr-art34" not in {one.regime for one in law.context["others"]["assess"]}


def test_a_law_of_low_confidence_says_so_where_it_is_decided_and_in_the_register(
    counsel, stage
) -> None:
    address = page_of(stage.incident, "decide_not_to_notify")
    pack, _ = law.law_of(stage.incident) or (None, None)
    doubtful = next(each for each in pack.regimes.values() if each.is_doubtful)
    assert f"{doubtful.name} (low confidence)" in text_of(counsel.get(address))
    body = {"regime": doubtful.id, "reason": "None of it was lost"}
    assert counsel.post(address, body).status_code == 302
    why = counsel.get(page_of(stage.incident, "law_why"))
    assert [one.confidence for one in why.context["register"]] == ["low"]


@pytest.mark.parametrize(
    "verb",
    ["engage_counsel", "file_notice", "stand_down_clock", "keep_clock", "decide_not_to_notify", "write_legal_note"],
)  # fmt: skip
def test_neither_dan_nor_an_auditor_does_anything_of_it(stage, verb) -> None:
    for who in (member("dana"), member("olga", "auditor")):
        client = signed_in(who)
        assert client.get(page_of(stage.incident, verb)).status_code == 403
        assert client.post(page_of(stage.incident, verb), {}).status_code == 403


# --- privileged notes


def test_a_note_is_read_by_counsel_and_command_and_by_nobody_else(counsel, stage) -> None:
    body = {"text": SECRET}
    assert counsel.post(page_of(stage.incident, "write_legal_note"), body).status_code == 302
    assert LegalNote.objects.get().text == SECRET
    stage.ada.is_staff = True
    stage.ada.save()
    ada = signed_in(factories.allow(stage.ada, "incidents.view_incident"))
    others = (
        signed_in(member("root", is_superuser=True)),
        signed_in(member("olga", "auditor")),
        signed_in(member("lena", "leadership")),
    )
    for page in ("change", "law", "law_why"):
        for reader in (counsel, ada):
            assert SECRET in text_of(reader.get(page_of(stage.incident, page)))
        for stranger in others:
            shown = text_of(stranger.get(page_of(stage.incident, page)))
            assert SECRET not in shown
            assert "rivileged note" in shown
    for stranger in others:
        assert SECRET.encode() not in stranger.get(page_of(stage.incident, "live")).content


def test_notes_are_never_printed(counsel, stage) -> None:
    counsel.post(page_of(stage.incident, "write_legal_note"), {"text": SECRET})
    page = counsel.get(page_of(stage.incident, "law_why")).content.decode()
    unprinted = page.split('<div class="no-print">')[1].split('<p class="print-only">')[0]
    assert SECRET in unprinted
    assert page.count(SECRET) == 1


# --- the page of the incident


def test_the_page_of_the_incident_shows_counsel_the_duties_and_open_questions(stage) -> None:
    lena = signed_in(member("lena", "leadership"))
    page = lena.get(page_of(stage.incident))
    assert page.context["law_counsel"].kind == "counsel"
    assert [one.regime for one in page.context["law_duties"]] == ["eu-gdpr-art33"]
    assert page.context["law_open"] > 0
    assert f"{page.context['law_open']} question" in text_of(page)
    assert 'data-red-before="900"' in page.content.decode()
    due = {one.what: one for one in page.context["due"]}
    assert due[page.context["law_counsel"].title].act == "Engage counsel"


def test_a_breach_of_counsels_hour_says_so(stage) -> None:
    past = timezone.now() - timedelta(minutes=1)
    LegalClock.objects.filter(incident=stage.incident, kind="counsel").update(due_at=past)
    page = text_of(signed_in(member("lena", "leadership")).get(page_of(stage.incident)))
    assert "Breached: the hour is over." in page


def test_counsel_is_offered_to_record_the_filing_where_it_is_due(counsel, stage) -> None:
    due = counsel.get(page_of(stage.incident)).context["due"]
    clock = art33(stage.incident)
    (row,) = [one for one in due if one.what == clock.title]
    assert row.act == "Record the filing"
    assert row.url.endswith(f"?clock={clock.pk}")


def read_as(who: Person, incident: Incident) -> Incident:
    """As the page reads it."""
    request = RequestFactory().get("/")
    request.user = who
    found = admin.site._registry[Incident].get_object(request, str(incident.pk))
    assert found is not None
    return found


def test_the_panel_costs_one_statement_and_one_more_for_who_reads_notes(
    counsel, nora, stage, django_assert_num_queries
) -> None:
    def panel(who: Person, incident: Incident, statements: int) -> None:
        found = read_as(who, incident)
        clocks = list(found.legal_clocks.all())
        legal_panel.context(found, who, clocks=clocks, urls={}, at=timezone.now())
        with django_assert_num_queries(statements):
            legal_panel.context(found, who, clocks=clocks, urls={}, at=timezone.now())

    panel(nora, stage.incident, 1)
    counsel.post(page_of(stage.incident, "write_legal_note"), {"text": SECRET})
    panel(nora, stage.incident, 2)
    panel(stage.ben, stage.incident, 1)
    Incident.objects.filter(pk=stage.incident.pk).update(law_pack=None, legal_profile=None)
    panel(stage.ben, stage.incident, 0)


# --- the file


def test_the_explanation_names_the_facts_the_arithmetic_and_who_said_what(stage) -> None:
    page = signed_in(member("olga", "auditor")).get(page_of(stage.incident, "law_why"))
    text = text_of(page)
    for words in (
        "A duty to notify",
        "Does not apply",
        "72 hours from awareness",
        "Exposure of personal data: confirmed (said)",
        "Law pack v1",
        "Legal profile v1",
        "by Olga",
        "not legal advice",
    ):
        assert words in text
    assert text.count("not legal advice") == 1


def test_without_a_law_there_is_nothing_to_explain() -> None:
    made = scene()
    page = signed_in(member("olga", "auditor")).get(page_of(made.incident, "law_why"))
    assert "there is nothing to explain" in text_of(page)


# --- legal clocks and their evidence


def test_the_list_of_clocks_names_duty_incident_and_standing(stage) -> None:
    page = signed_in(member("olga", "auditor")).get(list_of(LegalClock))
    text = text_of(page)
    for words in ("Engage counsel", "EU GDPR", "INC-1", "runs"):
        assert words in text


def test_a_clock_shows_what_was_filed_and_its_verbs_are_the_incidents(counsel, stage) -> None:
    page = counsel.get(page_of(art33(stage.incident)))
    verb = reverse("admin:incidents_incident_file_notice", args=[stage.incident.pk])
    assert f"{verb}?clock={art33(stage.incident).pk}" in page.content.decode()
    filed(counsel, stage.incident, reference="LDA-17", attachment=evidence())
    olga = signed_in(member("olga", "auditor")).get(page_of(art33(stage.incident)))
    assert "LDA-17" in text_of(olga)
    assert Filing.objects.get().sha256 in text_of(olga)
    assert verb not in olga.content.decode()


def test_evidence_is_taken_away_as_a_file_and_never_shown(counsel, stage) -> None:
    content = b"<script>alert(1)</script>"
    filed(counsel, stage.incident, attachment=evidence('a"b\r\nX: y.html', content))
    row = Filing.objects.get()
    address = reverse("admin:incidents_legalclock_filing", args=[row.clock_id, row.pk])
    answer = signed_in(member("olga", "auditor")).get(address)
    assert answer.content == content
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith('attachment; filename="')
    assert answer["Content-Disposition"].count('"') == 2
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "X" not in answer.headers


def test_evidence_is_for_who_may_see_filings_and_the_incident(counsel, stage) -> None:
    filed(counsel, stage.incident, attachment=evidence())
    row = Filing.objects.get()
    address = reverse("admin:incidents_legalclock_filing", args=[row.clock_id, row.pk])
    elsewhere = reverse("admin:incidents_legalclock_filing", args=[row.clock_id + 1, row.pk])
    olga = signed_in(member("olga", "auditor"))
    assert olga.get(elsewhere).status_code == 404
    reader = factories.allow(member("rudi"), "incidents.view_legalclock")
    assert signed_in(reader).get(address).status_code == 403
    assert signed_in(member("dana")).get(address).status_code == 403
    assert Client().get(address).status_code == 302
    Incident.objects.filter(pk=stage.incident.pk).update(is_private=True)
    assert olga.get(address).status_code == 404
    assert counsel.get(address).status_code == 200


def test_nothing_is_changed_on_the_page_of_a_clock(counsel, stage) -> None:
    clock = art33(stage.incident)
    assert counsel.post(page_of(clock), {"outcome": "met"}).status_code == 403
    assert again(clock).is_open
    assert counsel.get(list_of(LegalClock, "add")).status_code == 403


def test_a_filing_is_not_for_who_speaks(stage) -> None:
    stage.ben.is_staff = True
    stage.ben.save()
    ben = signed_in(factories.allow(stage.ben, "incidents.view_incident"))
    assert COMMUNICATIONS in {one.role_id for one in stage.ben.assignments.all()}
    assert filed(ben, stage.incident).status_code == 409
    assert not Filing.objects.exists()
