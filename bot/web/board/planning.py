"""The plan on the page: a step kept back or let go, a look at one day."""

from dataclasses import dataclass, replace
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from bot.dialogue.deeds import Hold, Look
from bot.web.board import asked, session
from bot.web.board.ports import PlanCard
from bot.web.board.sheet import Sheet

NO_DAY = "Đề nghị chọn ngày cần xem."


@dataclass(frozen=True)
class Planning:
    sheet: Sheet

    async def page(self, request: Request) -> Response:
        shown, trouble = await self._plan(request, None), ""
        if request.method == "POST":
            async with self.sheet.form(request) as form:
                act, step = asked.field(form, "do"), asked.field(form, "step")
                day = asked.day(asked.field(form, "day"))
            if shown and act in ("hold", "release") and step in {one.id for one in shown.steps}:
                await self.sheet.act(request, [Hold(shown.head.campaign, step, act == "hold")])
            trouble = NO_DAY if act == "day" and day is None else ""
            shown = await self._plan(request, day)
        return await self.sheet.page(request, "plan", shown, trouble=trouble)

    async def _plan(self, request: Request, day: date | None) -> PlanCard | None:
        wanted = asked.wanted(request.query_params)
        shown = await self.sheet.board.plan(session.of(request), wanted, day)
        if shown is None or day is None:
            return shown
        told = await self.sheet.act(request, [Look("ahead", day.isoformat())])
        return replace(shown, ahead=tuple(line for one in told for line in one.text.split("\n")))
