"""The responsibility matrix of Northwind Pay: six phases, who answers for what in each.

Three versions: a year ago, in force, and a draft somebody works on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from incidents.rules.raci import Activity, Grid, Letter, Place, Variation, VariationKind
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    EXECUTIVE,
    RESPONDER,
    SCRIBE,
    SUPPORT,
)


class Line(NamedTuple):
    """One activity: its letters such as "IC:A RS:R", the act it governs, minutes until it is done."""

    name: str
    letters: str
    act: str = ""
    within: int | None = None


COLUMNS = {
    "IC": COMMANDER,
    "DC": DEPUTY,
    "CL": COMMUNICATIONS,
    "SC": SCRIBE,
    "DO": DOMAIN_OWNER,
    "RS": RESPONDER,
    "SL": SUPPORT,
    "LC": COUNSEL,
    "EX": EXECUTIVE,
}

# What each role is there for in this matrix.
PURPOSES = {
    COMMANDER: "Answers for the response as a whole; never for a repair.",
    DEPUTY: "Prepares what the commander decides, and stands in.",
    COMMUNICATIONS: "Answers for every word that leaves the company.",
    SCRIBE: "Answers for the record.",
    DOMAIN_OWNER: "Answers for what is done to an affected service.",
    RESPONDER: "Does the technical work.",
    SUPPORT: "Speaks with customers, both ways.",
    COUNSEL: "Answers for notices and evidence.",
    EXECUTIVE: "Answers for what is agreed in calm.",
}

# Nobody is consulted before an act: Northwind Pay asks while it works out what to do, and then
# acts without waiting. In the calm phases, asking first costs nothing.
STANDING: dict[str, tuple[Line, ...]] = {
    "preparation": (
        Line("Agree on this matrix and review it twice a year", "EX:A IC:R DO:C CL:C LC:C"),
        Line("Keep services, owners and dependencies up to date", "DO:A RS:R IC:I"),
        Line("Write and rehearse runbooks", "DO:A RS:R IC:C SL:I"),
        Line("Agree on severity criteria", "EX:A IC:R DO:C SL:C LC:C"),
        Line("Write holding statements", "CL:A/R LC:C SL:C IC:I"),
        Line("Approve holding statements", "EX:A LC:R CL:I"),
        Line("Qualify commanders and deputies", "EX:A IC:R DC:I"),
        Line("Run a game day every quarter", "IC:A DC:R DO:C CL:C RS:I SL:I"),
        Line("Test contact paths and access of last resort", "DC:A RS:R DO:I"),
    ),
    "detection": (
        Line("Watch services against their objectives", "DO:A RS:R SL:I"),
        Line("Pass on what customers report", "SL:A/R RS:I DO:I"),
        Line("Declare the incident", "RS:A/R IC:I DO:I SL:I", "declare"),
        Line("Take command", "IC:A/R DC:I DO:I", "assign_commander", 5),
        Line("Call in the owners of affected services", "IC:A RS:R DO:I"),
        Line("Open channel, bridge and timeline", "DC:A SC:R RS:I"),
        Line("Send the first internal update", "CL:A/R IC:I SL:I EX:I", "first_internal_update", 15),
        Line("Stand in while the commander is on the way", "DC:A/R IC:I"),
    ),
    "triage": (
        Line("Establish the facts", "IC:A RS:R DO:R SL:C"),
        Line("Set the severity", "IC:A/R DO:I CL:I EX:I", "set_severity"),
        Line("Assign roles", "IC:A/R DC:I CL:I RS:I"),
        Line("Find what else is affected up and down the stream", "DO:A RS:R IC:I SL:I"),
        Line("Decide on legal notice", "LC:A DC:R IC:I EX:I CL:I", "notify_authority", 240),
        Line("Preserve evidence", "LC:A RS:R SC:I"),
        Line("Send the first public update", "CL:A SL:R IC:I EX:I", "publish_externally", 10),
        Line("Keep the timeline", "SC:A/R IC:I"),
        Line("Escalate", "IC:A/R EX:I DO:I", "escalate"),
    ),
    "mitigation": (
        Line("Decide", "IC:A/R DO:I RS:I EX:I", "decide"),
        Line("Contain the impact", "IC:A RS:R DO:R SC:I", "contain", 60),
        Line("Roll back, fail over or switch off", "DO:A RS:R IC:C SL:I"),
        Line("Draft updates", "CL:A/R SL:C IC:I"),
        Line("Approve updates", "IC:A DC:R CL:I LC:C"),
        Line("Publish updates", "CL:A SL:R IC:I EX:I", "publish_externally"),
        Line("Answer customers one by one", "SL:A/R CL:C IC:I"),
        Line("End the users' impact", "IC:A RS:R DO:R SL:I", "mitigate"),
        Line("Hand over command", "IC:A/R DC:R SC:I EX:I", "hand_over"),
    ),
    "resolution": (
        Line("Restore normal service", "DO:A RS:R IC:I SL:I", "resolve"),
        Line("Verify recovery from outside", "IC:A SL:R RS:R CL:I"),
        Line("Undo emergency changes and access", "DO:A RS:R IC:I"),
        Line("Repair data and book corrections", "DO:A/R LC:C SL:I IC:I"),
        Line("Publish the final update", "CL:A SL:R IC:I EX:I", "publish_externally"),
        Line("Advance the phase", "IC:A/R SC:I"),
        Line("Close the incident", "IC:A DC:R CL:I EX:I SL:I", "stand_down"),
        Line("Thank people and send them home", "DC:A/R DO:I RS:I"),
    ),
    "review": (
        Line("Open the review and invite those who took part", "IC:A DC:R DO:I RS:I CL:I", "review"),
        Line("Complete the timeline", "IC:A SC:R RS:C"),
        Line("Name contributing factors without blame", "IC:A DO:R RS:R SL:C CL:C"),
        Line("Agree on action items with owners and dates", "DO:A RS:R IC:C EX:I", "actions"),
        Line("Publish the review", "EX:A IC:R DO:I CL:I SL:I"),
        Line("Tell customers what was learnt", "CL:A/R LC:C EX:I SL:I"),
        Line("Follow action items to their end", "EX:A IC:R DO:I"),
        Line("Correct matrix, criteria and statements", "EX:A IC:R CL:C LC:C"),
    ),
}  # fmt: skip

VARIATIONS = (
    (VariationKind.SEVERITY, "sev1", "The executives hear of the gravest at once.",
     {("detection", "Take command"): "EX:I", ("mitigation", "Contain the impact"): "LC:I EX:I"}),
    (VariationKind.SCENARIO, "data-exposed", "Counsel knows every word before customers ask.",
     {("triage", "Establish the facts"): "LC:C", ("triage", "Send the first public update"): "LC:I",
      ("mitigation", "Answer customers one by one"): "CL:I LC:C"}),
)  # fmt: skip

# What the first version, a year ago, said otherwise: the second is what a review taught.
ADDED_LATER = frozenset(
    {
        "Stand in while the commander is on the way",
        "Preserve evidence",
        "Verify recovery from outside",
        "Tell customers what was learnt",
    }
)
CALLED_BEFORE = {"Name contributing factors without blame": "Find the root cause"}
# The executive's A bound no act: otherwise nobody else might have published a first word.
SAID_BEFORE = {
    "Send the first public update": ("EX:A CL:R IC:C SL:I", ""),
    "Decide on legal notice": ("LC:A EX:R IC:I CL:I", "notify_authority"),
}

# What the draft changes: one wish of counsel that costs time, some work moved, one line gone.
DRAFTED = {
    "Send the first public update": "CL:A SL:R LC:C IC:I EX:I",
    "Approve updates": "DC:A IC:R CL:I LC:C",
    "Call in the owners of affected services": "DC:A RS:R IC:I DO:I",
}
CALLED_NEXT = {
    "Answer customers one by one": "Answer customers in the words of the last update"
}
DROPPED = "Advance the phase"
RELIEF = Activity(
    "mitigation",
    "Relieve people before they tire",
    {DEPUTY: Letter.AR, COMMANDER: Letter.I, DOMAIN_OWNER: Letter.I},
    description="After four hours at the latest; whoever leaves says what is half done.",
    key="mitigation-10",
)


def second() -> Grid:
    """The version in force."""
    return Grid(
        activities=tuple(
            Activity(
                phase, line.name, letters(line.letters), line.act, within=line.within,
                key=f"{phase}-{number:02}",
            )
            for phase, lines in STANDING.items()
            for number, line in enumerate(lines, start=1)
        ),
        roles=tuple(COLUMNS.values()),
        variations=tuple(_variation(*each) for each in VARIATIONS),
        descriptions=PURPOSES,
    )  # fmt: skip


def first() -> Grid:
    """The version of a year ago: the same lines by other names and letters, and fewer."""
    standing = second()
    return replace(
        standing,
        activities=tuple(
            _as_before(each) for each in standing.activities if each.name not in ADDED_LATER
        ),
        variations=(),
        descriptions={},
    )


def third() -> Grid:
    """The draft: what somebody wishes, with a warning that wants a reason."""
    standing = second()
    kept = (_as_drafted(each) for each in standing.activities if each.name != DROPPED)
    return replace(
        standing,
        activities=tuple(_with_relief(kept)),
        variations=tuple(_renamed(each) for each in standing.variations),
    )


def letters(written: str) -> dict[str, Letter]:
    """Role slug to letter, from such as "IC:A RS:R"."""
    return {COLUMNS[code]: Letter(said) for code, said in _pairs(written)}


def _pairs(written: str) -> Iterator[tuple[str, str]]:
    for pair in written.split():
        code, said = pair.split(":")
        yield code, said


def _variation(
    kind: VariationKind, value: str, note: str, said: Mapping[Place, str]
) -> Variation:
    return Variation(
        kind, value, {place: dict(letters(written)) for place, written in said.items()}, note
    )


def _as_before(each: Activity) -> Activity:
    name = CALLED_BEFORE.get(each.name, each.name)
    if each.name not in SAID_BEFORE:
        return replace(each, name=name)
    written, act = SAID_BEFORE[each.name]
    return replace(each, letters=letters(written), act=act, within=None)


def _as_drafted(each: Activity) -> Activity:
    name = CALLED_NEXT.get(each.name, each.name)
    held = letters(DRAFTED[each.name]) if each.name in DRAFTED else each.letters
    return replace(each, name=name, letters=held)


def _with_relief(rows: Iterator[Activity]) -> Iterator[Activity]:
    for each in rows:
        yield each
        if each.act == "hand_over":
            yield RELIEF


def _renamed(variation: Variation) -> Variation:
    said = {
        (phase, CALLED_NEXT.get(name, name)): held
        for (phase, name), held in variation.letters.items()
    }
    return replace(variation, letters=said)
