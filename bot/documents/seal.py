"""The mark hidden in a worksheet: whose it is, of which campaign, made when so much was reported."""

import hashlib

from itsdangerous import BadData, URLSafeSerializer

BEGINS = "nhachan:"
Mark = tuple[int, str, int]
"""Campaign, unit, the unit's newest report then."""


def sign(mark: Mark, key: str) -> str:
    return BEGINS + _signer(key).dumps(list(mark))


def opened(text: str, key: str) -> Mark | None:
    """None when it is not ours, or somebody has changed it."""
    try:
        campaign, unit, seen = _signer(key).loads(text.removeprefix(BEGINS))
    except (BadData, ValueError, TypeError):
        return None
    return int(campaign), str(unit), int(seen)


def _signer(key: str) -> URLSafeSerializer:
    if not key:
        raise ValueError("an empty key would let anyone sign")
    return URLSafeSerializer(key, salt="worksheet", signer_kwargs={"digest_method": hashlib.sha256})
