"""Plays the script of an incident through the real operations, from declaring to its review."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import cached_property, partial

from incidents.models import Absence, Activity, Incident, Person, Update
from incidents.operations import (
    command,
    decision,
    declaration,
    lifecycle,
    paging,
    performance,
    pinned,
    timeline,
    update,
    verifying,
)
from incidents.rules.phases import State
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY
from raci_project.demo import customers
from raci_project.demo.company import Company
from raci_project.demo.learning import Lesson
from raci_project.demo.script import Said, Script
from raci_project.demo.story import Act, Story

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Answer:
    """One incident of the company: each method is an act at an instant of the story."""

    def __init__(self, script: Script, company: Company) -> None:
        self.script = script
        self.company = company
        self.detected_at = company.today - script.ago * MINUTE
        self.said: dict[int | None, Update] = {}  # what was published, by its minute

    def tell(self, story: Story) -> None:
        """Every act of the script at its instant."""
        script = self.script
        self._send_away(story)
        acts: list[tuple[int | None, Act]] = [
            (script.declared, self.declare),
            (script.acknowledged, self.acknowledge),
            (script.acknowledged, self.answer_calls),
            (script.mitigation, partial(self.advance, State.MITIGATION)),
            (script.contained, partial(self.mark, lifecycle.contain)),
            (script.contained if script.closed else None, self.call_customers),
            (script.mitigated, partial(self.mark, lifecycle.mitigate)),
            (script.resolved, partial(self.mark, lifecycle.resolve)),
            (script.closed, partial(self.close, story)),
            *((said.minute, partial(self.say, said)) for said in script.said),
            *((minute, partial(self.note, text)) for minute, text in script.notes),
            *((minute, partial(self.tick, name)) for minute, name in script.done),
            *(
                (minute, partial(self.explain, name, reason))
                for minute, name, reason in script.explained
            ),
            (script.decided[0] if script.decided else None, self.decide),
        ]
        for minute, act in acts:
            if minute is not None:
                story.tell(self.detected_at + minute * MINUTE, act)

    def _send_away(self, story: Story) -> None:
        day = datetime.combine(self.detected_at.date(), time.min, tzinfo=UTC)
        for username in self.script.away:
            person = self.company.people[username]
            absence = Absence(person=person, starts_at=day, ends_at=day + DAY, reason="Offsite")
            story.tell(day, partial(_keep, absence))

    # --- who and what, once it is declared; no script changes who holds which role

    @property
    def incident(self) -> Incident:
        """What this script is about."""
        return self.company.incidents[self.script.key]

    @cached_property
    def holders(self) -> dict[str, Person]:
        """One person a role, as the company knows them."""
        held = self.incident.assignments.open().values_list("role", "person__username")
        return {role: self.company.people[username] for role, username in held}

    @property
    def commander(self) -> Person:
        """Whose word is final."""
        return self.holders[COMMANDER]

    # --- acts

    def declare(self, at: datetime) -> None:
        """With what the script knows of the beginning."""
        company, script = self.company, self.script
        company.incidents[script.key] = declaration.declare(
            title=script.title,
            services=[company.services[slug] for slug in script.services],
            facts=script.facts,
            scenario=company.scenarios[script.scenario],
            detected_at=self.detected_at,
            impact_started_at=self.detected_at + script.impact * MINUTE,
            actor=company.people[script.declared_by],
            at=at,
        )

    def acknowledge(self, at: datetime) -> None:
        """By whoever commands."""
        command.acknowledge(self.incident, actor=self.commander, at=at)

    def answer_calls(self, at: datetime) -> None:
        """Everybody who was called is there."""
        waiting = self.incident.calls.exclude(next_call_at=None).exclude(person=None)
        called = set(waiting.values_list("person__username", flat=True))
        for username in sorted(called):
            person = self.company.people[username]
            if not paging.objections(self.incident, person):
                paging.answer_call(self.incident, actor=person, at=at)

    def advance(self, to: State, at: datetime) -> None:
        """To the next phase."""
        lifecycle.advance(self.incident, to=to, actor=self.commander, at=at)

    def mark(self, verb: Callable[..., Incident], at: datetime) -> None:
        """Contained, mitigated or resolved."""
        verb(self.incident, actor=self.commander, at=at)

    def tick(self, name: str, at: datetime) -> None:
        """What no verb performs, done by the first who is responsible for it."""
        line = self.line(name)
        letters = pinned.line(self.incident, line)
        doer = next(self.holders[role] for role in letters.responsible if role in self.holders)
        performance.perform(self.incident, activity=line, actor=doer, at=at)

    def explain(self, name: str, reason: str, at: datetime) -> None:
        """Why a line was done otherwise, or not at all."""
        performance.explain(
            self.incident, activity=self.line(name), reason=reason, actor=self.commander, at=at
        )

    def line(self, name: str) -> Activity:
        """The row of this name in the matrix the incident is run under."""
        return Activity.objects.get(version=self.incident.matrix_version_id, name=name)

    def close(self, story: Story, at: datetime) -> None:
        """Stand down; the review is opened with the next sweep."""
        note = "Service is normal; what is left is in the review."
        lifecycle.close(self.incident, note=note, actor=self.commander, at=at)
        if self.script.learnt:
            Lesson(self.script.learnt, self.incident, self.company).tell(story, at)

    def say(self, said: Said, at: datetime) -> None:
        """Drafted two minutes before it is published, approved by another in between."""
        voice = self.holders.get(COMMUNICATIONS, self.commander)
        second = self.holders[DEPUTY] if voice == self.commander else self.commander
        if said.known:
            verifying.verify_facts(
                self.incident, names=said.facts, source=said.known, actor=second,
                at=at - 3 * MINUTE,
            )  # fmt: skip
        drafted = update.draft(
            self.incident,
            audience=said.audience,
            text=said.text,
            facts=said.facts,
            corrects=self.said.get(said.corrects),
            actor=voice,
            at=at - 2 * MINUTE,
        )
        if said.waits:
            return
        update.approve(drafted, note=said.note, actor=second, at=at - MINUTE)
        self.said[said.minute] = update.publish(drafted, actor=voice, at=at)

    def call_customers(self, at: datetime) -> None:
        """Whom a contract promises a notice."""
        voice = self.holders.get(COMMUNICATIONS, self.commander)
        customers.call(self.incident, actor=voice, at=at)

    def note(self, text: str, at: datetime) -> None:
        """A line of the timeline."""
        timeline.note(self.incident, text=text, actor=self.commander, at=at)

    def decide(self, at: datetime) -> None:
        """The commander's word."""
        _, question, word = self.script.decided or (0, "", "")
        decision.decide(
            self.incident, question=question, decision=word, actor=self.commander, at=at
        )


def _keep(absence: Absence, _at: datetime) -> None:
    absence.save()
