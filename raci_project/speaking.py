"""Settings of what carries messages: mail, and the other channels."""

from pathlib import Path

from environs import ValidationError

from raci_project import mail_providers
from raci_project.environment import POSITIVE, VAR_DIR, a_url_of, env

# --- Mail: EMAIL_URL such as smtp://user:pass@host:587/?tls=true, or that of a provider, such as
# postmark://TOKEN@; without it, files.
_MAIL_SERVERS = ("smtp", "smtps", "submission", "submit")


def _a_mail_url(url: str) -> None:
    a_url_of(*_MAIL_SERVERS, *mail_providers.PROVIDERS)(url)
    if mail_providers.is_provider(url) and (problem := mail_providers.problem(url)):
        raise ValidationError(problem)


# A mail server that hangs must not hold a worker: the row goes back and is tried again.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=15, validate=POSITIVE)
EMAIL_URL = env.str("EMAIL_URL", default="", validate=_a_mail_url)
if not EMAIL_URL:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
elif mail_providers.is_provider(EMAIL_URL):
    EMAIL_BACKEND = mail_providers.backend(EMAIL_URL)
    ANYMAIL = mail_providers.anymail(EMAIL_URL, timeout=EMAIL_TIMEOUT)
else:
    _mail = env.dj_email_url("EMAIL_URL")
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (
        _mail["EMAIL_HOST_USER"],
        _mail["EMAIL_HOST_PASSWORD"],
    )
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="incidents@localhost")

# --- Other channels: CHANNEL_SMS and so on, each what Apprise calls a URL, in which {address}
# stands for the recipient's own. What has none is not set up here, and goes by e-mail.
CHANNEL_URLS: dict[str, str] = {
    name: url
    for name in ("sms", "voice", "slack", "teams", "discord", "pagerduty", "opsgenie")
    if (url := env.str(f"CHANNEL_{name.upper()}", default=""))
}
# Webhooks go to these hosts alone, each signed with the secret.
WEBHOOK_HOSTS: list[str] = env.list("WEBHOOK_HOSTS", default=[])
WEBHOOK_SECRET = env.str("WEBHOOK_SECRET", default="")
# Atlassian Statuspage by its API: with a key, its pages may be destinations of public updates.
STATUSPAGE_API_KEY = env.str("STATUSPAGE_API_KEY", default="")
STATUSPAGE_URL = env.str(
    "STATUSPAGE_URL",
    default="https://api.statuspage.io/v1",
    validate=a_url_of("https", "http"),
).rstrip("/")
CHANNELS = (
    "email",
    *CHANNEL_URLS,
    *(["webhook"] if WEBHOOK_HOSTS and WEBHOOK_SECRET else []),
    *(["atlassian"] if STATUSPAGE_API_KEY else []),
)
# Providers that hand in replies prove with it who they are; without it none is taken.
REPLY_SECRET = env.str("REPLY_SECRET", default="")

# --- The status page of our own: files, written by the worker, served by any web server.
STATUS_DIR = Path(env.str("STATUS_DIR", default=str(VAR_DIR / "status")))
