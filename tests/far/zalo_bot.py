"""Zalo's Bot Platform on loopback: bots of one owner, what their people do, and the faults it has."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

import httpx

from tests.far.loopback import Call, Carry, Loopback, Reply, carry
from tests.far.telegram import Fault, cut, hang, page, reset, slow
from tests.far.zalo_bot_account import METHODS, Bot, Given, Plan, Refusal, Ways

__all__ = ["SECRET_HEADER", "TOKEN", "ZaloServer", "cut", "hang", "page", "refused", "reset", "slow", "truncated"]

TOKEN = "12345689:abc-xyz_of_the_loopback"
SECRET_HEADER = "X-Bot-Api-Secret-Token"  # [D]
AGENT = "Java/1.8.0_192"  # whoever brings webhooks [M]


def refused(code: int, description: str = "", status: int = 200, spelt: str = "error_code") -> Fault:
    return Fault(_refusal(Refusal(code, description, spelt), status))


def truncated() -> Fault:
    """Carried out, and answered with half of the JSON, as if that were all."""
    return Fault(Reply(200, b'{"ok":true,"result":{"message_id":"2d7', {"Content-Type": "application/json"}), True)


@dataclass(frozen=True)
class Called:
    """One request as it was understood, and the number of its failure; 0 when it went well."""

    token: str
    method: str
    given: Given
    code: int
    at: float  # monotonic seconds


class ZaloServer(Bot):
    """One bot behind `base_url`; `also` adds more of the same owner. On leaving, an undocumented request fails."""

    def __init__(self, token: str = TOKEN, plan: Plan | None = None, ways: Ways | None = None) -> None:
        super().__init__(token, threading.Condition(threading.RLock()), plan or Plan(), ways or Ways())
        self.calls: list[Called] = []
        self.violations: list[str] = []
        self.carried: list[int] = []  # what our webhook answered each time; 0 where nobody did
        self._bots: dict[str, Bot] = {token: self}
        self._faults: list[tuple[Fault, str]] = []
        self.carry: Carry = carry
        self._http = Loopback(self._answer)
        self.base_url = self._http.url
        self._carrier = threading.Thread(target=self._carry, daemon=True)
        self._carrier.start()

    def __enter__(self) -> "ZaloServer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()
        if error is None:
            assert not self.violations, self.violations

    def close(self) -> None:
        with self.moved:
            for bot in (self, *self._bots.values()):
                bot.closing = True
            self.moved.notify_all()
        self._http.close()
        self._carrier.join()

    def also(self, token: str) -> Bot:
        """At most three bots to an owner [D]."""
        assert len(self._bots) < 3
        self._bots[token] = bot = Bot(token, self.moved, self.plan, self.ways)
        return bot

    # What a test arranges and asks

    def faults(self, *faults: Fault, method: str = "sendMessage") -> None:
        """What the next requests of that kind meet, one each."""
        with self.moved:
            self._faults += [(fault, method) for fault in faults]

    def reset_token(self) -> None:
        """The owner has made a new one [D]; polls under way end."""
        with self.moved:
            self._bots.pop(self.token)
            self.reset = True
            self.moved.notify_all()

    def called(self, method: str) -> list[Called]:
        return [call for call in self.calls if call.method == method]

    def wait_for(self, happened: Callable[[], Any], timeout: float = 10.0, what: str = "") -> Any:
        """What `happened` returns, as soon as it is true; looked at whenever something moves here."""
        with self.moved:
            found = self.moved.wait_for(happened, timeout)
            assert found, f"it did not happen within {timeout:g} s: {what or happened}"
            return found

    # The wire

    def _answer(self, call: Call) -> Reply:
        token, _, method = call.path.removeprefix("/bot").partition("/")
        with self.moved:
            bot = self._bots.get(token)
            if bot is None:
                return self._logged(token, method, {}, _refusal(Refusal(401, "Unauthorized")))  # [M]
            given = call.parameters()
            return self._logged(token, method, given, self._faulted(bot, method, given))

    def _logged(self, token: str, method: str, given: Given, reply: Reply) -> Reply:
        code = _code(reply)
        self.calls.append(Called(token, method, given, code, time.monotonic()))
        self.moved.notify_all()
        return reply

    def _faulted(self, bot: Bot, method: str, given: Given) -> Reply:
        planned = next((planned for planned in self._faults if planned[1] == method), None)
        if planned is None:
            return self._carried_out(bot, method, given)
        self._faults.remove(planned)
        fault = planned[0]
        done = self._carried_out(bot, method, given) if fault.accepted else fault.reply
        return fault.reply if fault.reply.body else replace(done, wire=fault.reply.wire)

    def _carried_out(self, bot: Bot, method: str, given: Given) -> Reply:
        carry_out = bot.method(method)
        if carry_out is None:
            self.violations.append(f"{method}: no such method")
            return _refusal(Refusal(404, "Not Found"))  # [M]
        self.violations += [f"{method}.{name}: no such parameter" for name in given.keys() - METHODS[method]]
        try:
            result = carry_out(given)
        except Refusal as refusal:
            return _refusal(refusal)
        return Reply.json({"ok": True} | ({} if result is ... else {"result": result}))

    # The webhook

    def _carry(self) -> None:
        """Brings updates one by one to whoever set a webhook."""
        with httpx.Client(trust_env=False, timeout=5, headers={"User-Agent": AGENT}) as client:
            while due := self._due():
                for _ in range(self.ways.repeats):
                    self._bring(client, *due)

    def _due(self) -> tuple[str, str, Any] | None:
        """Waits for something to bring; None at the end."""

        def found() -> Bot | None:
            return next((bot for bot in self._bots.values() if bot.url and bot.updates), None)

        with self.moved:
            self.moved.wait_for(lambda: self.closing or found())
            bot = found()
            return None if self.closing or bot is None else (bot.url, bot.secret, bot.updates.pop(0))

    def _bring(self, client: httpx.Client, url: str, secret: str, update: Any) -> None:
        body = {"ok": True, "result": update} if self.ways.wrapped else update
        for _ in range(self.ways.tries):
            try:
                status = self.carry(client, url, body, {SECRET_HEADER: secret})
            except httpx.HTTPError:
                status = 0
            with self.moved:
                self.carried.append(status)
                self.moved.notify_all()
            if 200 <= status < 300:
                return


def _refusal(refusal: Refusal, status: int = 200) -> Reply:
    return Reply.json({"ok": False, "description": refusal.description, refusal.spelt: refusal.code}, status)


def _code(reply: Reply) -> int:
    try:
        told = json.loads(reply.body)
    except ValueError:
        return reply.status if reply.status != 200 else -1
    return int(told.get("error_code", told.get("errorCode", 0))) if isinstance(told, dict) else -1
