"""What is asked and answered when roles are filled: needs, the chosen, the rejected, the gaps."""

from dataclasses import dataclass

from incidents.rules.candidates import Service


@dataclass(frozen=True, slots=True)
class Need:
    """One role to fill, why, and for a domain owner the service he answers for."""

    role: str
    why: str
    service: Service | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A person not chosen and why; without a username the reason counts several people."""

    username: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The person for one need, the sentence why, and who else was weighed."""

    role: str
    username: str
    reason: str
    service: Service | None = None
    rejected: tuple[Rejected, ...] = ()
    leaves: str = ""  # the exercise whose command they give up for it


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A need nobody can answer, with the sentences why."""

    role: str
    reasons: tuple[str, ...]
    service: Service | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Every need once, in the order of the needs: chosen or unfilled."""

    assignments: tuple[Chosen, ...]
    unfilled: tuple[Unfilled, ...]
