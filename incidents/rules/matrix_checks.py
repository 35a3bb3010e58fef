"""The checks a matrix must pass, each from the catalogue R01 to R34 that docs/checks.md tells.

An error blocks submission and approval, a warning wants a reason kept with the version, an
information is only shown. R18 and R21 are no business of the letters and live elsewhere.
"""

from incidents.rules import (
    checks_of_acts,
    checks_of_cases,
    checks_of_columns,
    checks_of_letters,
    checks_of_people,
    checks_of_roles,
    checks_of_versions,
)
from incidents.rules.findings import Check, Finding, Level, Matter, Needs, Spot, Thresholds
from incidents.rules.matrix_facts import Facts
from incidents.rules.raci import Grid

__all__ = ["CHECKS", "Check", "Finding", "Level", "Needs", "Thresholds", "check"]

_ERROR, _WARNING, _INFORMATION = Level
_DEFAULTS = Thresholds()

CHECKS: tuple[Check, ...] = (
    Check("R01", _ERROR, checks_of_letters.more_than_one_accountable),
    Check("R02", _ERROR, checks_of_letters.nobody_accountable),
    Check("R03", _ERROR, checks_of_letters.nobody_responsible),
    Check("R04", _WARNING, checks_of_acts.own_approval_governed),
    Check("R04", _INFORMATION, checks_of_acts.own_work_approved),
    Check("R05", _ERROR, checks_of_people.approved_by_who_prepared, Needs.REGISTER),
    Check("R06", _WARNING, checks_of_letters.too_many_responsible),
    Check("R07", _WARNING, checks_of_letters.too_many_consulted),
    Check("R08", _WARNING, checks_of_letters.too_many_informed),
    Check("R09", _WARNING, checks_of_letters.nobody_told),
    Check("R10", _WARNING, checks_of_acts.consulted_against_the_clock),
    Check("R11", _WARNING, checks_of_columns.accountable_for_too_much),
    Check("R12", _WARNING, checks_of_columns.responsible_for_too_much),
    Check("R13", _WARNING, checks_of_columns.in_everything),
    Check("R14", _INFORMATION, checks_of_columns.never_at_work),
    Check("R15", _ERROR, checks_of_columns.named_after_a_person),
    Check("R16", _ERROR, checks_of_people.too_few_holders, Needs.REGISTER),
    Check("R16", _INFORMATION, checks_of_people.nobody_registered, Needs.FACTS),
    Check("R17", _ERROR, checks_of_people.commander_does_the_work, Needs.REGISTER),
    Check("R19", _WARNING, checks_of_people.two_reporting_lines, Needs.REGISTER),
    Check("R20", _WARNING, checks_of_roles.span_of_command, Needs.FACTS),
    Check("R22", _WARNING, checks_of_acts.accountable_from_afar),
    Check("R23", _ERROR, checks_of_cases.broken_by_a_variation),
    Check("R24", _ERROR, checks_of_acts.governs_too_little),
    Check("R24", _WARNING, checks_of_acts.speaks_of_too_little),
    Check("R24", _INFORMATION, checks_of_acts.governs_nothing),
    Check("R25", _ERROR, checks_of_cases.varies_for_nothing),
    Check("R26", _ERROR, checks_of_versions.law_without_approval, Needs.FORCE),
    Check("R27", _WARNING, checks_of_versions.not_looked_at_for_long, Needs.FORCE),
    Check("R27", _WARNING, checks_of_versions.changed_around, Needs.FORCE),
    Check("R28", _WARNING, checks_of_versions.not_attested, Needs.FORCE),
    Check("R29", _WARNING, checks_of_people.hard_to_reach, Needs.REGISTER),
    Check("R30", _ERROR, checks_of_people.everybody_away, Needs.REGISTER_IN_FORCE),
    Check("R30", _INFORMATION, checks_of_people.no_longer_ready, Needs.REGISTER),
    Check("R31", _ERROR, checks_of_roles.reporting_in_a_circle, Needs.FACTS),
    Check("R31", _WARNING, checks_of_people.escalates_to_oneself, Needs.REGISTER),
    Check("R32", _WARNING, checks_of_people.unevenly_loaded, Needs.REGISTER),
    Check("R34", _INFORMATION, checks_of_acts.names_used_twice),
    Check("R34", _INFORMATION, checks_of_acts.begins_without_a_verb),
)


def check(
    grid: Grid, thresholds: Thresholds = _DEFAULTS, facts: Facts | None = None
) -> list[Finding]:
    """Everything the checks find, in the order of the rules, then of the matrix.

    Without facts, as of a file, only what the grid alone answers is asked.
    """
    matter = Matter(grid, thresholds, facts)
    return [
        _finding(each, spot)
        for each in CHECKS
        if each.is_asked(facts)
        for spot in each.look(matter)
    ]


def _finding(check: Check, spot: Spot) -> Finding:
    phase, name = spot.activity.place if spot.activity else (spot.phase, "")
    return Finding(check.rule, check.level, phase, name, spot.role, spot.message, spot.case)
