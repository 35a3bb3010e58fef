"""What a mail provider's error means, in the words the carriers speak."""

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives

from incidents.channels.answers import AgainError, phrase
from incidents.channels.carrying import AwayError, RefusedError
from incidents.channels.short import cut
from incidents.operations.records import one_line

# Nobody is let in, or not so fast. 403 may be about one recipient, who must not hold up all.
_AWAY = {401, 402, 407, 429}
_ACCEPTED = {"queued", "sent"}
_SAID_ROOM = 200


def meaning(error: Exception) -> Exception:
    """The error as a carrier raises it; whatever is no error of a provider comes back as it is.

    A provider that says 400 or 422 may mean the message or our settings: it is tried again, ten
    times at most, so that a wrong setting does not kill the whole queue at once.
    """
    if isinstance(error, AnymailRecipientsRefused):
        return RefusedError("the mail provider refuses the recipient")
    if not isinstance(error, AnymailError):
        return error
    if isinstance(error, ValueError):  # no mail can be made of it for this provider
        return RefusedError(one_line(str(error.args[0] if error.args else error)))
    if error.status_code is None:  # its words hold the address of the provider and the mail
        return AwayError(f"mail provider away: {type(error.__cause__ or error).__name__}")
    said = f"the mail provider answered {phrase(error.status_code)}: {_words(error)}"
    return (AwayError if error.status_code in _AWAY else AgainError)(said)


def require_accepted(mail: EmailMultiAlternatives) -> None:
    """Return only if the provider took it, or is no provider: silence is not yes.

    Where Anymail cannot read who was refused it says “unknown” and raises nothing.
    """
    answered = getattr(mail, "anymail_status", None)
    if answered is not None and not _ACCEPTED & (answered.status or set()):
        raise AgainError("the mail provider does not say what became of it")


def _words(error: AnymailError) -> str:
    return cut(one_line(error.response.text), _SAID_ROOM) if error.response is not None else ""
