"""The starting matrix: ten standard activities for each phase, to be made one's own.

Who is consulted must be asked first, so nobody is while seconds count: detection, containment and
the first public word only inform. What each phase was written after stands in `SOURCES`; the
words are ours. `within` counts from declaration, so declaring itself has none.
"""

from collections.abc import Iterator
from typing import NamedTuple

from incidents.rules import roles
from incidents.rules.phases import Phase
from incidents.rules.raci import Activity, Grid, Letter, Place, Variation, VariationKind

SOURCES: dict[Phase, str] = {
    Phase.PREPARATION: "NIST SP 800-61r3 (govern, identify, protect); DORA Art. 17(3)(c) and (d); "
    "PagerDuty incident response, “Before an incident”; GDS Way, incident management",
    Phase.DETECTION: "NIST SP 800-61r3 (detect); PagerDuty incident response, “During an "
    "incident”: a page is answered within 5 minutes; FEMA ICS: one commander, and from when",
    Phase.TRIAGE: "DORA Art. 17(3)(b) and 18 (classify), 19(4) (first notice within 4 hours of "
    "classification); GDPR Art. 33; PagerDuty, external communication: first post within 5 minutes",
    Phase.MITIGATION: "NIST SP 800-61r3 (respond, contain); PagerDuty, external communication: a "
    "post at least every 20 minutes; DORA Art. 17(3)(e): management is informed; FEMA ICS: "
    "command passes in one recorded instant. An hour to containment is a figure of our own",
    Phase.RESOLUTION: "NIST SP 800-61r3 (recover); ISO/IEC 27001:2022 A.5.28 (evidence); "
    "DORA Art. 19(4) (intermediate and final report)",
    Phase.REVIEW: "ISO/IEC 27001:2022 A.5.27; DORA Art. 13(2); PagerDuty, postmortems; "
    "GDS Way, incident review",
}

DESCRIPTIONS: dict[str, str] = {
    roles.COMMANDER: "Leads the answer and has the final word; repairs nothing by hand.",
    roles.DEPUTY: "Steps in for the commander, and takes whatever keeps them from leading.",
    roles.COMMUNICATIONS: "The one voice to customers, colleagues and executives.",
    roles.SCRIBE: "Writes down what happened and what was decided, as it happens.",
    roles.DOMAIN_OWNER: "Answers for an affected service and knows what is safe to do to it.",
    roles.RESPONDER: "Looks for the cause and carries out the repair.",
    roles.SUPPORT: "Hears customers first, and brings them the answers.",
    roles.COUNSEL: "Knows what the law asks for, and has the word on notices.",
    roles.EXECUTIVE: "Clears the way, answers to the board, and leads no incident.",
}

COLUMNS: dict[str, str] = dict(
    zip(("IC", "DC", "CL", "SC", "DO", "RS", "SL", "LC", "EX"), DESCRIPTIONS, strict=True)
)


class Line(NamedTuple):
    """One activity: letters such as "IC:A RS:R", and what `raci.Activity` says beside them."""

    name: str
    letters: str
    description: str
    act: str = ""
    within: int | None = None
    proceed_after: int | None = None


