"""Pages of the law of nudging: read, set, previewed, tried out."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incidents.models import (
    AuditEvent,
    NudgePolicy,
    NudgeStep,
    OutboxMessage,
    Person,
)
from incidents.operations import policies
from incidents.rules.roles import DEPUTY
from raci_project.nudging.sources import SOURCES
from reviews.models import ActionItem
from tests.factories import person, role
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.reviews.rows import item, leader, review, writer

pytestmark = pytest.mark.django_db

KINDS = list(NudgePolicy.What)


@pytest.fixture
def ben() -> Client:
    return signed_in(member("ben", "leadership"))


@pytest.fixture
def dan() -> Client:
    """Signs in, and has no right to anything."""
    return signed_in(member("dan"))


def policy(what: str = "action_item") -> NudgePolicy:
    return NudgePolicy.objects.get(pk=what)


def row(number: int, **said: Any) -> dict[str, Any]:
    """A row of the form as a browser sends it."""
    fields = {
        "when": "after", "amount": "", "unit": "days", "every": "", "every_unit": "days",
        "to": ["owner"], "priority": "5", "channel": "",
    } | said  # fmt: skip
    return {f"steps-{number}-{name}": value for name, value in fields.items()}


def posted(*rows: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {"is_active": "on"} | said | {key: one[key] for one in rows for key in one}


def owed() -> ActionItem:
    return item(review(writer("elif", manager=person("boss"))), writer("farid"), leader("ada"))


def test_the_list_says_in_words_how_people_are_reminded(ben):
    page = text_of(ben.get(list_of(NudgePolicy)))
    assert (
        "7 days before, when it is due and 3 days after to the owner; "
        "7 days after, then every 7 days to the owner and their manager."
    ) in page
    assert "14 days before, 3 days before and 1 day before to the players." in page


def test_the_list_costs_no_query_a_policy(ben):
    with CaptureQueriesContext(connection) as captured:
        ben.get(list_of(NudgePolicy))
    assert sum("nudgestep" in query["sql"] for query in captured) == 1
    assert sum('FROM "incidents_role"' in query["sql"] for query in captured) == 1


@pytest.mark.parametrize("what", KINDS)
@pytest.mark.parametrize("page", ["change", "set", "preview", "try", "history"])
def test_every_page_of_every_policy_opens_for_leadership_alone(ben, dan, what, page):
    assert ben.get(page_of(policy(what), page)).status_code == 200
    assert dan.get(page_of(policy(what), page)).status_code == 403


def test_the_page_of_a_policy_is_never_posted_to(ben):
    assert ben.post(page_of(policy())).status_code == 403


def test_steps_are_set_by_their_form(ben):
    rows = (
        row(0, when="after", amount="2", every="12", every_unit="hours", to=["manager"]),
        row(1, when="before", amount="90", unit="minutes", priority="0"),
        row(2, when=""),
    )
    answer = ben.post(page_of(policy(), "set"), posted(*rows, gives_up_after_days="30"))
    assert answer.status_code == 302
    assert answer.url == page_of(policy())
    law = policies.of("action_item")
    first, second = law.ladder.steps
    assert (first.name, first.offset, first.priority) == ("due-90m", timedelta(minutes=-90), 0)
    assert (second.name, second.repeat_every) == ("overdue+2d", timedelta(hours=12))
    assert second.to == ("manager",)
    assert law.gives_up_after == timedelta(days=30)
    line = AuditEvent.objects.latest("pk")
    assert (line.verb, line.actor.username) == ("set_nudge_policy", "ben")
    assert "Ben set it" in text_of(ben.get(page_of(policy())))


def test_the_form_begins_with_the_steps_there_are_and_setting_them_changes_none(ben):
    role(DEPUTY)
    page = ben.get(page_of(policy("update"), "set"))
    said: dict[str, Any] = {}
    for form in page.context["form"].rows:
        said |= {field.html_name: field.value() or "" for field in form}
        said[f"{form.prefix}-priority"] = form["priority"].value()
    said = {key: "" if value is None else value for key, value in said.items()}
    before = policies.of("update")
    steps = list(NudgeStep.objects.filter(policy="update").values())
    answer = ben.post(page_of(policy("update"), "set"), posted(said))
    assert answer.status_code == 302
    assert policies.of("update").ladder == before.ladder
    assert list(NudgeStep.objects.filter(policy="update").values()) == steps


@pytest.mark.parametrize(
    ("rows", "at", "field"),
    [
        ([row(0)], 0, "amount"),
        ([row(0, amount="0")], 0, "amount"),
        ([row(0, when="at", to=[])], 0, "to"),
        ([row(0, when="at", to=["nobody"])], 0, "to"),
        ([row(0, when="at", every="3", every_unit="minutes")], 0, "every"),
        ([row(0, when="at"), row(1, when="at")], 1, "when"),
        ([row(0, when="at"), row(1, when="before", amount="1", every="1")], 1, "every"),
        ([row(0, when="at", channel="pigeon")], 0, "channel"),
    ],
)
def test_what_cannot_be_a_step_is_said_beside_its_field(ben, rows, at, field):
    before = policies.of("action_item")
    answer = ben.post(page_of(policy(), "set"), posted(*rows))
    assert answer.status_code == 409
    assert field in answer.context["form"].rows[at].errors
    assert "Mend what is marked in the steps." in text_of(answer)
    assert policies.of("action_item") == before


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"is_active": ""}, "is_active"),
        ({"as_digest": "on"}, "as_digest"),
        ({"is_optional": "on"}, "is_optional"),
    ],
)
def test_below_the_floor_nothing_is_set(ben, said, field):
    answer = ben.post(
        page_of(policy("update"), "set"), posted(row(0, when="at", priority="0"), **said)
    )
    assert answer.status_code == 409
    assert field in answer.context["form"].errors


def test_without_any_step_nothing_is_set(ben):
    answer = ben.post(page_of(policy(), "set"), posted(row(0, when="")))
    assert answer.status_code == 409
    assert "Keep at least one step" in text_of(answer)


def test_whoever_may_only_read_sets_nothing():
    auditor = signed_in(member("cleo", "auditor"))
    assert auditor.get(page_of(policy())).status_code == 200
    before = policies.of("action_item")
    answer = auditor.post(page_of(policy(), "set"), posted(row(0, when="at")))
    assert answer.status_code == 403
    assert policies.of("action_item") == before


# --- preview


def test_a_preview_shows_the_very_mail_and_stores_nothing(ben):
    thing = owed()
    counts = (OutboxMessage.objects.count(), AuditEvent.objects.count())
    page = ben.get(
        page_of(policy(), "preview"), {"step": "overdue+3d", "row": thing.pk, "to": ""}
    )
    said = text_of(page)
    assert f"{thing.reference} is 3 days late" in said
    assert "to Farid, by e-mail" in said
    assert (OutboxMessage.objects.count(), AuditEvent.objects.count()) == counts
    mail = ben.get(reverse("admin:incidents_nudgepolicy_mail", args=["action_item"]),
                   {"step": "overdue+3d", "row": thing.pk})  # fmt: skip
    assert f"{thing.reference} is 3 days late" in mail.content.decode()
    assert mail.content.decode().lstrip().lower().startswith("<!doctype html")


def test_the_mail_is_shown_in_a_frame_of_our_own_in_which_nothing_runs(ben):
    owed()
    mail = ben.get(reverse("admin:incidents_nudgepolicy_mail", args=["action_item"]))
    assert mail.headers["X-Frame-Options"] == "SAMEORIGIN"
    rules = mail.headers["Content-Security-Policy"]
    assert "default-src 'none'" in rules
    assert "frame-ancestors 'self'" in rules
    assert "script-src" not in rules
    page = ben.get(page_of(policy(), "preview"))
    assert page.headers["X-Frame-Options"] == "DENY"
    assert 'sandbox=""' in page.content.decode()


@pytest.mark.parametrize("looks", ["light", "dark"])
def test_the_mail_is_shown_light_and_dark_whatever_the_browser_prefers(ben, looks):
    owed()
    url = reverse("admin:incidents_nudgepolicy_mail", args=["action_item"])
    html = ben.get(url, {"looks": looks}).content.decode()
    assert f'name="color-scheme" content="{looks}"' in html
    assert "light dark" not in html
    assert "prefers-color-scheme" not in html


def test_a_preview_says_who_waits_for_the_end_of_quiet_hours(ben):
    thing = owed()
    at = thing.due_at
    thing.owner.quiet_from = (at - timedelta(hours=1)).time()
    thing.owner.quiet_until = (at + timedelta(hours=1)).time()
    thing.owner.save()
    page = ben.get(page_of(policy(), "preview"), {"step": "due", "row": thing.pk})
    (letter,) = page.context["found"].letters
    assert letter.due_at == at + timedelta(hours=1)
    assert "waits: quiet until then" in text_of(page)


def test_a_step_that_does_not_exist_is_refused(ben):
    page = ben.get(page_of(policy(), "preview"), {"step": "never"})
    assert page.status_code == 422
    mail = ben.get(reverse("admin:incidents_nudgepolicy_mail", args=["action_item"]),
                   {"step": "never"})  # fmt: skip
    assert mail.status_code == 404


def test_of_what_somebody_may_not_read_no_reminder_is_shown():
    reader = member("cleo")
    reader.user_permissions.add(*permission("view_nudgepolicy"))
    client = signed_in(Person.objects.get(pk=reader.pk))
    assert client.get(page_of(policy())).status_code == 200
    for page in ("preview", "mail", "try"):
        url = reverse(f"admin:incidents_nudgepolicy_{page}", args=["action_item"])
        assert client.get(url).status_code == 403


def permission(codename: str):
    model = Person._meta.get_field("user_permissions").related_model
    return model.objects.filter(codename=codename)


# --- trying out


def test_trying_out_says_who_would_have_been_nudged(ben):
    thing = owed()
    day = f"{thing.due_at:%Y-%m-%d}"
    page = ben.get(page_of(policy(), "try"), {"since": day, "until": day})
    assert "1 nudge, 1 person" in text_of(page)
    assert [one.person for one in page.context["found"].people] == [thing.owner]


def test_without_a_period_it_is_the_last_whole_month(ben):
    page = ben.get(page_of(policy(), "try"))
    first = page.context["found"].days[0].on
    last = page.context["found"].days[-1].on
    this_month = timezone.localdate().replace(day=1)
    assert first.day == 1
    assert last == this_month - timedelta(days=1)
    assert first == last.replace(day=1)


@pytest.mark.parametrize(
    "said",
    [
        {"since": "2026-12-02", "until": "2026-12-01"},
        {"since": "2026-01-01", "until": "2028-01-01"},
        {"since": "never", "until": "2026-12-01"},
        {"since": "9999-12-31", "until": "9999-12-31"},
    ],
)
def test_a_period_that_is_none_is_refused(ben, said):
    assert ben.get(page_of(policy(), "try"), said).status_code == 422


def test_steps_that_are_not_saved_are_tried_beside_what_is_stored(ben):
    thing = owed()
    first = thing.due_at - timedelta(days=2)
    said = posted(row(0, when="before", amount="1", every="1", every_unit="hours")) | {
        "since": f"{first:%Y-%m-%d}",
        "until": f"{first:%Y-%m-%d}",
    }
    before = policies.of("action_item")
    page = ben.get(page_of(policy(), "try"), said)
    assert len(page.context["found"].nudges) == 0
    later = said | {"until": f"{thing.due_at - timedelta(days=1):%Y-%m-%d}"}
    page = ben.get(page_of(policy(), "try"), later)
    assert len(page.context["found"].nudges) == 24
    assert page.context["found"].stored == 0
    assert "steps that are not saved" in text_of(page)
    assert policies.of("action_item") == before


def test_the_form_of_setting_hands_its_steps_over_to_be_tried_and_takes_them_back(ben):
    said = posted(row(0, when="at", to=["owner", "leadership"]), form_key="x")
    handed = ben.post(page_of(policy(), "try"), said)
    assert handed.status_code == 302
    assert "form_key" not in handed.url
    tried = ben.get(handed.url)
    assert tried.status_code == 200
    back = ben.get(tried.context["set_url"])
    begins = [form.initial for form in back.context["form"].rows if form.initial.get("when")]
    assert [one["to"] for one in begins] == [["owner", "leadership"]]


def test_steps_that_cannot_be_are_not_tried(ben):
    page = ben.get(page_of(policy(), "try"), posted(row(0)))
    assert page.status_code == 422
    assert "found" not in page.context
    assert "Say how long before or after." in text_of(page)


def test_whoever_may_not_set_is_offered_no_setting():
    auditor = signed_in(member("cleo", "auditor"))
    page = auditor.get(page_of(policy(), "try"), posted(row(0, when="at")))
    assert page.status_code == 200
    assert page.context["set_url"] == ""


def test_there_is_a_source_for_every_policy() -> None:
    assert set(SOURCES) == set(NudgePolicy.What)
