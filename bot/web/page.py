"""A page out of its template: everything filled in is escaped, a blank that nobody filled is an error."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

PAGES = Path(__file__).with_name("pages")


def render(name: str, status: int = 200, **blanks: str) -> HTMLResponse:
    return HTMLResponse(_shelf().get_template(f"{name}.html").render(blanks), status)


def shelf(*folders: Path) -> Environment:
    """The templates of these folders, and under them those that all pages share."""
    return Environment(
        loader=FileSystemLoader([*folders, PAGES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


_shelf = cache(shelf)
