"""Nobody approves unread words: the page of an approval shows what is approved."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import HoldingStatement
from incidents.operations import update
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(factories.person("root", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("verb", ["approve_update", "publish_update"])
def test_the_words_of_an_update_stand_on_the_page_that_approves_it(root: Client, verb: str):
    here = scene()
    words = "Payments <b>fail</b> since nine."
    drafted = update.draft(here.incident, audience="public", text=words, actor=here.ben, at=NOW)
    page = root.get(
        reverse(f"admin:incidents_update_{verb}", args=[drafted.pk])
    ).content.decode()
    assert "Payments &lt;b&gt;fail&lt;/b&gt; since nine." in page
    assert "Drafted by Ben" in page


def test_the_words_of_a_statement_stand_on_the_page_that_approves_it(root: Client):
    drafted = HoldingStatement.objects.create(
        title="First words", audience="public", text="We are looking into it.",
        maker=factories.person("ann"),
    )  # fmt: skip
    page = root.get(reverse("admin:incidents_holdingstatement_approve", args=[drafted.pk]))
    assert "We are looking into it." in page.content.decode()


def test_the_makers_reasons_stand_on_the_page_that_approves_a_matrix(root: Client):
    version = factories.matrix_version(effective_from=None)
    version.warnings_reason = "We mend it in spring."
    version.save()
    page = root.get(reverse("admin:incidents_matrixversion_approve", args=[version.pk]))
    assert "We mend it in spring." in page.content.decode()
    assert (
        reverse("admin:incidents_matrixversion_change", args=[version.pk])
        in page.content.decode()
    )


def test_the_statements_that_may_be_used_stand_on_the_page_that_drafts_an_update(root: Client):
    here = scene()
    HoldingStatement.objects.create(
        title="First words", audience="public", text="{service} fails, {reference}. {impact}",
        status="approved", maker=factories.person("ann"), approver=factories.person("bea"),
        approved_at=NOW,
    )  # fmt: skip
    page = root.get(reverse("admin:incidents_incident_draft_update", args=[here.incident.pk]))
    said = page.content.decode()
    assert "{service} fails, {reference}. {impact}" in said
    assert 'name="blank_impact"' in said
    assert 'name="blank_reference"' not in said  # the incident knows it


def test_a_verb_whose_turn_it_is_not_says_so_instead_of_offering_itself(root: Client):
    here = scene()
    drafted = update.draft(
        here.incident, audience="public", text="It fails.", actor=here.ben, at=NOW
    )
    page = root.get(
        reverse("admin:incidents_update_change", args=[drafted.pk])
    ).content.decode()
    assert "Nobody approved it yet" in page


def test_row_history_is_found_by_reference_too(root: Client):
    here = scene()
    address = reverse("admin:incidents_incident_history", args=[here.incident.reference])
    assert root.get(address).status_code == 200


def test_a_statement_is_drafted_by_a_verb_and_approved_as_it_was_read(root: Client):
    said = {
        "title": "First words",
        "audience": "executive",
        "purpose": "first",
        "language": "en",
        "text": "We look into it.",
    }
    assert root.post(reverse("admin:incidents_holdingstatement_draft"), said).status_code == 302
    drafted = HoldingStatement.objects.get()
    assert drafted.maker.username == "root"

    ben = Client()
    ben.force_login(factories.person("ben", is_staff=True, is_superuser=True))
    address = reverse("admin:incidents_holdingstatement_approve", args=[drafted.pk])
    seen = ben.get(address).context["form"].initial["seen"]
    changed = {**said, "text": "We looked into it."}
    root.post(reverse("admin:incidents_holdingstatement_write", args=[drafted.pk]), changed)
    assert ben.post(address, {"seen": seen}).status_code == 409
    seen = ben.get(address).context["form"].initial["seen"]
    assert ben.post(address, {"seen": seen}).status_code == 302
    assert HoldingStatement.objects.get().status == "approved"
