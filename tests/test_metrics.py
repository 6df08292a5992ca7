"""What a watcher is told: true, by the grammar of the format, to nobody without the token; and the log as objects."""

import json
import logging
import re
from datetime import timedelta

import httpx
import pytest

from bot import redact
from bot.channels.channel import Traits
from bot.cli.logs import JsonLines
from bot.reception import Figures, Pulse
from bot.web import door, metrics
from bot.web.metrics import Gauge
from tests.house import Far, World, run
from tests.small_house import in_loop

TOKEN = "a-token-of-the-watcher"
KNOWS = {"Authorization": f"Bearer {TOKEN}"}
NAME, VALUE = r"[a-zA-Z_:][a-zA-Z0-9_:]*", r"(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? ({VALUE})")
HELP, TYPE = re.compile(rf"# HELP ({NAME}) (?:[^\\\n]|\\[\\n])+"), re.compile(rf"# TYPE ({NAME}) gauge")


def parsed(text: str) -> dict[tuple[str, str], float]:
    """(name, labels) → value. Each family stands together under its HELP and TYPE, and no series comes twice."""
    assert text.endswith("\n") and "\r" not in text
    found: dict[tuple[str, str], float] = {}
    families: list[str] = []
    lines = iter(text.removesuffix("\n").split("\n"))
    for line in lines:
        if helped := HELP.fullmatch(line):
            typed = TYPE.fullmatch(next(lines))
            assert typed and typed[1] == helped[1] not in families, line
            families.append(helped[1])
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample and sample[1] == families[-1], line
        key = (sample[1], sample[2] or "")
        assert key not in found, line
        found[key] = float(sample[3])
    return found


def told(world: World) -> dict[tuple[str, str], float]:
    return parsed(metrics.text(run(Figures(world.house).read())))


@pytest.fixture
def office(engine):
    far = Far(traits=Traits(4000, buttons=8, per_second=10_000.0, monthly=3000))
    world = World(engine, far=far)
    yield world
    world.close()


def test_the_figures_are_those_of_the_house(office: World) -> None:
    office.seat("an", "focal", "HKL-DV")
    before = told(office)
    assert before["nhachan_inbox_waiting", ""] == 0 and ("nhachan_knock_age_seconds", "") not in before
    office.knock()
    office.hear("an", "trợ giúp", "còn thiếu gì")
    office.go(timedelta(seconds=90))
    waiting = told(office)
    assert waiting["nhachan_inbox_waiting", ""] == 2
    assert waiting["nhachan_inbox_oldest_seconds", ""] == waiting["nhachan_knock_age_seconds", ""] == 90
    office.answer()
    office.go(timedelta(seconds=30))
    answered = told(office)
    assert answered["nhachan_inbox_waiting", ""] == answered["nhachan_inbox_oldest_seconds", ""] == 0
    assert answered["nhachan_outbox", 'channel="far",state="waiting"'] >= 2
    assert answered["nhachan_outbox_oldest_seconds", ""] >= 30
    office.deliver()
    office.far.pulse.fault = "cut off"
    sent = told(office)
    assert sent["nhachan_outbox", 'channel="far",state="sent"'] >= 2
    assert ("nhachan_outbox", 'channel="far",state="waiting"') not in sent
    assert sent["nhachan_channel_up", 'channel="far"'] == 0 < answered["nhachan_channel_up", 'channel="far"']
    assert sent["nhachan_month_allowed", 'channel="far"'] == 3000
    office.go(timedelta(days=2))
    assert not [key for key in told(office) if key[0] == "nhachan_outbox"], "a day later nobody asks"


def test_reminders_are_counted(office: World) -> None:
    office.seat("an", "focal", "HKL-DV")
    office.knock("2024-12-03 08:30")
    assert told(office)["nhachan_reminders", ""] == 1


def test_whatever_a_label_holds_the_grammar_stands() -> None:
    odd = 'a "b" \\ c\nd'
    found = parsed(metrics.text([Gauge("nhachan_odd", "Odd.", [({"channel": odd, "state": ""}, 1.5)])]))
    assert found == {("nhachan_odd", 'channel="a \\"b\\" \\\\ c\\nd",state=""'): 1.5}


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": TOKEN}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": f"Bearer {TOKEN}x"}],
)
def test_without_the_token_there_is_no_such_page(office: World, headers: dict[str, str]) -> None:
    def visit(token: str) -> tuple[httpx.Response, httpx.Response]:
        @in_loop
        async def visiting() -> None:
            pages = [metrics.route(Figures(office.house), token)] if token else []
            app = door.build([], office.house.hear, Pulse(office.house), "a secret", lambda: office.now, more=pages)
            async with door.serve(app, "127.0.0.1", 0) as address, httpx.AsyncClient(base_url=address) as visitor:
                answers.append(await visitor.get("/metrics", headers=headers))
                answers.append(await visitor.get("/metrics", headers=KNOWS))

        answers: list[httpx.Response] = []
        visiting()
        return answers[0], answers[1]

    refused, shown = visit(TOKEN)
    assert refused.status_code == 404 and shown.status_code == 200
    assert shown.headers["Content-Type"] == metrics.FORMAT and parsed(shown.text)
    assert [answer.status_code for answer in visit("")] == [404, 404]
    with pytest.raises(ValueError, match="token"):
        metrics.route(Figures(office.house), "")


def written(record: logging.LogRecord) -> dict[str, str]:
    redact.Redact(["planted"]).filter(record)
    line = JsonLines().format(record)
    assert "\n" not in line and "planted" not in line
    found: dict[str, str] = json.loads(line)
    return found


def test_a_line_of_the_log_is_one_object_with_the_code_and_no_secret() -> None:
    try:
        raise RuntimeError("planted\nin two lines")
    except RuntimeError as error:
        record = logging.makeLogRecord(
            {"name": "bot.desk", "levelname": "ERROR", "levelno": 40, "msg": "tin %s có “planted”", "args": (7,)}
            | {"created": 1732586400.5, "code": "T7", "exc_info": (type(error), error, error.__traceback__)}
        )
    found = written(record)
    assert found.pop("traceback").endswith("RuntimeError: ***\nin two lines")
    assert found == {
        "at": "2024-11-26T09:00:00.500+07:00",
        "level": "ERROR",
        "logger": "bot.desk",
        "message": "tin 7 có “***”",
        "code": "T7",
    }


def test_the_code_that_a_person_is_told_stands_in_the_log(office: World, monkeypatch, caplog) -> None:
    office.seat("an", "focal", "HKL-DV")

    def trips(*given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.desk.router.step", trips)
    office.hear("an", "trợ giúp")
    office.answer()
    office.deliver()
    (code,) = re.findall(r"\bT\d+\b", office.far.texts("an")[-1])
    assert [written(record)["code"] for record in caplog.records if record.name == "bot.desk"] == [code] * 3
