"""Privileged notes: read by counsel, privacy and command here; their words stand nowhere else."""

import json
import logging

import pytest
from django.apps import apps
from django.core import serializers
from django.db import IntegrityError, transaction

from incidents.models import (
    AuditEvent,
    Delegation,
    Incident,
    LegalNote,
    OutboxMessage,
    TimelineEntry,
)
from incidents.operations import legal_notes, lifecycle
from incidents.operations.legal_notes import count, notes, readable, write_legal_note
from incidents.operations.merging import merge
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, COUNSEL, PRIVACY
from tests import factories
from tests.incidents.legal_room import Room, beside, room
from tests.incidents.scene import LATER, MINUTE, again, command_passes, hold, last_act, refused

pytestmark = pytest.mark.django_db

WORDS = "Privileged: we may have been careless with the keys"


@pytest.fixture
def hall() -> Room:
    return room()


def write(hall: Room, **fields) -> LegalNote:
    return write_legal_note(
        hall.incident, **({"text": WORDS, "actor": hall.cora, "at": LATER} | fields)
    )


def test_counsel_privacy_and_command_read_it_and_the_rest_know_that_there_is_one(hall) -> None:
    written = write(hall)
    for who in (hall.cora, hall.petra, hall.ada):
        assert notes(hall.incident, who) == [written]
    boss = factories.person("boss", is_superuser=True)
    for who in (hall.ben, hall.cleo, hall.dan, hall.lea, boss):
        assert not readable(hall.incident, who)
        assert notes(hall.incident, who) == []
    assert count(hall.incident) == 1


@pytest.mark.parametrize("kept", [AuditEvent, TimelineEntry, OutboxMessage, Incident])
def test_its_words_stand_in_no_audit_line_timeline_message_or_incident(hall, kept) -> None:
    write(hall)
    assert WORDS not in serializers.serialize("json", kept.objects.all())
    assert json.dumps(last_act().detail) == json.dumps({"note": LegalNote.objects.get().pk})


def test_its_words_stand_in_no_history_and_in_no_log(hall, caplog) -> None:
    with caplog.at_level(logging.DEBUG):
        write(hall)
    ours = [record for record in caplog.records if not record.name.startswith("django.db")]
    assert not any(WORDS in record.getMessage() for record in ours)
    assert not hasattr(LegalNote, "history")
    for model in apps.get_models():
        if model is not LegalNote and model.objects.exists():
            assert WORDS not in serializers.serialize("json", model.objects.all())


def test_who_commanded_before_reads_no_more_and_who_commands_now_does(hall) -> None:
    write(hall)
    factories.qualify(hall.lea, COMMANDER)
    command_passes(hall.incident, hall.ada, again(hall.lea), LATER + MINUTE)
    assert not readable(hall.incident, hall.ada)
    assert readable(hall.incident, hall.lea)


def test_acting_for_one_of_them_opens_nothing(hall) -> None:
    write(hall)
    Delegation.objects.create(
        incident=hall.incident, role=factories.role(COMMANDER), giver=hall.ada, to=hall.ben,
        act="", reason="I drive", starts_at=LATER, ends_at=LATER + 60 * MINUTE,
    )  # fmt: skip
    assert not readable(hall.incident, hall.ben)


def test_who_held_the_role_to_the_end_reads_it_afterwards(hall) -> None:
    write(hall)
    lifecycle.resolve(hall.incident, actor=hall.ada, at=LATER)
    lifecycle.close(hall.incident, actor=hall.ada, at=LATER + MINUTE)
    assert readable(hall.incident, hall.cora)
    assert not readable(hall.incident, hall.ben)


def test_of_what_was_called_off_it_is_read_by_who_held_the_role_then(hall) -> None:
    write(hall)
    left = factories.person("left")
    hold(hall.incident, left, COUNSEL)
    hall.incident.assignments.filter(person=left).update(ended_at=LATER)
    lifecycle.cancel(hall.incident, reason="A drill", actor=hall.ada, at=LATER + MINUTE)
    assert readable(hall.incident, hall.cora)
    assert not readable(hall.incident, left)
    assert not readable(hall.incident, hall.ben)


def test_who_was_relieved_reads_no_more_though_nobody_came_after_before_it_was_called_off(
    hall,
) -> None:
    write(hall)
    hall.incident.assignments.update(ended_at=LATER, end_reason="Somebody else took over")
    lifecycle.cancel(hall.incident, reason="A drill", actor=hall.lea, at=LATER + MINUTE)
    for who in (hall.ada, hall.cora, hall.petra):
        assert not readable(again(hall.incident), who)


def test_of_a_duplicate_it_stays_with_who_held_the_role_there_when_it_was_merged(hall) -> None:
    write(hall)
    other = beside(hall)
    left = factories.person("left")
    hold(hall.incident, left, PRIVACY)
    hall.incident.assignments.filter(person=left).update(ended_at=LATER)
    merge(hall.incident, into=other.incident, reason="The same", actor=hall.lea, at=LATER)
    there = again(hall.incident)
    assert notes(there, hall.cora)
    for who in (hall.ben, hall.lea, left):
        assert not readable(there, who)
    assert legal_notes.count(other.incident) == 0
    assert WORDS not in serializers.serialize("json", TimelineEntry.objects.all())


def test_of_a_private_incident_it_is_no_other(hall) -> None:
    Incident.objects.update(is_private=True)
    write(hall)
    assert notes(again(hall.incident), hall.petra)
    assert not notes(again(hall.incident), hall.ben)


def test_only_who_may_read_notes_writes_one(hall) -> None:
    for who in (hall.ben, hall.cleo, hall.lea):
        with refused("not_your_role", NotPermitted):
            write(hall, actor=who)
    with refused("no_permission", NotPermitted):
        write(hall, actor=hall.dan)
    with refused("text_missing", Invalid):
        write(hall, text=" ")
    for who in (hall.ada, hall.cora, hall.petra):
        write(hall, actor=who)
    assert legal_notes.count(hall.incident) == 3


def test_a_note_is_never_changed_nor_deleted(hall) -> None:
    write(hall)
    for harm in (
        lambda: LegalNote.objects.update(text="Nothing"),
        lambda: LegalNote.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            harm()
    assert LegalNote.objects.get().text == WORDS
