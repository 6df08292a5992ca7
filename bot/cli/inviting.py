"""Invitations at the keyboard: one code for one unit, or a sheet of them for all, to be printed."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot import desk
from bot.channels.channel import Channel, Later, Stopped, Unknown, labels
from bot.cli import frame, zalo
from bot.cli.frame import Refusal
from bot.cli.kept import at_once
from bot.cli.office import CLERK
from bot.cli.paperwork import unit_meant
from bot.cli.running import bots
from bot.dialogue.facts import Way
from bot.documents import invitation
from storage import audit, invitations, people

SHEET = "sheet"
PATIENCE = 20.0  # seconds that a far side may take to say what it is called


def add_to(app: typer.Typer) -> None:
    app.command("invite")(invite)


def invite(
    unit: Annotated[str, typer.Argument(help="Mã hoặc tên đơn vị; “sheet”: phiếu mời cho nhiều đơn vị, để in.")],
    role: Annotated[
        str,
        typer.Option(
            help="focal: đầu mối; head: thủ trưởng; tccb: cán bộ TCCB; evaluator: cán bộ thẩm định; viewer: chỉ xem."
        ),
    ] = "focal",
    qr: Annotated[Path | None, typer.Option(help="Ghi mã QR vào tệp này (png, svg).")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Phiếu mời: ghi vào tệp docx này.")] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="Phiếu mời: cho mọi đơn vị, kể cả đơn vị đã có đầu mối.")
    ] = False,
    renew: Annotated[bool, typer.Option("--renew", help="Phiếu mời: cấp mã mới, bỏ các mã cũ chưa dùng.")] = False,
    via: Annotated[str, typer.Option(help="Phiếu mời: mã QR dẫn đến kênh này, ví dụ telegram, web, zalo.")] = "",
) -> None:
    """Cấp mã mời dùng một lần cho một đơn vị, hoặc phiếu mời cho mọi đơn vị chưa có đầu mối."""
    if unit != SHEET:
        if out or everybody or renew or via:
            raise Refusal("--out, --all, --renew, --via chỉ dùng khi in phiếu mời: nhachan invite sheet --out TỆP.docx")
        return _invite(unit, role, qr)
    if out is None:
        raise Refusal("Đề nghị cho biết tệp cần ghi: nhachan invite sheet --out phieu-moi.docx")
    if qr or role != "focal":
        raise Refusal("Phiếu mời chỉ dành cho đầu mối và đã có mã QR; đề nghị bỏ --role, --qr.")
    _print(out, everybody, renew, _first(via, _ways()))


def _invite(unit: str, role: str, qr: Path | None) -> None:
    if role not in people.ROLES:
        raise Refusal(f"Không có vai trò “{role}”. Đề nghị chọn: {', '.join(people.ROLES)}.")
    with frame.writing() as tx:
        found = unit_meant(tx, unit)
        code = invitations.issue(tx, found.id, role, frame.clock())
        audit.note(tx, CLERK, "invite", found.id, frame.clock(), became=role)
    base = frame.settings().web_base_url
    link = f"{base}/?ma={code}" if base else code
    frame.say(f"{found.name}: {code}" + (f"\n{link}" if base else ""))
    if qr:
        import segno  # wanted here alone

        segno.make(link, error="m").save(str(qr), scale=8, border=4)


def _print(out: Path, everybody: bool, renew: bool, ways: Sequence[Way]) -> None:
    """Nothing is issued where the file can't be written."""
    now, key = frame.clock(), frame.secret()
    with frame.writing() as tx:
        names = invitations.addressed(tx, everybody, now.date())
        if not names:
            raise Refusal("Đơn vị nào cũng đã có đầu mối, hoặc chưa nạp đơn vị. Để in cho mọi đơn vị, thêm --all.")
        new, withdrawn = invitations.print_for(tx, names, key, now, renew)
        codes = invitations.printed(tx, names, key, now)
        cards = [invitation.Card(name, codes[id].code, codes[id].expires) for id, name in names.items()]
        became = {"units": len(names), "new": new, "withdrawn": withdrawn}
        audit.note(tx, CLERK, "print invitations", "*", now, became=became)
        try:
            out.write_bytes(invitation.write(cards, ways, frame.speaking()["vi"]))
        except OSError as error:
            raise Refusal(f"Không ghi được {out} ({error.strerror}).") from None
    frame.say(f"Đã ghi {out}: phiếu mời cho {len(cards)} đơn vị, {new} mã mới, bỏ {withdrawn} mã cũ chưa dùng.")
    frame.say(
        f"Mã QR dẫn đến {ways[0].called}." if ways and ways[0].link else "Mã QR chỉ chứa mã mời: chưa có kênh nào."
    )


def _first(via: str, ways: Sequence[Way]) -> Sequence[Way]:
    """The way that is wanted, before the others."""
    if not via:
        return ways
    found = [way for way in ways if way.link and way.called.casefold().startswith(via.casefold())]
    if not found:
        known = ", ".join(way.called for way in ways if way.link) or "chưa có kênh nào"
        raise Refusal(f"Không có kênh “{via}” để dẫn mã QR đến. Hiện có: {known}.")
    return [found[0], *(way for way in ways if way is not found[0])]


def _ways() -> Sequence[Way]:
    """As the far sides tell; one that does not answer is left out, and said to be."""
    engine = frame.connect()
    account = zalo.account(at_once(engine))
    channels = [*bots(), *([account] if account else [])]
    asyncio.run(_introduced(channels))
    engine.dispose()
    base = frame.settings().web_base_url
    page = [Way("Web", f"{base}/?ma={{code}}")] if base else []
    return desk.in_order([*desk.ways(channels), *page])


async def _introduced(channels: Sequence[Channel]) -> None:
    for label, channel in zip(labels(channels), channels, strict=True):
        try:
            async with asyncio.timeout(PATIENCE):
                await channel.probe()
        except (Later, Unknown, Stopped, TimeoutError):
            sys.stderr.write(f"Kênh {label} không trả lời nên không có trên phiếu mời.\n")
        await channel.close()
