"""The verbs of an incident: whose they are, in which states, and what each promises.

One row says all there is to know of a verb; permissions, pages, the API and the documentation
are made from this table.
"""

from dataclasses import dataclass

from incidents.rules.phases import OPEN_STATES, State
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, DEPUTY, PRIVACY

LEADERSHIP = "leadership"
PARTICIPANT = "participant"
ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class VerbLaw:
    """One verb of an incident: the roles it belongs to and the states it is possible in.

    `stand_in`: while nobody holds one of the roles, the commander and the deputy may act; where
    there is neither, leadership.
    `leadership`: leadership may act in its own right.
    """

    verb: str
    label: str
    roles: tuple[str, ...]
    states: tuple[State, ...]
    promise: str
    stand_in: bool = False
    leadership: bool = False

    @property
    def permission(self) -> str:
        """The codename of the standing permission."""
        return f"{self.verb}_incident"

    @property
    def path(self) -> str:
        """The verb as the API's address spells it."""
        return self.verb.replace("_", "-")


_COMMAND = (COMMANDER,)
_SPEAKERS = (COMMUNICATIONS, COMMANDER, DEPUTY)
_EVERYONE_HERE = (PARTICIPANT,)
_FROM_TRIAGE = (State.TRIAGE, State.MITIGATION, State.RESOLUTION)
_OPEN_OR_CLOSED = (*OPEN_STATES, State.CLOSED)

