"""A matrix resolved to people: the declaration's own answer, and the gaps beside it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from incidents.rules import assignment, layers
from incidents.rules.candidates import Candidate, Service
from incidents.rules.findings import Level
from incidents.rules.layers import Case
from incidents.rules.matrix_gaps import Gap, gaps
from incidents.rules.matrix_people import Known, People, RolePeople, who
from incidents.rules.raci import Activity, Grid, Letter, Variation, VariationKind
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    EXECUTIVE,
    NAMES,
    SCRIBE,
)

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PAYMENTS = Service("payments", "Payments", "olga", "money")
DIRECT = ("triage", "Direct the response")
PUBLISH = ("mitigation", "Publish externally")
REPORT = ("review", "Write the report")
ROWS = {
    DIRECT: {COMMANDER: "A/R", SCRIBE: "R", COUNSEL: "C", EXECUTIVE: "I"},
    PUBLISH: {COMMANDER: "A", COMMUNICATIONS: "R"},
    REPORT: {SCRIBE: "R", DEPUTY: "A"},
}
ACTS = {PUBLISH: "publish_externally"}


def grid(rows: dict[tuple[str, str], dict[str, str]] = ROWS, *variations: Variation) -> Grid:
    activities = tuple(
        Activity(
            *place, {role: Letter(text) for role, text in letters.items()}, ACTS.get(place, "")
        )
        for place, letters in rows.items()
    )
    roles = dict.fromkeys(role for letters in rows.values() for role in letters)
    return Grid(activities, tuple(roles), variations)


def person(username: str, *roles: str, **facts: Any) -> Candidate:
    facts.setdefault("team", "money")
    return Candidate(username, username.title(), qualified_for=frozenset(roles), **facts)


FULL = (
    person("ada", COMMANDER), person("ann", COMMANDER), person("ben", COMMUNICATIONS),
    person("bob", COMMUNICATIONS), person("cleo", SCRIBE), person("cy", SCRIBE),
    person("dee", DEPUTY), person("don", DEPUTY), person("eve", COUNSEL), person("ed", COUNSEL),
    person("fay", EXECUTIVE), person("fred", EXECUTIVE),
)  # fmt: skip


def known(*people: Candidate, **beside: Any) -> Known:
    return Known(NAMES, people or FULL, **beside)


def without(*usernames: str) -> tuple[Candidate, ...]:
    return tuple(each for each in FULL if each.username not in usernames)


def resolved(rows: Any = ROWS, case: Case = layers.ANY_CASE, *variations: Variation) -> Any:
    return layers.resolve(grid(rows, *variations), case)


def found(asked: Known, phase: str = "", rows: Any = ROWS) -> tuple[Gap, ...]:
    return gaps(who(resolved(rows), asked, phase), asked)


def role_of(people: People, role: str) -> RolePeople:
    return next(each for each in people.roles if each.role == role)


def only(code: str, gaps: tuple[Gap, ...]) -> Gap:
    (one,) = (gap for gap in gaps if gap.code == code)
    return one


def test_every_letter_of_a_line_has_its_person() -> None:
    line = who(resolved(), known()).lines[0]
    people = {
        name: [part.role.answers[0].username for part in parts]
        for name, parts in (
            ("R", line.responsible),
            ("A", line.accountable),
            ("C", line.consulted),
            ("I", line.informed),
        )
    }
    assert people == {"R": ["ada", "cleo"], "A": ["ada"], "C": ["ed"], "I": ["fay"]}


def test_the_declared_roles_are_filled_as_a_declaration_fills_them() -> None:
    services = [PAYMENTS]
    rows = {**ROWS, ("mitigation", "Mend it"): {DOMAIN_OWNER: "A/R", COUNSEL: "I"}}
    people = (*FULL, person("olga", SCRIBE, COMMANDER), person("ogi", DOMAIN_OWNER))
    asked = known(*people, services=services)
    answers = who(resolved(rows), asked)
    needs = assignment.needs([COMMANDER, COMMUNICATIONS, SCRIBE, DOMAIN_OWNER], services)
    plan = assignment.fill(needs, people)
    declared = {each.role: each.answers[0] for each in answers.roles if each.is_declared}
    assert {one.role: (one.username, (one.reason,)) for one in plan.assignments} == {
        role: (answer.username, answer.reasons) for role, answer in declared.items()
    }


def test_who_is_only_consulted_is_chosen_after_them_and_never_takes_a_person_from_them() -> (
    None
):
    people = (*without("cleo", "cy"), person("ed", COUNSEL, SCRIBE))
    one = who(resolved(), known(*people))
    assert role_of(one, SCRIBE).answers[0].username == "ed"
    assert role_of(one, COUNSEL).answers[0].username == "eve"
    assert not role_of(one, COUNSEL).is_declared
    assert role_of(one, COUNSEL).why == "Not given out when an incident is declared"


def test_a_phase_shows_its_lines_and_roles_and_changes_nobody() -> None:
    everything, review = who(resolved(), known()), who(resolved(), known(), "review")
    assert [line.activity.place for line in review.lines] == [REPORT]
    assert [each.role for each in review.roles] == [SCRIBE, DEPUTY]
    assert role_of(review, DEPUTY).answers == role_of(everything, DEPUTY).answers


def test_the_two_roles_every_incident_has_are_shown_though_the_matrix_is_silent() -> None:
    rows = {DIRECT: {COMMANDER: "A/R"}}
    assert [each.role for each in who(resolved(rows), known()).roles] == [
        COMMANDER,
        COMMUNICATIONS,
    ]
    assert [each.role for each in who(resolved(rows), known(), "triage").roles] == [
        COMMANDER,
        COMMUNICATIONS,
    ]
    assert [each.role for each in who(resolved(rows), known(), "review").roles] == []


def test_a_letter_says_which_variation_gave_it() -> None:
    varied = Variation(VariationKind.SEVERITY, "sev1", {DIRECT: {EXECUTIVE: Letter.C}})
    line = who(resolved(ROWS, Case(severity="sev1"), varied), known()).lines[0]
    sources = {part.role.role: part.source for part in line.parts}
    assert (sources[EXECUTIVE], sources[COUNSEL]) == ("severity sev1", "base")
    assert EXECUTIVE in [part.role.role for part in line.consulted]


def test_how_many_others_could_leaves_out_the_away_and_commanders_who_command() -> None:
    people = (
        *FULL, person("ali", COMMANDER, commands="INC-4"),
        person("art", COMMANDER, away_until=NOON), person("abe", COMMANDER),
    )  # fmt: skip
    assert role_of(who(resolved(), known(*people)), COMMANDER).answers[0].others == 2


def test_people_enough_leave_no_gap() -> None:
    assert found(known()) == ()


def test_before_anybody_is_qualified_one_sentence_says_what_to_do_first() -> None:
    (gap,) = found(known(person("olga")))
    assert (gap.code, gap.level) == ("register_empty", Level.ERROR)


def test_a_role_nobody_is_qualified_for_is_an_error_where_it_works_and_else_a_warning() -> None:
    scribe, counsel = (
        only("empty_pool", found(known(*without(*names))))
        for names in (("cleo", "cy"), ("eve", "ed"))
    )
    assert (scribe.role, scribe.level) == (SCRIBE, Level.ERROR)
    assert scribe.message == "Nobody is qualified as Scribe: qualify somebody."
    assert (counsel.role, counsel.level) == (COUNSEL, Level.WARNING)


def test_everybody_away_says_who_is_back_first() -> None:
    away = (
        person("cleo", SCRIBE, away_until=NOON + DAY), person("cy", SCRIBE, away_until=NOON)
    )  # fmt: skip
    gap = only("all_away", found(known(*without("cleo", "cy"), *away)))
    assert gap.message == (
        "Everybody qualified as Scribe is away: Cy away until 1 Dec 2026 12:00 UTC, "
        "Cleo away until 2 Dec 2026 12:00 UTC."
    )


def test_lapsed_says_since_when_as_an_error_if_nobody_is_left_else_as_information() -> None:
    lapsed = person("cleo", lapsed={SCRIBE: date(2026, 11, 1)})
    gap = only("all_lapsed", found(known(*without("cleo", "cy"), lapsed)))
    assert gap.level is Level.ERROR
    assert "Nobody is qualified as Scribe any more: Cleo since 1 Nov 2026." in gap.message
    gap = only("lapsed", found(known(*without("cleo"), lapsed, person("cat", SCRIBE))))
    assert (gap.level, gap.message) == (
        Level.INFORMATION,
        "Lapsed as Scribe: Cleo since 1 Nov 2026.",
    )


def test_the_deactivated_are_named() -> None:
    gone = {SCRIBE: ["Gus"]}
    gap = only("all_deactivated", found(known(*without("cleo", "cy"), gone=gone)))
    assert (gap.level, "(Gus)" in gap.message) == (Level.ERROR, True)
    assert only("deactivated", found(known(*FULL, gone=gone))).level is Level.INFORMATION


def test_only_one_person_can_command() -> None:
    gap = only("single_point", found(known(*without("ann"))))
    assert gap.message == "Only one person can command: Ada. Qualify another."
    assert gap.level is Level.WARNING


def test_only_one_is_here_while_the_other_is_away() -> None:
    people = (*without("ann"), person("ann", COMMANDER, away_until=NOON))
    gap = only("only_one_here", found(known(*people)))
    assert gap.message == ("Only Ada can command now: Ann away until 1 Dec 2026 12:00 UTC.")


def test_everybody_who_can_command_commands_already() -> None:
    busy = person("ada", COMMANDER, commands="INC-7")
    gap = only("all_command", found(known(*without("ada", "ann"), busy)))
    assert gap.message == "Everybody who can command commands already: Ada INC-7."


def test_the_only_commander_is_no_communications_lead_too() -> None:
    people = (*without("ada", "ann", "ben", "bob"), person("ada", COMMANDER, COMMUNICATIONS))
    gap = only("same_person", found(known(*people)))
    assert (gap.role, gap.level) == (COMMUNICATIONS, Level.ERROR)
    assert gap.message == (
        "Nobody is left as Communications lead: Ada would be Incident commander, "
        "and nobody may be both. Qualify somebody else."
    )


def test_one_person_in_two_roles_for_want_of_another_is_a_warning() -> None:
    people = (*without("cleo", "cy", "ben", "bob"), person("ben", COMMUNICATIONS, SCRIBE))
    gap = only("two_roles", found(known(*people)))
    assert gap.level is Level.WARNING
    assert gap.message == (
        "Ben would be Scribe and Communications lead: nobody else is free for the second."
    )


def test_who_approves_an_act_is_not_who_prepared_it() -> None:
    rows = {PUBLISH: {SCRIBE: "R", COMMUNICATIONS: "A"}, DIRECT: {COMMANDER: "A/R"}}
    both = person("ben", COMMUNICATIONS, SCRIBE)
    alone = (*without("cleo", "cy", "ben", "bob"), both)
    gap = only("own_work", found(known(*alone), rows=rows))
    assert (gap.level, gap.activity) == (Level.ERROR, "Publish externally")
    assert "own_work" not in {gap.code for gap in found(known(), rows=rows)}


OWNED = {DIRECT: {COMMANDER: "A/R", DOMAIN_OWNER: "R"}}


def test_an_owner_needs_a_service_and_a_team_behind_him() -> None:
    gap = only("no_service", found(known(), rows=OWNED))
    assert gap.level is Level.INFORMATION
    people = (*FULL, person("olga"))
    gap = only("single_point", found(known(*people, services=[PAYMENTS]), rows=OWNED))
    assert gap.message.startswith("Only one person can answer for Payments: Olga.")
    people = (*people, person("ogi", DOMAIN_OWNER))
    assert found(known(*people, services=[PAYMENTS]), rows=OWNED) == ()


def test_several_owners_are_one_role_with_an_answer_each() -> None:
    ledger = Service("ledger", "Ledger", "otto", "money")
    people = (*FULL, person("olga"), person("otto"))
    one = role_of(
        who(resolved(OWNED), known(*people, services=[PAYMENTS, ledger])), DOMAIN_OWNER
    )
    assert [answer.username for answer in one.answers] == ["olga", "otto"]
    assert one.why == "One for each owner of what is affected"
    one = role_of(who(resolved(OWNED), known(*people, services=[ledger])), DOMAIN_OWNER)
    assert one.why == "Affected: Ledger"


def test_an_owner_away_without_a_team_behind_him_leaves_a_service_alone() -> None:
    people = (*FULL, person("olga", away_until=NOON))
    gap = only("no_owner_here", found(known(*people, services=[PAYMENTS]), rows=OWNED))
    assert gap.level is Level.ERROR
    assert gap.message == (
        "Nobody answers for Payments: olga: owner, but away until 1 Dec 2026 12:00 UTC."
    )


def test_the_gravest_gap_comes_first() -> None:
    people = (*without("ann", "cleo", "cy"), person("x", lapsed={DEPUTY: date(2026, 11, 1)}))
    assert [gap.level for gap in found(known(*people))] == [
        Level.ERROR,
        Level.WARNING,
        Level.INFORMATION,
    ]


@pytest.mark.parametrize(("count", "rest"), [(5, ""), (7, " and 2 more")])
def test_many_names_become_a_number(count: int, rest: str) -> None:
    gone = {SCRIBE: [f"Gone {n}" for n in range(count)]}
    gap = only("deactivated", found(known(*FULL, gone=gone)))
    assert gap.message.endswith(f"Gone 4{rest}.")
