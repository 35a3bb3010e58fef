"""The status page: what asks for it to be written anew, and whether what stands there is up to date."""

from datetime import datetime


def ask(*, at: datetime) -> None:
    """Keep, in the transaction of the act, that what stands on the status page is out of date."""
