"""A rotation from its first line to its last: its settings, its bands of the day, its members."""

import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from incidents.models import Person, Qualification, Role, Shift
from incidents.models.calendar import today
from incidents.operations import records, standing, words
from incidents.rules.reasons import Invalid, Reason, Refused
from training.models import Rota, RotaBand, RotaMember
from training.rules import rotation_checks as checks
from training.rules.rotation_checks import Settings
from training.rules.rotation_hours import Band

ADD, CHANGE = "training.add_rota", "training.change_rota"
_FIELDS = tuple(Settings.__dataclass_fields__)


@transaction.atomic
def create(
    *,
    name: str,
    role: Role,
    settings: Settings,
    bands: Iterable[Band],
    actor: Person,
    at: datetime,
) -> Rota:
    """A rotation of this role with its bands; nobody serves in it before it is published.

    Invalid, every reason by its field: a name that is taken, `no_bands`, settings or bands that
    cannot be. Bands may overlap, and leave hours to nobody; its page says both.
    """
    standing.permit_to(actor, ADD)
    name = words.required(
        name, "name", "Name the rotation, such as Incident command.", longest=80
    )
    slug = slugify(name)[:50]
    if not slug or Rota.objects.filter(Q(pk=slug) | Q(name=name)).exists():
        message = (
            "There is a rotation of this name, or its name has no letters: choose another."
        )
        raise Invalid.because("name_taken", message, "name")
    wanted = list(bands)
    if not wanted:
        message = "Say which hours of the day it covers: at least one band."
        raise Invalid.because("no_bands", message, "bands")
    _require(checks.settings_reasons(settings))
    rota = Rota.objects.create(pk=slug, name=name, role=role, **asdict(settings))
    for band in wanted:
        _write_band(rota, band)
    records.audit(
        "create_rota", rota, actor=actor, at=at, role=role.slug,
        bands=[f"{each.label} {each.begins:%H:%M}-{each.ends:%H:%M} {each.zone}" for each in wanted],
        **asdict(settings),
    )  # fmt: skip
    return rota


@transaction.atomic
def change(rota: Rota, *, actor: Person, at: datetime, **changes: Any) -> Rota:
    """Other settings, for the shifts still to be published; what is published stays.

    Invalid: settings that cannot be. Refused: `begun_already` to move the first day of a rotation
    that has shifts, since its runs are counted from there; `nothing_changed`.
    """
    _lock(rota, actor)
    before = Settings(**{name: getattr(rota, name) for name in _FIELDS})
    after = replace(before, **changes)
    if after == before:
        raise Refused.because("nothing_changed", "It is set so already: change something.")
    if after.starts_on != before.starts_on and _has_shifts(rota):
        message = "It has shifts, and its runs are counted from its first day: end it instead."
        raise Refused.because("begun_already", message, "starts_on")
    _require(checks.settings_reasons(after))
    changed = {
        name: value for name, value in asdict(after).items() if value != getattr(before, name)
    }
    for name, value in changed.items():
        setattr(rota, name, value)
    rota.save()
    records.audit("change_rota", rota, actor=actor, at=at, **changed)
    return rota


@transaction.atomic
def set_band(
    rota: Rota, *, label: str, begins: time, ends: time, time_zone: str, actor: Person,
    at: datetime,
) -> Rota:  # fmt: skip
    """Add a band of the day, or change the one of this name; for shifts still to be published.

    Where it does not end later it ends on the next day; at the same time is around the clock.
    """
    _lock(rota, actor)
    label = label.strip()
    is_new = _write_band(rota, Band(label, begins, ends, time_zone))
    records.audit(
        "set_band", rota, actor=actor, at=at, band=label, is_new=is_new,
        begins=begins, ends=ends, time_zone=time_zone,
    )  # fmt: skip
    return rota


