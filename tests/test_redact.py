"""A planted secret never reaches a handler, whichever way it is logged."""

import io
import logging
from collections.abc import Callable, Iterator

import pytest

from bot import redact

TOKEN = "987654321:AAplanted_token-of-thirty-five-chars"
PASSWORD = "mật khẩu p@ss/word"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(far)s", defaults={"far": ""}))
    logging.getLogger("planted").addHandler(handler)
    redact.install(PASSWORD)
    yield stream
    logging.getLogger("planted").removeHandler(handler)


def fails() -> None:
    try:
        raise ValueError(f"GET https://far/bot{TOKEN}/getMe") from KeyError(PASSWORD)
    except ValueError:
        logging.getLogger("planted").exception("broken")


log = logging.getLogger("planted")
WAYS: list[tuple[str, Callable[[], None]]] = [
    ("message", lambda: log.error(f"token {TOKEN} {PASSWORD}")),
    ("argument", lambda: log.error("%s and %s", TOKEN, PASSWORD)),
    ("nested argument", lambda: log.error("%s %r", {"url": [TOKEN]}, (PASSWORD,))),
    (
        "quoted in an address",
        lambda: log.error(
            "https://u:m%%E1%%BA%%ADt%%20kh%%E1%%BA%%A9u%%20p%%40ss%%2Fword@h/%s", "987654321%3A" + "A" * 35
        ),
    ),
    ("traceback", fails),
    ("stack", lambda: log.error("its line: %s", "987654321:AA" + "A" * 33, stack_info=True)),
    ("extra", lambda: log.error("here", extra={"far": {"url": f"/bot{TOKEN}", "list": [PASSWORD]}})),
    ("wrong format", lambda: log.error("%d figures", f"{TOKEN} {PASSWORD}")),
]


@pytest.mark.parametrize("write", [way for _, way in WAYS], ids=[label for label, _ in WAYS])
def test_a_planted_secret_is_never_written(write: Callable[[], None], written: io.StringIO) -> None:
    write()
    text = written.getvalue()
    assert text.startswith("planted")
    for secret in (TOKEN, PASSWORD, "AAplanted", "p%40ss", "A" * 35):
        assert secret not in text
    assert redact.HIDDEN in text


def test_the_rest_is_left_as_it_was(written: io.StringIO) -> None:
    log.warning("%s báo cáo %d/%d lúc 08:00", "Chi cục Thuỷ lợi", 45, 60)
    assert written.getvalue() == "planted Chi cục Thuỷ lợi báo cáo 45/60 lúc 08:00 \n"


def test_the_traceback_is_still_told(written: io.StringIO) -> None:
    fails()
    assert "Traceback" in written.getvalue() and "ValueError: GET https://far/bot***/getMe" in written.getvalue()


def test_the_library_that_writes_every_address_is_quiet() -> None:
    redact.install()
    assert not any(logging.getLogger(name).isEnabledFor(logging.INFO) for name in redact.NOISY)


def test_blank_secrets_hide_nothing() -> None:
    redact.install("", " ")
    assert redact.text("a b") == "a b"
