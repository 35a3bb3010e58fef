"""Any nudge policy there might be, for properties that must hold of all of them."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from incidents.rules.nudges import Ladder, Step
from incidents.rules.policy import Policy

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
OFFSETS = st.integers(-20 * 24 * 60, 40 * 24 * 60).map(lambda minutes: minutes * MINUTE)


@st.composite
def laws(draw: st.DrawFn) -> Policy:
    """Any policy that may be set: steps in order, the last perhaps repeated."""
    offsets = sorted(draw(st.lists(OFFSETS, min_size=1, max_size=6, unique=True)))
    again = draw(
        st.none() | st.integers(60, 10 * 24 * 60).map(lambda minutes: minutes * MINUTE)
    )
    steps = [Step(f"step-{number}", offset) for number, offset in enumerate(offsets)]
    steps[-1] = replace(steps[-1], repeat_every=again)
    days = draw(st.none() | st.integers(0, 60))
    return Policy(
        "action_item",
        is_active=draw(st.booleans()),
        ladder=Ladder(tuple(steps)),
        gives_up_after=None if days is None else days * DAY,
    )
