"""What a caller says for each verb: bodies and filters. Unknown fields are refused."""

from typing import Any

from pydantic import Field

from incidents.api.fields import Instant, Line, Number, Said, Slug, Text
from incidents.api.pages import Paging
from incidents.models import Audience, Incident, Topic, Update
from incidents.rules.phases import State


class Assessment(Said):
    """What severity is computed from."""

    services: list[Slug] = Field(description="Slugs of the affected services.")
    facts: dict[Line, Any] = Field(
        default={}, description="Facts by name, such as customers_affected; see the vocabulary."
    )


class Declaration(Assessment):
    """The fewest words that open an incident; everything else is computed."""

    title: Text = Field(description="What is wrong, as a customer would say it.")
    detected_at: Instant | None = Field(None, description="When it was noticed; default now.")
    impact_started_at: Instant | None = None
    exercise: bool = False
    scenario: Slug | None = None
    private: bool = Field(
        default=False,
        description="Seen only by who takes part, and by the groups in `seen_by`.",
    )
    seen_by: list[Slug] = Field([], description="Names of groups that see a private one.")


class Filters(Paging):
    """Which incidents: the filters given all hold; `since` and `until` bound the declaration."""

    state: list[State] = Field([], description="One or more; several are alternatives.")
    severity: Slug | None = Field(None, description="The code of the level, such as sev1.")
    kind: Incident.Kind | None = None
    service: Slug | None = None
    q: Line | None = Field(None, description="Part of the title, or a reference.")
    since: Instant | None = Field(None, description="Declared at or after.")
    until: Instant | None = Field(None, description="Declared before.")


class Assign(Said):
    """A role, a person, and why; a person qualified for the role needs no other reason."""

    role: Slug
    person: Slug = Field(description="A username.")
    reason: Text = ""
    service: Slug | None = Field(None, description="For the owner of one service's domain.")
    commander_seen: Slug | None = Field(
        None,
        description="Who commanded when you looked (empty: nobody); refused if that changed.",
    )


class HandOver(Said):
    """To whom command is offered, with the briefing."""

    to: Slug = Field(description="Username of the new commander.")
    note: Text = Field(description="Where we stand.")
    decisions: Text = Field("", description="That hold; default: those of the incident.")
    next_update: Text = Field("", description="Due next; default: by the running clocks.")
    open_questions: Text = ""


class Classify(Said):
    """The level, and a reason where it departs from the computed one."""

    level: Slug
    reason: Text = ""


class Advance(Said):
    """The phase to go to; without it, the one that follows the present one."""

    to: State | None = None


class Input(Said):
    """What somebody said before it was decided, and in which role they spoke."""

    person: Slug = Field(description="A username.")
    said: Text
    role: Slug | None = None


class Decide(Said):
    """A decision and its question; one that answers a proposal takes the question from it."""

    question: Text = ""
    decision: Text
    topic: Topic | None = Field(None, description="Default other, or the proposal's.")
    inputs: list[Input] = Field([], description="Beside what was answered when consulted.")
    consultation: Number | None = Field(
        None, description="Whose advice is kept; default: the last one before deciding."
    )
    proposal: Number | None = Field(None, description="The proposal this answers.")
    revisit_at: Instant | None = None


class SetPrivacy(Said):
    """Whether only participants and these groups see it, and why."""

    private: bool
    seen_by: list[Slug] = Field([], description="Names of groups.")
    reason: Text


class Propose(Said):
    """What the commander should decide, and why."""

    topic: Topic = Topic.OPERATIONS
    question: Text
    text: Text


class DeclineProposal(Said):
    """Which proposal is answered with no, and why."""

    proposal: Number = Field(description="As the incident lists it.")
    reason: Text


class Why(Said):
    """The reason, kept with the act."""

    reason: Text


class Withdraw(Said):
    """Why an offer is taken back."""

    reason: Text = ""