VERBS: dict[str, VerbLaw] = {
    law.verb: law
    for law in (
        VerbLaw(
            "declare", "Declare", (ANYBODY,), (),
            "Opens an incident, computes its severity, pins the law and fills the roles.",
        ),
        VerbLaw(
            "acknowledge", "Acknowledge", _COMMAND, (State.DETECTION,),
            "Command begins: detection ends, triage starts.", stand_in=True,
        ),
        VerbLaw(
            "assign", "Assign a role", _COMMAND, OPEN_STATES,
            "Gives a role to a qualified person.", stand_in=True, leadership=True,
        ),
        # No stand-in: where nobody commands there is nothing to hand over, only to assign.
        VerbLaw(
            "hand_over", "Hand over command", _COMMAND, OPEN_STATES,
            "Offers command with a briefing; it moves in one instant, once the other accepts.",
        ),
        VerbLaw(
            "accept_command", "Accept command", (ANYBODY,), OPEN_STATES,
            "Takes the command that was offered to you: no gap, no overlap.",
        ),
        VerbLaw(
            "decline_command", "Decline command", (ANYBODY,), OPEN_STATES,
            "Says no to the command that was offered to you, and why; nothing moves.",
        ),
        VerbLaw(
            "withdraw_hand_over", "Withdraw the hand-over", _COMMAND, OPEN_STATES,
            "Takes back an offer of command that nobody has accepted.",
        ),
        VerbLaw(
            "call_commander", "Call the commander", _EVERYONE_HERE, OPEN_STATES,
            "Asks the commander to answer; without an answer in time the deputy takes over.",
            leadership=True,
        ),
        VerbLaw(
            "answer_call", "I am here", (ANYBODY,), OPEN_STATES,
            "Answers a call: it is not repeated and goes to nobody else.",
        ),
        VerbLaw(
            "accept_suggestion", "Accept a suggestion", _COMMAND, OPEN_STATES,
            "Gives a role to the person the rules suggest now.", stand_in=True, leadership=True,
        ),
        VerbLaw(
            "dismiss_suggestion", "Dismiss a suggestion", _COMMAND, OPEN_STATES,
            "Leaves a role as it is, and keeps why.", stand_in=True, leadership=True,
        ),
        VerbLaw(
            "classify", "Classify", _COMMAND, OPEN_STATES,
            "Sets the severity, or keeps it though another is computed; departing needs a reason.", stand_in=True,
        ),
        VerbLaw(
            "advance", "Advance", _COMMAND, (State.TRIAGE, State.MITIGATION),
            "Moves the incident to its next phase.", stand_in=True,
        ),
        VerbLaw(
            "decide", "Record a decision", _COMMAND, OPEN_STATES,
            "Keeps a decision with its reason and who was consulted.", stand_in=True,
        ),
        VerbLaw(
            "propose", "Propose a decision", _EVERYONE_HERE, OPEN_STATES,
            "Puts before the commander what should be decided, and why.", leadership=True,
        ),
        VerbLaw(
            "decline_proposal", "Decline a proposal", _COMMAND, OPEN_STATES,
            "Answers a proposal with no, and why.", stand_in=True,
        ),
        VerbLaw(
            "escalate", "Escalate", _COMMAND, OPEN_STATES,
            "Calls in the people the severity's escalation names.", stand_in=True,
        ),
        VerbLaw(
            "contain", "Mark contained", _COMMAND, _FROM_TRIAGE,
            "Records when the impact stopped growing.", stand_in=True,
        ),
        VerbLaw(
            "mitigate", "Mark mitigated", _COMMAND, _FROM_TRIAGE,
            "Records when the users' impact ended.", stand_in=True,
        ),
        VerbLaw(
            "resolve", "Mark resolved", _COMMAND, _FROM_TRIAGE,
            "Records when service was normal again.", stand_in=True,
        ),
        VerbLaw(
            "close", "Close", _COMMAND, (State.RESOLUTION,),
            "Ends the incident and sets the day its review is due.", stand_in=True,
        ),
        VerbLaw(
            "reopen", "Reopen", _COMMAND, (State.CLOSED,),
            "Brings a closed incident back, with the reason.", stand_in=True, leadership=True,
        ),
        VerbLaw(
            "cancel", "Cancel", _COMMAND, (State.DETECTION, State.TRIAGE),
            "Ends what was no incident; the reason is kept.",
            stand_in=True, leadership=True,
        ),
        VerbLaw(
            "merge", "Merge into another", _COMMAND, OPEN_STATES,
            "Ends a duplicate: the other incident goes on with its services and people told.",
            stand_in=True, leadership=True,
        ),
        VerbLaw(
            "split", "Split off", _COMMAND, OPEN_STATES,
            "Declares some of its services as an incident of their own.",
            stand_in=True, leadership=True,
        ),
        VerbLaw(
            "relate", "Relate to another", _EVERYONE_HERE, _OPEN_OR_CLOSED,
            "Keeps how this incident hangs together with another.", leadership=True,
        ),
        VerbLaw(
            "set_privacy", "Set who may see it", _COMMAND, _OPEN_OR_CLOSED,
            "Shows it only to who takes part and to the groups named, or to everybody again.",
            stand_in=True, leadership=True,
        ),
        VerbLaw(
            "set_services", "Change affected services", _EVERYONE_HERE, OPEN_STATES,
            "Says which services are affected; computes severity anew.", leadership=True,
        ),
        VerbLaw(
            "record_facts", "Record facts", _EVERYONE_HERE, OPEN_STATES,
            "Keeps what is known; computes severity and legal clocks anew.", leadership=True,
        ),
        VerbLaw(
            "engage_counsel", "Engage counsel", _EVERYONE_HERE, _OPEN_OR_CLOSED,
            "Records who of counsel was reached and when: the clock of the first hour stops.",
            leadership=True,
        ),
        VerbLaw(
            "file_notice", "Record a filing", (COUNSEL, PRIVACY), _OPEN_OR_CLOSED,
            "Keeps what was sent to whom and when, with its reference: the clock is met, or late.",
            leadership=True,
        ),
        VerbLaw(
            "stand_down_clock", "Stand a legal clock down", (COUNSEL,), _OPEN_OR_CLOSED,
            "Ends a duty that is none after all; the clock and counsel's reason stay.",
        ),
        VerbLaw(
            "keep_clock", "Keep a legal clock", (COUNSEL,), _OPEN_OR_CLOSED,
            "Lets a duty stand although the facts do not call for it any more, and keeps why.",
        ),
        VerbLaw(
            "decide_not_to_notify", "Decide not to notify", (COUNSEL,), _OPEN_OR_CLOSED,
            "Enters in the register why an authority or the people concerned are not notified.",
        ),
        VerbLaw(
            "write_legal_note", "Write a privileged note", (COUNSEL, PRIVACY, COMMANDER),
            _OPEN_OR_CLOSED,
            "Keeps what only counsel, privacy and command may read; the rest see that there is one.",
        ),
        VerbLaw(
            "draft_update", "Draft an update", _SPEAKERS, OPEN_STATES,
            "Keeps the text of an update for another person to approve.", stand_in=True,
        ),
        VerbLaw(
            "approve_update", "Approve an update", _EVERYONE_HERE, OPEN_STATES,
            "A second pair of eyes: never those of the drafter.",
            leadership=True,
        ),
        VerbLaw(
            "publish_update", "Publish an update", _SPEAKERS, _OPEN_OR_CLOSED,
            "Sends an approved update to its audience.", stand_in=True,
        ),
        VerbLaw(
            "redraft_update", "Rewrite an update", _SPEAKERS, OPEN_STATES,
            "Changes the words of what is not published yet; it is approved anew.", stand_in=True,
        ),
        VerbLaw(
            "return_update", "Send an update back", _EVERYONE_HERE, OPEN_STATES,
            "Says why the words will not do; who drafted them is told.", leadership=True,
        ),
        VerbLaw(
            "publish_statement", "Say approved words", _SPEAKERS, _OPEN_OR_CLOSED,
            "Publishes a holding statement as it was approved in calm, its blanks filled.",
            stand_in=True,
        ),
        VerbLaw(
            "verify_facts", "Verify facts", _EVERYONE_HERE, OPEN_STATES,
            "Keeps that a fact is known to be so, by whom and how.", leadership=True,
        ),
        VerbLaw(
            "give_notice", "Record a notice to a customer", _SPEAKERS, _OPEN_OR_CLOSED,
            "Keeps how a notice that a contract promises was given, or why none is owed.",
            stand_in=True, leadership=True,
        ),
        VerbLaw(
            "delegate", "Delegate", _EVERYONE_HERE, OPEN_STATES,
            "Lets a named person act in your place until a stated time; you stay accountable.",
        ),
        VerbLaw(
            "consult", "Consult first", _EVERYONE_HERE, OPEN_STATES,
            "Asks whom the matrix consults before an act, and says when the act proceeds.",
            leadership=True,
        ),
        VerbLaw(
            "advise", "Answer a consultation", (ANYBODY,), OPEN_STATES,
            "Keeps what somebody who was consulted answers.",
        ),
        VerbLaw(
            "perform", "Mark an activity done", _EVERYONE_HERE, _OPEN_OR_CLOSED,
            "Records that an activity of the matrix was done, by whom and when.",
            leadership=True,
        ),
        VerbLaw(
            "explain", "Explain a departure", _EVERYONE_HERE, _OPEN_OR_CLOSED,
            "Keeps why reality departed from the matrix.", leadership=True,
        ),
        VerbLaw(
            "note", "Add a note", _EVERYONE_HERE, OPEN_STATES,
            "Adds a line to the timeline.", leadership=True,
        ),
    )
}  # fmt: skip
