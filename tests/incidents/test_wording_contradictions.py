"""Wording checks: what was said before, and what is said now."""

import pytest

from tests.incidents.wording_room import after, ids, said


def test_a_stage_that_goes_back_is_said_or_corrected() -> None:
    now, before = (
        said("We look into it.", stage="investigating"),
        said("Done.", stage="resolved"),
    )
    assert "W16" in ids(now, after(before))
    assert "W16" not in ids(now, after(before, is_correction=True))
    assert "W16" not in ids(said("It came back.", stage="investigating"), after(before))
    assert "W16" not in ids(before, after(now))


def test_impact_that_shrank_and_grew_again_is_said() -> None:
    story = [said("…", impact=impact) for impact in ("major", "degraded")]
    assert "W16" in ids(said("It is slow.", impact="partial"), after(*story))
    assert "W16" not in ids(
        said("It is slow.", impact="partial"), after(said("…", impact="degraded"))
    )
    assert "W16" not in ids(said("It is slow.", impact="none"), after(*story))


def test_what_was_over_does_not_still_fail() -> None:
    before = after(said("This incident has been resolved."))
    assert "W16" in ids("Payments are still failing.", before)
    assert "W16" not in ids("Payments work.", before)


@pytest.mark.parametrize(
    ("now", "differs"),
    [
        ("Payments fail since 13:40 UTC.", True),
        ("Payments fail since 2:05 pm UTC.", False),
        ("Payments fail since 15:05 CET.", False),
        ("Recovered since 15:10 UTC.", False),
        ("Payments fail.", False),
    ],
)
def test_since_when_is_told_once(now: str, differs: bool) -> None:
    known = after(said("It began at 14:05 UTC."))
    assert ("W17" in ids(now, known)) == differs
    corrected = after(said("It began at 14:05 UTC."), is_correction=True)
    assert "W17" not in ids(now, corrected)


def test_another_share_is_said_to_have_changed() -> None:
    known = after(said("About 5% of payments fail."))
    assert "W18" in ids("About 9% of payments fail.", known)
    assert "W18" not in ids("The share rose: 9% of payments fail now.", known)
    assert "W18" not in ids("About 9% of pages are slow.", known)


def test_a_service_named_before_is_not_forgotten() -> None:
    known = after(said("…", services=("Payments", "Sign-in")))
    assert "W19" in ids(said("It is slow.", services=("Payments",)), known)
    assert "W19" not in ids(said("Sign-in works.", services=("Payments",)), known)
    assert "W19" not in ids(said("…", services=("Payments",), stage="resolved"), known)


def test_a_loss_is_not_denied_and_admitted() -> None:
    lost, none = "Some data was lost.", "No data was lost."
    assert "W20" in ids(lost, after(said(none)))
    assert "W20" in ids(none, after(said(lost)))
    assert "W20" not in ids(none, after(said(none)))
    assert "W20" not in ids(lost, after(said(none), is_correction=True))
