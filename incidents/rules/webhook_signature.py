"""Signatures of webhooks as standardwebhooks.com has them: HMAC-SHA256 over id, time and body."""

import hmac
from base64 import b64decode, b64encode
from binascii import Error
from hashlib import sha256

# Who replays an old call is too late; clocks of two machines may differ by as much.
TOLERANCE_SECONDS = 300
VERSION = "v1"
_PREFIX = "whsec_"


def sign(secret: str, *, id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`; `timestamp` is in seconds since 1970, UTC."""
    said = f"{id}.{timestamp}.".encode() + body
    return f"{VERSION},{b64encode(hmac.digest(_key(secret), said, sha256)).decode()}"


def is_signed(
    secret: str, signatures: str, *, id: str, timestamp: str, body: bytes, now: int
) -> bool:
    """Whether one of the signatures is ours and no older, or younger, than five minutes.

    There may be several, parted by spaces, while the secret is changed.
    """
    if not secret or not timestamp.isascii() or not timestamp.isdigit():
        return False
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = sign(secret, id=id, timestamp=int(timestamp), body=body).encode()
    return any(hmac.compare_digest(one.encode(), expected) for one in signatures.split())


def _key(secret: str) -> bytes:
    """`whsec_` and base64, as others hand them out; anything else is taken as it stands."""
    if secret.startswith(_PREFIX):
        try:
            return b64decode(secret.removeprefix(_PREFIX), validate=True)
        except Error:
            pass
    return secret.encode()
