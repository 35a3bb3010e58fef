"""The responsibility matrix of Northwind Pay: six phases, who answers for what in each."""

from typing import TypeAlias

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

Row: TypeAlias = tuple[str, str, dict[str, str]]  # phase, activity, letters by role

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

# phase: (activity, letters). Whoever is consulted must be asked first, so nobody is where the
# clock runs: detection, containment and the first update only inform.
STANDING: dict[str, tuple[tuple[str, str], ...]] = {
    "preparation": (
        ("Agree on this matrix and review it twice a year", "EX:A IC:R DO:C CL:C LC:C"),
        ("Keep services, owners and dependencies up to date", "DO:A RS:R IC:I"),
        ("Write and rehearse runbooks", "DO:A RS:R IC:C SL:I"),
        ("Agree on severity criteria", "EX:A IC:R DO:C SL:C LC:C"),
        ("Write holding statements", "CL:A/R LC:C SL:C IC:I"),
        ("Approve holding statements", "EX:A LC:R CL:I"),
        ("Qualify commanders and deputies", "EX:A IC:R DC:I"),
        ("Run a game day every quarter", "IC:A DC:R DO:C CL:C RS:I SL:I"),
        ("Test contact paths and access of last resort", "DC:A RS:R DO:I"),
    ),
    "detection": (
        ("Watch services against their objectives", "DO:A RS:R SL:I"),
        ("Pass on what customers report", "SL:A/R RS:I DO:I"),
        ("Declare the incident", "RS:A/R IC:I DO:I SL:I"),
        ("Take command", "IC:A/R DC:I DO:I"),
        ("Call in the owners of affected services", "IC:A RS:R DO:I"),
        ("Open channel, bridge and timeline", "DC:A SC:R RS:I"),
        ("Send the first internal update", "CL:A/R IC:I SL:I EX:I"),
        ("Stand in while the commander is on the way", "DC:A/R IC:I"),
    ),
    "triage": (
        ("Establish the facts", "IC:A RS:R DO:R SL:C"),
        ("Set the severity", "IC:A/R DO:C CL:I EX:I"),
        ("Assign roles", "IC:A/R DC:I CL:I RS:I"),
        ("Find what else is affected up and down the stream", "DO:A RS:R IC:I SL:I"),
        ("Decide on legal notice", "LC:A/R IC:C EX:I CL:I"),
        ("Preserve evidence", "LC:A RS:R SC:I"),
        ("Send the first public update", "IC:A CL:R SL:I EX:I"),
        ("Keep the timeline", "SC:A/R IC:I"),
        ("Escalate", "IC:A/R EX:I DO:I"),
    ),
    "mitigation": (
        ("Decide", "IC:A/R DO:C RS:C EX:I"),
        ("Contain the impact", "IC:A RS:R DO:R SC:I"),
        ("Roll back, fail over or switch off", "DO:A RS:R IC:C SL:I"),
        ("Draft updates", "CL:A/R SL:C IC:I"),
        ("Approve updates", "IC:A DC:R CL:I LC:C"),
        ("Publish updates", "IC:A CL:R SL:I EX:I"),
        ("Answer customers one by one", "SL:A/R CL:C IC:I"),
        ("End the users' impact", "IC:A RS:R DO:R SL:I"),
        ("Hand over command", "IC:A/R DC:R SC:I EX:I"),
    ),
    "resolution": (
        ("Restore normal service", "DO:A RS:R IC:I SL:I"),
        ("Verify recovery from outside", "IC:A SL:R RS:R CL:I"),
        ("Undo emergency changes and access", "DO:A RS:R IC:I"),
        ("Repair data and book corrections", "DO:A/R LC:C SL:I IC:I"),
        ("Publish the final update", "IC:A CL:R SL:I EX:I"),
        ("Advance the phase", "IC:A/R SC:I"),
        ("Close the incident", "IC:A DC:R CL:I EX:I SL:I"),
        ("Stand down and hand over what is left", "IC:A DC:R DO:I RS:I"),
    ),
    "review": (
        ("Open the review and invite those who took part", "IC:A DC:R DO:I RS:I CL:I"),
        ("Complete the timeline", "IC:A SC:R RS:C"),
        ("Name contributing factors without blame", "IC:A DO:R RS:R SL:C CL:C"),
        ("Agree on action items with owners and dates", "DO:A RS:R IC:C EX:I"),
        ("Publish the review", "EX:A IC:R DO:I CL:I SL:I"),
        ("Tell customers what was learnt", "CL:A/R LC:C EX:I SL:I"),
        ("Follow action items to their end", "EX:A DO:R IC:I"),
        ("Correct matrix, criteria and statements", "EX:A IC:R CL:C LC:C"),
    ),
}

# What the first version, a year ago, said otherwise: the second is what a review taught.
ADDED_LATER = frozenset(
    {
        "Stand in while the commander is on the way",
        "Preserve evidence",
        "Verify recovery from outside",
        "Tell customers what was learnt",
    }
)
SAID_BEFORE = {
    "Send the first public update": "EX:A CL:R IC:C SL:I",
    "Decide on legal notice": "EX:A LC:R IC:I CL:I",
}


def letters(written: str) -> dict[str, str]:
    """Role slug to letters, from such as "IC:A RS:R"."""
    return {COLUMNS[code]: said for code, said in (pair.split(":") for pair in written.split())}


def first() -> list[Row]:
    """Phase, activity and letters of the first version."""
    return [
        (phase, activity, letters(SAID_BEFORE.get(activity, said)))
        for phase, rows in STANDING.items()
        for activity, said in rows
        if activity not in ADDED_LATER
    ]


def second() -> list[Row]:
    """Phase, activity and letters of the version in force."""
    return [
        (phase, activity, letters(said))
        for phase, rows in STANDING.items()
        for activity, said in rows
    ]