class Happened(Said):
    """When it happened (default now); an instant out of order needs a reason."""

    happened_at: Instant | None = None
    reason: Text = ""


class Close(Said):
    """The last word; the review begins with it."""

    note: Text = ""


class Delegate(Said):
    """Who acts in the caller's place, in which role, until when (24 hours at most) and why."""

    role: Slug = Field(description="A role the caller holds here.")
    act: Slug = Field("", description="The one act, such as stand_down; empty for all of them.")
    to: Slug = Field(description="Username of the delegate.")
    ends_at: Instant
    reason: Text


class Consult(Said):
    """Before which activity, what is asked, and in need why the act does not wait."""

    activity: Number = Field(description="As the adherence lists it.")
    question: Text
    proceed_at_once: Text = Field("", description="A reason: the act proceeds now.")


class Advise(Said):
    """What somebody who was asked answers."""

    consultation: Number = Field(description="As the adherence lists it.")
    answer: Text


class Perform(Said):
    """What was done, and when (default now)."""

    activity: Number = Field(description="As the adherence lists it.")
    happened_at: Instant | None = None
    note: Text = ""


class Explain(Said):
    """Why an activity was done otherwise than the matrix says, or not at all."""

    activity: Number = Field(description="As the adherence lists it.")
    reason: Text


class Note(Said):
    """One line of the timeline, and when it happened (default now)."""

    text: Text
    happened_at: Instant | None = None


class Facts(Said):
    """What is known now, by name; what is left out stays as it is."""

    facts: dict[Line, Any] = {}
    clocks: dict[Line, Instant] = Field({}, description="When which event of the law was.")
    unknown: list[Line] = Field([], description="Facts asked for that nobody knows.")
    source: Line = Field("", description="How it is known.")


class Blanks(Said):
    """What fills the blanks of a holding statement; the incident fills what it knows."""

    company: Text | None = None
    impact: Text | None = None
    link: Text | None = None
    next_update: Instant | None = None
    reference: Text | None = None
    service: Text | None = None
    severity: Text | None = None
    time: Instant | None = None
    workaround: Text | None = None


class Draft(Said):
    """An update; a holding statement may give the words, `values` fill its blanks."""

    audience: Audience
    text: Text = ""
    statement: Number | None = None
    values: Blanks = Blanks()
    promised_next_at: Instant | None = None
    stage: Update.Stage | None = Field(None, description="Default: as far as it has come.")
    impact: Update.Impact | None = Field(None, description="Default: by the facts.")
    language: Slug = "en"
    facts: list[Line] = Field([], description="Recorded facts that the words rest on.")
    corrects: Number | None = Field(None, description="The published update it corrects.")
    customer: Slug | None = Field(None, description="The one customer it speaks to.")


class Redraft(Said):
    """Other words for an update that is not published; what is left out stays."""

    text: Text = ""
    promised_next_at: Instant | None = None
    stage: Update.Stage | None = None
    impact: Update.Impact | None = None
    facts: list[Line] | None = None


class Approve(Said):
    """Why it is approved in spite of what stands against it; needed only where something does."""

    note: Text = ""


class VerifyFacts(Said):
    """Which recorded facts are known to be so, and how."""

    names: list[Line]
    source: Line = Field(description="A dashboard, a log, who confirmed it.")


class ByHand(Said):
    """What the incident cannot know of words approved in calm: never prose."""

    link: Text | None = None
    next_update: Instant | None = None
    time: Instant | None = None


class Statement(Said):
    """Words approved in calm, said as they are."""

    statement: Number = Field(description="The id of a holding statement.")
    values: ByHand = ByHand()
    promised_next_at: Instant | None = Field(
        None, description="When the next update is promised; default by the cadence."
    )


# What leaving the body out says.
NOW, NEXT, NOTHING_MORE, NO_REASON = Happened(), Advance(), Close(), Withdraw()
NO_NOTE = Approve()
