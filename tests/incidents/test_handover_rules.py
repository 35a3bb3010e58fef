"""The briefing of a hand-over: nothing in it is ever empty, and nothing said is replaced."""

from datetime import UTC, datetime, timedelta, timezone

from incidents.rules.handover import complete, decisions_of, to_the_second, updates_of

AT = datetime(2026, 11, 23, 9, 5, 7, 900_000, tzinfo=UTC)


def test_what_nobody_said_the_incident_says() -> None:
    said = complete(
        "Rolling back",
        decisions="",
        next_update="",
        open_questions="",
        decided=[("Roll back?", "Yes")],
        due=[("internal", AT)],
    )
    assert said.decisions == "Roll back? Yes"
    assert said.next_update == "internal: 2026-11-23 09:05 UTC"
    assert said.open_questions == "None named."


def test_what_was_said_stands() -> None:
    said = complete(
        "Rolling back",
        decisions="We roll back",
        next_update="Public, at ten",
        open_questions="Why did it fail?",
        decided=[("Roll back?", "Yes")],
        due=[("internal", AT)],
    )
    assert said.said() == (
        "Where we stand: Rolling back\n\nDecisions that hold:\nWe roll back\n\n"
        "Next update:\nPublic, at ten\n\nOpen questions:\nWhy did it fail?"
    )


def test_an_incident_that_knows_nothing_says_so() -> None:
    assert decisions_of([]) == "None recorded."
    assert updates_of([]) == "None is due."


def test_a_long_decision_is_shortened() -> None:
    line = decisions_of([("Why? " * 100, "Because. " * 100)])
    assert line.count("[...]") == 2
    assert len(line) <= 261


def test_instants_are_said_in_utc_and_to_the_second() -> None:
    there = AT.astimezone(timezone(timedelta(hours=2)))
    assert to_the_second(there) == "2026-11-23 09:05:07 UTC"
    assert updates_of([("public", there)]) == "public: 2026-11-23 09:05 UTC"
