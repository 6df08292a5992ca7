"""The story of a campaign over Zalo, against the program itself: a bot with text alone, and an Official Account.

An e-mail with a link takes over where the account is blocked.
"""

import re
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.channels.zalo_oa import ZaloOA
from bot.cli.kept import GRANT
from catalogue import roster
from catalogue.calendar import HANOI
from storage import campaigns, db, grants, invitations, people, schema, units
from tests.far.smtp import MailServer
from tests.far.zalo_bot import TOKEN, ZaloServer
from tests.far.zalo_oa import APP, APP_SECRET, KEY, OAServer, Refusal
from tests.house import BOOK, at
from tests.phones import PATIENCE, OfficialPhone, WebPhone, ZaloPhone
from tests.program import Program
from tests.story import Phone, acknowledge, come_in, found_the_desk, report, report_all, send_a_notice

BEGIN = at("2024-11-25 08:00")
HANH, AN, MY = "Lê Thị Hạnh", "Nguyễn Văn An", "Sùng Thị Mỷ"


@pytest.fixture
def address() -> str:
    """Our own, known before we start: it stands in the links of letters."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


class Office:
    """The example office with a campaign and three invitations; how the commands make it is told in another story."""

    def __init__(self, folder: Path, template: Path, address: str, **settings: str) -> None:
        (folder / "office.db").write_bytes(template.read_bytes())
        self.engine = db.connect(f"sqlite:///{folder}/office.db")
        where = {"DATABASE_URL": f"sqlite:///{folder}/office.db", "WEB_BASE_URL": address}
        self.program = Program(folder, where | {"WEB_PORT": address.split(":")[-1]} | settings)
        example = roster.example()
        station = next(unit.id for unit in example.units if unit.name == "Hạt Kiểm lâm huyện Đồng Văn")
        with self.engine.begin() as tx:
            units.apply(tx, example, BEGIN.date())
            campaign = campaigns.open(tx, BOOK.id, 2024, BOOK.plan(2024), BEGIN)
            assert campaign
            campaigns.assign(tx, campaign, BOOK, example)
            seats = [("TCCB", "tccb"), ("CCKL", "focal"), (station, "focal")]
            self.codes = [invitations.issue(tx, unit, role, BEGIN) for unit, role in seats]

    def begun(self, hanh: Phone, an: Phone, my: Phone) -> None:
        """From the first code to all the figures of one unit and some of the other's."""
        found_the_desk(hanh, self.codes[0])
        come_in(an, hanh, self.codes[1], AN)
        come_in(my, hanh, self.codes[2], MY)
        report(an)
        report_all(my)

    def reads_mail(self, name: str, address: str) -> None:
        with self.engine.begin() as tx:
            whom = next(row.id for row in tx.execute(schema.person.select()) if row.name == name)
            people.link(tx, people.address_of(tx, "email", "", address, BEGIN), whom)

    def consents(self, far: OAServer) -> None:
        """An administrator of the account has."""
        pair, now = far.issue(), datetime.now(HANOI)
        kept = {"access": pair["access_token"], "refresh": pair["refresh_token"], "renewed": now.isoformat()}
        with self.engine.begin() as tx:
            grants.store(tx, GRANT, kept | {"until": (now + timedelta(hours=25)).isoformat()})


def reminded(an: Phone, hanh: Phone) -> None:
    reminder = an.has("Còn 07 ngày đến hạn 10/12/2024.")
    assert "Chi cục Kiểm lâm còn 18/19 số liệu chưa gửi" in reminder
    assert "NQ01.1" not in reminder.partition("Cảnh báo")[0]
    assert "NQ02.1: 39/50 (78,00 %), thấp hơn 2,00 điểm phần trăm, cần thêm 1 TTHC" in hanh.says("chi tiết 2")


def test_a_campaign_over_a_zalo_bot(tmp_path: Path, sqlite_template: Path, address: str) -> None:
    with ZaloServer() as far:
        far.ways.http_allowed = True
        office = Office(
            tmp_path,
            sqlite_template,
            address,
            ZALO_BOT_TOKENS=TOKEN,
            ZALO_BOT_API_BASE_URL=far.base_url,
            ZALO_BOT_WEBHOOK_SECRET="a-secret_of-the-webhook",
        )
        hanh, an, my = (ZaloPhone(far, name) for name in (HANH, AN, MY))
        program = office.program
        with program.open("run", "--clock-start", "2024-11-25T08:00"):
            office.begun(hanh, an, my)
        complete = len(my.heard)
        with program.open("run", "--clock-start", "2024-12-03T08:30"):
            reminded(an, hanh)
            assert len(my.heard) == complete, "who has sent everything is not reminded"
            send_a_notice(hanh)
            acknowledge(an, my, hanh)
        assert TOKEN not in program.logged and set(far.carried) == {200}


@pytest.fixture
def far() -> Iterator[OAServer]:
    with OAServer() as server:
        yield server


def test_a_campaign_over_an_official_account_and_by_letter(
    far: OAServer, tmp_path: Path, sqlite_template: Path, address: str
) -> None:
    oa = {"ZALO_OA_APP_ID": APP, "ZALO_OA_APP_SECRET": APP_SECRET, "ZALO_OA_SECRET_KEY": KEY}
    with MailServer() as mail, httpx.Client(trust_env=False, timeout=PATIENCE) as zalo:
        own = {"ZALO_OA_API_BASE_URL": far.url, "ZALO_OA_OAUTH_BASE_URL": far.url, "SMTP_URL": mail.url}
        office = Office(tmp_path, sqlite_template, address, **oa, **own)
        hanh, an, my = (OfficialPhone(far, name) for name in (HANH, AN, MY))
        office.consents(far)
        hook = address + ZaloOA(APP, APP_SECRET, KEY, None, far.clock).path  # type: ignore[arg-type]
        far.door = lambda body, headers: zalo.post(hook, content=body, headers=dict(headers)).status_code
        program = office.program
        with program.open("run", "--clock-start", "2024-11-27T08:00"):
            office.begun(hanh, an, my)
        office.reads_mail(AN, "an@so.example")
        with program.open("run", "--clock-start", "2024-12-03T08:30"):  # within the seven days of Zalo's window
            reminded(an, hanh)
            far.person(AN).refusal = Refusal(-217, "blocked")
            send_a_notice(hanh)
            acknowledge(by_letter(mail, address, zalo), my, hanh)
        assert far.access not in program.logged and set(far.carried) == {200}


class Reader(WebPhone):
    """Whom a letter has led to their own page."""

    letter = ""

    def has(self, words: str) -> str:
        assert words in self.letter
        return self.letter


def by_letter(mail: MailServer, address: str, browser: httpx.Client) -> "Reader":
    """What could not go by Zalo came by mail, with a link to a page; there a figure is reported."""
    letter = mail.wait_for_mail(PATIENCE)
    link = re.search(rf"{re.escape(address)}(/c/\S+)", letter.plain)
    assert letter.to == ("an@so.example",) and link
    browser.base_url = httpx.URL(address)
    an = Reader(browser, link[1])
    an.letter = letter.plain
    assert "45 trên 60 hồ sơ" in an.says("1.3: 45/60")
    assert "Đã ghi nhận NQ01.3, NQ02.3 = 45/60 (75,00 %)" in an.says("đúng")
    return an
