"""Where settings come from: the environment, judged as it is read; what is kept under var/."""

import secrets
from collections.abc import Callable
from pathlib import Path
from zoneinfo import available_timezones

from environs import Env, ValidationError, validate

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)


def a_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("Not a time zone. Use an IANA name such as Europe/Berlin.")


def a_url_of(*schemes: str) -> Callable[[str], None]:
    """Judges a URL by its scheme; an empty one means the embedded default."""

    def judge(url: str) -> None:
        if url and url.partition("://")[0] not in schemes:
            raise ValidationError(f"Must begin with one of {', '.join(schemes)}, then ://.")

    return judge


POSITIVE = validate.Range(min=1)


def kept_secret(name: str) -> str:
    """A secret of the embedded installation: made once, kept under var/, readable by its owner."""
    path = VAR_DIR / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()
