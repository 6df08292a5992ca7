"""Appraisal on the page: tick and accept many, return one with its reason."""

from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot.dialogue.appraise import LONGEST
from bot.dialogue.deeds import Appraise
from bot.web.board import asked, session
from bot.web.board.sheet import Sheet

WHY = f"Đề nghị nêu lý do trả lại, từ 3 đến {LONGEST} ký tự."
TICK = "Chưa chọn số liệu nào. Đề nghị đánh dấu rồi bấm Chấp nhận."


@dataclass(frozen=True)
class Appraising:
    sheet: Sheet

    async def page(self, request: Request) -> Response:
        told: tuple[str, ...] = ()
        trouble = ""
        if request.method == "POST":
            async with self.sheet.form(request) as form:
                told, trouble = await self._decide(request, form)
        wanted = asked.wanted(request.query_params)
        shown = await self.sheet.board.cases(session.of(request), wanted)
        more = {"wanted": wanted, "told": told, "trouble": trouble, "longest": LONGEST}
        return await self.sheet.page(request, "appraisal", shown, **more)

    async def _decide(self, request: Request, form: FormData) -> tuple[tuple[str, ...], str]:
        """What came of it, and what is wrong with the form."""
        back, reason = asked.number(asked.field(form, "back")), asked.field(form, "reason", LONGEST + 1)
        if back and not 3 <= len(reason) <= LONGEST:
            return (), WHY
        met, short = asked.number(asked.field(form, "met")), asked.number(asked.field(form, "short"))
        if back:
            deeds = [Appraise(back, False, reason)]
        elif met or short:
            deeds = [Appraise(met or short, True, outcome="met" if met else "short")]
        else:
            deeds = [Appraise(id, True) for id in asked.reports(form)]
        if not deeds:
            return (), TICK
        return tuple(one.text for one in await self.sheet.act(request, deeds)), ""
