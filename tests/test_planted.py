"""A secret of each kind is planted in a whole office, where everything goes wrong: it is found nowhere again."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from bot.channels import telegram, zalo_bot, zalo_oa
from bot.channels.telegram import Telegram
from bot.channels.zalo_bot import ZaloBot
from bot.channels.zalo_oa import ZaloOA
from bot.cli.kept import GRANT
from storage import db, grants, outbox, people, units
from tests.far import telegram as far_telegram
from tests.far import zalo_bot as far_zalo_bot
from tests.far import zalo_oa as far_zalo_oa
from tests.far.loopback import Call, Loopback, Reply
from tests.far.proxy import http_proxy
from tests.far.smtp import PASSWORD, USER, MailServer
from tests.house import OFFICE
from tests.test_strangers import oa_body, oa_signed, telegram_body, zalo_body
from tests.torture.victim import MORNING, Victim

HOOK, ZALO_HOOK = "planted-hook_of-telegram", "planted-hook_of-the-bot"
KEY, PROXY = "planted key that signs all the links of this office", "planted-proxy-password"
PING, DATABASE = "planted-address-of-the-watcher", "planted-database-password"
PEOPLE = 4  # on each channel: so many faults are met


@dataclass
class Office:
    """The far sides and the program. `seen`: everything that anybody outside was shown."""

    program: Victim
    telegram: far_telegram.TelegramServer
    zalo: far_zalo_bot.ZaloServer
    oa: far_zalo_oa.OAServer
    mail: MailServer
    pinged: list[Call]
    proxied: list[Call]
    seen: list[str]
    issued: list[str]

    @property
    def secrets(self) -> dict[str, str]:
        return {
            "telegram": far_telegram.TOKEN.partition(":")[2],
            "zalo bot": far_zalo_bot.TOKEN.partition(":")[2],
            "app secret": far_zalo_oa.APP_SECRET,
            "oa key": far_zalo_oa.KEY,
            "smtp": PASSWORD,
            "links": KEY,
            "telegram hook": HOOK,
            "zalo hook": ZALO_HOOK,
            "proxy": PROXY,
            "watcher": PING,
            **{f"oa token {number}": token for number, token in enumerate(self.issued)},
        }

    def get(self, address: str, verb: str, path: str, **more: object) -> httpx.Response:
        answer = httpx.request(verb, address + path, trust_env=False, timeout=30, **more)  # type: ignore[arg-type]
        self.seen.append(f"{answer.status_code} {answer.headers} {answer.text}")
        return answer


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    file = tmp_path / "house.db"
    file.write_bytes(sqlite_template.read_bytes())
    pinged: list[Call] = []

    def watcher(call: Call) -> Reply:
        pinged.append(call)
        return Reply(500, f"no such check: {call.path}".encode())

    with ExitStack() as stack:
        chat = stack.enter_context(far_telegram.TelegramServer())
        zalo = stack.enter_context(far_zalo_bot.ZaloServer())
        oa = stack.enter_context(far_zalo_oa.OAServer())
        mail = stack.enter_context(MailServer(login=True))
        proxy, proxied = stack.enter_context(http_proxy(chat.base_url))
        watching = stack.enter_context(closing(Loopback(watcher)))
        program = Victim(
            tmp_path,
            f"sqlite:///{file}",
            {
                "SECRET_KEY": KEY,
                "WEB_BASE_URL": "https://nhachan.example",
                "TELEGRAM_BOT_TOKEN": far_telegram.TOKEN,
                "TELEGRAM_API_BASE_URL": chat.base_url,
                "TELEGRAM_WEBHOOK_SECRET": HOOK,
                "TELEGRAM_PROXY_URL": proxy.replace("//", f"//officer:{PROXY}@"),
                "ZALO_BOT_TOKENS": far_zalo_bot.TOKEN,
                "ZALO_BOT_API_BASE_URL": zalo.base_url,
                "ZALO_BOT_WEBHOOK_SECRET": ZALO_HOOK,
                "ZALO_OA_APP_ID": far_zalo_oa.APP,
                "ZALO_OA_APP_SECRET": far_zalo_oa.APP_SECRET,
                "ZALO_OA_SECRET_KEY": far_zalo_oa.KEY,
                "ZALO_OA_API_BASE_URL": oa.url,
                "ZALO_OA_OAUTH_BASE_URL": oa.url,
                "SMTP_URL": f"smtp://{quote(USER)}:{quote(PASSWORD, safe='')}@127.0.0.1:{mail.port}",
                "PING_URL": f"{watching.url}/{PING}",
            },
        )
        made = Office(program, chat, zalo, oa, mail, pinged, proxied, [], [])
        _people(made, file)
        yield made
        if program.starts and program.process.returncode is None:
            program.kill()


def _people(office: Office, file: Path) -> None:
    """Everybody whom a channel knows, and a consent that has to be renewed at once."""
    engine = db.connect(f"sqlite:///{file}")
    pair = office.oa.issue()
    office.issued += [pair["access_token"], pair["refresh_token"]]
    kept = {"access": office.issued[0], "refresh": office.issued[1]}
    with engine.begin() as tx:
        units.apply(tx, OFFICE, MORNING.date())
        times = {
            "until": (MORNING + timedelta(minutes=1)).isoformat(),
            "renewed": (MORNING - timedelta(days=1)).isoformat(),
        }
        grants.store(tx, GRANT, kept | times)
        for number in range(PEOPLE):
            office.telegram.person(2000 + number, f"T{number}")
            chats = {
                "telegram": (far_telegram.TOKEN.partition(":")[0], str(2000 + number)),
                "zalo_bot": (office.zalo.account, office.zalo.person(f"Z{number}").id),
                "zalo_oa": ("", office.oa.person(f"O{number}").id),
                "email": ("", f"m{number}@so.example"),
            }
            office.oa.person(f"O{number}").heard = office.oa.now
            for channel, (account, chat) in chats.items():
                whom = people.join(tx, f"{channel} {number}", "CCKL", "focal", MORNING)
                address = people.address_of(tx, channel, account, chat, MORNING)
                people.link(tx, address, whom)
                if channel == "email":
                    say = {"kind": "talk.help", "facts": {}, "options": []}
                    outbox.put(tx, people.at(tx, address), [say], outbox.REPLY, MORNING)
    engine.dispose()


def everything_goes_wrong(office: Office) -> None:
    """Every fault repeats the secret of whoever is answered."""
    by_telegram = f"no such page: /bot{far_telegram.TOKEN}/sendMessage, hook {HOOK}, proxy {PROXY}"
    office.telegram.faults(
        far_telegram.refused(400, by_telegram),
        far_telegram.refused(403, by_telegram),
        far_telegram.page(502, by_telegram),
        far_telegram.cut(),
    )
    by_zalo = f"/bot{far_zalo_bot.TOKEN}/sendMessage {ZALO_HOOK}"
    office.zalo.faults(
        far_zalo_bot.refused(400, f"The text of {by_zalo}"),
        far_zalo_bot.refused(404, by_zalo),
        far_zalo_bot.page(502, by_zalo),
        far_zalo_bot.truncated(),
    )
    by_oa = f"{office.oa.access} {far_zalo_oa.APP_SECRET} {far_zalo_oa.KEY}"
    office.oa.faults(far_zalo_oa.refused(-201, by_oa), far_zalo_oa.refused(-999, by_oa), far_zalo_oa.page(502, by_oa))
    office.mail.answers["RCPT"] = f"550 no such box, {PASSWORD}"


def people_write(office: Office, address: str) -> None:
    app, key = far_zalo_oa.APP, far_zalo_oa.KEY
    oa = ZaloOA(app, far_zalo_oa.APP_SECRET, key, None, office.oa.clock)  # type: ignore[arg-type]
    paths = (Telegram(far_telegram.TOKEN).path, ZaloBot(far_zalo_bot.TOKEN, webhook_secret=ZALO_HOOK).path, oa.path)
    for number in range(PEOPLE):
        said = telegram_body(str(500 + number), "trợ giúp").replace(b"1001", str(2000 + number).encode())
        office.get(address, "POST", paths[0], content=said, headers={telegram.SECRET_HEADER: HOOK})
        said = zalo_body(str(number), "trợ giúp").replace(b"1001", office.zalo.person(f"Z{number}").id.encode())
        office.get(address, "POST", paths[1], content=said, headers={zalo_bot.SECRET_HEADER: ZALO_HOOK})
        said = oa_body(str(number), "trợ giúp").replace(b"1001", office.oa.person(f"O{number}").id.encode())
        office.get(address, "POST", paths[2], content=said, headers=oa_signed(said, key))
    for path in paths:  # and strangers try
        office.get(address, "POST", path, content=b"{}", headers={zalo_oa.SIGNATURE: "mac=0"})
        office.get(address, "GET", path)


def test_a_planted_secret_is_found_nowhere_again(office: Office) -> None:
    everything_goes_wrong(office)
    program = office.program
    program.start()
    people_write(office, program.address)
    program.until(lambda: not office.telegram._faults and not office.zalo._faults, "every fault was met")
    program.until(lambda: not office.oa._faults and office.mail.logins and office.pinged, "those as well")
    office.issued += [office.oa.access, office.oa.refresh]
    assert len(set(office.issued)) == 4, "the consent was renewed"
    office.oa.faults(far_zalo_oa.page(502, office.oa.refresh), path="/access_token")
    for path in ("/health", "/", "/nothing", "/c/forged.token", "/f/forged.token", "/bang", "/health?a=%ff"):
        office.get(program.address, "GET", path, headers={"Accept": "text/html"})
        office.get(program.address, "GET", path)
    program.stop()
    told = [program.typed(*words) for words in (["doctor"], ["zalo-oa", "probe"])]
    told.append(program.typed("zalo-oa", "login", "--by-hand", text=f"{office.oa.refresh}x\n"))
    office.issued.append(f"{office.oa.refresh}x")
    broken = f"postgresql+psycopg://office:{DATABASE}@127.0.0.1:1/nhachan"
    program.environment["DATABASE_URL"] = broken
    told += [program.typed(*words) for words in (["run"], ["doctor"])]
    held = {
        "log": program.told(),
        "answers": "\n".join(office.seen),
        "commands": "\n".join(told),
        "database": rows_of(program.folder / "house.db"),
    }
    assert all(len(text) > 500 for text in held.values()), {name: len(text) for name, text in held.items()}
    assert all("***" in held[where] for where in ("log", "database")) and len(office.proxied) > 5
    for where, text in held.items():
        found = [name for name, secret in {**office.secrets, "database": DATABASE}.items() if leaks(secret, text)]
        assert not found, f"{found} in {where}"


def leaks(secret: str, text: str) -> bool:
    return any(form in text for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]))


def rows_of(file: Path) -> str:
    """Every row but the one that keeps the consent itself."""
    database = sqlite3.connect(file)
    with closing(database):
        return "\n".join(line for line in database.iterdump() if f"'{GRANT}'" not in line)
