"""What the answer of a provider means: is the message to blame, the provider, or just now."""

from http import HTTPStatus

from incidents.channels.carrying import AwayError, RefusedError

# The recipient or the text is wrong, and will be wrong tomorrow.
_REFUSED = {400, 404, 405, 410, 413, 414, 415, 422}
# Nobody is let in, or not so fast: no message is to blame. 401 is mostly a token that was withdrawn;
# once it is replaced, everything leaves. 403 may be about one recipient, who must not hold up all.
# 420 is how Statuspage says 429 to whoever relied on it before.
_AWAY = {401, 407, 420, 429}
# Twilio answers with codes of its own: no such number, no mobile, opted out, country not allowed;
# and wrong credentials, too many requests.
_REFUSED_BY_CODE = {21211, 21214, 21217, 21265, 21408, 21610, 21612, 21614, 21617}
_AWAY_BY_CODE = {20003, 20429}


class AgainError(Exception):
    """Not accepted this time; another attempt may be."""


def phrase(status: int) -> str:
    """The status with its name: 404 (Not Found)."""
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def failure(status: int, said: str) -> Exception:
    """The error that this answer of the one provider of a channel is; `said` explains it."""
    if status in _REFUSED or status in _REFUSED_BY_CODE:
        return RefusedError(said)
    if status in _AWAY or status in _AWAY_BY_CODE:
        return AwayError(said)
    return AgainError(said)


def failure_of_recipient(status: int, said: str) -> Exception:
    """The same where each recipient answers for itself: one that is away holds up no other."""
    return RefusedError(said) if status in _REFUSED else AgainError(said)
