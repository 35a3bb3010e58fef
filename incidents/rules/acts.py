"""The acts a matrix can govern: the link between a line of the matrix and what people do.

An activity bound to an act routes it (consulted before, informed after), permits it (only the
accountable role, or its delegate, where the act is `decided` by one) and is measured by it.
Sources: DORA Art. 17(3), PagerDuty incident response, NIST SP 800-61r3 for what must be there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from incidents.rules.raci import Activity


@dataclass(frozen=True, slots=True)
class Act:
    """One act: the verb of an incident that performs it ("" = ticked off by hand).

    `decided`: only the accountable role, or its delegate, performs the verb. `approval`: a second
    person looks at it (R04, R05). `timed`: a clock runs (R10). `mandatory`: R24 asks for it.
    `phrases` recognises it in the activity names of other companies.
    """

    code: str
    label: str
    verb: str = ""
    decided: bool = False
    approval: bool = False
    timed: bool = False
    mandatory: bool = False
    phrases: str = ""


ACTS: dict[str, Act] = {
    act.code: act
    for act in (
        Act(
            "declare", "Declare the incident", "declare", timed=True, mandatory=True,
            phrases=r"declar|raise the incident|report the event",
        ),
        Act(
            "assign_commander", "Assign the commander", "acknowledge", timed=True, mandatory=True,
            phrases=r"take command|assign (the |a )?(incident )?commander|take the lead|become first|assign roles",
        ),
        Act(
            "set_severity", "Set the severity", "classify", decided=True,
            phrases=r"\bseverity\b|\bpriority\b",
        ),
        Act("escalate", "Escalate", "escalate", phrases=r"^escalate"),
        Act("decide", "Decide", "decide", phrases=r"^decide\b(?!.*notice)"),
        Act(
            "first_internal_update", "Send the first internal update", "publish_update",
            timed=True, mandatory=True,
            phrases=r"first (internal update|situation report)|internal updates?|tell the team",
        ),
        Act(
            "publish_externally", "Publish externally", "publish_update",
            decided=True, approval=True, timed=True, mandatory=True,
            phrases=r"public (update|message|statement|status)|holding statement|status page|updates to (tenants|customers)",
        ),
        Act(
            "notify_authority", "Decide on and give legal notice", "file_notice",
            decided=True, approval=True, mandatory=True,
            phrases=r"\b(legal|privacy|regulator|authorit|notify (gsa|ncsc|the)|inform ncsc|outside parties)",
        ),
        Act(
            "contain", "Contain the impact", "contain", timed=True, mandatory=True,
            phrases=r"\b(contain|isolate)",
        ),
        Act("mitigate", "End the users' impact", "mitigate", phrases=r"\b(mitigat|roll back|end the users)"),
        Act("resolve", "Restore normal service", "resolve", phrases=r"\b(restore|return to normal)"),
        Act(
            "hand_over", "Hand over command", "hand_over", mandatory=True,
            phrases=r"hand[ -]?over|handoff|take over command",
        ),
        Act(
            "stand_down", "Stand down and close", "close", decided=True, approval=True, mandatory=True,
            phrases=r"stand down|\bclose\b|end the incident|all clear",
        ),
        Act(
            "review", "Review it", mandatory=True,
            phrases=r"\b(review|retrospective|post-?mortem|debrief)",
        ),
        Act(
            "actions", "Agree on action items", mandatory=True,
            phrases=r"action items?|follow-?ups?|corrective action",
        ),
    )
}  # fmt: skip

MANDATORY = tuple(act.code for act in ACTS.values() if act.mandatory)
_PHRASES = {act.code: re.compile(act.phrases, re.IGNORECASE) for act in ACTS.values()}


def recognise(name: str) -> str:
    """The act an activity of this name most likely is: a proposal for a person, "" for none."""
    return next((code for code, phrase in _PHRASES.items() if phrase.search(name)), "")


def spoken_of(name: str) -> frozenset[str]:
    """Every act that this name speaks of: “Review action items” speaks of two."""
    return frozenset(code for code, phrase in _PHRASES.items() if phrase.search(name))


def governing(
    activities: Iterable[Activity], act: str, phase: str, phases: tuple[str, ...]
) -> Activity | None:
    """The activity that governs this act in this phase.

    Of several the one of the phase itself, else the last before it, else the first after it.
    """
    bound = {each.phase: each for each in activities if each.act == act}
    here = phases.index(phase)
    order = [*reversed(phases[: here + 1]), *phases[here + 1 :]]
    return next((bound[one] for one in order if one in bound), None)
