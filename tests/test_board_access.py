"""Who may open, see and do what on the board page: every page and form × every role, and whoever has no right."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.dialogue.turn import Said
from bot.web.board import session
from storage import schema
from tests.board_page import BoardStage, Browser

ALL = {"xem", "vanphong", "hanh"}
OPEN_TO = {  # path → who of the cast sees it
    "/bang": {"an", "my", "lien", "bao", *ALL},
    "/bang/don-vi/CCKL": {"an", "bao", *ALL},
    "/bang/don-vi/HKL-DV": {"my", "bao", *ALL},
    "/bang/don-vi/CCTL": {"lien", *ALL},
    "/bang/don-vi/KHONGCO": set(),
    "/bang/chi-tieu/NQ01.1": {"an", "lien", "bao", "xem", "hanh"},
    "/bang/chi-tieu/NQ01.6.2": {"my", "bao", *ALL},
    "/bang/chi-tieu/KHONGCO": set(),
    "/bang/tham-dinh": {"vanphong", "hanh"},
    "/bang/thong-bao": {"hanh"},
    "/bang/thong-bao/1": {"hanh"},
    "/bang/thong-bao/9": set(),
    "/bang/lich-nhac": {"hanh"},
    "/bang/kenh": {"hanh"},
    "/bang/tin": {"an", "my", "lien", "bao", *ALL},
}
FORMS = {  # path → what is sent
    "/bang/tham-dinh": {"report": "1"},
    "/bang/tham-dinh?back": {"back": "1", "reason": "Đề nghị rà soát lại"},
    "/bang/thong-bao?preview": {"do": "preview", "title": "Họp", "body": "8 giờ", "audience": "all"},
    "/bang/thong-bao?send": {"do": "send", "title": "Họp", "body": "8 giờ", "audience": "all"},
    "/bang/lich-nhac?hold": {"do": "hold", "step": "T-7"},
    "/bang/lich-nhac?day": {"do": "day", "day": "2024-12-03"},
}
ROLES = ("an", "my", "lien", "bao", "xem", "vanphong", "hanh")
DOES = (schema.appraisal, schema.notice, schema.hold, schema.pressed)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoardStage]:
    stage = BoardStage(tmp_path_factory.mktemp("board"))
    stage.report("an", "1.1: 39/50\n1.3: 45/60")
    stage.say("hanh", "thông báo Họp giao ban 8 giờ")
    stage.say("hanh", "1")
    stage.say("hanh", "gửi")
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def browsers(stage: BoardStage) -> dict[str, Browser]:
    return {who: stage.enter(who) for who in ROLES}


def refused(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert session.NOTHING in answer.text.replace("&#34;", '"').replace("&quot;", '"')
    assert "Kiểm lâm" not in answer.text


@pytest.mark.parametrize("path", [path for path in OPEN_TO if path != "/bang/tin"])
@pytest.mark.parametrize("who", ROLES)
def test_a_page_is_seen_by_those_it_is_for(browsers: dict[str, Browser], who: str, path: str) -> None:
    if who in OPEN_TO[path]:
        assert browsers[who].get(path).status_code == 200
    else:
        refused(browsers[who], path)


@pytest.mark.parametrize("path", list(OPEN_TO))
def test_a_stranger_learns_nothing(stage: BoardStage, path: str) -> None:
    refused(stage.browser(), path)
    forged = stage.browser()
    forged.cookies.set(session.COOKIE, "x" * 43, path="/bang")
    refused(forged, path)


@pytest.mark.parametrize("path", list(FORMS))
@pytest.mark.parametrize("who", [*(who for who in ROLES if who != "hanh"), "stranger"])
def test_a_form_of_the_office_is_for_the_office(
    stage: BoardStage, browsers: dict[str, Browser], who: str, path: str
) -> None:
    """With the right token of a page that they do see: it is the right that is missing."""
    browser = browsers.get(who) or stage.browser()
    before = [stage.rows(table) for table in DOES]
    answer = browser.post(path, "/bang", **FORMS[path])
    assert answer.status_code == 404
    assert [stage.rows(table) for table in DOES] == before


@pytest.mark.parametrize("path", [*FORMS, "/bang/thoat"])
def test_a_form_that_is_not_from_our_pages_is_refused(
    stage: BoardStage, browsers: dict[str, Browser], path: str
) -> None:
    fields, other = FORMS.get(path, {}), browsers["an"].form("/bang")["token"]
    before = [stage.rows(table) for table in DOES]
    for token in ({}, {"token": ""}, {"token": "é"}, {"token": "0" * 64}, {"token": other}):
        answer = browsers["hanh"].post(path, **fields, **token)
        assert answer.status_code == 403
        assert session.STALE in answer.text
    assert [stage.rows(table) for table in DOES] == before
    assert browsers["hanh"].get("/bang").status_code == 200


def test_a_focal_point_finds_no_unit_but_its_own(browsers: dict[str, Browser]) -> None:
    page = browsers["my"].get("/bang?nhom=CCKL&xep=office").text
    assert "Hạt Kiểm lâm huyện Đồng Văn" in page
    assert "don-vi/CCKL" not in page and "Chi cục Thủy lợi" not in page


def test_a_head_sees_all_that_is_under_them(browsers: dict[str, Browser]) -> None:
    page = browsers["bao"].get("/bang").text
    assert page.count('<th scope="row"') == 13
    assert "Chi cục Thủy lợi" not in page


def test_an_office_that_appraises_sees_its_own_rows_alone(browsers: dict[str, Browser], stage: BoardStage) -> None:
    vanphong = browsers["vanphong"]
    card = vanphong.get("/bang/don-vi/CCKL").text
    assert "NQ01.6.1" in card and "NQ01.1<" not in card and "39/50" not in card
    row = vanphong.get("/bang?tim=cckl").text
    assert "39/50" not in row and row.count('class="mark off') == 24 and row.count('class="mark open') >= 2
    before = stage.rows(schema.appraisal)
    assert vanphong.post("/bang/tham-dinh", "/bang/tham-dinh", report="1").status_code == 404  # another's row
    assert stage.rows(schema.appraisal) == before
    assert 'name="report"' not in vanphong.get("/bang/tham-dinh").text
    stage.report("lien", "6.1: 60/60")
    page = vanphong.get("/bang/tham-dinh").text
    assert page.count('name="report"') == 1 and "Chi cục Thủy lợi" in page


def test_sums_of_others_are_not_told(browsers: dict[str, Browser], stage: BoardStage) -> None:
    stage.report("lien", "1.1: 1/50")
    assert "Toàn Sở" not in browsers["an"].get("/bang/chi-tieu/NQ01.1").text
    assert "39 trên 50" not in browsers["lien"].get("/bang/chi-tieu/NQ01.1").text
    whole = browsers["hanh"].get("/bang/chi-tieu/NQ01.1").text
    assert "Toàn Sở" in whole and "40/100 (40,00 %)" in whole


# Links and sessions


def test_looking_at_a_link_does_not_open_it(stage: BoardStage) -> None:
    link = stage.link("an")
    for _ in range(3):  # a chat's preview, a proxy, a curious eye
        answer = stage.browser().get(link)
        assert answer.status_code == 200 and "set-cookie" not in answer.headers
        assert "Nguyễn" not in answer.text and "Kiểm lâm" not in answer.text
    assert stage.browser().post(link).status_code == 303


def test_a_link_opens_once(stage: BoardStage) -> None:
    link, mine = stage.link("an"), stage.browser()
    assert mine.post(link).headers["location"] == "/bang"
    for again in (stage.browser(), mine):
        assert again.post(link).status_code == 404
        assert again.get(link).status_code == 404
    assert mine.get("/bang").status_code == 200


def test_a_link_runs_out(tmp_path: Path) -> None:
    stage = BoardStage(tmp_path)
    link = stage.link("an")
    stage.clock.move(stage.clock() + timedelta(minutes=15))
    assert stage.browser().get(link).status_code == 404
    assert stage.browser().post(link).status_code == 404
    stage.close()


@pytest.mark.parametrize("token", ["x", "x" * 32, "%00", "é"])
def test_a_link_that_nobody_gave_opens_nothing(stage: BoardStage, token: str) -> None:
    assert stage.browser().get(f"/b/{token}").status_code == 404
    assert stage.browser().post(f"/b/{token}").status_code == 404


def test_a_session_ends_by_itself_and_by_hand(tmp_path: Path) -> None:
    stage = BoardStage(tmp_path)
    an, my = stage.enter("an"), stage.enter("my")
    assert an.post("/bang/thoat", "/bang").status_code == 200
    refused(an, "/bang")
    assert my.get("/bang").status_code == 200
    stage.clock.move(stage.clock() + timedelta(hours=10))
    refused(my, "/bang")
    stage.close()


def test_an_ended_session_stays_ended_even_if_its_cookie_was_copied(stage: BoardStage) -> None:
    an = stage.enter("an")
    copy = stage.browser()
    copy.cookies = an.cookies
    held = an.cookies.get(session.COOKIE)
    an.post("/bang/thoat", "/bang")
    copy.cookies.set(session.COOKIE, held or "", path="/bang")
    refused(copy, "/bang")


def test_whoever_has_left_sees_nothing_any_more(tmp_path: Path) -> None:
    stage = BoardStage(tmp_path)
    an, my = stage.enter("an"), stage.enter("my")
    with stage.house.engine.begin() as tx:
        tx.execute(schema.person.update().where(schema.person.c.name == "an").values(left=stage.clock()))
        tx.execute(schema.duty.update().where(schema.duty.c.unit == "HKL-DV").values(until=stage.clock()))
    refused(an, "/bang")
    refused(my, "/bang")
    stage.close()


@pytest.mark.parametrize(("host", "secure"), [("http://nhachan.test", False), ("https://nhachan.test", True)])
def test_the_cookie_is_for_our_pages_alone(stage: BoardStage, host: str, secure: bool) -> None:
    cookie = stage.browser(host).post(stage.link("an")).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/bang" in cookie
    assert ("Secure" in cookie) == secure


def test_neither_link_nor_session_is_kept_as_it_is(stage: BoardStage) -> None:
    link = stage.link("an")
    browser = stage.browser()
    browser.post(link)
    held = browser.cookies.get(session.COOKIE) or "?"
    kept = str(stage.rows(schema.visit))
    assert link.removeprefix("/b/") not in kept and held not in kept


def test_in_a_group_no_link_is_given(stage: BoardStage) -> None:
    before = len(stage.rows(schema.visit))
    stage.say("an", Said("bảng", private=False))
    stage.say("nobody", "bảng")
    assert len(stage.rows(schema.visit)) == before
