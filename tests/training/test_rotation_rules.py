"""Who serves which hours: no plan breaks a rule, and time owed evens out."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from training.rules import rotation, rotation_plan
from training.rules.rotation import WINDOW, Member, Taken, Terms
from training.rules.rotation_hours import (
    Band,
    Slot,
    doubled,
    end_of_run,
    holes,
    night_minutes,
    overlaps,
    slots,
    weight,
)

MONDAY = date(2026, 11, 30)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ROUND = Band("all day", time(9), time(9))
OFFICE = Band("day", time(8), time(18), "Europe/Berlin")
SUN = (
    Band("asia", time(7), time(15), "Asia/Tokyo"),
    Band("europe", time(7), time(15), "Europe/Berlin"),
    Band("america", time(9), time(17), "America/New_York"),
)
FREE = Terms()
MINE = {"asia": "Asia/Tokyo", "europe": "Europe/Berlin", "america": "America/New_York"}


def days(bands: tuple[Band, ...], count: int, run_days: int = 7) -> list[Slot]:
    return list(
        slots(bands, MONDAY, run_days=run_days, first=MONDAY, until=MONDAY + count * DAY)
    )


def bounded(percent: int, bands: tuple[Band, ...] = (ROUND,), **terms: object) -> Terms:
    hours = sum((band.length for band in bands), timedelta()) * WINDOW.days
    return Terms(most_percent=percent, most=hours * percent / 100, **terms)  # type: ignore[arg-type]


def members(*names: str, **fields: object) -> list[Member]:
    return [Member(name, name.title(), **fields) for name in names]  # type: ignore[arg-type]


def served(plan: list[Taken]) -> list[str]:
    return [one.person for one in plan]


def draw(
    wanted: list[Slot], people: list[Member], terms: Terms = FREE, **more: object
) -> list[Taken]:
    return rotation_plan.plan(
        wanted,
        people,
        more.get("learners", []),
        more.get("taken", []),
        terms,  # type: ignore[arg-type]
    )


def test_a_band_that_ends_where_it_begins_is_around_the_clock() -> None:
    assert ROUND.length == 24 * HOUR
    begins, ends = ROUND.on(MONDAY)
    assert (begins.day, ends.day, ends - begins) == (30, 1, DAY)


def test_a_band_keeps_to_the_clock_on_its_wall_when_the_clock_changes() -> None:
    spring = Band("day", time(1), time(9), "Europe/Berlin").on(date(2027, 3, 28))
    autumn = Band("day", time(1), time(9), "Europe/Berlin").on(date(2026, 10, 25))
    assert (spring[1] - spring[0], autumn[1] - autumn[0]) == (7 * HOUR, 9 * HOUR)


def test_a_day_on_which_the_clock_skips_the_band_has_no_shift() -> None:
    skipped = Band("odd", time(2, 15), time(2, 45), "Europe/Berlin")
    sunday = date(2027, 3, 28)
    found = slots(
        [skipped], sunday - DAY, run_days=7, first=sunday - DAY, until=sunday + 2 * DAY
    )
    assert all(slot.ends_at > slot.starts_at for slot in found)


def test_an_hour_weighs_more_at_night_and_at_the_weekend_where_one_lives() -> None:
    noon = datetime(2026, 11, 30, 12, tzinfo=UTC)
    assert weight((noon, noon + HOUR), "UTC", 150) == 6000
    assert weight((noon, noon + HOUR), "Pacific/Auckland", 150) == 9000
    assert weight((noon - 2 * DAY, noon - 2 * DAY + HOUR), "UTC", 150) == 9000
    assert night_minutes((noon - 2 * DAY, noon - 2 * DAY + HOUR), "UTC") == 0


def test_what_no_band_covers_and_what_two_cover_is_told() -> None:
    assert holes([ROUND], MONDAY) == []
    (early, late) = holes([OFFICE], MONDAY)
    assert (early[0].hour, early[1].hour, late[0].hour) == (0, 7, 17)
    assert doubled([ROUND, OFFICE], MONDAY) == [("all day", "day")]
    assert doubled(SUN, MONDAY) == []


def test_runs_end_whole() -> None:
    assert end_of_run(MONDAY, 7, MONDAY + 6 * DAY) == MONDAY + 7 * DAY
    assert end_of_run(MONDAY, 7, MONDAY + 7 * DAY) == MONDAY + 14 * DAY


def test_one_person_serves_a_whole_run_and_the_next_one_the_next() -> None:
    plan = draw(days((ROUND,), 21), members("ada", "ben", "cleo"))
    assert served(plan) == ["ada"] * 7 + ["ben"] * 7 + ["cleo"] * 7
    assert plan[0].reason == "Next in turn."
    assert plan[7].reason.startswith("Owed 70 h")


def test_who_is_away_on_one_day_is_passed_over_and_asked_soon_after() -> None:
    away = (datetime(2026, 12, 2, tzinfo=UTC), datetime(2026, 12, 3, tzinfo=UTC))
    people = [Member("ada", "Ada", away=(away,)), *members("ben", "cleo")]
    plan = draw(days((ROUND,), 28), people)
    assert served(plan)[::7] == ["ben", "cleo", "ada", "ben"]
    assert plan[0].reason == (
        "Next in turn; passed over: Ada (away until 3 Dec 2026 00:00 UTC)."
    )


def test_a_run_nobody_can_serve_whole_is_split() -> None:
    tuesday, friday = (datetime(2026, 12, day, tzinfo=UTC) for day in (1, 4))
    people = [
        Member("ada", away=((friday, friday + 9 * DAY),)),
        Member("ben", away=((tuesday - 2 * DAY, tuesday),)),
    ]
    assert served(draw(days((ROUND,), 7), people)) == ["ada"] * 3 + ["ben"] * 4


def test_a_gap_says_of_everybody_why() -> None:
    away = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    people = [Member("ada", "Ada", away=(away,)), Member("ben", "Ben", qualified=None)]
    (gap,) = draw(days((ROUND,), 1), people)
    assert gap.person == ""
    assert gap.reason == (
        "Nobody can serve it: Ada (away until 1 Jan 2027 00:00 UTC), Ben (not qualified)."
    )
    assert draw(days((ROUND,), 1), [])[0].reason.startswith("Nobody is a member then")


def test_a_qualification_must_hold_on_every_day_of_the_shift() -> None:
    until = MONDAY + 3 * DAY
    plan = draw(days((ROUND,), 4), [Member("ada", qualified=(MONDAY, until))])
    assert served(plan) == ["ada", "ada", "", ""]  # the third runs past midnight
    assert "qualified only until 3 Dec 2026" in plan[2].reason


def test_new_members_owe_nothing_and_members_who_left_serve_no_more() -> None:
    people = [*members("ada"), Member("ben", joined=MONDAY + 14 * DAY), Member(
        "cleo", left=MONDAY + 7 * DAY
    )]  # fmt: skip
    plan = draw(days((OFFICE,), 28), people)
    assert served(plan)[::7] == ["ada", "ada", "ben", "ada"]
    book = rotation.ledger(people, FREE, plan[:14])
    assert book.balance("ben").owed == 0


def test_leave_is_not_made_up_for() -> None:
    away = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC))
    people = [*members("ada", "ben"), Member("cleo", away=(away,))]
    book = rotation.ledger(people, FREE, draw(days((ROUND,), 28), people))
    assert book.balance("cleo").share == 0
    assert book.balance("ada").owed == book.balance("ben").owed == 0


def test_who_is_no_longer_qualified_is_owed_nothing_of_what_others_served_since() -> None:
    until = MONDAY + 7 * DAY
    people = [*members("ada", "ben"), Member("cleo", qualified=(MONDAY, until))]
    plan = draw(days((OFFICE,), 42), people)
    assert served(plan)[14::7] == ["ada", "ben", "ada", "ben"]
    since = [one for one in plan if one.slot.on >= until]
    assert rotation.ledger(people, FREE, since).balance("cleo").share == 0
    before = [one for one in plan if one.slot.on < until]
    assert rotation.ledger(people, FREE, before).balance("cleo").share > 0


def test_who_helps_out_takes_nothing_off_what_others_owe() -> None:
    people = members("ada", "ben")
    stranger = [Taken(slot, "zed") for slot in days((ROUND,), 7)]
    book = rotation.ledger(people, FREE, stranger)
    assert [book.balance(key).share for key in ("ada", "ben", "zed")] == [0, 0, 0]


def test_the_busiest_is_bounded_and_a_pool_too_small_is_told_so_plainly() -> None:
    terms = bounded(40)
    plan = draw(days((ROUND,), 84), members("ada", "ben"), terms)
    assert {name: served(plan).count(name) for name in ("ada", "ben")} == {"ada": 33, "ben": 33}
    gap = next(one for one in plan if not one.person)
    assert gap.reason.startswith("Three people are needed for 40 %: qualify 1 more")
    assert "over 40 % of the hours of 84 days" in gap.reason
    assert "" not in served(draw(days((ROUND,), 84), members("ada", "ben", "cleo"), terms))


def test_bands_follow_the_sun_to_those_who_are_awake() -> None:
    people = [Member(label, zone=zone) for label, zone in MINE.items()]
    plan = draw(days(SUN, 7), people)
    assert all(one.person == one.slot.band for one in plan)


def test_a_band_that_is_everybodys_night_is_shared_by_all() -> None:
    night = Band("night", time(22), time(6), "Europe/Berlin")
    people = members("ada", "ben", zone="Europe/Berlin")
    assert served(draw(days((night,), 14), people)) == ["ada"] * 7 + ["ben"] * 7


def test_who_takes_a_band_of_their_own_choice_takes_no_other() -> None:
    people = [Member("ada", bands=frozenset({"europe"})), Member("ben", bands=frozenset(MINE))]
    plan = draw(days(SUN, 1), people)
    by_band = {one.slot.band: one for one in plan}
    assert by_band["asia"].person == "ben"
    assert by_band["europe"].person == "ada"
    assert "Ada" not in by_band["america"].person


def test_learners_take_turns_beside_and_never_beside_themselves() -> None:
    learners = members("lea", "max")
    plan = draw(days((ROUND,), 28), members("ada", "ben"), learners=learners)
    assert [one.shadow for one in plan[::7]] == ["lea", "max", "lea", "max"]
    alone = draw(days((ROUND,), 7), members("ada"), learners=members("ada"))
    assert {one.shadow for one in alone} == {""}


def test_who_learns_rests_between_two_turns_too() -> None:
    people = members("ada", "ben", "cleo")
    plan = draw(days(SUN, 2), people, learners=members("lea"))
    for day in (MONDAY, MONDAY + DAY):
        assert sum(bool(one.shadow) for one in plan if one.slot.on == day) <= 1
    weeks = draw(days((ROUND,), 28), members("ada", "ben"), learners=members("lea"))
    assert [one.shadow for one in weeks[::7]] == ["lea", "", "lea", ""]


def test_whom_to_ask_next_is_ranked_with_why_not() -> None:
    away = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    people = [Member("ada", away=(away,)), *members("ben", "cleo")]
    wanted = days((ROUND,), 14)
    book = rotation.ledger(people, FREE, [Taken(slot, "ben") for slot in wanted[:7]])
    ranked = rotation_plan.ranked(wanted[10:11], people, book)
    assert [(one.member.key, bool(one.why)) for one in ranked] == [
        ("cleo", False), ("ben", False), ("ada", True),
    ]  # fmt: skip


# Everything that can be drawn up, small enough to be drawn often.
ZONES = st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin"])
LEAVES = st.tuples(st.integers(0, 40), st.integers(1, 20)).map(
    lambda each: (
        datetime(2026, 11, 30, tzinfo=UTC) + each[0] * DAY,
        datetime(2026, 11, 30, tzinfo=UTC) + (each[0] + each[1]) * DAY,
    )
)


@st.composite
def pools(draw_: st.DrawFn) -> list[Member]:
    found = []
    for name in "abcdef"[: draw_(st.integers(0, 6))]:
        until = draw_(st.none() | st.integers(1, 40))
        found.append(
            Member(
                name,
                zone=draw_(ZONES),
                joined=MONDAY + draw_(st.integers(0, 20)) * DAY,
                qualified=draw_(st.none() | st.just((MONDAY, until and MONDAY + until * DAY))),
                away=tuple(draw_(st.lists(LEAVES, max_size=2))),
                busy=tuple(draw_(st.lists(LEAVES, max_size=1))),
            )
        )
    return found


@settings(max_examples=60, deadline=None)
@given(
    pools(), pools(), st.sampled_from([(ROUND,), (OFFICE,), SUN, (ROUND, OFFICE)]),
    st.integers(1, 9), st.sampled_from([20, 40, 70, 100]),
)  # fmt: skip
def test_no_plan_ever_breaks_a_rule(
    people: list[Member], learners: list[Member], bands: tuple[Band, ...], run: int, most: int
) -> None:
    terms = bounded(most, bands)
    wanted = days(bands, 42, run)
    plan = draw(wanted, people, terms, learners=learners)
    assert sorted(one.slot for one in plan) == sorted(wanted)
    assert plan == draw(wanted[::-1], people[::-1], terms, learners=learners)
    by_key = {each.key: each for each in people}
    for one in plan:
        assert one.reason
        assert len(one.reason) <= 300
        assert not (one.shadow and one.shadow == one.person)
        if one.person:
            member = by_key[one.person]
            assert member.is_member(one.slot)
            assert not member.is_away(one.slot)
            assert not any(overlaps(one.slot.span, each) for each in member.busy)
            assert member.qualified is not None
            last = (one.slot.ends_at - timedelta(microseconds=1)).date()
            assert member.qualified[1] is None or last < member.qualified[1]
    for key in by_key:
        mine = [one for one in plan if key in (one.person, one.shadow)]
        for one, other in combinations(mine, 2):
            assert not overlaps(one.slot.span, other.slot.span)
            own_turn = (one.slot.run, one.slot.band) == (other.slot.run, other.slot.band)
            if one.person == other.person == key and not own_turn:
                between = max(
                    one.slot.starts_at - other.slot.ends_at,
                    other.slot.starts_at - one.slot.ends_at,
                )
                assert between >= terms.rest
        own = [one.slot for one in plan if one.person == key]
        if most < 100:
            for begin in (slot.starts_at for slot in own):
                inside = [
                    min(slot.ends_at, begin + WINDOW) - slot.starts_at
                    for slot in own
                    if begin <= slot.starts_at < begin + WINDOW
                ]
                assert sum(inside, timedelta()) <= terms.most


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 6), st.integers(1, 7), st.sampled_from([(ROUND,), (OFFICE,)]))
def test_over_a_long_time_equal_members_differ_by_one_run_at_most(
    count: int, run: int, bands: tuple[Band, ...]
) -> None:
    people = members(*"abcdef"[:count])
    plan = draw(days(bands, run * count * 9, run), people)
    book = rotation.ledger(people, FREE, plan)
    balances = [book.balance(each.key).served for each in people]
    heaviest = run * 24 * 60 * 150
    assert max(balances) - min(balances) <= heaviest
    assert "" not in served(plan)
    assert sum(book.balance(each.key).owed for each in people) == 0
