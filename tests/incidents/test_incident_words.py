"""The words of the incident page: what is owed, what one click says, what was said, what is checked."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.models import Customer, HoldingStatement, Incident, Update, UpdateClock
from incidents.operations import cadence, lifecycle, update
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests import factories
from tests.incidents.admin_room import member, page_of, said, signed_in, text_of
from tests.incidents.lines import line, pin
from tests.incidents.scene import MINUTE, Scene, scene
from tests.incidents.test_update import raise_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Scene:
    """At the highest level since five minutes ago; what the page shows is of now."""
    began = timezone.now() - 5 * MINUTE
    made = scene(detected_at=began, declared_at=began)
    made.incident.assignments.update(assigned_at=began)
    made.incident.services.add(factories.service("payments", public_name="Card payments"))
    raise_to(made.incident, "sev1")
    cadence.start_clocks(made.incident, at=began)
    return made


def reader(person) -> Client:
    """One of the stage, who may open the admin."""
    person = factories.allow(person, "incidents.view_incident", "incidents.view_update")
    person.is_staff = True
    person.save()
    return signed_in(person)


def words(here: Scene, **fields) -> HoldingStatement:
    given = {
        "title": "Payments fail", "audience": "public", "status": "approved",
        "text": "{service} fails. We write again at {next_update}.",
        "maker": here.ben, "approver": here.lea, "approved_at": here.incident.declared_at,
    }  # fmt: skip
    return HoldingStatement.objects.create(**(given | fields))


def panel(page, name: str) -> str:
    """The words of one panel."""
    html = page.content.decode().split(f'id="panel-{name}"', 1)[1].split("data-panel>", 1)[1]
    return text_of(HttpResponse(html.split("</section>", 1)[0]))


def button(page) -> dict[str, str]:
    """What the button beneath the words sends."""
    one = page.context["owed"][0].say
    return {
        "statement": str(one.statement.pk),
        "shown_at": page.context["at"].isoformat(),
        "seen": one.seen,
    }


def published(here: Scene, **fields) -> Update:
    now = timezone.now()
    given = {"audience": "public", "text": "It is slow.", "actor": here.ben, "at": now}
    made = update.draft(here.incident, **(given | fields))
    update.approve(made, note="Seen on the dashboard", actor=here.ada, at=now)
    return update.publish(made, actor=here.ben, at=now)


# --- one click


def test_the_first_word_stands_above_the_button_that_says_it(stage) -> None:
    words(stage)
    client = reader(stage.ben)
    page = client.get(page_of(stage.incident))
    shown = page.context["owed"][0]
    assert (shown.audience, shown.said_at, shown.act) == (
        "public",
        None,
        "Publish: Payments fail",
    )
    assert f"{shown.say.text} record_voice_over Publish: Payments fail" in panel(page, "say")
    answer = client.post(page.context["urls"]["publish_statement"], button(page))
    assert (answer.status_code, said(answer)) == (302, ["It is said."])
    row = Update.objects.get()
    assert (row.text, row.status) == (shown.say.text, "published")
    assert row.text.startswith("Card payments fails. We write again at")


def test_no_news_is_one_click_once_something_was_said(stage) -> None:
    words(stage)
    quiet = words(
        stage,
        title="Still at it",
        purpose="no_news",
        text="Nothing new; next at {next_update}.",
    )
    published(stage)
    client = reader(stage.ben)
    page = client.get(page_of(stage.incident))
    shown = next(one for one in page.context["owed"] if one.audience == "public")
    assert (shown.act, shown.say.statement) == ("Say there is no news", quiet)
    client.post(
        page.context["urls"]["publish_statement"],
        {
            "statement": quiet.pk,
            "shown_at": page.context["at"].isoformat(),
            "seen": shown.say.seen,
        },
    )
    assert Update.objects.filter(statement=quiet, status="published").count() == 1


def test_that_it_is_over_is_offered_once_to_who_heard_of_it(stage) -> None:
    over = words(stage, title="Over", purpose="over", text="{service} works again.")
    published(stage)
    client = reader(stage.ben)
    lifecycle.resolve(stage.incident, actor=stage.ada, at=timezone.now())
    page = client.get(page_of(stage.incident))
    assert [(one.act, one.say.statement) for one in page.context["owed"]] == [
        ("Say that it is over", over)
    ]
    client.post(page.context["urls"]["publish_statement"], button(page))
    assert Update.objects.get(statement=over).stage == "resolved"
    later = client.get(page_of(stage.incident)).context["owed"]
    assert [(one.audience, one.say) for one in later] == [("public", None)]


def test_a_form_sent_twice_says_it_once(stage) -> None:
    words(stage)
    client = reader(stage.ben)
    page = client.get(page_of(stage.incident))
    sent = {**button(page), "form_key": "pressed-twice"}
    for _ in range(2):
        assert client.post(page.context["urls"]["publish_statement"], sent).status_code == 302
    again = client.post(
        page.context["urls"]["publish_statement"], {**button(page), "form_key": "another"}
    )
    assert again.status_code == 409 and "Ben said it at" in text_of(again)
    assert Update.objects.count() == 1


def test_words_that_lack_something_lead_to_the_draft_with_them(stage) -> None:
    lacking = words(stage, text="{service} fails. {workaround}")
    client = reader(stage.ben)
    page = client.get(page_of(stage.incident))
    shown = page.context["owed"][0]
    assert not shown.is_in_one_click
    assert "asks for words of your own in {workaround}" in panel(page, "say")
    form = client.get(shown.draft).context["form"]
    assert form["text"].value() == "Card payments fails. {workaround}"
    assert (form["audience"].value(), form["statement"].value()) == ("public", str(lacking.pk))


def test_the_page_of_the_verb_shows_every_fitting_statement_as_it_would_be_said(stage) -> None:
    words(stage, text="See {link}.")
    client = reader(stage.ben)
    address = page_of(stage.incident, "publish_statement")
    page = client.get(address)
    assert "See {link}." in text_of(page) and "Still to fill in: link." in text_of(page)
    assert "shown_at" not in page.content.decode()
    given = {"statement": HoldingStatement.objects.get().pk, "link": "javascript:alert(1)"}
    assert client.post(address, given).status_code == 409
    assert client.post(address, {**given, "link": "https://example.com"}).status_code == 302
    assert Update.objects.get().text == "See https://example.com."


def test_the_page_of_the_verb_says_each_by_its_own_button(stage) -> None:
    words(stage)
    internal = words(stage, audience="internal", title="To colleagues", text="It fails.")
    client = reader(stage.ben)
    address = page_of(stage.incident, "publish_statement")
    page = client.get(address)
    assert "Say this : To colleagues, to the internal audience" in text_of(page)
    one = page.context["form"].ready[0]
    assert one.statement == internal
    given = {
        "statement": internal.pk,
        "shown_at": page.context["form"].at.isoformat(),
        "seen": one.seen,
    }
    assert client.post(address, given).status_code == 302
    assert Update.objects.get().text == "It fails."


def test_the_page_of_the_verb_chooses_nothing_by_itself_and_names_its_fields(stage) -> None:
    words(stage)
    client = reader(stage.ben)
    address = page_of(stage.incident, "publish_statement")
    page = client.post(address, {})
    assert page.context["form"].errors["statement"]
    html = page.content.decode()
    assert all(
        f'aria-label="Next update promised at: {one}"' in html for one in ("date", "time")
    )
    assert not Update.objects.exists()


def test_no_news_is_only_for_who_heard_some(stage) -> None:
    words(stage, title="Still at it", purpose="no_news", text="Nothing new.")
    client = reader(stage.ben)
    address = page_of(stage.incident, "publish_statement")
    assert client.get(address).context["form"].ready == []
    published(stage)
    assert [one.text for one in client.get(address).context["form"].ready] == ["Nothing new."]


def test_who_may_not_speak_is_shown_what_is_owed_and_no_button(stage) -> None:
    words(stage)
    client = reader(stage.cleo)
    page = client.get(page_of(stage.incident))
    assert "heard nothing yet" in panel(page, "say")
    assert "Publish: Payments fail" not in text_of(page)
    given = {"statement": HoldingStatement.objects.get().pk}
    assert client.post(page_of(stage.incident, "publish_statement"), given).status_code == 409
    dan = signed_in(member("dana"))
    assert dan.post(page_of(stage.incident, "publish_statement"), given).status_code == 403
    assert not Update.objects.exists()


def test_where_nobody_waits_the_panel_says_what_to_do(stage) -> None:
    UpdateClock.objects.update(due_at=None)
    assert "Nobody waits for an update." in panel(
        reader(stage.ben).get(page_of(stage.incident)), "say"
    )


# --- the time to the first public update


def test_the_first_public_update_is_awaited_in_the_colour_of_its_target(stage) -> None:
    page = reader(stage.ben).get(page_of(stage.incident))
    html = page.content.decode()
    assert 'data-target="300"' in html
    assert page.context["first_word"]["standing"] == "red"
    assert "target 5 min missed" in text_of(page)


def test_once_said_it_stands_still_with_its_verdict(stage) -> None:
    Incident.objects.update(first_public_update_at=stage.incident.detected_at + 3 * MINUTE)
    page = reader(stage.ben).get(page_of(stage.incident))
    assert "First public update after 3 min within the target of 5 min" in text_of(page)
    assert "data-target" not in page.content.decode()


def test_where_the_level_asks_for_no_public_word_the_clock_is_neutral(stage) -> None:
    raise_to(stage.incident, "sev2")
    page = reader(stage.ben).get(page_of(stage.incident))
    assert page.context["first_word"]["standing"] == "neutral"
    assert "not asked for at this level" in text_of(page)


def test_how_many_were_on_time_stands_beside(stage) -> None:
    published(stage)
    text = panel(reader(stage.ben).get(page_of(stage.incident)), "say")
    assert "0 of 1 update on time; 1 late" in text


# --- what was said


def test_a_correction_and_what_it_corrects_both_say_so(stage) -> None:
    wrong = published(stage)
    right = published(stage, text="It is **down**.", corrects=wrong)
    page = reader(stage.ben).get(page_of(stage.incident))
    assert "Correction of our update of" in panel(page, "updates")
    assert "Corrected at" in panel(page, "updates")
    assert "<strong>down</strong>" in page.content.decode()
    shown = {one.row.pk: one.corrected_at for one in page.context["updates"]}
    assert shown == {wrong.pk: right.published_at, right.pk: None}


def test_html_in_an_update_stays_words(stage) -> None:
    published(stage, audience="internal", text="<script>alert(1)</script> <b>bold</b>")
    html = reader(stage.ben).get(page_of(stage.incident)).content.decode()
    assert "<script>alert" not in html and "&lt;script&gt;" in html


def test_each_reader_is_offered_what_is_theirs_to_do(stage) -> None:
    made = update.draft(
        stage.incident, audience="public", text="Slow.", actor=stage.ben, at=timezone.now()
    )

    def acts(person) -> list[str]:
        page = reader(person).get(page_of(stage.incident))
        return list(next(one for one in page.context["updates"] if one.row == made).acts)

    assert acts(stage.ben) == ["Send back", "Rewrite"]
    assert acts(stage.ada) == ["Approve", "Send back", "Rewrite"]
    assert acts(stage.cleo) == []
    update.approve(made, actor=stage.ada, at=timezone.now())
    assert acts(stage.ben) == ["Publish", "Send back", "Rewrite"]
    update.publish(made, actor=stage.ben, at=timezone.now())
    assert (acts(stage.ben), acts(stage.cleo)) == (["Correct"], [])


def test_command_is_offered_to_approve_what_the_holder_of_the_matrix_drafted(stage) -> None:
    letters = {COMMUNICATIONS: "A", COMMANDER: "I"}
    pin(stage.incident, line("triage", "Speak", letters, "publish_externally"))
    now = timezone.now()
    own = update.draft(stage.incident, audience="public", text="Slow.", actor=stage.ben, at=now)
    other = update.draft(
        stage.incident, audience="public", text="Slower.", actor=stage.ada, at=now
    )

    def may_approve(person) -> list[Update]:
        page = reader(person).get(page_of(stage.incident))
        return [one.row for one in page.context["updates"] if "Approve" in one.acts]

    assert may_approve(stage.ada) == [own]
    assert may_approve(stage.ben) == [other]
    assert may_approve(stage.cleo) == []


# --- the draft form


def test_a_correction_is_drafted_for_those_who_read_what_it_corrects(stage) -> None:
    wrong = published(stage, audience="internal", text="Half of it.")
    client = reader(stage.ben)
    page = client.get(page_of(stage.incident, "draft_update"), {"corrects": wrong.pk})
    form = page.context["form"]
    assert (form["audience"].value(), form["corrects"].value()) == ("internal", str(wrong.pk))
    assert "What it corrects Half of it. Published" in text_of(page)
    given = {"audience": "internal", "corrects": wrong.pk, "text": "All of it."}
    assert client.post(page_of(stage.incident, "draft_update"), given).status_code == 302
    assert Update.objects.get(text="All of it.").corrects == wrong


def test_facts_are_named_with_whether_somebody_verified_them(stage) -> None:
    stage.incident.facts = {"customers_affected": 7}
    stage.incident.save()
    client = reader(stage.ben)
    page = client.get(page_of(stage.incident, "draft_update"))
    assert "Customers affected: 7 (not verified)" in text_of(page)
    given = {
        "audience": "public",
        "text": "Seven.",
        "facts": ["customers_affected"],
        "stage": "identified",
    }
    assert client.post(page_of(stage.incident, "draft_update"), given).status_code == 302
    row = Update.objects.get()
    assert (row.facts, row.stage) == (
        [{"name": "customers_affected", "value": 7}],
        "identified",
    )


def test_one_customer_is_written_to_by_name(stage) -> None:
    acme = Customer.objects.create(name="Acme")
    client = reader(stage.ben)
    address = page_of(stage.incident, "draft_update")
    page = client.get(address, {"audience": "customers", "customer": acme.pk})
    assert page.context["form"]["customer"].value() == str(acme.pk)
    given = {"audience": "customers", "customer": acme.pk, "text": "Dear Acme."}
    assert client.post(address, given).status_code == 302
    assert Update.objects.get().customer == acme


def test_a_blank_left_in_the_text_is_filled_or_named(stage) -> None:
    lacking = words(stage, text="{service} fails. {workaround}")
    client = reader(stage.ben)
    given = {"audience": "public", "statement": lacking.pk, "text": "Down. {workaround}"}
    refused = client.post(page_of(stage.incident, "draft_update"), given)
    assert "Fill in {workaround}" in text_of(refused)
    filled = {**given, "blank_workaround": "Pay by invoice."}
    assert client.post(page_of(stage.incident, "draft_update"), filled).status_code == 302
    assert Update.objects.get().text == "Down. Pay by invoice."


def test_what_the_words_promise_is_promised(stage) -> None:
    chosen = words(stage)
    client = reader(stage.ben)
    address = page_of(stage.incident, "draft_update")
    form = client.get(address, {"audience": "public", "statement": chosen.pk}).context["form"]
    assert form["promised_next_at"].value() and "UTC." in form["text"].value()
    given = {"audience": "public", "statement": chosen.pk, "text": ""}
    assert client.post(address, given).status_code == 302
    row = Update.objects.get()
    assert f"at {row.promised_next_at:%Y-%m-%d %H:%M} UTC" in row.text


# --- the words are checked while they are written


def checked(client: Client, incident: Incident, **said_) -> object:
    given = {"audience": "public", "text": "We will fix it within 10 minutes."}
    return client.post(
        reverse("admin:incidents_incident_wording", args=[incident.pk]), given | said_
    )


def test_words_nobody_stored_are_checked_and_none_is_kept(stage) -> None:
    client = reader(stage.ben)
    answer = checked(
        client, stage.incident, text="Host 10.1.2.3 is down, sorry for the inconvenience."
    )
    assert answer.status_code == 200 and "10.1" in text_of(answer)
    assert text_of(checked(client, stage.incident, text=" ")) == ""
    assert text_of(checked(client, stage.incident, audience="everybody")) == ""
    for odd in ("x", "9" * 40, "-1"):
        assert checked(client, stage.incident, statement=odd, corrects=odd).status_code == 200
    assert not Update.objects.exists()


def test_only_who_may_draft_has_words_checked(stage) -> None:
    assert checked(signed_in(member("dana")), stage.incident).status_code == 403
    assert checked(Client(), stage.incident).status_code == 302
    client = reader(stage.ben)
    address = reverse("admin:incidents_incident_wording", args=[stage.incident.pk])
    assert client.get(address).status_code == 405
    Incident.objects.update(is_private=True)
    stranger = signed_in(member("lena", "leadership"))
    assert checked(stranger, stage.incident).status_code == 404


def test_more_updates_and_statements_cost_no_more_queries(
    stage, django_assert_max_num_queries
) -> None:
    def one_more(number: int) -> None:
        words(stage, title=f"Words {number}")
        words(stage, title=f"News {number}", purpose="no_news", audience="internal")
        later = timezone.now() + number * timedelta(seconds=1)
        Update.objects.create(
            incident=stage.incident,
            audience="public",
            text="x",
            drafted_by=stage.ben,
            drafted_at=later,
        )
        published(stage, audience="internal", text=f"Word {number}")

    client = reader(stage.ben)
    one_more(0)
    client.get(page_of(stage.incident))
    with django_assert_max_num_queries(24):
        client.get(page_of(stage.incident))
    for number in range(1, 8):
        one_more(number)
    with django_assert_max_num_queries(24):
        client.get(page_of(stage.incident))
