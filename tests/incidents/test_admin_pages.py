"""Every page of the admin, opened by everybody: it opens, or it says no; it never breaks."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.core.management import call_command
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client, TestCase
from django.urls import reverse

from incidents.admin.verbs import Verb, VerbAdmin
from incidents.models import ApiToken, AuditEvent, Person, Role, Shift
from incidents.operations import people
from incidents.rules.roles import COMMANDER
from raci_project.groups import GROUPS
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, signed_in
from tests.incidents.scene import incident_under
from tests.training import rotas
from training.admin import debrief
from training.admin.control_page import PAGE_OF
from training.models import CalendarFeed, ShiftChange
from training.operations import role_standards

OURS = ("auth", "incidents", "reviews", "training")
# What is written in a form; everything else is reached by verbs or written by programs.
TYPED = {
    "auth.group",
    "incidents.absence",
    "incidents.checklimits",
    "incidents.customer",
    "incidents.dataholding",
    "incidents.destination",
    "incidents.dependency",
    "incidents.noticeclause",
    "incidents.person",
    "incidents.regulator",
    "incidents.role",
    "incidents.scenario",
    "incidents.service",
    "incidents.team",
    "reviews.causeclass",
    "training.exercisescenario",
}
# Seen by another right than that of viewing, which whoever sees everything has.
SEEN_BY = {"incidents.subscriber": "incidents.list_subscriber"}
# Opened by no right alone: tests/training/test_exercise_secrecy.py opens them.
OF_WHO_TAKES_PART = {f"training.gameday {name}" for name in (*PAGE_OF, *debrief.NAMES)}
ADMINS = {
    model._meta.label_lower: found
    for model, found in admin.site._registry.items()
    if model._meta.app_label in OURS
}


def verbs_of(found: ModelAdmin) -> tuple[Verb, ...]:
    return found.verbs if isinstance(found, VerbAdmin) else ()


class EveryPage(TestCase):
    """The demo company, one member of every group, and a row of every model."""

    @classmethod
    def setUpTestData(cls) -> None:
        call_command("seed_demo", verbosity=0)
        cls.members = {name: member(f"of-{name}", name) for name in GROUPS}
        cls.dan = Person.objects.get(username="dan")
        cls.ada = Person.objects.get(username="ada")
        for who in (cls.ada, cls.dan, *cls.members.values()):
            people.issue_token(who, label="calendar", at=NOW)
            CalendarFeed.objects.create(person=who, digest=who.username, made_at=NOW)
        rotas.published(cls.ada, name="Test")
        role_standards.set_standard(
            Role.objects.get(slug=COMMANDER), asked=[], valid_days=365, holders_wanted=3,
            actor=cls.ada, at=NOW,
        )  # fmt: skip
        shift = Shift.objects.first()
        ShiftChange.objects.create(shift=shift, asked_by=cls.ada, to=cls.dan, asked_at=NOW)

    # --- helpers

    def row(self, model: type[Model], who: Person) -> Model:
        """One row of this model; of tokens, one's own."""
        rows = model._default_manager.all()
        row = (rows.filter(person=who) if model in (ApiToken, CalendarFeed) else rows).first()
        row = row or rows.first()
        assert row is not None, f"the demo company has no {model._meta.verbose_name}"
        return row

    def pages(self, who: Person) -> Iterator[tuple[str, bool, str]]:
        """Each page of forms: its address, whether this person should see it, its name."""
        for label, found in ADMINS.items():
            model, app = found.model, found.opts.app_label
            sees = who.has_perm(SEEN_BY.get(label, f"{app}.view_{found.opts.model_name}"))
            added = (
                label in TYPED and label != "incidents.checklimits"
            )  # of these there is one row
            adds = added and who.has_perm(f"{app}.add_{found.opts.model_name}")
            row = self.row(model, who)
            yield list_of(model), sees, f"{label} list"
            yield list_of(model, "add"), adds, f"{label} add"
            yield page_of(row), sees, f"{label} row"
            yield page_of(row, "history"), sees, f"{label} history"

    def verb_pages(self, who: Person) -> Iterator[tuple[str, str]]:
        for label, found in ADMINS.items():
            for verb in verbs_of(found):
                name = f"{found.opts.app_label}_{found.opts.model_name}_{verb.name}"
                row = self.row(found.model, who)
                yield (
                    reverse(f"admin:{name}", args=[] if verb.on_list else [row.pk]),
                    f"{label} {verb.name}",
                )

    def open_every_page(self, who: Person) -> None:
        client = signed_in(who)
        for address, may, name in self.pages(who):
            with self.subTest(page=name, who=who.username):
                assert client.get(address).status_code == (200 if may else 403)

    def statuses_of_verbs(self, who: Person) -> dict[str, int]:
        """Of every verb but those of an exercise that are asked only of whose part they are."""
        client = signed_in(who)
        # A draft is edited on a page of its own, to which its verb leads.
        pages = self.verb_pages(who)
        return {
            name: client.get(url, follow=True).status_code
            for url, name in pages
            if name not in OF_WHO_TAKES_PART
        }

    # --- pages

    def test_a_superuser_opens_every_page(self):
        self.open_every_page(self.ada)

    def test_leadership_opens_what_its_rights_say(self):
        self.open_every_page(self.members["leadership"])

    def test_a_responder_opens_what_their_rights_say(self):
        self.open_every_page(self.members["responder"])

    def test_a_planner_opens_what_their_rights_say(self):
        self.open_every_page(self.members["planner"])

    def test_an_auditor_sees_every_page_and_adds_nothing(self):
        auditor = self.members["auditor"]
        self.open_every_page(auditor)
        assert not any(may for _, may, name in self.pages(auditor) if name.endswith("add"))

    def test_who_has_no_rights_opens_nothing(self):
        assert not any(may for _, may, _ in self.pages(self.dan))
        self.open_every_page(self.dan)

    # --- verbs

    def test_a_superuser_is_asked_by_every_verb_and_asking_writes_nothing(self):
        lines = AuditEvent.objects.count()
        assert {*self.statuses_of_verbs(self.ada).values()} == {200}
        assert AuditEvent.objects.count() == lines

    def test_leadership_is_asked_by_every_verb(self):
        assert {*self.statuses_of_verbs(self.members["leadership"]).values()} == {200}

    def test_the_other_groups_are_asked_by_some_verbs_and_refused_the_rest(self):
        for group in ("responder", "planner"):
            with self.subTest(group=group):
                assert {*self.statuses_of_verbs(self.members[group]).values()} == {200, 403}

    def test_no_verb_is_open_without_its_standing_permission(self):
        lines = AuditEvent.objects.count()
        for who in (self.dan, self.members["auditor"]):
            client = signed_in(who)
            for address, name in self.verb_pages(who):
                with self.subTest(verb=name, who=who.username):
                    assert client.get(address).status_code == 403
                    assert client.post(address, {}).status_code == 403
        assert AuditEvent.objects.count() == lines

    # --- nothing is deleted

    def test_nothing_is_deleted_by_anybody(self):
        client = signed_in(self.ada)
        for label, found in ADMINS.items():
            row = self.row(found.model, self.ada)
            with self.subTest(model=label):
                assert client.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
                assert type(row)._default_manager.filter(pk=row.pk).exists()

    def test_no_list_offers_to_delete_what_is_selected(self):
        client = signed_in(self.ada)
        for label, found in ADMINS.items():
            body = {"action": "delete_selected", "_selected_action": ["1"], "post": "yes"}
            before = found.model._default_manager.count()
            with self.subTest(model=label):
                page = client.get(list_of(found.model))
                assert b'value="delete_selected"' not in page.content
                client.post(list_of(found.model), body)
                assert found.model._default_manager.count() == before

    # --- sheets

    def test_sheets_need_their_own_permission(self):
        for who in (*self.members.values(), self.dan, self.ada):
            client = signed_in(who)
            for found in ADMINS.values():
                if not hasattr(found, "has_import_permission"):
                    continue
                for act in ("import", "export"):
                    name = f"{found.opts.app_label}.{act}_{found.opts.model_name}"
                    with self.subTest(right=name, who=who.username):
                        status = client.get(list_of(found.model, act)).status_code
                        assert status == (200 if who.has_perm(name) else 403)

    def test_an_auditor_exports_and_imports_nothing(self):
        auditor = self.members["auditor"]
        assert auditor.has_perm("incidents.export_service")
        rights = auditor.get_all_permissions()
        assert {right.split(".")[1].split("_")[0] for right in rights} == {"view", "export"}

    # --- the way in

    def test_the_overview_opens_for_everybody_on_the_staff(self):
        for who in (*self.members.values(), self.dan, self.ada):
            assert signed_in(who).get(reverse("admin:index")).status_code == 200

    def test_who_is_not_on_the_staff_is_asked_to_sign_in(self):
        visitor = signed_in(factories.person("visitor"))
        for who in (visitor, Client()):
            page: HttpResponse = who.get(list_of(Person))
            assert page.status_code == 302
            assert page["Location"].startswith(reverse("admin:login"))

    def test_people_are_found_by_typing_only_by_those_who_may_see_them(self):
        asked = {"app_label": "incidents", "model_name": "assignment", "field_name": "person"}
        address = reverse("admin:autocomplete")
        found = signed_in(self.members["responder"]).get(address, asked | {"term": "ada"})
        assert "Ada" in found.content.decode()
        assert signed_in(self.dan).get(address, asked).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("incidents.incident", "Declare one as soon as customers may notice"),
        ("incidents.update", "draft an update there"),
        ("incidents.holdingstatement", "Draft or import words for each scenario"),
        ("incidents.service", "Import teams and people first"),
        ("incidents.customer", "add one with the services they use"),
        ("incidents.destination", "Add a mailing list, a chat room"),
        ("incidents.noticeclause", "Add a customer first"),
        ("incidents.noticeclock", "add customers first"),
        ("incidents.qualification", "Grant at least two commanders first"),
    ],
)
def test_an_empty_list_says_what_to_do_first(label, words) -> None:
    client = signed_in(member("lea", "leadership"))
    address = list_of(ADMINS[label].model)
    assert words in client.get(address).content.decode()
    assert words not in client.get(address, {"q": "nothing"}).content.decode()


