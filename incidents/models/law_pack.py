"""Duties to notify as law in versions: the pack of regimes, and the profile that switches them on."""

from django.db import models
from simple_history.models import HistoricalRecords

from incidents.models.governed import GovernedVersion, VersionQuerySet


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
        permissions = [
            ("draft_lawpack", "Can draft a law pack"),
            ("submit_lawpack", "Can submit a law pack"),
            ("approve_lawpack", "Can approve a law pack"),
            ("withdraw_lawpack", "Can withdraw a law pack"),
        ]

    def __str__(self) -> str:
        return f"Law pack v{self.number}"

    def authors(self) -> frozenset[int]:
        """Its maker, and whoever wrote it before: what stands may be theirs; one query."""
        return super().authors() | frozenset(self.history.values_list("maker_id", flat=True))


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
        permissions = [
            ("draft_legalprofile", "Can draft a legal profile"),
            ("submit_legalprofile", "Can submit a legal profile"),
            ("approve_legalprofile", "Can approve a legal profile"),
            ("withdraw_legalprofile", "Can withdraw a legal profile"),
        ]

    def __str__(self) -> str:
        return f"Legal profile v{self.number}"

    def authors(self) -> frozenset[int]:
        """Its maker, and whoever wrote it before: what stands may be theirs; one query."""
        return super().authors() | frozenset(self.history.values_list("maker_id", flat=True))
