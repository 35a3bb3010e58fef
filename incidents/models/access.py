"""API tokens: shown once, stored as a digest."""

import hashlib

from django.db import models

from incidents.models.people import Person


def digest(token: str) -> str:
    """SHA-256 in hex. A token has 256 random bits, so it needs neither salt nor stretching."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiToken(models.Model):
    """One row lets a program act as one person until it is revoked."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    label = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API token"
        verbose_name_plural = "API tokens"

    def __str__(self) -> str:
        return f"{self.person}: {self.label or 'token'}"
