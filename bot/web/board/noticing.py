"""Notices on the page: write, see whom it reaches, send; then watch it arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.dialogue.deeds import Aim, Broadcast, Notice, Preview, Recall, Release
from bot.dialogue.notice import BODY, TITLE
from bot.dialogue.turn import Deed
from bot.web import wire
from bot.web.board import asked, session
from bot.web.board.ports import Told, Visitor
from bot.web.board.sheet import Sheet
from bot.web.ports import Uploads

NO_TITLE = "Đề nghị nhập tiêu đề của thông báo."
TOO_LONG = f"Tiêu đề dài quá {TITLE} ký tự hoặc nội dung dài quá {BODY} ký tự. Đề nghị viết ngắn hơn."
NO_AIM = "Đề nghị chọn nơi nhận; với từng đơn vị, đề nghị ghi tên hoặc mã đơn vị."
NO_UNIT = "Chưa rõ các đơn vị: {}. Đề nghị ghi tên đầy đủ hoặc mã."


@dataclass(frozen=True)
class Draft:
    """As it was typed."""

    title: str = ""
    body: str = ""
    audience: str = "all"
    units: str = ""
    at: str = ""  # when it is to go out; at once without it
    single: str = ""  # ticked: it does not come a second time
    file: int = 0  # our number of what goes along with it
    name: str = ""
    seal: str = ""

    @property
    def notice(self) -> Notice:
        return Notice(self.title, self.body, (self.file,) if self.file else ())

    @property
    def when(self) -> tuple[datetime | None, bool]:
        """When it goes, and whether once more to those who do not acknowledge it."""
        return asked.moment(self.at), not self.single


@dataclass(frozen=True)
class Noticing:
    sheet: Sheet
    uploads: Uploads

    async def page(self, request: Request) -> Response:
        if request.method != "POST":
            return await self._list(request, Draft())
        async with self.sheet.form(request, files=1) as form:
            return await self._written(request, form)

    async def one(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._changed(request)
        return await self._card(request)

    async def _changed(self, request: Request) -> Response:
        """Let go, kept back or called back."""
        number: int = request.path_params["number"]
        async with self.sheet.form(request) as form:
            deeds: dict[str, Deed] = {
                "release": Release(number, go=True),
                "withhold": Release(number, go=False, reason=asked.field(form, "reason", 400)),
                "recall": Recall(number),
            }
            deed = deeds.get(asked.field(form, "do"))
            told = await self.sheet.act(request, [deed], asked.field(form, "once", 32)) if deed else []
        return await self._card(request, told=tuple(one.text for one in told))

    async def _card(self, request: Request, **more: object) -> Response:
        page = asked.wanted(request.query_params).page
        shown = await self.sheet.board.notice(session.of(request), request.path_params["number"], page)
        return await self.sheet.page(request, "notice", shown, **more)

    async def _list(self, request: Request, draft: Draft, trouble: str = "", **more: object) -> Response:
        page = asked.wanted(request.query_params).page
        shown = await self.sheet.board.notices(session.of(request), page)
        limits = {"longest_title": TITLE, "longest_body": BODY}
        told = {"draft": draft, "trouble": trouble, "preview": None, "how": (), **limits, **more}
        return await self.sheet.page(request, "notices", shown, **told)

    async def _written(self, request: Request, form: FormData) -> Response:
        file, name, seal = await self._enclosed(request, form)
        title, body = asked.field(form, "title", TITLE + 1), asked.field(form, "body", BODY + 1)
        aimed = (asked.field(form, "audience"), asked.field(form, "units", 2000))
        when = (asked.field(form, "at", 16), asked.field(form, "single", 2))
        draft = Draft(title, body, *aimed, *when, file, name, seal)
        aim, trouble = await self._aimed(request, draft)
        if aim is None or asked.field(form, "do") == "edit":
            return await self._list(request, draft, trouble)
        if asked.field(form, "do") == "send":
            return await self._send(request, draft, aim, asked.field(form, "once", 32))
        told = await self.sheet.act(request, [Preview(draft.notice, aim, *draft.when)])
        if told[0].kind != "notice.preview":
            return await self._list(request, draft, told[0].text)
        return await self._list(request, draft, preview=told[0].facts, how=_how(told))

    async def _enclosed(self, request: Request, form: FormData) -> tuple[int, str, str]:
        """The file that goes along, its name and its seal: sent now, or with the page before."""
        held, upload = session.of(request), form.get("file")
        if isinstance(upload, UploadFile) and upload.filename and self.may(await self.sheet.board.visitor(held)):
            name, mime = wire.file_name(upload.filename), upload.content_type or "application/octet-stream"
            number = await self.uploads.put(name, mime, await upload.read())
            return number, name, session.seal(self.sheet.secret, held, number)
        number, given = asked.number(asked.field(form, "enclosed")), asked.field(form, "seal")
        if number and compare_digest(given.encode(), session.seal(self.sheet.secret, held, number).encode()):
            return number, asked.field(form, "name"), given
        return 0, "", ""

    @staticmethod
    def may(visitor: Visitor | None) -> bool:
        return visitor is not None and visitor.tccb

    async def _aimed(self, request: Request, draft: Draft) -> tuple[Aim | None, str]:
        """Whom it is for; or what is wrong with it."""
        if not draft.title:
            return None, NO_TITLE
        if len(draft.title) > TITLE or len(draft.body) > BODY:
            return None, TOO_LONG
        found = await self.sheet.board.named(session.of(request), draft.units)
        if found is None:
            raise session.nothing()
        units, unknown = found
        if draft.audience in asked.LISTED and unknown:
            return None, NO_UNIT.format(", ".join(unknown))
        aim = asked.aim(draft.audience, units)
        return aim, "" if aim else NO_AIM

    async def _send(self, request: Request, draft: Draft, aim: Aim, key: str) -> Response:
        told = await self.sheet.act(request, [Broadcast(draft.notice, aim, *draft.when)], key)
        made = ("notice.queued", "notice.scheduled", "notice.held", "notice.held_alone")
        queued = next((one.facts["number"] for one in told if one.kind in made), None)
        if told and queued is None:
            return await self._list(request, draft, told[0].text)
        return RedirectResponse(f"/bang/thong-bao/{queued}" if queued else "/bang/thong-bao", 303)


def _how(told: Sequence[Told]) -> list[str]:
    """How it will go out; of the files the page tells itself."""
    return next((one.text.splitlines() for one in told if one.kind == "notice.how"), [])
