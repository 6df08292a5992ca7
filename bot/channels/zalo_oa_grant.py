"""The consent of an Official Account: a token for a day, renewed by one that works once."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx

from bot import redact
from bot.channels import zalo
from bot.channels.channel import Later, Stopped, Unknown, lost

CONSENT, EXCHANGE = "/v4/oa/permission", "/v4/oa/access_token"
CONNECT, ANSWER = 5.0, 20.0  # seconds
AHEAD = timedelta(hours=2)  # of its end a token is renewed
LEASE = timedelta(minutes=1)  # in which nobody else renews; longer than an answer may take
LEAST = timedelta(minutes=5)  # that a new token is good for, should Zalo not say
MOST = 10 * 86_400  # seconds that are believed of a token
MEND = "run: nhachan zalo-oa login"


@dataclass(frozen=True)
class Pair:
    access: str = field(repr=False)
    refresh: str = field(repr=False)  # works once
    until: datetime  # the access token works
    renewed: datetime


class Tokens(Protocol):
    """Where the pair is kept, for every process of this house."""

    async def load(self) -> Pair | None: ...

    async def claim(self, stale: Pair) -> bool:
        """Whether we may renew: it is still the pair that is kept, and nobody else renews it. Ours for the lease."""

    async def store(self, pair: Pair) -> None:
        """Returns once it can't be lost; ends the claim."""


class Denied(Exception):
    """Zalo's "no" to a code or a refresh token, by its number; its words tell no secret."""

    def __init__(self, code: int, description: str) -> None:
        self.code, self.description = code, redact.text(description)[:200]
        super().__init__(f"{code}: {self.description}")


class OAuth:
    """Codes and refresh tokens in, pairs out."""

    def __init__(self, app_id: str, app_secret: str, base_url: str, clock: Callable[[], datetime]) -> None:
        redact.install(app_secret)
        self.app_id = app_id
        self._secret, self._base, self._clock = app_secret, base_url.rstrip("/"), clock

    def consent(self, callback: str, verifier: str, state: str) -> str:
        """The address at which an administrator of the account agrees."""
        asked = {"app_id": self.app_id, "redirect_uri": callback, "code_challenge": challenge(verifier), "state": state}
        return f"{self._base}{CONSENT}?{urlencode(asked)}"

    async def exchange(self, code: str, verifier: str) -> Pair:
        return await self._pair(grant_type="authorization_code", code=code, code_verifier=verifier)

    async def refresh(self, token: str) -> Pair:
        return await self._pair(grant_type="refresh_token", refresh_token=token)

    async def _pair(self, **given: str) -> Pair:
        """Raises Denied; Later where nobody can have heard us, Unknown where what was given may be used up."""
        redact.install(*(given[name] for name in ("code", "refresh_token", "code_verifier") if name in given))
        headers, times = {"secret_key": self._secret}, httpx.Timeout(ANSWER, connect=CONNECT)
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=times, headers=headers) as client:
                answer = await client.post(self._base + EXCHANGE, data=given | {"app_id": self.app_id})
        except httpx.RequestError as error:
            raise lost(error) from None
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> Pair:
        """An error may come under HTTP 200, so only tokens are tokens."""
        try:
            told = zalo.fields(answer.json())
        except (ValueError, RecursionError):
            raise zalo.page(answer.status_code) from None
        if told.get("error"):
            words = told.get("error_description") or told.get("error_reason") or told.get("error_name")
            raise Denied(_whole(told["error"]) or 0, str(words or ""))
        access, refresh = zalo.text_of(told.get("access_token")), zalo.text_of(told.get("refresh_token"))
        if not access or not refresh:
            raise Unknown(f"an answer without tokens ({answer.status_code})")
        redact.install(access, refresh)
        now = self._clock()
        seconds = min(_whole(told.get("expires_in")) or 0, MOST)
        return Pair(access, refresh, now + max(timedelta(seconds=seconds), LEAST), now)


class Grant:
    """The token of the moment. One renewal at a time, here and among the processes that share the tokens."""

    def __init__(self, oauth: OAuth, tokens: Tokens, clock: Callable[[], datetime]) -> None:
        self._oauth, self._tokens, self._clock = oauth, tokens, clock
        self._lock = asyncio.Lock()
        self._pair: Pair | None = None
        self._unkept: Pair | None = None  # new, so the only one that works, and not yet kept
        self._under_way: asyncio.Task[Pair] | None = None

    async def token(self, unlike: str = "") -> str:
        """One that works now, as far as we know. `unlike`: one that Zalo has just refused.

        Raises Later where it can't be renewed now, Stopped where only a new consent helps.
        """
        async with self._lock:
            if self._unkept:
                await self._whole(self._keep(self._unkept))
            if not self._good(unlike, AHEAD):
                self._learn(await self._tokens.load())
            if not self._good(unlike, AHEAD):
                await self._renew(unlike)
            assert self._pair
            return self._pair.access

    def _learn(self, pair: Pair | None) -> None:
        self._pair = pair
        if pair:
            redact.install(pair.access, pair.refresh)

    def _good(self, unlike: str, ahead: timedelta) -> bool:
        return bool(self._pair and self._pair.access != unlike and self._clock() < self._pair.until - ahead)

    async def _renew(self, unlike: str) -> None:
        """While it can't be done, the old token will do as long as it works."""
        if self._pair is None:
            raise Stopped(f"nobody has let us speak for this Official Account: {MEND}")
        try:
            if not await self._tokens.claim(self._pair):
                raise Later("another process renews the token", timedelta(seconds=5))
            await self._whole(self._renewed(self._pair))
        except Denied as denied:
            raise Stopped(f"Zalo will not renew the token ({denied}): {MEND}") from None
        except (Later, Unknown) as cut:
            if not self._good(unlike, timedelta(0)):
                raise Later(str(cut), cut.after if isinstance(cut, Later) and cut.after else LEASE) from None

    async def _renewed(self, stale: Pair) -> Pair:
        return await self._keep(await self._oauth.refresh(stale.refresh))

    async def _keep(self, pair: Pair) -> Pair:
        self._unkept = pair
        await self._tokens.store(pair)
        self._pair, self._unkept = pair, None
        return pair

    async def _whole(self, work: Coroutine[Any, Any, Pair]) -> None:
        """Not torn apart when we stop: what it brings is nowhere else."""
        self._under_way = asyncio.ensure_future(work)
        await asyncio.shield(self._under_way)

    async def close(self) -> None:
        if self._under_way:
            await asyncio.gather(self._under_way, return_exceptions=True)


def verifier() -> str:
    """43 characters, as PKCE wants them."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _whole(value: Any) -> int | None:
    """Zalo writes numbers as text here and there."""
    try:
        return int(str(value))
    except ValueError:
        return None
