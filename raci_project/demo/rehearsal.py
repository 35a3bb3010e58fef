"""The game day of last quarter as it was run, judged and reported; every act at its instant."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from incidents.models import Incident, Person
from incidents.operations import command, decision, lifecycle, timeline, update
from incidents.rules.phases import State
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, RESPONDER, SCRIBE
from raci_project.after_action import improving
from raci_project.demo.company import Company
from raci_project.demo.learning import Lesson
from raci_project.demo.rehearsal_words import (
    EXPECTED,
    FEEDBACK,
    HOT_WASH,
    IMPROVEMENTS,
    LEARNT,
    OBJECTIVES,
    RATINGS,
    SEEN,
    SUMMARY,
    Improvement,
    Rated,
    Remark,
)
from raci_project.demo.story import Story
from reviews.models import ActionItem
from reviews.operations import action_item
from training.models import ExerciseScenario, GameDay, Objective
from training.operations import (
    answers,
    completing,
    crew,
    debrief,
    game_day,
    observing,
    report,
    running,
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
STORY = "acquirer-silent"
CAST = {
    COMMANDER: "jonas",
    DEPUTY: "maya",
    COMMUNICATIONS: "quinn",
    SCRIBE: "cleo",
    RESPONDER: "hiro",
}
STAFF = (("facilitator", "elif"), ("lead_evaluator", "grace"), ("evaluator", "pablo"))


class Rehearsal:
    """The rehearsal, from its plan to its published report."""

    def __init__(self, company: Company, starts_at: datetime) -> None:
        self.company = company
        self.starts_at = starts_at

    def tell(self, story: Story) -> None:
        """Every act at its instant; minutes count from the start."""
        story.tell(self.starts_at - 20 * DAY, self.plan)
        story.tell(self.starts_at - 18 * DAY, self.accept)
        acts = (
            (0, self.run),
            (4, partial(self.act, command.acknowledge)),
            (6, partial(self.note, "hiro", "Only the primary acquirer is slow: 20 s, the second 0.3 s.")),
            (11, partial(self.say, "internal", "Card authorisations time out. Ours is well; the acquirer is not.")),
            (16, partial(self.act, lifecycle.advance, to=State.MITIGATION)),
            (19, self.decide),
            (23, partial(self.note, "maya", "Support asks what to promise merchants who want refunds. Nobody knows.")),
            (32, partial(self.say, "public", "Some card payments are slow or fail. Confirmed payments are safe.")),
            (40, partial(self.act, lifecycle.contain)),
            (45, partial(self.act, lifecycle.mitigate)),
            (63, partial(self.act, lifecycle.resolve)),
            (72, self.wash),
            (75, partial(self.end, story)),
        )  # fmt: skip
        for minute, act in acts:
            story.tell(self.starts_at + minute * MINUTE, act)
        for minute in (8, 15, 25, 41):
            story.tell(self.starts_at + minute * MINUTE, running.release_due)
        for remark in SEEN:
            story.tell(self.starts_at + remark.minute * MINUTE, partial(self.see, remark))
        for rated in RATINGS:
            story.tell(self.starts_at + 70 * MINUTE, partial(self.rate, rated))

    # --- who and what

    @property
    def game_day(self) -> GameDay:
        """The row as it is now."""
        return GameDay.objects.get(starts_at=self.starts_at)

    @property
    def incident(self) -> Incident:
        """The exercise incident."""
        return Incident.objects.get(game_day__starts_at=self.starts_at)

    def person(self, username: str) -> Person:
        """Somebody of the company."""
        return self.company.people[username]

    @property
    def planner(self) -> Person:
        """Who planned it, facilitates it and writes its report."""
        return self.person("elif")

    # --- acts

    def plan(self, at: datetime) -> None:
        """By the planner, three weeks ahead; the others who help are named at once."""
        state(ExerciseScenario.objects.get(slug=STORY))
        made = plan(
            self.company,
            "Acquirer rehearsal",
            STORY,
            self.starts_at,
            CAST,
            ("card-acquiring",),
            at,
        )
        for duty, username in STAFF:
            crew.name_staff(
                made, duty=duty, person=self.person(username), actor=self.planner, at=at
            )

    def accept(self, at: datetime) -> None:
        """Everybody comes."""
        for username in (*CAST.values(), *(username for _, username in STAFF)):
            who = self.person(username)
            answers.answer_own(self.game_day, answer="accepted", actor=who, at=at)

    def run(self, at: datetime) -> None:
        """On the day."""
        game_day.run(self.game_day, actor=self.planner, at=at)
        running.release_due(at)

    def act(self, verb: Callable[..., object], at: datetime, **said: object) -> None:
        """By the commander."""
        verb(self.incident, actor=self.person(CAST[COMMANDER]), at=at, **said)

    def note(self, username: str, text: str, at: datetime) -> None:
        """Somebody says what they see."""
        timeline.note(self.incident, text=text, actor=self.person(username), at=at)

    def say(self, audience: str, text: str, at: datetime) -> None:
        """Drafted by the voice two minutes before, approved by the commander."""
        voice = self.person(CAST[COMMUNICATIONS])
        drafted = update.draft(
            self.incident, audience=audience, text=text, actor=voice, at=at - 2 * MINUTE
        )
        update.approve(drafted, actor=self.person(CAST[COMMANDER]), at=at - MINUTE)
        update.publish(drafted, actor=voice, at=at)

    def decide(self, at: datetime) -> None:
        """What the whole exercise turns on."""
        decision.decide(
            self.incident, question="Do we switch to the second acquirer before the first admits a fault?",
            decision="Yes, now: its hotline sees nothing, our merchants do.",
            actor=self.person(CAST[COMMANDER]), at=at,
        )  # fmt: skip

    def see(self, remark: Remark, at: datetime) -> None:
        """An evaluator writes down what they saw."""
        day = self.game_day
        observing.observe(
            day, text=remark.text, kind=remark.kind, rating=remark.rating,
            objectives=list(day.exercise_scenario.objectives.filter(number__in=remark.objectives)),
            injects=list(day.exercise_scenario.injects.filter(number__in=remark.injects)),
            actor=self.person(remark.by), at=at,
        )  # fmt: skip

    def rate(self, rated: Rated, at: datetime) -> None:
        """An evaluator rates one objective."""
        day = self.game_day
        objective = day.exercise_scenario.objectives.get(number=rated.objective)
        observing.rate(
            day, objective=objective, rating=rated.rating, reason=rated.reason,
            actor=self.person(rated.by), at=at,
        )  # fmt: skip

    def wash(self, at: datetime) -> None:
        """Straight after it, in the same room."""
        day = self.game_day
        for username, kind, text in HOT_WASH:
            debrief.note(day, kind=kind, text=text, actor=self.person(username), at=at)
        for username, before, after, comment in FEEDBACK:
            debrief.feedback(
                day, ready_before=before, ready_after=after, comment=comment,
                actor=self.person(username), at=at,
            )  # fmt: skip

    def end(self, story: Story, at: datetime) -> None:
        """Closed within the hour; its report is written in the next days."""
        incident = self.incident
        commander = self.person(CAST[COMMANDER])
        lifecycle.close(incident, note="The story is told.", actor=commander, at=at)
        completing.complete(
            self.game_day, lessons=LEARNT.summary, report_owner=self.planner,
            actor=self.planner, at=at,
        )  # fmt: skip
        Lesson(LEARNT, incident, self.company).tell(story, at)
        for one in IMPROVEMENTS:
            story.tell(at + DAY, partial(self.improve, one))
            if one.done is not None:
                story.tell(self.company.today + one.done * DAY, partial(self.finish, one))
        story.tell(at + 6 * DAY, self.report)

    def improve(self, one: Improvement, at: datetime) -> None:
        """Agreed the day after."""
        improving.improve(
            self.game_day, issue=one.issue, title=one.title, capability=one.capability, element=one.element, kind=one.kind,
            owner=self.person(one.owner), due_on=(self.company.today + one.due * DAY).date(),
            actor=self.planner, at=at,
        )  # fmt: skip

    def finish(self, one: Improvement, at: datetime) -> None:
        """Done by its owner."""
        row = ActionItem.objects.select_related("owner").get(title=one.title)
        action_item.finish(row, status="done", outcome=one.outcome, actor=row.owner, at=at)

    def report(self, at: datetime) -> None:
        """Within the week."""
        report.write(self.game_day, summary=SUMMARY, actor=self.planner, at=at)
        improving.publish(self.game_day, actor=self.planner, at=at)


def state(story: ExerciseScenario) -> None:
    """Give the story what it is to show and what its injects are to set off, unless it has both."""
    if not story.objectives.exists():
        for number, (capability, text, target, activities) in enumerate(OBJECTIVES, start=1):
            Objective.objects.create(
                exercise_scenario=story, number=number, capability=capability, text=text,
                target=target, activities=activities,
            )  # fmt: skip
    for inject in story.injects.filter(expected_action=""):
        expected, activities, objectives = EXPECTED.get(inject.number, ("", [], ()))
        inject.expected_action, inject.activities = expected, inject.activities or activities
        inject.save()
        inject.objectives.add(*story.objectives.filter(number__in=objectives))


def plan(
    company: Company,
    title: str,
    story: str,
    starts_at: datetime,
    cast: dict[str, str],
    services: tuple[str, ...],
    at: datetime,
) -> GameDay:
    """A game day as the planner plans it."""
    return game_day.plan(
        title=title,
        exercise_scenario=ExerciseScenario.objects.get(slug=story),
        starts_at=starts_at,
        roles={role: company.people[username] for role, username in cast.items()},
        services=[company.services[slug] for slug in services],
        actor=company.people["elif"],
        at=at,
    )
