"""The ladders an installation begins with, one for each thing that may be owed."""

from datetime import timedelta

from incidents.rules import roles
from incidents.rules.nudges import LEADERSHIP, MANAGER, OWNER, PAGE, Ladder, Step

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)

_WITH_MANAGER = (OWNER, MANAGER)
_COUNSEL = (roles.COUNSEL, roles.COMMANDER, LEADERSHIP)

ACTION_ITEM = Ladder(
    (
        Step("due-7d", -7 * _DAY),
        Step("due", timedelta()),
        Step("overdue+3d", 3 * _DAY),
        Step("overdue+7d", 7 * _DAY, repeat_every=7 * _DAY, to=_WITH_MANAGER),
    )
)
REVIEW = Ladder(
    (
        Step("due-2d", -2 * _DAY),
        Step("due", timedelta()),
        Step("overdue+2d", 2 * _DAY, repeat_every=3 * _DAY, to=_WITH_MANAGER),
    )
)
# The owner of an update is who speaks for the incident; once it is late, command knows too.
_WITH_COMMAND = (OWNER, roles.DEPUTY, roles.COMMANDER)
UPDATE = Ladder(
    (
        Step("due-5m", -5 * _MINUTE, priority=PAGE),
        Step("due", timedelta(), to=_WITH_COMMAND, priority=PAGE),
        Step(
            "overdue+10m",
            10 * _MINUTE,
            repeat_every=10 * _MINUTE,
            to=_WITH_COMMAND,
            priority=PAGE,
        ),
    )
)
LEGAL = Ladder(
    (
        Step("due-15m", -15 * _MINUTE, to=_COUNSEL, priority=PAGE),
        Step("due", timedelta(), to=_COUNSEL, priority=PAGE),
        Step(
            "overdue+15m",
            15 * _MINUTE,
            repeat_every=15 * _MINUTE,
            to=_COUNSEL,
            priority=PAGE,
        ),
    )
)
# Who answers for a filing, whose field it is, and who runs the incident.
_DUTY = (OWNER, roles.PRIVACY, roles.COMMANDER)
LEGAL_DUTY = Ladder(
    (
        Step("due-7d", -7 * _DAY, to=(OWNER, roles.PRIVACY)),
        Step("due-24h", -24 * _HOUR, to=_DUTY),
        Step("due-4h", -4 * _HOUR, to=_DUTY, priority=PAGE),
        Step("due-1h", -1 * _HOUR, to=_DUTY, priority=PAGE),
        Step("due-15m", -15 * _MINUTE, to=_DUTY, priority=PAGE),
        Step("due", timedelta(), to=_DUTY, priority=PAGE),
        Step(
            "overdue+1h",
            _HOUR,
            repeat_every=_HOUR,
            to=(*_DUTY, LEADERSHIP),
            priority=PAGE,
        ),
    )
)
CUSTOMER_NOTICE = Ladder(
    (
        Step("due-4h", -4 * _HOUR),
        Step("due-1h", -1 * _HOUR, priority=PAGE),
        Step("due", timedelta(), to=(OWNER, roles.COMMANDER), priority=PAGE),
        Step(
            "overdue+1h",
            _HOUR,
            repeat_every=_HOUR,
            to=(OWNER, roles.COMMANDER, LEADERSHIP),
            priority=PAGE,
        ),
    )
)


# The step of an emergency change that keeps to the middle of the time the organisation allows.
HALF_TIME = "half-time"


def emergency(hours: int) -> Ladder:
    """Of an emergency change that is to be decided within so many hours: half-way, due, then daily."""
    leaders = (LEADERSHIP,)
    return Ladder(
        (
            Step(HALF_TIME, -timedelta(hours=hours) / 2, to=leaders),
            Step("due", timedelta(), to=leaders, priority=PAGE),
            Step("overdue+1d", _DAY, repeat_every=_DAY, to=leaders, priority=PAGE),
        )
    )


GAME_DAY = Ladder(
    (Step("due-14d", -14 * _DAY), Step("due-3d", -3 * _DAY), Step("due-1d", -1 * _DAY))
)
# To who serves; one that nobody has is leadership's, weeks before.
SHIFT = Ladder((Step("due-7d", -7 * _DAY), Step("due-1d", -1 * _DAY)))
# Many steps: one that is found late has the next of them before it soon.
ROTA_GAP = Ladder(
    (
        *(
            Step(f"due-{days}d", -days * _DAY, to=(LEADERSHIP,))
            for days in (28, 21, 14, 10, 7, 5, 3)
        ),
        Step("due-2d", -2 * _DAY, to=(LEADERSHIP,), priority=PAGE),
        Step("due-1d", -1 * _DAY, to=(LEADERSHIP,), priority=PAGE),
    )
)
# Due at the start of the game day: until then whoever plans it must know who comes.
INVITATION = Ladder(
    (
        Step("due-10d", -10 * _DAY),
        Step("due-5d", -5 * _DAY),
        Step("due-2d", -2 * _DAY),
    )
)
# Minnesota Department of Health: the draft by day 30.
AFTER_ACTION = Ladder(
    (
        Step("due-14d", -14 * _DAY),
        Step("due-3d", -3 * _DAY),
        Step("due", timedelta(), to=_WITH_MANAGER),
        Step("overdue+7d", 7 * _DAY, repeat_every=7 * _DAY, to=_WITH_MANAGER),
    )
)
STATEMENT = Ladder(
    (
        Step("due-30d", -30 * _DAY),
        Step("due-7d", -7 * _DAY),
        Step("due", timedelta()),
        Step("overdue+7d", 7 * _DAY, repeat_every=7 * _DAY),
    )
)
# Due once nobody has looked at it for as long as the limits say (R27).
MATRIX = Ladder(
    (
        Step("due", timedelta(), to=(LEADERSHIP,)),
        Step("overdue+7d", 7 * _DAY, repeat_every=7 * _DAY, to=(LEADERSHIP,)),
    )
)
QUALIFICATION = Ladder(
    (
        Step("due-30d", -30 * _DAY, to=_WITH_MANAGER),
        Step("due-7d", -7 * _DAY, to=_WITH_MANAGER),
        Step("due", timedelta(), to=_WITH_MANAGER),
    )
)
RUNBOOK = Ladder(
    (
        Step("due", timedelta()),
        Step("overdue+30d", 30 * _DAY, repeat_every=30 * _DAY),
    )
)
# Its beginning is told by the act that asks.
ATTESTATION = Ladder(
    (
        Step("due-7d", -7 * _DAY),
        Step("due", timedelta()),
        Step("overdue+3d", 3 * _DAY, repeat_every=3 * _DAY, to=_WITH_MANAGER),
    )
)
