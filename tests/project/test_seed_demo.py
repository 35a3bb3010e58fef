"""The demo company: its personas, its law, its year, and that it is seeded once and whole."""

import os
import stat
from datetime import timedelta
from io import StringIO
from unittest import mock

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.test import TestCase

from incidents.models import (
    Assignment,
    AttestationCampaign,
    AuditEvent,
    Customer,
    DataHolding,
    EscalationCall,
    HoldingStatement,
    Incident,
    LawPack,
    LegalClock,
    MatrixVersion,
    NoticeClause,
    NoticeClock,
    Obligation,
    OutboxMessage,
    Person,
    Qualification,
    Regulator,
    Role,
    Service,
    SeverityCriterion,
    StatementCopy,
    UpdateClock,
)
from incidents.operations import (
    data_map,
    declaration,
    dry_run,
    duty,
    legal_case,
    matrix,
    regulators,
    watchdog,
)
from incidents.operations.agreeing import SIGNED_OFF
from incidents.operations.grids import grid_of
from incidents.operations.law import (
    law_pack_in_force,
    legal_profile_in_force,
    matrix_in_force,
    pack_of,
    scheme_in_force,
)
from incidents.operations.records import first_broken_line
from incidents.operations.statement import offered
from incidents.rules.acts import ACTS
from incidents.rules.facts import SEVERITY_FACTS
from incidents.rules.legal_interview import open_questions
from incidents.rules.legal_profile import concerning, read_profile
from incidents.rules.matrix_checks import Level
from incidents.rules.owed import KINDS as OWED
from incidents.rules.phases import Phase
from incidents.rules.predicates import validate
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    DOMAIN_OWNER,
    ENGINEERING,
    KINDS,
    NAMES,
    REPORTS_TO,
)
from incidents.rules.wording import check_template
from raci_project.demo import duties
from raci_project.demo.people import PERSONAS
from raci_project.demo.story import Story
from raci_project.management.commands.seed_demo import demo_password
from reviews.models import ActionItem, Review
from reviews.operations import sweeps as review_sweeps
from tests.factories import NOW
from training.models import GameDay, ShiftChange
from training.operations import shift_changes

pytestmark = pytest.mark.django_db

PASSWORD = "for the tests only"
DAY = timedelta(days=1)


def seed_demo() -> str:
    """Run the command at NOW; what it printed."""
    said = StringIO()
    given = mock.patch.dict(os.environ, {"DEMO_PASSWORD": PASSWORD})
    with time_machine.travel(NOW, tick=False), given:
        call_command("seed_demo", stdout=said)
    return said.getvalue()


def named(username: str) -> Person:
    return Person.objects.get(username=username)


