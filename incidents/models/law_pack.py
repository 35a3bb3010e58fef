"""Duties to notify as law in versions: the pack of regimes, and the profile that switches them on."""

from django.db import models
from simple_history.models import HistoricalRecords

from incidents.models.governed import GovernedVersion, VersionQuerySet


def _verbs(name: str, called: str) -> list[tuple[str, str]]:
    return [
        (f"{verb}_{name}", f"Can {verb} a {called}")
        for verb in ("draft", "submit", "approve", "withdraw")
    ]


class LawPack(GovernedVersion):
    """One row is one version of all notification duties we know, with their sources.

    `document` is the whole pack as `rules.law_pack.read` takes it; `digest` is the SHA-256 of the
    document in canonical form.
    """

    title = models.CharField(max_length=200)
    as_of = models.CharField(max_length=10, help_text="The day the law was looked up.")
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=200, blank=True, help_text="Where it was taken from.")
    history = HistoricalRecords(excluded_fields=["document"])

    objects = VersionQuerySet["LawPack"].as_manager()

    class Meta(GovernedVersion.Meta):
        abstract = False
        ordering = ["-number"]
        constraints = [
            *GovernedVersion.Meta.constraints,
            models.UniqueConstraint(fields=["number"], name="one_law_pack_a_number"),
        ]
        permissions = _verbs("lawpack", "law pack")

    def __str__(self) -> str:
        return f"Law pack v{self.number}"


class LegalProfile(GovernedVersion):
    """One row is one version of what we are before the law: where, as whom, under which contracts.

    `document` is as `rules.legal_profile.read_profile` takes it.
    """

    document = models.JSONField()
    history = HistoricalRecords()

    objects = VersionQuerySet["LegalProfile"].as_manager()

    class Meta(GovernedVersion.Meta):
        abstract = False
        ordering = ["-number"]
        constraints = [
            *GovernedVersion.Meta.constraints,
            models.UniqueConstraint(fields=["number"], name="one_legal_profile_a_number"),
        ]
        permissions = _verbs("legalprofile", "legal profile")

    def __str__(self) -> str:
        return f"Legal profile v{self.number}"
