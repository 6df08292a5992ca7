"""How the API of Zalo's Official Accounts is called: a token in a header, and errors below zero under HTTP 200."""

from enum import IntEnum
from typing import Any

import httpx

from bot import redact
from bot.channels import zalo
from bot.channels.channel import File, lost
from bot.channels.zalo import fields
from bot.channels.zalo_oa_grant import Grant

CONNECT, ANSWER, UPLOAD = 5.0, 20.0, 60.0  # seconds
AT_ONCE = 16  # connections
SEND, SEND_OLD = "/v3.0/oa/message/cs", "/v2.0/oa/message"
TEMPLATE = "/v3.0/oa/message/template"
ABOUT_US = "/v2.0/oa/getoa"


class Code(IntEnum):
    """What Zalo's error table says. The numbers above zero are HTTP's, where a page answers in Zalo's place."""

    LIMIT = 429
    TOO_LARGE = 413
    RATE = -32
    ATTACHMENT = -100
    FAILED = -200
    BAD = -201
    TEMPLATE_TOKEN = -124
    TEMPLATE_NIGHT = -133
    OA_DISABLED = -204
    OA_MISSING = -205
    APP_INACTIVE = -209
    TOO_LONG = -210
    QUOTA = -211
    UNREGISTERED = -212
    NOT_FOLLOWED = -213
    TOKEN = -216
    BLOCKED = -217
    THEIR_QUOTA = -218
    APP_REMOVED = -219
    TOKEN_EXPIRED = -220
    UNVERIFIED = -221
    UNAUTHORISED = -223
    PACKAGE = -224
    IDLE = -227
    SILENT = -230
    SILENT_TOO = -232
    CONTENT = -233
    NIGHT = -234
    KIND = -235
    GROUP_OFF = -237
    ASSET = -238
    OLD_OFF = -240
    ASSET_TOO = -241
    PROOF = -242
    RESTRICTED = -244
    POLICY = -248
    POLICY_TOO = -249
    WALLET = -320
    MONEY = -321
    NOT_IN_GROUP = -403


class Failed(Exception):
    """Zalo's own "no", by its number; the words are for the log, and tell no secret."""

    def __init__(self, code: int, description: str = "") -> None:
        self.code, self.description = code, redact.text(description)[:200]
        super().__init__(f"{code}: {self.description}")


class Api:
    def __init__(self, grant: Grant, base_url: str) -> None:
        self._grant, self._base = grant, base_url.rstrip("/")
        self._http = httpx.AsyncClient(limits=httpx.Limits(max_connections=AT_ONCE), trust_env=False)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What Zalo tells. Raises Failed where it refuses; otherwise Later, Unknown or Stopped."""
        return await self._call("POST", path, ANSWER, json=body)

    async def about_us(self) -> dict[str, Any]:
        return await self._call("GET", ABOUT_US, ANSWER)

    async def upload(self, kind: str, file: File, content: bytes) -> dict[str, Any]:
        """The handle of an "image", a "gif" or a "file"; it lives for seven days."""
        given = {"file": (file.name, content, file.mime)}
        return await self._call("POST", f"/v2.0/oa/upload/{kind}", UPLOAD, files=given)

    async def _call(self, verb: str, path: str, patience: float, **content: Any) -> dict[str, Any]:
        """Where Zalo does not take our token, once more with a new one: nothing can have come of the first."""
        token = await self._grant.token()
        try:
            return await self._once(token, verb, path, patience, **content)
        except Failed as failed:
            if failed.code not in (Code.TOKEN, Code.TOKEN_EXPIRED, Code.TEMPLATE_TOKEN):
                raise
        return await self._once(await self._grant.token(unlike=token), verb, path, patience, **content)

    async def _once(self, token: str, verb: str, path: str, patience: float, **content: Any) -> dict[str, Any]:
        times = httpx.Timeout(patience, connect=CONNECT)
        try:
            answer = await self._http.request(
                verb, self._base + path, headers={"access_token": token}, timeout=times, **content
            )
        except httpx.RequestError as error:
            raise lost(error) from None
        return _told(answer)

    async def close(self) -> None:
        await self._grant.close()
        await self._http.aclose()


def _told(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
        code = int(told["error"])
    except (ValueError, RecursionError, KeyError, TypeError):
        raise _page(answer.status_code) from None
    if code:
        raise Failed(code, str(told.get("message") or ""))
    return fields(told.get("data"))


def _page(status: int) -> Exception:
    return Failed(status) if status in (Code.LIMIT, Code.TOO_LARGE) else zalo.page(status)
