"""Who fills the roles of a new incident, and why: choices beside the refusals they mirror."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules import exclusions
from incidents.rules.assignment import (
    NAMED,
    Chosen,
    Need,
    Plan,
    Rejected,
    Unfilled,
    fill,
    needs,
)
from incidents.rules.candidates import Candidate, Service
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DOMAIN_OWNER,
    EVERY_OTHER,
    KINDS,
    NAMES,
    RESPONDER,
    SCRIBE,
    SUPPORT,
)

TECHNICAL = (DOMAIN_OWNER, RESPONDER)
ASLEEP = "03:10 in Asia/Tokyo, outside 09:00 to 18:00"
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PAYMENTS = Service("payments-api", "Payments API", "ada", "payments")
LEDGER = Service("ledger", "Ledger", "ada", "payments")
SEARCH = Service("search", "Search", "ben", "discovery")
ORPHAN = Service("orphan", "Orphan", None, "payments")


def person(username: str, *qualified_for: str, **facts: Any) -> Candidate:
    facts.setdefault("team", "payments")
    return Candidate(
        username, username.title(), qualified_for=frozenset(qualified_for), **facts
    )


def need(role: str, service: Service | None = None) -> Need:
    return Need(role, "because", service)


def chosen(plan: Plan, role: str) -> Chosen:
    return next(answer for answer in plan.assignments if answer.role == role)


def unfilled(plan: Plan, role: str) -> Unfilled:
    return next(answer for answer in plan.unfilled if answer.role == role)


def holder(plan: Plan, role: str) -> str:
    return chosen(plan, role).username


def why_not(answer: Chosen, username: str) -> str:
    return next(one.reason for one in answer.rejected if one.username == username)


def commander_among(*people: Candidate) -> Chosen:
    return chosen(fill([need(COMMANDER)], people), COMMANDER)


def test_commander_and_communications_lead_are_needed_even_if_the_matrix_forgot_them() -> None:
    assert [one.role for one in needs([], [])] == [COMMANDER, COMMUNICATIONS]


def test_the_matrix_adds_its_roles_in_its_order_each_once() -> None:
    found = needs([SCRIBE, COMMUNICATIONS, RESPONDER, SCRIBE, COMMANDER], [PAYMENTS])
    assert [one.role for one in found] == [COMMANDER, COMMUNICATIONS, SCRIBE, RESPONDER]


def test_a_domain_owner_is_needed_once_per_owner_of_the_affected_services() -> None:
    found = needs([DOMAIN_OWNER, SCRIBE], [PAYMENTS, SEARCH, LEDGER])[2:]
    assert [(one.role, one.service) for one in found] == [
        (DOMAIN_OWNER, PAYMENTS),
        (DOMAIN_OWNER, SEARCH),
        (SCRIBE, None),
    ]
    assert found[0].why == "Affected: Payments API, Ledger"


def test_ownerless_services_of_one_team_share_a_need_and_those_of_two_teams_do_not() -> None:
    sibling = Service("sibling", "Sibling", None, "payments")
    stranger = Service("stranger", "Stranger", None, "discovery")
    found = needs([DOMAIN_OWNER], [ORPHAN, sibling, stranger])[2:]
    assert [one.service for one in found] == [ORPHAN, stranger]


def test_a_domain_owner_without_any_service_is_shown_as_unfilled() -> None:
    plan = fill(needs([DOMAIN_OWNER], []), [person("ada", DOMAIN_OWNER)])
    assert unfilled(plan, DOMAIN_OWNER).reasons == ("No affected service is named; name one.",)


def test_whoever_commanded_longest_ago_is_next_in_rotation() -> None:
    recent = person("ada", COMMANDER, last_commanded_at=datetime(2026, 11, 20, tzinfo=UTC))
    longest = person("ben", COMMANDER, last_commanded_at=datetime(2026, 11, 3, tzinfo=UTC))
    answer = commander_among(recent, longest)
    assert answer.username == "ben"
    assert answer.reason == "Next in rotation: last commanded on 3 Nov 2026"
    assert why_not(answer, "ada") == "last commanded on 20 Nov 2026"


def test_whoever_never_commanded_is_first_in_rotation() -> None:
    veteran = person("ada", COMMANDER, last_commanded_at=datetime(2020, 1, 1, tzinfo=UTC))
    answer = commander_among(veteran, person("ben", COMMANDER))
    assert (answer.username, answer.reason) == ("ben", "Next in rotation: never commanded")


def test_rotation_ties_go_to_fewest_open_roles_then_to_the_username() -> None:
    busy, cleo, dan = (
        person("ada", COMMANDER, open_roles=2),
        person("cleo", COMMANDER, open_roles=1),
        person("dan", COMMANDER, open_roles=1),
    )
    assert commander_among(busy, dan, cleo).username == "cleo"
    assert commander_among(busy, dan).username == "dan"


def test_who_cannot_command_is_rejected_with_a_sentence_each() -> None:
    answer = commander_among(
        person("ada", COMMANDER, commands="INC-12"),
        person("ben", COMMANDER, away_until=NOON),
        person("cleo", COMMANDER, lapsed={COMMANDER: date(2026, 10, 1)}),
        person("dan", SCRIBE),
        person("eve", COMMANDER, last_commanded_at=NOON),
    )
    assert answer.username == "eve"
    assert answer.rejected == (
        Rejected("ada", "commands INC-12 already"),
        Rejected("ben", "away until 1 Dec 2026 12:00 UTC"),
        Rejected("cleo", "qualification lapsed on 1 Oct 2026"),
        Rejected("", "1 more: not qualified as Incident commander"),
    )


def test_without_a_commander_the_incident_is_declared_all_the_same() -> None:
    plan = fill(needs([], []), [person("ada", COMMANDER, commands="INC-12"), person("ben")])
    assert plan.assignments == ()
    assert unfilled(plan, COMMANDER).reasons == (
        "Nobody qualified as Incident commander is free; leadership may assign somebody.",
        "ada: commands INC-12 already",
        "1 more: not qualified as Incident commander",
    )
    assert [answer.role for answer in plan.unfilled] == [COMMANDER, COMMUNICATIONS]


def test_who_commands_an_exercise_leaves_it_where_nobody_else_is_free() -> None:
    people = [
        person("ada", COMMANDER, commands="INC-12"),
        person("ben", COMMANDER, commands="EX-2", is_practising=True),
    ]
    answer = next(iter(fill(needs([], []), people).assignments))
    assert (answer.role, answer.username, answer.leaves) == (COMMANDER, "ben", "EX-2")
    assert answer.reason == (
        "Next in rotation: never commanded; leaves the exercise EX-2, for nobody else is free"
    )


def test_the_exercise_goes_on_while_somebody_else_is_there_and_awake() -> None:
    ben = person("ben", COMMANDER, commands="EX-2", is_practising=True)
    cleo = person("cleo", COMMANDER)
    answer = next(iter(fill(needs([], []), [ben, cleo]).assignments))
    assert (answer.username, answer.leaves) == ("cleo", "")
    assert answer.rejected[0] == Rejected(
        "ben", "commands the exercise EX-2, which goes on while somebody else is free"
    )
    asleep = cleo._replace(outside="03:10 in Asia/Tokyo, outside 09:00 to 18:00")
    assert holder(fill(needs([], []), [ben, asleep]), COMMANDER) == "ben"


def test_who_speaks_for_a_real_incident_commands_no_exercise_meanwhile() -> None:
    cleo = person("cleo", COMMUNICATIONS, commands="EX-2", is_practising=True)
    people = [person("ada", COMMANDER), cleo]
    plan = fill(needs([SCRIBE], []), [*people, person("sue", SCRIBE)])
    assert [one.leaves for one in plan.assignments if one.role == COMMUNICATIONS] == ["EX-2"]
    writes = person("sue", SCRIBE, commands="EX-3", is_practising=True)
    plan = fill(needs([SCRIBE], []), [*people, writes])
    assert [one.leaves for one in plan.assignments if one.role == SCRIBE] == [""]


def test_an_owner_of_what_burns_commands_only_when_nobody_else_is_free() -> None:
    law = needs([DOMAIN_OWNER], [PAYMENTS])
    ada = person("ada", COMMANDER)
    ben = person("ben", COMMANDER, last_commanded_at=NOON)
    plan = fill(law, [ada, ben])
    assert (holder(plan, COMMANDER), holder(plan, DOMAIN_OWNER)) == ("ben", "ada")
    alone = fill(law, [ada])
    assert holder(alone, COMMANDER) == "ada"
    assert chosen(alone, COMMANDER).reason.endswith("owns what burns, so asked last")
    assert "ada: owner, but commands this incident" in unfilled(alone, DOMAIN_OWNER).reasons


def test_the_service_goes_to_its_owner_qualified_or_not() -> None:
    plan = fill([need(DOMAIN_OWNER, PAYMENTS)], [person("ada"), person("ben", DOMAIN_OWNER)])
    assert plan.assignments == (Chosen(DOMAIN_OWNER, "ada", "Owner of Payments API", PAYMENTS),)


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        (
            [person("ada", DOMAIN_OWNER, away_until=NOON)],
            "owner, but away until 1 Dec 2026 12:00 UTC",
        ),
        ([], "owner, but not active"),
    ],
)
def test_a_qualified_colleague_stands_in_for_an_owner_who_is_not_there(
    people: list[Candidate], reason: str
) -> None:
    colleague = person("ben", DOMAIN_OWNER)
    stranger = person("abe", DOMAIN_OWNER, team="discovery")
    answer = chosen(
        fill([need(DOMAIN_OWNER, PAYMENTS)], [*people, stranger, colleague]), DOMAIN_OWNER
    )
    assert answer.username == "ben"
    assert answer.reason == "Qualified as Domain owner in team payments, open roles: 0"
    assert answer.rejected == (
        Rejected("ada", reason),
        Rejected("", "1 more: not qualified as Domain owner in team payments"),
    )


def test_another_team_does_not_answer_for_a_service() -> None:
    stranger = person("abe", DOMAIN_OWNER, team="discovery")
    plan = fill([need(DOMAIN_OWNER, ORPHAN)], [stranger])
    assert unfilled(plan, DOMAIN_OWNER).reasons == (
        "Nobody qualified as Domain owner in team payments is free; "
        "leadership may assign somebody.",
        "Orphan has no owner",
        "1 more: not qualified as Domain owner in team payments",
    )
    colleague = person("ben", DOMAIN_OWNER)
    assert (
        holder(fill([need(DOMAIN_OWNER, ORPHAN)], [stranger, colleague]), DOMAIN_OWNER) == "ben"
    )


def test_a_role_goes_to_who_commands_nothing_then_to_the_least_loaded() -> None:
    commanding = person("ada", SCRIBE, commands="INC-12")
    loaded = person("ben", SCRIBE, open_roles=2)
    light = person("cleo", SCRIBE, open_roles=1)
    answer = chosen(fill([need(SCRIBE)], [commanding, loaded, light]), SCRIBE)
    assert (answer.username, answer.reason) == ("cleo", "Qualified as Scribe, open roles: 1")
    assert why_not(answer, "ben") == "free too, open roles: 2"
    assert holder(fill([need(SCRIBE)], [commanding]), SCRIBE) == "ada"


def test_an_away_or_lapsed_person_fills_no_role() -> None:
    away = person("ada", SCRIBE, away_until=NOON)
    lapsed = person("ben", SCRIBE, lapsed={SCRIBE: date(2026, 10, 1)})
    reasons = unfilled(fill([need(SCRIBE)], [away, lapsed]), SCRIBE).reasons
    assert reasons[1:] == (
        "ada: away until 1 Dec 2026 12:00 UTC",
        "ben: qualification lapsed on 1 Oct 2026",
    )
    assert (
        holder(fill([need(SCRIBE)], [away, lapsed, person("cleo", SCRIBE)]), SCRIBE) == "cleo"
    )


def test_a_lapse_in_one_role_leaves_another_standing() -> None:
    ada = person("ada", SCRIBE, SUPPORT, lapsed={SCRIBE: date(2026, 10, 1)})
    assert holder(fill([need(SUPPORT)], [ada]), SUPPORT) == "ada"


def test_a_second_role_is_taken_only_when_nobody_without_one_is_left() -> None:
    law = [need(SCRIBE), need(SUPPORT)]
    ada, ben = person("ada", SCRIBE, SUPPORT), person("ben", SUPPORT, open_roles=9)
    assert holder(fill(law, [ada, ben]), SUPPORT) == "ben"
    alone = chosen(fill(law, [ada]), SUPPORT)
    assert alone.username == "ada"
    assert alone.reason == (
        "Qualified as Support lead, open roles: 0; already Scribe here, but nobody else is free"
    )


def test_nobody_takes_a_third_role() -> None:
    ada = person("ada", SCRIBE, SUPPORT, COUNSEL)
    plan = fill([need(SCRIBE), need(SUPPORT), need(COUNSEL)], [ada])
    assert [answer.role for answer in plan.assignments] == [SCRIBE, SUPPORT]
    assert "ada: already Scribe and Support lead here" in unfilled(plan, COUNSEL).reasons


def test_the_commander_takes_nothing_beside_command() -> None:
    plan = fill(needs([SCRIBE], []), [person("ada", COMMANDER, COMMUNICATIONS, SCRIBE)])
    assert [answer.role for answer in plan.assignments] == [COMMANDER]
    assert "ada: already Incident commander here" in unfilled(plan, SCRIBE).reasons


@pytest.mark.parametrize("second", [DOMAIN_OWNER, RESPONDER, SCRIBE])
def test_the_voice_is_never_also_the_hands_but_may_keep_the_record(second: str) -> None:
    ada = person("ada", COMMUNICATIONS, second)
    service = ORPHAN if second == DOMAIN_OWNER else None
    plan = fill([need(COMMUNICATIONS), need(second, service)], [ada])
    assert (len(plan.assignments) == 1) == (second in TECHNICAL)


def test_the_role_with_the_least_choice_chooses_first() -> None:
    ada, ben = person("ada", COMMUNICATIONS, RESPONDER), person("ben", COMMUNICATIONS)
    plan = fill([need(COMMUNICATIONS), need(RESPONDER)], [ada, ben])
    assert [(answer.role, answer.username) for answer in plan.assignments] == [
        (COMMUNICATIONS, "ben"),
        (RESPONDER, "ada"),
    ]


def test_an_owner_is_kept_for_his_service_before_other_roles_choose() -> None:
    ada, ben = person("ada", COMMUNICATIONS), person("ben", COMMUNICATIONS, open_roles=5)
    plan = fill([need(COMMUNICATIONS), need(DOMAIN_OWNER, PAYMENTS)], [ada, ben])
    assert holder(plan, COMMUNICATIONS) == "ben"
    assert holder(plan, DOMAIN_OWNER) == "ada"


def test_of_thousands_a_few_are_named_and_the_rest_are_one_number() -> None:
    free = [person(f"free{n:04}", COMMANDER) for n in range(1500)]
    unqualified = [person(f"other{n:04}") for n in range(2000)]
    answer = commander_among(*free, *unqualified)
    assert answer.username == "free0000"
    assert len([one for one in answer.rejected if one.username]) == NAMED
    assert [one.reason for one in answer.rejected if not one.username] == [
        "1,489 more: later in the rotation",
        "2,000 more: not qualified as Incident commander",
    ]


def test_a_role_of_the_company_is_named_in_words() -> None:
    plan = fill([need("cloud_liaison")], [person("ada", "cloud_liaison")])
    assert chosen(plan, "cloud_liaison").reason.startswith("Qualified as Cloud liaison")


# --- hours


def test_who_is_within_hours_is_asked_before_who_is_not_whatever_the_rotation() -> None:
    asleep = person("ada", COMMANDER, outside=ASLEEP)
    awake = person("ben", COMMANDER, last_commanded_at=NOON)
    answer = commander_among(asleep, awake)
    assert (answer.username, why_not(answer, "ada")) == ("ben", ASLEEP)
    alone = commander_among(asleep)
    assert alone.reason == (
        f"Next in rotation: never commanded; {ASLEEP}, but nobody within hours is free"
    )


def test_who_sleeps_takes_a_role_only_when_nobody_within_hours_is_free() -> None:
    asleep = person("ada", SCRIBE, outside=ASLEEP)
    awake = person("ben", SCRIBE, open_roles=9)
    answer = chosen(fill([need(SCRIBE)], [asleep, awake]), SCRIBE)
    assert (answer.username, why_not(answer, "ada")) == ("ben", ASLEEP)
    alone = chosen(fill([need(SCRIBE)], [asleep]), SCRIBE)
    assert alone.reason == (
        f"Qualified as Scribe, open roles: 0; {ASLEEP}, but nobody within hours is free"
    )


def test_somebody_woken_comes_before_a_second_role_for_somebody_here() -> None:
    law = [need(SCRIBE), need(SUPPORT)]
    busy, asleep = person("ada", SCRIBE, SUPPORT), person("ben", SUPPORT, outside=ASLEEP)
    plan = fill(law, [busy, asleep])
    assert (holder(plan, SCRIBE), holder(plan, SUPPORT)) == ("ada", "ben")


def test_a_sleeping_owner_is_woken_only_when_his_team_sleeps_too() -> None:
    owner = person("ada", outside=ASLEEP)
    awake = person("ben", DOMAIN_OWNER)
    answer = chosen(fill([need(DOMAIN_OWNER, PAYMENTS)], [owner, awake]), DOMAIN_OWNER)
    assert (answer.username, why_not(answer, "ada")) == ("ben", f"owner, but {ASLEEP}")
    asleep = person("ben", DOMAIN_OWNER, outside=ASLEEP)
    woken = chosen(fill([need(DOMAIN_OWNER, PAYMENTS)], [owner, asleep]), DOMAIN_OWNER)
    assert woken.username == "ada"
    assert woken.reason == (f"Owner of Payments API; {ASLEEP}, but nobody within hours is free")
    assert why_not(woken, "ben") == ASLEEP


# --- exclusions, and what is held here already


def test_a_pair_of_the_company_keeps_two_roles_apart_and_a_lifted_one_does_not() -> None:
    law, ada = [need(SCRIBE), need(SUPPORT)], person("ada", SCRIBE, SUPPORT)
    apart = exclusions.of([(SUPPORT, SCRIBE, "Too much to write")])
    assert len(fill(law, [ada], apart).assignments) == 1
    assert len(fill(law, [ada], exclusions.of([])).assignments) == 2


def test_the_floor_holds_whatever_is_lifted() -> None:
    ada = person("ada", COMMANDER, COMMUNICATIONS, RESPONDER, SCRIBE)
    only_floor = exclusions.of(exclusions.floor(KINDS))
    plan = fill(needs([RESPONDER, SCRIBE], []), [ada], only_floor)
    assert [one.role for one in plan.assignments] == [COMMANDER, SCRIBE]


def test_what_somebody_holds_here_already_counts() -> None:
    ada = person("ada", COMMANDER, SCRIBE)
    for held, able in ((RESPONDER, False), (None, True)):
        plan = fill([need(COMMANDER)], [ada], holds={"ada": [held]} if held else {})
        assert bool(plan.assignments) is able
    reasons = unfilled(
        fill([need(COMMANDER)], [ada], holds={"ada": [RESPONDER]}), COMMANDER
    ).reasons
    assert "ada: already Responder here" in reasons


def test_an_owner_who_speaks_here_does_not_answer_for_his_service() -> None:
    ada, ben = person("ada"), person("ben", DOMAIN_OWNER)
    answer = chosen(
        fill([need(DOMAIN_OWNER, PAYMENTS)], [ada, ben], holds={"ada": [COMMUNICATIONS]}),
        DOMAIN_OWNER,
    )
    assert answer.username == "ben"
    assert why_not(answer, "ada") == "owner, but already Communications lead here"


# --- the end of the chain


def test_the_lead_of_the_team_answers_where_nobody_else_is_left() -> None:
    service = replace(PAYMENTS, lead="lea")
    lea, away = person("lea"), person("ben", DOMAIN_OWNER, away_until=NOON)
    answer = chosen(fill([need(DOMAIN_OWNER, service)], [lea, away]), DOMAIN_OWNER)
    assert answer.username == "lea"
    assert answer.reason == (
        "Leads team payments; nobody qualified as Domain owner in team payments is free"
    )
    assert why_not(answer, "ada") == "owner, but not active"
    assert why_not(answer, "ben") == "away until 1 Dec 2026 12:00 UTC"
    there = fill([need(DOMAIN_OWNER, service)], [lea, person("ben", DOMAIN_OWNER)])
    assert holder(there, DOMAIN_OWNER) == "ben"


@pytest.mark.parametrize(
    ("people", "holds", "why"),
    [
        ([], {}, "not active"),
        ([person("lea", away_until=NOON)], {}, "away until 1 Dec 2026 12:00 UTC"),
        ([person("lea")], {"lea": [COMMANDER]}, "already Incident commander here"),
    ],
)
def test_a_lead_who_cannot_answer_is_the_last_reason(
    people: list[Candidate], holds: dict[str, list[str]], why: str
) -> None:
    plan = fill([need(DOMAIN_OWNER, replace(PAYMENTS, lead="lea"))], people, holds=holds)
    assert unfilled(plan, DOMAIN_OWNER).reasons[-1] == f"lea: leads the team, but {why}"


ROLES = sorted(set(NAMES) - {DOMAIN_OWNER})
USERNAMES = [f"person{n}" for n in range(12)]


@st.composite
def companies(draw: st.DrawFn) -> list[Candidate]:
    """A few people in every condition a person can be in."""
    names = draw(st.lists(st.sampled_from(USERNAMES), unique=True))
    instants = st.none() | st.integers(0, 2000).map(lambda n: NOON - timedelta(days=n))
    return [
        Candidate(
            username=name,
            name=name.title(),
            team=draw(st.sampled_from(["payments", "discovery"])),
            qualified_for=draw(st.frozensets(st.sampled_from(sorted(NAMES)))),
            lapsed=draw(st.dictionaries(st.sampled_from(ROLES), st.just(date(2026, 1, 1)))),
            away_until=draw(instants),
            commands=draw(st.none() | st.just("INC-12")),
            open_roles=draw(st.integers(0, 3)),
            last_commanded_at=draw(instants),
            outside=draw(st.sampled_from(["", "", ASLEEP])),
        )
        for name in names
    ]


services = st.lists(
    st.builds(
        Service,
        slug=st.just("service"),
        name=st.just("Service"),
        owner=st.none() | st.sampled_from(USERNAMES),
        team=st.sampled_from(["payments", "discovery"]),
        lead=st.none() | st.sampled_from(USERNAMES),
    ),
    max_size=4,
)
EVERY_ROLE = st.sampled_from([*sorted(NAMES), EVERY_OTHER])
pairs = st.lists(st.tuples(st.sampled_from(sorted(NAMES)), EVERY_ROLE, st.just("why")))
excluding = pairs.map(lambda some: exclusions.of([*some, *exclusions.floor(KINDS)]))
holdings = st.dictionaries(
    st.sampled_from(USERNAMES), st.lists(st.sampled_from(sorted(NAMES)), max_size=1)
)
laws = st.builds(needs, st.permutations(sorted(NAMES)), services)


@given(laws, companies())
def test_every_need_is_answered_exactly_once(
    law: tuple[Need, ...], company: list[Candidate]
) -> None:
    plan = fill(law, company)
    answers = [(one.role, one.service) for one in (*plan.assignments, *plan.unfilled)]
    asked = [(one.role, one.service) for one in law]
    assert sorted(map(str, answers)) == sorted(map(str, asked))
    assert all(one.reason for one in plan.assignments)
    assert all(one.reasons for one in plan.unfilled)


@given(laws, companies())
def test_the_commander_is_able_and_holds_nothing_else(
    law: tuple[Need, ...], company: list[Candidate]
) -> None:
    plan = fill(law, company)
    able = {
        one.username
        for one in company
        if COMMANDER in one.qualified_for - one.lapsed.keys()
        and not one.away_until
        and not one.commands
    }
    commanders = [one.username for one in plan.assignments if one.role == COMMANDER]
    assert len(commanders) == bool(able)
    assert set(commanders) <= able
    holders = [one.username for one in plan.assignments]
    assert all(holders.count(username) == 1 for username in commanders)


@given(laws, companies())
def test_nobody_is_voice_and_hands_and_everybody_chosen_is_here(
    law: tuple[Need, ...], company: list[Candidate]
) -> None:
    plan = fill(law, company)
    away = {one.username for one in company if one.away_until}
    assert away.isdisjoint(one.username for one in plan.assignments)
    voices = {one.username for one in plan.assignments if one.role == COMMUNICATIONS}
    assert voices.isdisjoint(one.username for one in plan.assignments if one.role in TECHNICAL)


@given(laws, companies(), excluding, holdings)
def test_nobody_gets_a_role_that_another_of_his_excludes(
    law: tuple[Need, ...],
    company: list[Candidate],
    apart: exclusions.Exclusions,
    holds: dict[str, list[str]],
) -> None:
    held = {username: list(roles) for username, roles in holds.items()}
    for one in fill(law, company, apart, holds).assignments:
        held.setdefault(one.username, []).append(one.role)
    for username, roles in held.items():
        given = roles[len(holds.get(username, ())) :]
        assert not any(apart.conflicts(roles, role) for role in given)


@given(laws, companies())
def test_nobody_is_woken_while_somebody_qualified_within_hours_holds_nothing_here(
    law: tuple[Need, ...], company: list[Candidate]
) -> None:
    plan = fill(law, company)
    known = {one.username: one for one in company}
    used = {one.username for one in plan.assignments}
    for one in plan.assignments:
        if one.service or one.role == COMMANDER or not known[one.username].outside:
            continue
        assert not any(
            one.role in other.qualified_for - other.lapsed.keys()
            and not (other.outside or other.away_until or other.username in used)
            for other in company
        )


@given(laws, companies())
def test_no_candidate_is_chosen_and_rejected_or_rejected_twice(
    law: tuple[Need, ...], company: list[Candidate]
) -> None:
    for answer in fill(law, company).assignments:
        named = [answer.username, *(one.username for one in answer.rejected if one.username)]
        assert len(named) == len(set(named))


@given(laws, companies(), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(
    law: tuple[Need, ...], company: list[Candidate], random: Random
) -> None:
    shuffled = random.sample(company, len(company))
    assert fill(law, shuffled) == fill(law, company)


def test_what_is_kept_of_those_not_chosen_does_not_grow_with_the_company() -> None:
    custom = [f"role_{n}" for n in range(10)]
    people = [
        person(f"person{n:04}", COMMANDER, COMMUNICATIONS, *custom, open_roles=n % 7)
        for n in range(5000)
    ]
    plan = fill(needs(custom, []), people)
    assert len(plan.assignments) == 12
    assert max(len(one.rejected) for one in plan.assignments) <= 2 * (NAMED + 1)
    kept = [[each.reason for each in one.rejected] for one in plan.assignments]
    assert all(any(" more: " in reason for reason in reasons) for reasons in kept)
