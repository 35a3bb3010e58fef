"""One incident's calls at one instant: what is due is made, repeated, or passed on down the line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from incidents.models.calling import EscalationCall
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations import composing, escalation, moves, timeline, ways
from incidents.operations.composing import Message
from incidents.operations.escalation import Setting, Told
from incidents.operations.law import level_law
from incidents.rules.calling import LEADERSHIP, Step

KIND = "escalation"
GIVEN_UP = "escalation-given-up"
Ended = EscalationCall.Ended

_WRITTEN = (
    "person", "calls", "due_at", "first_called_at", "last_called_at", "next_call_at",
    "answered_at", "ended",
)  # fmt: skip


def key(row: EscalationCall) -> str:
    """What makes the message of its last call unique."""
    return f"call:{row.pk}:{row.calls}"


@dataclass
class Round:
    """Calls of one incident, whose row is locked. Nothing is written before `settle`."""

    incident: Incident
    at: datetime
    held: Iterable[Told] | None = None
    why: str = ""  # said in every message
    called: list[EscalationCall] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    _new: list[EscalationCall] = field(default_factory=list)
    _changed: list[EscalationCall] = field(default_factory=list)
    _messages: list[Message] = field(default_factory=list)

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """The steps of its level by role, the earliest first."""
        law = level_law(self.incident.level)
        return {step.role: step for step in law.escalation} if law else {}

    @cached_property
    def here(self) -> Setting:
        """Who is here and whose services are affected."""
        return escalation.setting(self.incident, self.held)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        roles = {role for step in self.steps.values() for role in (step.role, step.next_role)}
        found = Role.objects.filter(pk__in=[role for role in roles if role])
        return dict(found.values_list("slug", "name"))

    def write(self, steps: Iterable[Step], *, since: datetime) -> list[EscalationCall]:
        """The first line of each step, due so many minutes after `since` and never in the past."""
        meant = escalation.meant([step.role for step in steps], self.here, at=self.at)
        rows = [
            row
            for step in steps
            for row in self._rows(
                step, 0, meant[step.role],
                due_at=max(since + timedelta(minutes=step.within_minutes), self.at),
            )
        ]  # fmt: skip
        return self._keep(rows)

    def act(self, rows: Iterable[EscalationCall]) -> None:
        """Whatever of these is due, each line of a step at once."""
        lines: dict[tuple[str, int], list[EscalationCall]] = {}
        for row in rows:
            if row.next_call_at is not None and row.next_call_at <= self.at:
                lines.setdefault((row.step_id, row.line), []).append(row)
        for (role, _), line in lines.items():
            self._act_on(self.steps[role], line)

    def refresh(self, rows: Iterable[EscalationCall]) -> list[EscalationCall]:
        """Of what is called for the first time, whom its role means now: others may hold it."""
        waiting = [row for row in rows if row.calls == 0 and row.line == 0]
        roles = {row.step_id for row in waiting}
        if not roles:
            return list(rows)
        meant = escalation.meant(roles, self.here, at=self.at)
        kept = [row for row in rows if row not in waiting]
        for role in roles:
            kept += self._as_meant(
                role, [row for row in waiting if row.step_id == role], meant[role]
            )
        return kept

    def end(self, rows: Iterable[EscalationCall], how: str, at: datetime | None = None) -> None:
        """Nobody of these is called again; `at` is when somebody answered."""
        for row in rows:
            row.ended, row.next_call_at = how, None
            row.answered_at = at
            self._changed.append(row)

    def settle(self) -> None:
        """Write it all down and let the messages go."""
        changed = {row.pk: row for row in self._changed if row.pk}
        if changed:
            EscalationCall.objects.bulk_update(changed.values(), _WRITTEN)
        EscalationCall.objects.bulk_create(self._new)
        calls = (self._message(self.steps[row.step_id], row) for row in self.called)
        composing.compose([*calls, *self._messages], at=self.at)

    def _keep(self, rows: list[EscalationCall]) -> list[EscalationCall]:
        self._new += rows
        return rows

    def _as_meant(
        self, role: str, waiting: list[EscalationCall], told: list[Told]
    ) -> list[EscalationCall]:
        wanted = {person.pk: (person, slug) for person, slug in told}
        here = [row for row in waiting if row.person_id in wanted]
        if not wanted:
            here = waiting[:1]
            here[0].person = None
        self.end([row for row in waiting if row not in here], Ended.WITHDRAWN)
        known = {row.person_id for row in here}
        new = [each for pk, each in wanted.items() if pk not in known]
        due_at = waiting[0].due_at
        rows = self._rows(self.steps[role], 0, new, due_at=due_at) if new else []
        return [*here, *self._keep(rows)]

    def _rows(
        self, step: Step, place: int, told: Iterable[Told], *, due_at: datetime
    ) -> list[EscalationCall]:
        """One a person; where there is nobody one that says so."""
        people: list[tuple[Person | None, str]] = [*dict.fromkeys(told)] or [(None, "")]
        return [
            EscalationCall(
                incident=self.incident,
                level=self.incident.level,
                step_id=step.role,
                line=place,
                role_id=role or None,
                person=person,
                channel=step.channel,
                due_at=due_at,
                next_call_at=due_at,
            )
            for person, role in people
        ]

    def _act_on(self, step: Step, line: list[EscalationCall]) -> None:
        reached = [row for row in line if row.person]
        if reached and min(row.calls for row in reached) <= step.repeats:
            self._ring(step, reached)
            self.end([row for row in line if not row.person], Ended.PASSED_ON)
        elif step.repeat_minutes:
            self._pass_on(step, line)
        else:
            self.end(line, Ended.EXHAUSTED)

    def _ring(self, step: Step, line: Iterable[EscalationCall]) -> None:
        for row in line:
            row.calls += 1
            row.first_called_at = row.first_called_at or self.at
            row.last_called_at = self.at
            if step.repeat_minutes:
                row.next_call_at = self.at + timedelta(minutes=step.repeat_minutes)
            else:
                row.ended, row.next_call_at = Ended.TOLD, None
            self._changed.append(row)
            self.called.append(row)
            self.said.append(f"{row.person} called as {self._name(row.role_id)}")

    def _pass_on(self, step: Step, line: list[EscalationCall]) -> None:
        """To the next in line whom somebody can be found for; at last nobody is left."""
        roles, place = step.line(self.steps), line[0].line + 1
        silent = "Nobody answers" if line[0].person else "Nobody can be called"
        as_whom = self._name(roles[place - 1])
        while place < len(roles):
            told = escalation.meant([roles[place]], self.here, at=self.at)[roles[place]]
            rows = self._rows(step, place, told, due_at=self.at)
            self.end(line, Ended.PASSED_ON)
            line = self._keep(rows)
            if told:
                self._ring(step, line)
                names = ", ".join(str(person) for person, _ in told)
                self._record(
                    f"{silent} as {as_whom}: {self._name(roles[place])} is called ({names})"
                )
                return
            place += 1
        self._give_up(step, line, f"{silent} as {as_whom}")

    def _give_up(self, step: Step, line: list[EscalationCall], what: str) -> None:
        self.end(line, Ended.EXHAUSTED)
        self._record(f"{what}, and nobody is next in line")
        self._messages += escalation.about(
            self.incident,
            escalation.leadership(self.incident),
            key=f"given-up:{self.incident.pk}:{self.incident.level_id}:{step.role}",
            kind=GIVEN_UP,
            subject=f"NOBODY ANSWERS as {self._name(step.role)}",
            body=f"{what}, and everybody in line was called. Nobody else is called from here: "
            "find somebody by voice and assign them.",
            priority=escalation.PAGE,
        )

    def _record(self, text: str) -> None:
        timeline.record(self.incident, text, at=self.at)
        self.said.append(text)

    def _name(self, role: str | None) -> str:
        if not role:
            return "leadership"
        return self._names.get(role, role)

    def _message(self, step: Step, row: EscalationCall) -> Message:
        level = self.incident.level.name if self.incident.level else ""
        role = self._name(row.role_id)
        wanted = f"{level}: answer as {role}" if step.repeat_minutes else level
        body = f"The incident is {level}. You are told as {role}."
        if row.line:
            body += f" {self._name(step.role).capitalize()} did not answer."
        if step.repeat_minutes:
            body += f"\n\n{self._please(step, row)}"
        (message,) = escalation.about(
            self.incident,
            [(row.person, row.role_id or LEADERSHIP)] if row.person else [],
            key="", kind=KIND, subject=wanted, priority=escalation.PAGE,
            body=f"{self.why}\n\n{body}" if self.why else body,
        )  # fmt: skip
        return replace(message, key=key(row), channel=ways.wish_of(row.channel))

    def _please(self, step: Step, row: EscalationCall) -> str:
        roles = step.line(self.steps)
        following = roles[row.line + 1] if row.line + 1 < len(roles) else None
        last = self.at + timedelta(
            minutes=(step.repeat_minutes or 0) * (step.repeats + 2 - row.calls)
        )
        then = "leadership hears that nobody answers"
        if following is not None:
            then = f"{self._name(following)} is called instead"
        return (
            f"Answer with “I am here” on its page: the calls stop. This is call {row.calls} of "
            f"{step.repeats + 1}; without an answer by {moves.clock(last)} {then}."
        )
