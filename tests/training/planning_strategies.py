"""Small years by lot: few people, few dates, pins and refusals among them."""

from hypothesis import strategies as st

from incidents.rules.roles import COMMANDER, COUNSEL, SCRIBE
from training.rules.planning import Candidate, Pin, Problem, Seat, Slot, Story
from training.rules.planning_check import check

ROLES = (COMMANDER, COUNSEL, SCRIBE)
CELLS = tuple(f"a{n}:{COMMANDER}" for n in range(4))


@st.composite
def problems(draw: st.DrawFn, *, people: int = 5, pins: bool = True) -> Problem:
    """Two exercises of up to three seats with two dates each."""
    exercises = 2
    slots = tuple(
        Slot(2 * e + n, e, f"2027-0{3 * e + 1}-0{n + 1}", draw(st.integers(0, 5)))
        for e in range(exercises)
        for n in range(2)
    )
    seats = tuple(
        Seat(role, must=draw(st.booleans()), domain=draw(st.sampled_from(("", "legal"))))
        for role in ROLES[: draw(st.integers(1, 3))]
    ) + ((Seat(SCRIBE, is_learner=True, must=False),) if draw(st.booleans()) else ())
    candidates = tuple(
        Candidate(
            f"p{n}",
            team=draw(st.sampled_from(("", "t1", "t2"))),
            domain=draw(st.sampled_from(("", "legal", "engineering"))),
            qualified=frozenset(draw(st.sets(st.sampled_from(ROLES), max_size=3))),
            learning=frozenset(draw(st.sets(st.sampled_from(ROLES), max_size=1))),
            slots=frozenset(draw(st.sets(st.integers(0, 3), max_size=4))),
            played=draw(st.dictionaries(st.sampled_from(ROLES), st.integers(1, 4), max_size=2)),
            load=draw(st.integers(0, 2)),
            parts=draw(st.integers(0, 1)),
            is_busiest_commander=draw(st.booleans()) and n == 0,
        )
        for n in range(draw(st.integers(1, people)))
    )
    keys = [one.key for one in candidates]
    problem = Problem(
        exercises,
        seats,
        slots,
        tuple(
            Story(
                f"s{n}",
                frozenset(draw(st.sets(st.sampled_from(CELLS)))),
                draw(st.integers(0, 2)),
            )
            for n in range(draw(st.integers(0, 3)))
        ),
        candidates,
        forbidden=frozenset(
            draw(st.sets(st.tuples(st.integers(0, 1), st.sampled_from(keys)), max_size=2))
        ),
        met=frozenset(
            frozenset(pair)
            for pair in draw(
                st.sets(st.tuples(st.sampled_from(keys), st.sampled_from(keys)), max_size=2)
            )
            if len(set(pair)) == 2
        ),
        cells_done=frozenset(draw(st.sets(st.sampled_from(CELLS), max_size=2))),
        last_commander=draw(st.sampled_from(("", *keys))),
        most_parts=draw(st.integers(1, 2)),
        seconds=10,
    )
    return _pinned(draw, problem) if pins else problem


def _pinned(draw: st.DrawFn, problem: Problem) -> Problem:
    """With some things set by hand, as far as they do not contradict each other."""
    wanted = [
        *(Pin(slot.exercise, slot=slot.id) for slot in problem.slots),
        *(Pin(e, story=story.key) for story in problem.stories for e in range(2)),
        *(
            Pin(e, seat.role, one.key, is_learner=seat.is_learner)
            for e in range(2)
            for seat in problem.seats
            for one in problem.candidates
        ),
    ]
    for pin in draw(st.lists(st.sampled_from(wanted), max_size=3)):
        fields = {name: getattr(problem, name) for name in Problem.__dataclass_fields__}
        more = Problem(**{**fields, "pins": (*problem.pins, pin)})
        if not check(more):
            problem = more
    return problem