@transaction.atomic
def remove_band(rota: Rota, *, band: RotaBand, actor: Person, at: datetime) -> Rota:
    """No further shifts of this band; those published stay.

    Refuses `last_band`, and `somebodys_only_band`: without it the member would take any.
    """
    _lock(rota, actor)
    held = rota.bands.filter(pk=band.pk).first()
    if held is None:
        raise Refused.because("no_such_band", "It is gone already.", "band")
    if rota.bands.count() == 1:
        message = "It is the only band: end the rotation, or add another band first."
        raise Refused.because("last_band", message, "band")
    members = RotaMember.objects.filter(rota=rota, left_on=None, bands=held)
    only = [each for each in members.select_related("person") if each.bands.count() == 1]
    if only:
        names = ", ".join(str(each.person) for each in only)
        message = f"It is the only band of {names}: say first which others they take."
        raise Refused.because("somebodys_only_band", message, "band")
    held.delete()
    records.audit("remove_band", rota, actor=actor, at=at, band=held.label)
    return rota


@transaction.atomic
def join(
    rota: Rota,
    *,
    person: Person,
    joined_on: date,
    bands: Sequence[RotaBand] = (),
    actor: Person,
    at: datetime,
) -> RotaMember:
    """From this day on the person takes turns, and owes nothing of what was before.

    With `bands` only those, without any those in their waking hours; said again of a member it
    changes their bands. Refuses `not_active`, `not_qualified` on that day, and Invalid
    `joined_in_past` once there are shifts: nobody owes what they could not have served.
    """
    _lock(rota, actor)
    if not person.is_active:
        message = f"{person} is deactivated: choose somebody active."
        raise Refused.because("not_active", message, "person")
    valid = Qualification.objects.valid(max(joined_on, today(at)))
    if not valid.filter(person=person, role=rota.role_id).exists():
        message = (
            f"{person} is not qualified as {rota.role.name} on that day: qualify them first. "
            "Until then they learn it beside others."
        )
        raise Refused.because("not_qualified", message, "person")
    row = rota.members.filter(person=person, left_on=None).first()
    if row is None:
        if joined_on < today(at) and _has_shifts(rota):
            message = "Today or later: nobody owes shifts they could not have served."
            raise Invalid.because("joined_in_past", message, "joined_on")
        row = RotaMember.objects.create(rota=rota, person=person, joined_on=joined_on)
    row.bands.set(_own(rota, bands))
    records.audit(
        "join_rota", rota, actor=actor, at=at, person=person.username,
        joined_on=row.joined_on, bands=[each.label for each in bands],
    )  # fmt: skip
    return row


@transaction.atomic
def leave(
    rota: Rota, *, person: Person, left_on: date, actor: Person, at: datetime
) -> RotaMember:
    """From this day on the person takes no turns. Shifts they have by then stay theirs until
    somebody else serves them: the next look names them. Refuses `not_a_member`, `left_in_past`."""
    _lock(rota, actor)
    row = rota.members.filter(person=person, left_on=None).first()
    if row is None:
        raise Refused.because("not_a_member", f"{person} takes no turns in it.", "person")
    if left_on < max(today(at), row.joined_on):
        message = "Today or later, and not before they joined."
        raise Invalid.because("left_in_past", message, "left_on")
    row.left_on = left_on
    row.save()
    records.audit(
        "leave_rota", rota, actor=actor, at=at, person=person.username, left_on=left_on
    )
    return row


def _lock(rota: Rota, actor: Person) -> None:
    """Read anew and held, for who may change it."""
    standing.permit_to(actor, CHANGE)
    rota.refresh_from_db(from_queryset=Rota.objects.select_for_update())


def _write_band(rota: Rota, band: Band) -> bool:
    """Whether it is a new one."""
    zones = zoneinfo.available_timezones()
    _require(checks.band_reasons(band.label, band.zone, zones))
    return RotaBand.objects.update_or_create(
        rota=rota,
        label=band.label,
        defaults={"begins": band.begins, "ends": band.ends, "time_zone": band.zone},
    )[1]


def _own(rota: Rota, bands: Sequence[RotaBand]) -> Sequence[RotaBand]:
    if any(each.rota_id != rota.pk for each in bands):
        message = "That is a band of another rotation."
        raise Invalid.because("no_such_band", message, "bands")
    return bands


def _require(reasons: Iterable[Reason]) -> None:
    found = tuple(reasons)
    if found:
        raise Invalid(*found)


def _has_shifts(rota: Rota) -> bool:
    return Shift.objects.filter(rota=rota.pk).exists()
