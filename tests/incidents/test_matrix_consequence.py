"""What another matrix would mean tomorrow: who answers, whose load rises, which roles stand empty."""

from datetime import date

import pytest

from incidents.rules.matrix_consequence import Answering, Handover, RoleLoad, Unfilled, foresee
from incidents.rules.matrix_facts import Facts, Holder, RoleFact
from incidents.rules.raci import Activity, Grid, Letter

A, R, I = Letter.A, Letter.R, Letter.I  # noqa: E741
IC, CL, LC = "commander", "communications", "counsel"
ADA, BEN, CLEO = (Holder(name.lower(), name) for name in ("Ada", "Ben", "Cleo"))
LAPSED = Holder("lou", "Lou", lapsed_on=date(2026, 1, 1))
FACTS = Facts(
    roles={
        IC: RoleFact(IC, "Commander", holders=(ADA, BEN)),
        CL: RoleFact(CL, "Speaker", holders=(BEN, CLEO)),
        LC: RoleFact(LC, "Counsel", holders=(LAPSED,)),
    }
)


def grid(*rows: tuple[str, dict[str, Letter]], roles: tuple[str, ...] = (IC, CL, LC)) -> Grid:
    return Grid(tuple(Activity("triage", name, letters) for name, letters in rows), roles)


PUBLISH = grid(("Publish", {IC: A, CL: R}))


def test_what_changes_nothing_has_no_consequence() -> None:
    found = foresee(PUBLISH, PUBLISH, FACTS)
    assert (found.handovers, found.loads, found.roles, found.unfilled) == ((), (), (), ())


def test_who_answers_is_named_before_and_after_by_role_and_person() -> None:
    found = foresee(PUBLISH, grid(("Publish", {CL: A, IC: I})), FACTS)
    assert found.handovers == (
        Handover(
            "triage",
            "Publish",
            Answering(("Commander",), ("Ada", "Ben")),
            Answering(("Speaker",), ("Ben", "Cleo")),
        ),
    )


def test_what_is_new_or_gone_has_one_empty_side() -> None:
    found = foresee(PUBLISH, grid(("Decide", {IC: A})), FACTS)
    sides = {one.activity: (one.before.roles, one.after.roles) for one in found.handovers}
    assert sides == {"Decide": ((), ("Commander",)), "Publish": (("Commander",), ())}


def test_loads_are_shared_by_the_ready_and_the_greatest_rise_comes_first() -> None:
    after = grid(("Publish", {IC: A, CL: R}), ("Draft", {CL: A}), ("Answer", {CL: R}))
    found = foresee(PUBLISH, after, FACTS)
    assert [(one.name, one.before, one.after, one.rise) for one in found.loads] == [
        ("Ben", 1.0, 2.0, 1.0),
        ("Cleo", 0.5, 1.5, 1.0),
    ]
    less = foresee(after, grid(("Publish", {IC: A}), ("Decide", {IC: A})), FACTS).loads
    assert [(one.name, one.rise) for one in less] == [
        ("Ada", 0.5),
        ("Ben", -1.0),
        ("Cleo", -1.5),
    ]


def test_roles_gain_and_lose_letters() -> None:
    found = foresee(PUBLISH, grid(("Publish", {CL: Letter.AR, IC: I})), FACTS)
    assert found.roles == (
        RoleLoad("Speaker", accountable=(0, 1), responsible=(1, 1)),
        RoleLoad("Commander", accountable=(1, 0), responsible=(0, 0)),
    )


@pytest.mark.parametrize(("today", "is_new"), [({}, True), ({LC: R}, False)])
def test_a_role_nobody_is_ready_for_is_named(today: dict[str, Letter], is_new: bool) -> None:
    before = grid(("Publish", {IC: A, CL: R}), ("Advise", today))
    after = grid(("Publish", {IC: A, CL: R}), ("Advise", {LC: A}), ("Sign", {LC: R}))
    assert foresee(before, after, FACTS).unfilled == (Unfilled("Counsel", 2, is_new),)


def test_who_is_only_told_needs_nobody_ready() -> None:
    assert foresee(PUBLISH, grid(("Publish", {IC: A, CL: R, LC: I})), FACTS).unfilled == ()