LINES: dict[Phase, tuple[Line, ...]] = {
    Phase.PREPARATION: (
        Line("Confirm this matrix twice a year", "EX:A IC:R CL:C DO:C LC:C",
             "People and duties change; whoever holds a letter should still know it."),
        Line("Name an owner for every service and its dependencies", "DO:A RS:R IC:I SL:I",
             "In an incident the owner is called, not looked for."),
        Line("Write runbooks and try them out", "DO:A RS:R DC:C SL:I",
             "A runbook counts once somebody else has followed it."),
        Line("Define how grave incidents differ from small ones", "EX:A IC:R DO:C SL:C LC:C",
             "Criteria anybody can check at night, without asking."),
        Line("Prepare words for customers in calm", "CL:A SL:R DO:C LC:C",
             "Approved texts with blanks, for the troubles to be expected."),
        Line("List whom the law obliges us to tell, and by when", "LC:A/R CL:C EX:I",
             "Each duty with what starts its clock: awareness, classification or materiality."),
        Line("Qualify commanders and their deputies", "EX:A IC:R DC:I",
             "Nobody commands for the first time in a real incident."),
        Line("Keep a rota without gaps for every role", "DC:A/R IC:I DO:I RS:I",
             "Two ready people for whatever cannot wait."),
        Line("Test paging, the bridge and access of last resort", "DC:A RS:R SC:I DO:I",
             "With every channel we count on, also when our own systems are down."),
        Line("Rehearse a bad day every quarter", "IC:A DC:R CL:C DO:C RS:I SL:I LC:I",
             "An exercise with injects, a hot wash and a written result."),
    ),
    Phase.DETECTION: (
        Line("Watch services against their objectives", "DO:A RS:R SL:I",
             "An alert means that users feel something, or soon will."),
        Line("Gather what customers report", "SL:A/R CL:I RS:I",
             "Three alike reports are an alert."),
        Line("Check whether an alert is real", "RS:A/R DO:I",
             "Also what is dismissed is kept, with its reason."),
        Line("Declare the incident", "RS:A/R IC:I DC:I DO:I SL:I",
             "In doubt, declare: calling it off costs nothing.", "declare"),
        Line("Take command", "IC:A/R DC:I SC:I DO:I",
             "One person, named aloud, from a recorded instant.", "assign_commander", 5),
        Line("Call in the owners of what is affected", "DC:A/R IC:I DO:I RS:I",
             "By page, not by hoping that they read along."),
        Line("Open the bridge, the channel and the timeline", "DC:A SC:R IC:I RS:I",
             "One place to speak, one to write, one record."),
        Line("Send the first internal update", "CL:A/R IC:I DO:I SL:I EX:I",
             "What is known, who commands, when the next word comes.",
             "first_internal_update", 15),
        Line("Lead until the commander is there", "DC:A/R IC:I RS:I",
             "No minute without somebody who has the word."),
        Line("Freeze changes to what is affected", "DO:A RS:R IC:I SL:I",
             "Releases, migrations and switches wait until we know more."),
    ),
    Phase.TRIAGE: (
        Line("Establish what is known and what is not", "IC:A DO:R RS:R SL:C SC:I",
             "Facts with their source; guesses are called guesses."),
        Line("Set the severity", "IC:A/R CL:I DO:I SL:I LC:I",
             "By the agreed criteria; in doubt the graver one.", "set_severity"),
        Line("Staff every role that is needed", "IC:A DC:R CL:I SC:I RS:I",
             "The commander holds none beside command."),
        Line("Find what else is hit, up and down the stream", "DO:A RS:R IC:I SL:I",
             "Who needs us, and whom do we need?"),
        Line("Publish the first public update", "CL:A SL:R IC:I DO:I EX:I",
             "That we know and when we write again; causes can wait.",
             "publish_externally", 5),
        Line("Decide on legal notice", "LC:A DC:R IC:C CL:I EX:I",
             "Also a decision not to notify is written down, with its reason.",
             "notify_authority", 240, 30),
        Line("Preserve evidence before it is overwritten", "LC:A RS:R SC:I DO:I",
             "Images, logs and who touched them, in order."),
        Line("Keep the timeline", "SC:A/R IC:I CL:I",
             "Instants as they happen; memory is no record."),
        Line("Escalate when roles stay empty or time runs out", "IC:A DC:R DO:I EX:I",
             "Nobody needs permission to call for help.", "escalate"),
        Line("Estimate what every hour costs", "SL:A DO:R IC:I CL:I EX:I",
             "Customers, money and promises, in rough figures."),
    ),
    Phase.MITIGATION: (
        Line("Decide between the ways out", "IC:A/R DO:C RS:C SC:I EX:I",
             "Ask those who know, then say one thing aloud.", "decide", None, 5),
        Line("Contain the impact", "DO:A RS:R IC:I CL:I SC:I",
             "It stops growing, even if nothing is mended yet.", "contain", 60),
        Line("Carry out the fix, with a way back", "DO:A RS:R DC:C SL:I",
             "The smallest step that helps; one at a time."),
        Line("End the users' impact", "DO:A RS:R IC:I CL:I SL:I",
             "By fail-over, switch or workaround; the cause may remain.", "mitigate"),
        Line("Verify with customers that it helped", "SL:A/R IC:I CL:I RS:I",
             "Green graphs are no proof."),
        Line("Publish public updates at the promised times", "CL:A SL:R LC:C IC:I EX:I",
             "Also when there is nothing new; counsel is waited for ten minutes, no longer.",
             "publish_externally", None, 10),
        Line("Answer customers one by one", "SL:A/R CL:I",
             "In the words of the last public update, never ahead of it."),
        Line("Brief executives and the board", "EX:A CL:R LC:C IC:I",
             "Apart from the bridge, so that nobody commands by asking."),
        Line("Hand over command", "IC:A DC:R CL:I SC:I DO:I EX:I",
             "One instant: no gap and no overlap.", "hand_over"),
        Line("Relieve people before they tire", "DC:A/R DO:C IC:I",
             "Whoever leaves says what is half done."),
    ),
    Phase.RESOLUTION: (
        Line("Restore normal service", "DO:A RS:R IC:I CL:I SL:I",
             "The state we promise, without crutches.", "resolve"),
        Line("Watch whether it stays that way", "RS:A/R DO:I SL:I",
             "Through one full peak."),
        Line("Undo emergency changes and access", "DO:A RS:R SC:I IC:I",
             "What was opened in haste is shut, and listed."),
        Line("Repair records and money that went wrong", "DO:A RS:R LC:C SL:I",
             "Each correction can be traced to the incident."),
        Line("Publish the last public update", "CL:A SL:R IC:I DO:I EX:I",
             "What it was, that it is over, what we promise next.", "publish_externally"),
        Line("Send authorities what is still owed", "LC:A DC:R CL:I EX:I",
             "Intermediate and final reports have clocks of their own.", "notify_authority"),
        Line("Secure logs before they expire", "RS:A/R SC:I LC:I",
             "Whatever explains the incident outlives it."),
        Line("Establish who was hit, and for how long", "DO:A SL:R SC:I LC:I",
             "Customers, data, money: what notices and credits rest on."),
        Line("Send people home and name who stays on watch", "DC:A/R DO:I RS:I SL:I",
             "With thanks, and with a number to call."),
        Line("Stand down and close the incident", "IC:A DC:R CL:I DO:I SL:I EX:I",
             "Only when nothing is left without an owner.", "stand_down"),
    ),
    Phase.REVIEW: (
        Line("Invite those who took part", "DC:A/R CL:I DO:I RS:I SL:I",
             "Within days, while they remember."),
        Line("Complete the timeline from every source", "SC:A/R DO:C RS:C IC:I",
             "Chat, alerts and deployments beside what was written."),
        Line("Review the incident without blame", "IC:A DC:R DO:C RS:C SL:C CL:I",
             "How it made sense then, to those who acted.", "review"),
        Line("Work out what made it possible", "DO:A RS:R IC:C SL:C",
             "Contributing factors, never one root cause alone."),
        Line("Agree on action items with owners and dates", "DO:A RS:R IC:C EX:I",
             "Few, and each with a way to see that it worked.", "actions"),
        Line("Follow promised work to its end", "EX:A IC:R DO:I RS:I",
             "A date that slips keeps its first date beside it."),
        Line("Measure how we answered against this matrix", "DC:A SC:R IC:I EX:I",
             "Where we left it, one of the two was wrong."),
        Line("Share what was learnt with colleagues", "EX:A IC:R CL:I DO:I RS:I SL:I",
             "In words that somebody from another team understands."),
        Line("Tell customers what has changed for them", "CL:A SL:R LC:C EX:I",
             "What they lost, and why it should not come again."),
        Line("Correct the matrix, the criteria and the prepared words", "EX:A IC:R CL:C DO:C LC:C",
             "As a new version, made by one and approved by another."),
    ),
}  # fmt: skip