@pytest.mark.django_db
def test_a_list_with_rows_does_not_say_how_to_begin() -> None:
    incident_under(factories.severity_scheme(), "sev2")
    page = signed_in(member("lea", "leadership")).get(
        list_of(ADMINS["incidents.incident"].model)
    )
    assert "No incident yet" not in page.content.decode()


@pytest.mark.django_db
def test_what_a_new_row_cannot_have_yet_is_not_shown() -> None:
    client = signed_in(member("ada", is_superuser=True))
    row = factories.service()
    for model, words in ((type(row), "Needs (upstream)"), (Person, "Qualifications")):
        titles = [
            one.opts.verbose_name_plural for one in inlines(client.get(list_of(model, "add")))
        ]
        assert titles == []
        saved = client.get(page_of(model._default_manager.first()))
        assert words.lower() in [str(one.opts.verbose_name_plural) for one in inlines(saved)]


def inlines(page: HttpResponse) -> list:
    return page.context["inline_admin_formsets"]


def test_every_list_people_look_through_can_be_searched() -> None:
    unsearched = [label for label, found in ADMINS.items() if not found.search_fields]
    assert unsearched == ["incidents.checklimits"]  # it is one row


def test_people_and_services_are_picked_by_typing() -> None:
    long = {
        f"{label}.{field.name}"
        for label, found in ADMINS.items()
        if label in TYPED
        for field in found.opts.fields
        if field.many_to_one
        and field.editable
        and field.related_model._meta.model_name in ("person", "service")
        and field.name not in found.autocomplete_fields
        and field.name not in found.get_readonly_fields(None)
    }
    assert long == set()


def test_no_verb_takes_the_address_of_another_page() -> None:
    for found in ADMINS.values():
        names = [url.name for url in found.get_urls() if url.name]
        assert len(names) == len({*names}), names


def test_every_admin_page_is_governed_by_this_table() -> None:
    """What another package registers could be deleted from: it must not be on the site."""
    assert {model._meta.app_label for model in admin.site._registry} == {*OURS}
