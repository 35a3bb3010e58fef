"""The four groups and what each may ever do, on one page; the rules say what it may do now.

A group holds exactly this table: what is taken from it here leaves the group with the next
migrate. Accounts, groups and single permissions stay with superusers, except that leadership
puts people into groups.
"""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Value
from django.db.models.functions import Concat

# (apps, verbs, models), words separated by spaces, "*" for all: a permission is app.verb_model.
Grant = tuple[str, str, str]

_EVERYTHING_SEEN: Grant = ("incidents reviews training", "view", "*")
_OWN_TOKENS: Grant = ("incidents", "change", "apitoken")
_OWN_ADDRESSES: Grant = ("incidents", "verify reach", "person")
_OWN_MESSAGES: Grant = ("incidents", "acknowledge", "outboxmessage")
_OWN_ATTESTATIONS: Grant = ("incidents", "answer", "attestation")
# Invited to a game day, on a shift, or named to run or judge an exercise: what the rules let a
# person do there.
_OWN_PRACTICE: tuple[Grant, ...] = (
    ("training", "answer debrief observe control", "gameday"),
    ("training", "swap", "shiftchange"),
    ("training", "make", "calendarfeed"),
)
_PRACTICE: tuple[Grant, ...] = (
    ("training", "add change retire", "exercisescenario"),
    ("training", "add change", "gameday gamedayrole rolestandard rota"),
    ("training", "run complete cancel report", "gameday"),
    ("training", "plan publish", "yearplan"),
    ("training", "publish override", "rota"),
    ("training", "record withdraw", "evidence"),
)

GROUPS: dict[str, tuple[Grant, ...]] = {
    # Makes the law, answers for it, and acts where nobody holds a role.
    "leadership": (
        _EVERYTHING_SEEN,
        _OWN_TOKENS,
        _OWN_ADDRESSES,
        _OWN_MESSAGES,
        _OWN_ATTESTATIONS,
        ("auth", "view", "group"),
        ("incidents", "*", "incident"),
        ("incidents", "add change import export", "person team service dependency"),
        ("incidents", "add change", "scenario role absence qualification"),
        ("incidents", "grant", "qualification"),
        ("incidents", "add change", "matrix matrixversion activity cell"),
        (
            "incidents",
            "draft submit approve withdraw enact confirm import export",
            "matrixversion",
        ),
        ("incidents", "retire", "role"),
        ("incidents", "set", "roleexclusion"),
        ("incidents", "prove", "person"),
        ("incidents", "receive accept dismiss", "alert"),
        ("incidents", "change", "checklimits"),
        ("incidents", "draft submit approve withdraw", "severityscheme lawpack legalprofile"),
        ("incidents", "add change verify import export", "dataholding regulator"),
        ("incidents", "export", "legalclock"),
        ("incidents", "add change clear approve retire import export", "holdingstatement"),
        ("incidents", "add change", "customer noticeclause destination"),
        ("incidents", "import export", "customer"),
        ("incidents", "list remove", "subscriber"),
        ("incidents", "resend", "outboxmessage"),
        ("incidents", "set", "nudgepolicy outlet"),
        ("incidents", "open close", "attestationcampaign"),
        ("incidents", "check_runbook", "service"),
        ("reviews", "add change publish", "review"),
        ("reviews", "add change", "contributingfactor causeclass"),
        (
            "reviews",
            "add change finish reschedule reassign import export",
            "actionitem",
        ),
        *_OWN_PRACTICE,
        *_PRACTICE,
        ("incidents", "declare", "incident"),  # a game day that is run is declared
    ),
    # Runs incidents and learns from them; leading is what it may not.
    "responder": (
        _EVERYTHING_SEEN,
        _OWN_TOKENS,
        _OWN_ADDRESSES,
        _OWN_MESSAGES,
        _OWN_ATTESTATIONS,
        ("incidents", "declare acknowledge assign hand_over classify advance", "incident"),
        ("incidents", "decide escalate contain mitigate resolve", "incident"),
        ("incidents", "close reopen cancel record_facts note", "incident"),
        ("incidents", "delegate consult advise perform explain", "incident"),
        ("incidents", "accept_command decline_command withdraw_hand_over", "incident"),
        ("incidents", "call_commander answer_call", "incident"),
        ("incidents", "accept_suggestion dismiss_suggestion", "incident"),
        ("incidents", "propose decline_proposal", "incident"),
        ("incidents", "merge split relate set_privacy set_services", "incident"),
        ("incidents", "receive accept dismiss", "alert"),
        ("incidents", "draft_update approve_update publish_update", "incident"),
        ("incidents", "redraft_update return_update publish_statement", "incident"),
        ("incidents", "verify_facts give_notice", "incident"),
        ("incidents", "engage_counsel file_notice stand_down_clock keep_clock", "incident"),
        ("incidents", "decide_not_to_notify write_legal_note", "incident"),
        ("incidents", "clear", "holdingstatement"),
        ("incidents", "add change", "absence"),
        ("incidents", "check_runbook", "service"),
        ("incidents", "verify", "dataholding regulator"),
        ("reviews", "change publish", "review"),
        ("reviews", "add", "contributingfactor"),
        ("reviews", "add finish reschedule reassign", "actionitem"),
        *_OWN_PRACTICE,
    ),
    # Sees to it that people are ready.
    "planner": (
        _EVERYTHING_SEEN,
        _OWN_TOKENS,
        _OWN_ADDRESSES,
        _OWN_MESSAGES,
        _OWN_ATTESTATIONS,
        ("incidents", "add change", "qualification absence"),
        ("incidents", "grant", "qualification"),
        ("reviews", "add", "actionitem"),  # what an exercise shows is improved in the register
        *_OWN_PRACTICE,
        *_PRACTICE,
        ("incidents", "declare", "incident"),  # a game day that is run is declared
    ),
    # Reads and takes away copies; writes nothing.
    "auditor": (
        _EVERYTHING_SEEN,
        ("incidents reviews training", "export", "*"),
    ),
}


def patterns(grants: Iterable[Grant]) -> Iterator[str]:
    """The grants as patterns of permissions, such as `incidents.view_*`."""
    for apps, verbs, models in grants:
        for app, verb, model in product(apps.split(), verbs.split(), models.split()):
            yield f"{app}.{verb}_{model}"


def permitted(grants: Iterable[Grant], known: Iterable[str]) -> set[str]:
    """Which of the known permissions these grants give."""
    asked = list(patterns(grants))
    return {name for name in known if any(fnmatchcase(name, each) for each in asked)}


def sync(*, using: str = "default", **_kwargs: Any) -> None:
    """Make each group hold what the table says and nothing else; safe to repeat."""
    known = _known(using)
    for name, grants in GROUPS.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([known[each] for each in permitted(grants, known)])


def _known(using: str) -> Mapping[str, int]:
    """Every permission there is, app.codename to its key."""
    full = Concat("content_type__app_label", Value("."), "codename")
    return dict(Permission.objects.using(using).values_list(full, "pk"))