# Two examples worth having: what the gravest incidents, and the least services, do otherwise.
VARIATIONS: tuple[tuple[VariationKind, str, str, dict[tuple[Phase, str], str]], ...] = (
    (
        VariationKind.SEVERITY,
        "sev1",
        "Management hears of the gravest incidents at once (DORA Art. 17(3)(e)).",
        {
            (Phase.DETECTION, "Take command"): "EX:I",
            (Phase.TRIAGE, "Set the severity"): "EX:I",
            (Phase.MITIGATION, "Contain the impact"): "LC:I EX:I",
        },
    ),
    (
        VariationKind.TIER,
        "4",
        "Nobody outside the team waits for services of the lowest tier: fewer are told.",
        {
            (Phase.DETECTION, "Send the first internal update"): "EX:-",
            (Phase.TRIAGE, "Estimate what every hour costs"): "EX:-",
            (Phase.MITIGATION, "Decide between the ways out"): "EX:-",
        },
    ),
)


def _pairs(written: str) -> Iterator[tuple[str, str]]:
    for pair in written.split():
        code, letter = pair.split(":")
        yield COLUMNS[code], letter


def _activity(phase: Phase, number: int, line: Line) -> Activity:
    return Activity(
        phase=phase.value,
        name=line.name,
        letters={role: Letter(letter) for role, letter in _pairs(line.letters)},
        act=line.act,
        proceed_after=line.proceed_after,
        within=line.within,
        description=line.description,
        key=f"{phase}-{number:02}",
    )


def _variation(
    kind: VariationKind, value: str, note: str, said: dict[tuple[Phase, str], str]
) -> Variation:
    letters: dict[Place, dict[str, Letter | None]] = {
        (phase.value, name): {
            role: None if letter == "-" else Letter(letter) for role, letter in _pairs(written)
        }
        for (phase, name), written in said.items()
    }
    return Variation(kind, value, letters, note)


GRID = Grid(
    activities=tuple(
        _activity(phase, number, line)
        for phase, lines in LINES.items()
        for number, line in enumerate(lines, start=1)
    ),
    roles=tuple(DESCRIPTIONS),
    variations=tuple(_variation(*each) for each in VARIATIONS),
    descriptions=DESCRIPTIONS,
)
