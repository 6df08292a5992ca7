"""A page out of its template; whatever is filled in is escaped."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse

PAGES = Path(__file__).with_name("pages")


def render(name: str, status: int = 200, **blanks: str) -> HTMLResponse:
    filled = _template(name).substitute({blank: escape(value) for blank, value in blanks.items()})
    return HTMLResponse(filled, status)


@cache
def _template(name: str) -> Template:
    return Template((PAGES / f"{name}.html").read_text(encoding="utf-8"))
