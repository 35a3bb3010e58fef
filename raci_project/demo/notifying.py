"""Plays the legal part of a script: what was found, counsel, what was filed or decided not to be."""

from datetime import datetime, timedelta
from functools import partial

from incidents.models import Incident, Person
from incidents.operations import counsel, facts, filing, legal_notes, not_notifying
from incidents.rules.roles import COMMANDER, COUNSEL
from raci_project.demo.company import Company
from raci_project.demo.script import Filed, Found, Script
from raci_project.demo.story import Act, Story

MINUTE = timedelta(minutes=1)


def tell(story: Story, script: Script, company: Company) -> None:
    """Every legal act of the script at its minute after detection; some come after its closing."""
    detected_at = company.today - script.ago * MINUTE
    case = Case(script, company, detected_at)
    acts: list[tuple[int, Act]] = [
        *((found.minute, partial(case.record, found)) for found in script.found),
        *((filed.minute, partial(case.file, filed)) for filed in script.filed),
        *(
            (minute, partial(case.notify_nobody, regime, reason))
            for minute, regime, reason in script.not_notified
        ),
        *((minute, partial(case.write, text)) for minute, text in script.privileged),
    ]
    if script.counsel:
        minute, how = script.counsel
        acts.append((minute, partial(case.engage, how)))
    for minute, act in acts:
        story.tell(detected_at + minute * MINUTE, act)


class Case:
    """The legal side of one incident: each method is an act at an instant of the story."""

    def __init__(self, script: Script, company: Company, detected_at: datetime) -> None:
        self.script = script
        self.company = company
        self.detected_at = detected_at

    @property
    def incident(self) -> Incident:
        """What this script is about."""
        return self.company.incidents[self.script.key]

    def holder(self, role: str) -> Person:
        """Who holds the role now, or held it to the end."""
        return self.incident.assignments.filter(role=role).latest("pk").person

    def record(self, found: Found, at: datetime) -> None:
        """By whoever commands, with where it is known from."""
        began = {
            name: (self.detected_at + minute * MINUTE).isoformat()
            for name, minute in found.clocks.items()
        }
        facts.record_facts(
            self.incident,
            facts=found.facts,
            clocks=began,
            unknown=found.unknown,
            source=found.source,
            actor=self.holder(COMMANDER),
            at=at,
        )

    def engage(self, how: str, at: datetime) -> None:
        """Counsel was reached by the commander."""
        counsel.engage_counsel(
            self.incident,
            person=self.holder(COUNSEL),
            how=how,
            actor=self.holder(COMMANDER),
            at=at,
        )

    def file(self, filed: Filed, at: datetime) -> None:
        """Sent by counsel, and kept five minutes later."""
        regime, _, stage = filed.duty.partition("/")
        filing.file_notice(
            self.incident,
            clock=self.incident.legal_clocks.get(regime=regime, stage=stage),
            sent_at=at - 5 * MINUTE,
            recipient=filed.recipient,
            reference=filed.reference,
            note=filed.note,
            actor=self.holder(COUNSEL),
            at=at,
        )

    def notify_nobody(self, regime: str, reason: str, at: datetime) -> None:
        """Counsel's decision, for the register."""
        not_notifying.decide_not_to_notify(
            self.incident, regime=regime, reason=reason, actor=self.holder(COUNSEL), at=at
        )

    def write(self, text: str, at: datetime) -> None:
        """Counsel's privileged note."""
        legal_notes.write_legal_note(
            self.incident, text=text, actor=self.holder(COUNSEL), at=at
        )
