"""Telegram by way of a proxy, and not at all: the program starts, works on every other line, and says what is wrong."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from tests.far.proxy import http_proxy
from tests.far.socks import socks_proxy
from tests.far.telegram import TOKEN as TELEGRAM
from tests.far.telegram import TelegramServer
from tests.far.zalo_bot import TOKEN as ZALO
from tests.far.zalo_bot import ZaloServer
from tests.torture.victim import WORKING, Victim

AN = 1001
PROXIES = {"http": lambda far: http_proxy(far.base_url), "socks5": lambda far: socks_proxy()}


@pytest.fixture
def zalo() -> Iterator[ZaloServer]:
    with ZaloServer() as server:
        yield server


def office(folder: Path, template: Path, far: TelegramServer, zalo: ZaloServer, proxy: str) -> Victim:
    (folder / "house.db").write_bytes(template.read_bytes())
    settings = {
        "TELEGRAM_BOT_TOKEN": TELEGRAM,
        "TELEGRAM_API_BASE_URL": far.base_url,
        "TELEGRAM_PROXY_URL": proxy,
        "ZALO_BOT_API_BASE_URL": zalo.base_url,
    }
    return Victim(folder, f"sqlite:///{folder}/house.db", settings)


@pytest.mark.parametrize("kind", PROXIES)
def test_a_proxy_carries_telegram(kind: str, tmp_path: Path, sqlite_template: Path, zalo: ZaloServer) -> None:
    with TelegramServer() as far:
        far.person(AN, "An")
        opened: AbstractContextManager[tuple[str, list[object]]] = PROXIES[kind](far)  # type: ignore[assignment]
        with opened as (proxy, asked):
            program = office(tmp_path, sqlite_template, far, zalo, proxy)
            try:
                program.start()
                far.says(AN, "xin chào")
                far.wait_for(lambda: far.chat(AN).sent, WORKING, "an answer by way of the proxy")
                assert asked
            finally:
                program.kill()


def test_without_telegram_all_else_works_and_everybody_who_asks_is_told(
    tmp_path: Path, sqlite_template: Path, zalo: ZaloServer
) -> None:
    with TelegramServer() as far:
        with http_proxy(far.base_url) as (gone, _):
            pass
        program = office(tmp_path, sqlite_template, far, zalo, gone)
    program.environment["ZALO_BOT_TOKENS"] = ZALO
    try:
        program.start()
        program.until(lambda: "telegram is cut off" in program.told(), "the log says so")
        zalo.says("An", "xin chào")
        zalo.wait_for(lambda: zalo.person("An").texts, WORKING, "Zalo answers")
        assert httpx.get(program.address, trust_env=False).status_code == 200
        health = httpx.get(f"{program.address}/health", trust_env=False)
        checks = health.json()["checks"]
        assert (
            health.status_code == 503 and not checks["channel telegram"]["ok"] and checks["channel telegram"]["detail"]
        )
        assert checks["channel zalo_bot"]["ok"]
        assert "Kênh telegram không kết nối được" in program.typed("doctor")
    finally:
        program.kill()
