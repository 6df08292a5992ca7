"""Signed links: whoever holds one may open what it names, until it runs out."""

import hashlib
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer


def sign(secret: str, purpose: str, value: str, expires: datetime) -> str:
    """A token fit for a URL. One signed for another purpose does not open."""
    return _serializer(secret, purpose).dumps([value, int(expires.timestamp())])


def open(secret: str, purpose: str, token: str, now: datetime) -> str | None:
    """What was signed; None when tampered with, expired or of another purpose, and nothing tells which."""
    try:
        value, expires = _serializer(secret, purpose).loads(token)
    except (BadData, ValueError, TypeError):
        return None
    return value if isinstance(value, str) and now.timestamp() < expires else None


def _serializer(secret: str, purpose: str) -> URLSafeSerializer:
    if not secret:
        raise ValueError("an empty secret would let anyone sign")
    signing = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(secret, salt=purpose, signer_kwargs=signing)