class DemoCompany(TestCase):
    """Seeded once for all these tests: it takes seconds."""

    said: str

    @classmethod
    def setUpTestData(cls) -> None:
        cls.said = seed_demo()

    # --- its customers

    def test_eight_customers_and_five_promises_of_which_some_are_running(self):
        assert (Customer.objects.count(), NoticeClause.objects.count()) == (8, 5)
        owed = NoticeClock.objects.filter(given_at=None, due_at__isnull=False)
        assert {each.incident.state == "closed" for each in owed} == {False}
        assert min(each.due_at for each in owed) > NOW
        # Kite Rail is to be called: nobody can write to it, so no update gives its notice.
        assert "kite-rail" in {each.clause.customer.slug for each in owed}
        given = NoticeClock.objects.exclude(given_at=None)
        assert given.filter(incident__state="closed").exists()
        by_update = given.exclude(update=None).exclude(incident__state="closed")
        assert "fennel-grocers" in {each.clause.customer.slug for each in by_update}

    # --- its people

    def test_the_command_names_the_personas_and_their_password(self):
        assert f"{', '.join(PERSONAS)}; password: {PASSWORD}" in self.said

    def test_a_second_run_changes_nothing_and_says_so(self):
        before = (AuditEvent.objects.count(), Person.history.count(), Incident.objects.count())
        assert "nothing was changed" in seed_demo()
        after = (AuditEvent.objects.count(), Person.history.count(), Incident.objects.count())
        assert before == after

    def test_every_persona_signs_in_with_the_same_password(self):
        for username in PERSONAS:
            assert self.client.login(username=username, password=PASSWORD), username

    def test_ada_is_superuser_and_ben_leads_without_being_one(self):
        assert named("ada").is_superuser
        ben = named("ben")
        assert not ben.is_superuser
        assert ben.has_perm("incidents.lead_incident")
        assert ben.has_perm("incidents.approve_matrixversion")

    def test_ada_and_ben_are_qualified_commanders_who_have_not_commanded(self):
        valid = Qualification.objects.valid(NOW).filter(role=COMMANDER)
        led = Assignment.objects.filter(role=COMMANDER)
        for username in ("ada", "ben"):
            assert valid.filter(person__username=username).exists()
            assert not led.filter(person__username=username).exists()

    def test_cleo_is_learning_and_may_respond_but_not_lead(self):
        cleo = named("cleo")
        levels = {each.level for each in cleo.qualifications.all()}
        assert levels == {Qualification.Level.LEARNING}
        assert cleo.has_perm("incidents.note_incident")
        assert not cleo.has_perm("incidents.lead_incident")

    def test_dan_is_staff_and_may_see_nothing(self):
        dan = named("dan")
        assert dan.is_staff
        assert dan.get_all_permissions() == set()
        self.client.force_login(dan)
        incident = Incident.objects.open()[0]
        page = self.client.get(f"/admin/incidents/incident/{incident.pk}/change/")
        assert page.status_code == 403

    def test_every_role_has_somebody_ready_and_present(self):
        ready = Qualification.objects.valid(NOW).filter(person__is_active=True)
        present = ready.exclude(person__absences__ends_at__gt=NOW)
        assert set(present.values_list("role", flat=True)) == set(NAMES)

    def test_somebody_is_away_and_qualifications_lapse(self):
        assert named("liam").absences.covering(NOW).exists()
        ends = Qualification.objects.filter(level="qualified", expires_on__isnull=False)
        assert ends.filter(expires_on__lte=NOW.date()).exists()
        soon = ends.filter(expires_on__gt=NOW.date(), expires_on__lte=(NOW + 14 * DAY).date())
        assert soon.exists()

    def test_people_live_in_different_zones_and_have_managers(self):
        assert Person.objects.values("time_zone").distinct().count() > 10
        assert list(Person.objects.filter(manager=None).values_list("username")) == [("wren",)]

    # --- its law

    def test_the_matrix_in_force_has_no_errors_and_speaks_of_every_phase(self):
        version = matrix_in_force(NOW)
        assert version.maker != version.checker
        assert version.effective_from < NOW - 14 * DAY
        found = {(each.rule, each.level) for each in matrix.findings(version, at=NOW)}
        assert found == {
            ("R28", Level.WARNING),  # theo objects
            ("R30", Level.INFORMATION),
            ("R32", Level.WARNING),
        }
        assert "until more people are qualified" in version.warnings_reason
        for phase in Phase:
            assert 8 <= version.activities.filter(phase=phase).count() <= 10, phase

    def test_most_have_attested_it_one_objects_and_ada_is_still_asked(self):
        rows = AttestationCampaign.objects.get(closed_at=None).attestations
        assert rows.filter(answer="confirmed").count() == 12
        assert rows.get(answer="objected").person.username == "theo"
        assert rows.get(person__username="ada").answer == ""

    def test_something_of_every_kind_but_a_stale_matrix_is_owed(self):
        owed = set(Obligation.objects.open().values_list("what", flat=True))
        assert owed == {*OWED, "shift", "rota_gap"} - {"matrix"}

    def test_the_matrix_before_it_had_no_errors_either(self):
        first = MatrixVersion.objects.get(number=1)
        levels = {each.level for each in matrix.findings(first, at=NOW)}
        assert levels == {Level.WARNING, Level.INFORMATION}

    def test_a_draft_of_ben_waits_with_one_warning_more_and_is_the_standing_matrix_reworded(
        self,
    ):
        drafted = MatrixVersion.objects.get(number=3)
        assert (drafted.status, drafted.maker.username) == ("draft", "ben")
        assert drafted.based_on == matrix_in_force(NOW)
        findings = matrix.findings(drafted, at=NOW)
        assert [(each.rule, each.level) for each in findings] == [
            ("R10", Level.WARNING),
            ("R30", Level.INFORMATION),
            ("R32", Level.WARNING),
        ]
        names = {each.key: each.name for each in drafted.based_on.activities.all()}
        assert [
            each.name for each in drafted.activities.all() if names.get(each.key) != each.name
        ] == [
            "Answer customers in the words of the last update",
            "Relieve people before they tire",
        ]

    def test_nobody_is_waited_for_on_the_main_path_of_the_matrix_in_force(self):
        for each in grid_of(matrix_in_force(NOW)).activities:
            assert not (each.act and ACTS[each.act].verb and each.consulted), each.name

    def test_roles_report_as_the_law_has_it(self):
        superiors = dict(Role.objects.values_list("slug", "reports_to"))
        assert {role: above for role, above in superiors.items() if above} == REPORTS_TO
        assert dict(Role.objects.values_list("slug", "kind")) == KINDS

    def test_every_criterion_can_be_evaluated(self):
        assert scheme_in_force(NOW).levels.count() == 4
        for criterion in SeverityCriterion.objects.all():
            assert validate(criterion.predicate, SEVERITY_FACTS) == [], criterion.name

    def test_statements_have_blanks_that_can_be_filled_and_one_of_each_standing(self):
        for statement in HoldingStatement.objects.all():
            assert check_template(statement.text) == [], statement.title
        rows = HoldingStatement.objects
        usable = rows.usable(NOW.date())
        assert usable.count() >= 10
        assert usable.filter(expires_on__lte=(NOW + 30 * DAY).date()).count() == 1
        assert rows.filter(status="approved", expires_on__lte=NOW.date()).count() == 1
        assert rows.filter(status="draft").exclude(text="").count() == 1
        planned = rows.get(status="draft", text="")
        assert (planned.maker.username, planned.review_on) == ("ada", NOW.date() + 11 * DAY)
        assert StatementCopy.objects.count() == 3
        assert rows.filter(status="approved", approver__is_active=False).count() == 1
        outside = rows.filter(status="approved", audience__in=SIGNED_OFF)
        assert {row.cleared_by.username for row in outside} == {"uma"}

    def test_what_burns_has_words_for_support_and_no_news_can_be_said(self):
        for incident in Incident.objects.open().real():
            first = {one.statement.audience: one for one in offered(incident, at=NOW)}
            assert {"public", "support", "internal"} <= first.keys(), incident
            assert first["support"].missing == (), incident
            quiet = {
                one.statement.audience for one in offered(incident, at=NOW, purpose="no_news")
            }
            assert quiet >= {"public", "internal"}, incident

    # --- its law of notices

    def test_pack_and_profile_are_law_by_two_people_before_the_first_incident(self):
        pack, profile = law_pack_in_force(NOW), legal_profile_in_force(NOW)
        assert pack is not None
        assert profile is not None
        for row in (pack, profile):
            assert (row.maker.username, row.checker.username) == ("ada", "ben")
        real = Incident.objects.real()
        assert {each.law_pack_id for each in real} == {pack.pk}
        assert {each.legal_profile_id for each in real} == {profile.pk}

    def test_what_could_concern_it_is_less_than_all_and_includes_what_nobody_is_sure_of(self):
        pack = pack_of(LawPack.objects.get())
        ours = concerning(pack, read_profile(duties.PROFILE, pack))
        assert {
            "eu-gdpr-art33",
            "eu-dora-art19",
            "us-ca-civ-1798-82",
            "pci-card-brands",
        } <= set(ours)
        assert {"us-hipaa-breach", "kr-pipa-art34"} & set(ours) == set()
        assert pack.regimes["pci-card-brands"].confidence == "low"

    def test_the_data_map_and_the_regulators_are_sound_and_some_were_not_looked_at_for_long(
        self,
    ):
        for holding in DataHolding.objects.select_related("service"):
            assert data_map.problems(holding, at=NOW) == [], holding
        for regulator in Regulator.objects.all():
            assert regulators.problems(regulator, at=NOW) == [], regulator
        for model in (DataHolding, Regulator):
            looked = model.objects.values_list("verified_on", flat=True)
            assert None in looked
            assert min(day for day in looked if day) < (NOW - 180 * DAY).date()

    def test_of_the_exposure_two_weeks_ago_everything_was_filed_in_time_or_decided(self):
        past = Incident.objects.get(title="Merchants see reports of other merchants")
        assert {each.outcome for each in past.legal_clocks.all()} == {"met"}
        counsel = past.legal_clocks.get(kind="counsel")
        assert counsel.settled_at - counsel.started_at == timedelta(minutes=20)
        authority = past.legal_clocks.get(regime="eu-gdpr-art33")
        filing = authority.filings.get()
        assert (
            timedelta(hours=39) < filing.sent_at - authority.started_at <= timedelta(hours=40)
        )
        assert filing.reference == "DP-EXAMPLE-4711"
        assert past.legal_decisions.get().regime == "eu-gdpr-art34"
        assert past.legal_notes.count() == 1
        assert past.facts_said.filter(is_unknown=True).get().name == "risk_to_individuals"

    def test_of_what_burns_one_clock_is_due_in_hours_some_are_assumed_and_one_law_in_doubt(
        self,
    ):
        running = LegalClock.objects.filter(settled_at=None)
        assert {each.incident.state == "closed" for each in running} == {False}
        dora = running.get(kind="eu-dora-art19--initial")
        assert NOW < dora.due_at < NOW + timedelta(hours=4)
        exports = running.filter(incident__title__startswith="Merchant exports")
        assert exports.filter(is_assumed=True).count() >= 4
        doubted = exports.exclude(doubted_at=None)
        assert {each.regime for each in doubted} == {"us-ca-civ-1798-82"}
        reading = legal_case.read(exports[0].incident, at=NOW)
        assert "risk_to_individuals" in open_questions(reading.pack, reading.known)

    # --- its year

    def test_the_audit_chain_holds(self):
        assert first_broken_line() is None

    def test_real_incidents_lie_in_the_last_twelve_months_and_two_are_open(self):
        real = Incident.objects.real()
        assert real.filter(state="closed", declared_at__gt=NOW - 365 * DAY).count() == 8
        assert sorted(real.open().values_list("state", flat=True)) == [
            "mitigation",
            "mitigation",
            "triage",
            "triage",
        ]
        gravest = real.open().filter(level__code="sev1")
        assert gravest.count() == 3
        assert Assignment.objects.commanding().filter(incident__in=gravest).count() == 3

    def test_what_burns_is_commanded_by_others_and_one_update_is_overdue(self):
        commands = Assignment.objects.commanding().filter(incident__kind="incident")
        commanders = {each.person.username for each in commands.select_related("person")}
        assert len(commanders) == 4
        assert commanders.isdisjoint({"ada", "ben"})
        overdue = UpdateClock.objects.filter(due_at__lt=NOW).select_related("incident")
        assert [(each.incident.title, each.audience) for each in overdue] == [
            ("Payouts wait at the partner bank", "public")
        ]

    def test_who_was_called_has_answered_so_that_nobody_is_called_in_vain(self):
        assert EscalationCall.objects.exclude(first_called_at=None).exists()
        assert not EscalationCall.objects.filter(next_call_at__isnull=False).exists()

    def test_one_incident_had_no_voice_and_two_were_repeats(self):
        closed = Incident.objects.real().filter(state="closed")
        voiceless = closed.exclude(assignments__role=COMMUNICATIONS)
        assert voiceless.get().title == "Merchants cannot sign in"
        repeats = Review.objects.exclude(repeat_of=None)
        assert all(each.cause_class == each.repeat_of.review.cause_class for each in repeats)
        assert repeats.count() == 2

    def test_the_first_public_word_came_sooner_as_the_year_went_on(self):
        took = [
            each.first_public_update_at - each.detected_at
            for each in Incident.objects.filter(state="closed", kind="incident").order_by("id")
        ]
        assert max(took[-3:]) < min(took[:3])

    def test_reviews_are_published_but_for_one_that_is_overdue(self):
        late = Review.objects.get(status="draft")
        assert late.due_at < NOW
        assert Review.objects.filter(status="published").count() == 8

    def test_action_items_are_done_in_time_done_late_overdue_and_due_soon(self):
        items = ActionItem.objects
        done = items.filter(status="done")
        late = [each for each in done if each.finished_at > each.due_at]
        assert 0 < len(late) < done.count()
        assert items.filter(status="open", due_at__lt=NOW).count() == 4
        assert items.filter(status="open", due_at__gt=NOW, due_at__lt=NOW + 7 * DAY).exists()

    def test_a_game_day_was_held_last_quarter_and_one_is_planned_in_this(self):
        days = {(day.status, day.quarter) for day in GameDay.objects.all()}
        assert days == {("completed", "2026Q3"), ("planned", "2026Q4")}
        held = GameDay.objects.get(status="completed")
        assert held.incident.review.action_items.exists()

    def test_it_is_known_who_is_on_duty_and_a_stretch_that_nobody_has_is_known_weeks_ahead(
        self,
    ):
        on_duty = {each.role_id: each.person for each in duty.on_duty(at=NOW)}
        assert None not in on_duty.values()
        assert set(on_duty) == {COMMANDER, COMMUNICATIONS}
        gaps = Obligation.objects.open().filter(what="rota_gap").order_by("due_at")
        away, nobody = gaps.values_list("title", flat=True)
        assert "away until" in away
        assert "nobody on duty" in nobody
        assert gaps[0].due_at > NOW + 14 * DAY

    def test_a_day_on_shift_is_offered_to_ada_who_has_not_answered(self):
        offer = ShiftChange.objects.get()
        assert (offer.to.username, offer.status) == ("ada", "offered")
        assert shift_changes.not_now(offer, offer.to, is_asker=False) == ()

    # --- its messages

    def test_the_past_waits_in_no_outbox_and_the_sweep_finds_what_is_overdue(self):
        assert not OutboxMessage.objects.due(NOW).exists()
        review_sweeps.sweep(NOW)
        nudged = OutboxMessage.objects.due(NOW).values_list("recipient__username", flat=True)
        assert {"elif", "tara", "jonas", "farid"} <= set(nudged)

    def test_everybody_who_was_called_answered_and_nothing_is_late(self):
        assert EscalationCall.objects.filter(ended="answered").exists()
        assert not EscalationCall.objects.due(NOW).exists()
        assert watchdog.findings(NOW) == []

    def test_a_dry_run_of_the_gravest_level_names_who_may_not_be_reached(self):
        law = scheme_in_force(NOW)
        level = law.levels.get(code="sev1")
        services = list(Service.objects.filter(slug="checkout").select_related("owner", "team"))
        run = dry_run.of_level(level, services, is_exercise=False, at=NOW)
        steps = {course.step.role: course.places[0].told for course in run.courses}
        assert all(steps[role] for role in (COMMANDER, COMMUNICATIONS, ENGINEERING))
        assert "more than 180 days ago" in " ".join(why for _, why in run.unreachable)

    # --- and now

    def test_what_ada_declares_is_commanded_and_every_role_filled(self):
        incident = declaration.declare(
            title="Shoppers cannot pay",
            services=list(Service.objects.filter(slug__in=("checkout", "payments-api"))),
            facts={"functionality_lost": "total", "customers_affected": 4000},
            actor=named("ada"),
            at=NOW,
        )
        assert incident.level.code == "sev1"
        assert incident.unfilled == []
        called = incident.calls.filter(first_called_at=NOW, next_call_at__gt=NOW)
        assert set(called.values_list("step", flat=True)) == {
            COMMANDER, COMMUNICATIONS, ENGINEERING,
        }  # fmt: skip
        held = incident.assignments.values_list("role", "person__username")
        assert (COMMANDER, "ada") in held
        assert {who for role, who in held if role == DOMAIN_OWNER} == {"hiro", "ines"}
        assert [who for role, who in held if role == COMMUNICATIONS] != []


def test_without_a_given_password_one_is_made_and_kept_for_its_owner_only(monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    password = demo_password()
    kept = settings.VAR_DIR / "demo_password"
    assert len(password) >= 12
    assert kept.read_text() == password
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_given_password_is_kept_nowhere(monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    demo_password()
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    assert demo_password() == PASSWORD
    assert not (settings.VAR_DIR / "demo_password").exists()


def test_a_story_is_played_in_the_order_of_its_instants_whenever_it_was_told():
    heard: list[str] = []
    story = Story()
    story.tell(NOW + DAY, lambda _: heard.append("second"))
    story.tell(NOW, lambda at: story.tell(at + 2 * DAY, lambda _: heard.append("third")))
    story.tell(NOW, lambda _: heard.append("first"))
    story.play()
    assert heard == ["first", "second", "third"]
