"""What the board page shows and does: the same truths and the same deeds as in chat."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import overview
from bot.documents import table
from bot.ledger import Ledger
from bot.web.board import render
from bot.web.board.ports import STATES
from catalogue.model import Answer
from catalogue.standing import office_answers
from storage import campaigns, db, people, schema, units
from tests.board_page import BoardStage, Browser
from tests.stage import CATALOGUES

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[BoardStage]:
    stage = BoardStage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def hanh(stage: BoardStage) -> Browser:
    return stage.enter("hanh")


def told(stage: BoardStage, who: str) -> str:
    return "\n".join(line for chat, lines in stage.told() for line in lines if chat == who)


def marks(page: str, unit: str) -> list[str]:
    row = re.search(rf'<tr>\s*<th scope="row"[^>]*><a href="/bang/don-vi/{unit}">.*?</tr>', page, re.DOTALL)
    assert row
    return re.findall(r'<td[^>]* class="mark ([\w ]+)"', row[0])


# Looking


def test_a_cell_says_how_the_unit_stands(stage: BoardStage, hanh: Browser) -> None:
    stage.report("an", "1.1: 39/50\n1.3: 45/60\n2.7: không phát sinh\n1.2: chưa có số liệu")
    shown = marks(hanh.get("/bang?xep=office").text, "CCKL")
    codes = [leaf.code for leaf in CATALOGUES["2024-qd55"].leaves]
    by_code = dict(zip(codes, shown, strict=True))
    assert {code: by_code[code] for code in ("NQ01.1", "NQ02.1", "NQ01.3", "NQ01.2", "NQ01.4", "NQ01.6.2")} == {
        "NQ01.1": "met",
        "NQ02.1": "short",
        "NQ01.3": "met",
        "NQ01.2": "later",
        "NQ01.4": "open",
        "NQ01.6.2": "off",
    }


def test_what_most_wants_attention_comes_first(stage: BoardStage, hanh: Browser) -> None:
    stage.report("my", "58/60")
    stage.say("lien", "hẹn 10h")
    stage.go("2024-11-25T11:00")
    order = re.findall(r'<th scope="row" class="unit"><a href="/bang/don-vi/([\w-]+)"', hanh.get("/bang").text)
    assert order[0] == "CCTL", "a broken promise first"
    assert "HKL-DV" not in order, "what is complete is on the last page"
    last = hanh.get("/bang?trang=2").text
    assert "HKL-DV" in last and "Trang 2/2" in last


@pytest.mark.parametrize(
    ("query", "units"),
    [
        ("tim=dong van&xep=office", ["HKL-DV", "CNTY-DV", "BVTV-DV"]),
        ("tt=complete", ["HKL-DV"]),
        ("tt=short", ["CCKL"]),
        ("tt=waiting&xep=office", ["CCKL", "HKL-DV"]),
        ("tt=returned", []),
        ("nhom=CCKL&loai=chi_cuc", ["CCKL"]),
        ("nhom=CCKL&tt=partial", ["CCKL"]),
        ("tim=%3Cscript%3E", []),
        ("tt=khong-co&trang=-3&dot=x&tim=cckl", ["CCKL"]),
    ],
)
def test_a_filter_leaves_what_is_asked_for(stage: BoardStage, hanh: Browser, query: str, units: list[str]) -> None:
    stage.report("an", "1.1: 39/50")
    stage.report("my", "58/60")
    page = hanh.get(f"/bang?{query}").text
    assert re.findall(r'<th scope="row" class="unit"><a href="/bang/don-vi/([\w-]+)"', page) == units


def test_every_state_has_its_name() -> None:
    assert set(render.STATES) == set(STATES)


def test_a_card_tells_the_whole_history(stage: BoardStage, hanh: Browser) -> None:
    stage.report("an", "1.1: 39/50")
    hanh.post("/bang/tham-dinh", "/bang/tham-dinh", back="1", reason="Đề nghị rà soát mẫu số")
    stage.report("an", "1.1: 45/50")
    page = hanh.get("/bang/don-vi/CCKL").text
    for words in ("39/50 (78,00 %)", "45/50 (90,00 %)", "Trả lại", "Đề nghị rà soát mẫu số", "<q>1.1: 39/50</q>"):
        assert words in page
    assert page.index("45/50 (90,00 %)") < page.index("39/50 (78,00 %)")


def test_the_pooled_figure_is_a_sum_and_no_mean(stage: BoardStage, hanh: Browser) -> None:
    stage.report("an", "1.3: 40/80")
    stage.report("lien", "1.3: 20/20")
    page = hanh.get("/bang/chi-tieu/NQ01.3").text
    assert "60/100 (60,00 %)" in page
    assert "Cộng tử số và mẫu số của 2/" in page
    stage.report("lien", "sửa 1.3 95,5 %")
    page = hanh.get("/bang/chi-tieu/NQ01.3").text
    assert "40/80 (50,00 %)" in page and "1 đơn vị chỉ gửi tỷ lệ" in page


def test_every_view_leaves_what_was_returned_out_of_the_office_s_figure(stage: BoardStage, hanh: Browser) -> None:
    stage.report("an", "1.3: 45/80")
    stage.report("lien", "1.3: 10/40")
    hanh.post("/bang/tham-dinh", "/bang/tham-dinh", back="2", reason="Chưa khớp")
    assert "45/80 (56,25 %)" in hanh.get("/bang/chi-tieu/NQ01.3").text
    list(stage.told())
    stage.say("hanh", "?1.3")
    assert "Toàn Sở: 45/80 = 56,25 %" in told(stage, "hanh")
    with db.reading(stage.house.engine) as tx:
        (seen,) = overview.views(tx, stage.house.catalogues, stage.house.clock())
    rows = [
        row for part in table.of_office(seen.catalogue, seen.standings, stage.house.words["vi"]) for row in part.rows
    ]
    assert next(row.result for row in rows if row.indicator.code == "NQ01.3") == "45/80 (56,25 %)"
    assert office_answers(seen.standings.values(), "M03") == (Answer.fraction(45, 80),)


def test_a_row_is_out_of_reach_on_the_board_as_in_chat(stage: BoardStage, hanh: Browser) -> None:
    stage.report("an", "1.4: 40/60")
    column = [leaf.code for leaf in CATALOGUES["2024-qd55"].leaves].index("NQ01.4")
    assert marks(hanh.get("/bang?xep=office").text, "CCKL")[column] == "short"
    stage.say("an", "1.4: 40/60 còn 2 hồ sơ chờ xử lý")
    stage.say("an", "đúng")
    assert marks(hanh.get("/bang?xep=office").text, "CCKL")[column] == "lost"


def test_a_locked_campaign_can_still_be_looked_at(stage: BoardStage, hanh: Browser) -> None:
    stage.say("hanh", "khóa đợt 2024")
    assert "đã khóa lúc" in hanh.get("/bang").text


def test_the_channels_tell_how_they_are(stage: BoardStage, hanh: Browser) -> None:
    stage.far.pulse.fault = "Unauthorized"
    page = hanh.get("/bang/kenh").text
    assert "đang lỗi" in page and "Unauthorized" in page
    assert "Mọi người đã đăng ký đều liên lạc được." in page


# Doing


def test_ten_are_accepted_at_once_and_one_goes_back(stage: BoardStage, hanh: Browser) -> None:
    rows = ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.6", "2.7", "2.9", "2.10", "3.1")
    stage.report("an", "\n".join(f"{row}: 45/60" for row in rows))
    page = hanh.get("/bang/tham-dinh").text
    ids = re.findall(r'name="report" value="(\d+)"', page)
    assert len(ids) == 11
    answer = hanh.post("/bang/tham-dinh", "/bang/tham-dinh", report=ids[:10])
    assert answer.text.count("Đã chấp nhận") == 10
    assert re.findall(r'name="report" value="(\d+)"', answer.text) == ids[10:]
    list(stage.told())
    hanh.post("/bang/tham-dinh", "/bang/tham-dinh", back=ids[10], reason="Chưa khớp Cổng DVC")
    stage.say("lien", "hạn ngày nào")  # time for the envelope to go
    assert "Chưa khớp Cổng DVC" in told(stage, "an")
    assert "Không có số liệu nào chờ thẩm định." in hanh.get("/bang/tham-dinh").text
    assert [row.channel for row in stage.rows(schema.audit) if row.deed in ("accepted", "returned")] == ["board"] * 11


def test_what_this_office_has_accepted_waits_here_no_more(stage: BoardStage, hanh: Browser) -> None:
    stage.set_joint("both")
    stage.report("an", "1.3: 45/60", "6.1: 60/60")
    page = hanh.get("/bang/tham-dinh").text
    (joint,) = re.findall(r'name="report" value="(\d+)" form="accept"><span class="unseen">[^<]*NQ01.6.1', page)
    answer = hanh.post("/bang/tham-dinh", "/bang/tham-dinh", report=[joint])
    assert "còn chờ Văn phòng Sở cùng chấp nhận" in answer.text
    shown = hanh.get("/bang/tham-dinh").text
    assert "1 số liệu chờ thẩm định." in shown and f'value="{joint}"' not in shown
    assert "Không có số liệu nào chờ thẩm định" in hanh.get("/bang/tham-dinh?ct=NQ01.6.1").text
    assert [row.state for row in stage.rows(schema.cell)] == ["waiting", "waiting"]


@pytest.mark.parametrize("reason", ["", "x", "y" * 401])
def test_nothing_goes_back_without_a_reason(stage: BoardStage, hanh: Browser, reason: str) -> None:
    stage.report("an", "1.1: 39/50")
    assert "Đề nghị nêu lý do" in hanh.post("/bang/tham-dinh", "/bang/tham-dinh", back="1", reason=reason).text
    assert stage.rows(schema.appraisal) == []


def test_what_was_reported_anew_meanwhile_is_not_accepted(stage: BoardStage, hanh: Browser) -> None:
    stage.report("an", "1.1: 39/50")
    form = hanh.form("/bang/tham-dinh")
    stage.report("an", "sửa 1.1 45/50")
    answer = hanh.post("/bang/tham-dinh", report="1", **form)
    assert stage.rows(schema.appraisal) == []
    assert "Đã chấp nhận" not in answer.text


def test_appraisal_by_one_indicator_and_by_one_unit(stage: BoardStage, hanh: Browser) -> None:
    stage.report("an", "1.1: 39/50\n1.3: 45/60")
    stage.report("lien", "1.3: 45/60")
    assert hanh.get("/bang/tham-dinh?ct=NQ02.3").text.count('name="report"') == 2
    assert hanh.get("/bang/tham-dinh?tim=thuy loi").text.count('name="report"') == 1


def test_a_long_list_is_cut_into_pages_without_a_gap(stage: BoardStage, hanh: Browser) -> None:
    rows = [f"1.{n}" for n in range(1, 7)] + [f"2.{n}" for n in (6, 7, 9, 10)] + [f"3.{n}" for n in range(1, 7)]
    for who in ("an", "lien"):
        stage.report(who, "\n".join(f"{row}: 45/60" for row in rows))
    pages = [re.findall(r'name="report" value="(\d+)"', hanh.get(f"/bang/tham-dinh?trang={n}").text) for n in (1, 2)]
    assert len(pages[0]) == 25
    assert sorted(map(int, pages[0] + pages[1])) == [row.id for row in stage.rows(schema.report)]


def test_a_notice_is_previewed_sent_once_and_followed(stage: BoardStage, hanh: Browser) -> None:
    form = hanh.form("/bang/thong-bao") | {"title": "Họp giao ban", "body": "8 giờ\nMang theo báo cáo"}
    form |= {"audience": "units", "units": "CCKL; HKL Đồng Văn"}
    preview = hanh.post("/bang/thong-bao", do="preview", **form).text
    assert "Gửi đến <b>2 người</b> (2 đơn vị): an, my" in preview
    assert ": 2 người, mỗi người 1 tin, có nút bấm." in preview
    assert stage.rows(schema.notice) == []
    sent = [hanh.post("/bang/thong-bao", do="send", **form) for _ in range(2)]
    assert [answer.headers["location"] for answer in sent] == ["/bang/thong-bao/1", "/bang/thong-bao"]
    assert len(stage.rows(schema.notice)) == 1
    stage.say("an", "Đã nhận")
    page = hanh.get("/bang/thong-bao/1").text
    assert "1/2 đã xác nhận" in page and "Đã gửi, chưa xác nhận" in page
    assert "1/2 đã xác nhận" in hanh.get("/bang/thong-bao").text


def test_a_file_goes_along_with_a_notice(stage: BoardStage, hanh: Browser) -> None:
    form = hanh.form("/bang/thong-bao") | {"title": "Công văn", "body": "Xem tệp", "audience": "units", "units": "CCKL"}
    preview = hanh.send("/bang/thong-bao", "Công văn <b>số 12.pdf", b"%PDF-1.7", do="preview", **form).text
    assert "Tệp kèm theo: <b>Công văn &lt;b&gt;số 12.pdf</b>" in preview
    hidden = dict(re.findall(r'name="(enclosed|seal|name)" value="([^"]*)"', preview))
    assert hidden["enclosed"] == "1"
    hanh.post("/bang/thong-bao", do="send", **form, **hidden)
    stage.say("lien", "hạn ngày nào")
    (sent,) = [message for message in stage.far.sent if "Công văn" in message.part.text]
    assert [(file.name, file.read()) for file in sent.files] == [("Công văn <b>số 12.pdf", b"%PDF-1.7")]
    assert '<a href="/f/1">Công văn &lt;b&gt;số 12.pdf</a>' in hanh.get("/bang/thong-bao/1").text


def test_a_file_that_another_sent_does_not_go_along(stage: BoardStage, hanh: Browser) -> None:
    nga = stage.enter("nga")
    form = {"title": "Công văn", "body": "", "audience": "all"}
    preview = nga.send("/bang/thong-bao", "mật.pdf", b"%PDF", do="preview", **form, **nga.form("/bang/thong-bao")).text
    hidden = dict(re.findall(r'name="(enclosed|seal|name)" value="([^"]*)"', preview))
    for stolen in (hidden, hidden | {"seal": ""}, hidden | {"seal": "é"}, {"enclosed": "1"}):
        again = hanh.post("/bang/thong-bao", "/bang/thong-bao", do="preview", **form, **stolen)
        assert "Gửi đến" in again.text and "Tệp kèm theo: <b>" not in again.text


def test_nobody_else_puts_a_file_down(stage: BoardStage) -> None:
    an = stage.enter("an")
    sent = an.send("/bang/thong-bao", "a.pdf", b"%PDF", do="preview", title="x", audience="all", **an.form("/bang"))
    assert sent.status_code == 404 and stage.rows(schema.file) == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"title": ""}, "Đề nghị nhập tiêu đề"),
        ({"title": "x" * 151}, "dài quá"),
        ({"body": "x" * 3001}, "dài quá"),
        ({"audience": "units", "units": "Sở Y tế"}, "Chưa rõ các đơn vị: Sở Y tế"),
        ({"audience": "units"}, "Đề nghị chọn nơi nhận"),
        ({"audience": "everybody"}, "Đề nghị chọn nơi nhận"),
        ({"audience": "short"}, "Không có người nhận nào phù hợp"),
    ],
)
def test_a_notice_that_can_not_go_says_why_and_is_kept(
    stage: BoardStage, hanh: Browser, fields: dict[str, str], says: str
) -> None:
    form = {"title": "Họp", "body": "8 giờ", "audience": "all", "do": "preview"} | fields
    answer = hanh.post("/bang/thong-bao", "/bang/thong-bao", **form)
    assert says in answer.text
    assert f'value="{form["title"][:151]}"' in answer.text
    assert stage.rows(schema.notice) == []


def test_a_step_is_kept_back_and_let_go(stage: BoardStage, hanh: Browser) -> None:
    held = hanh.post("/bang/lich-nhac", "/bang/lich-nhac", do="hold", step="T-7").text
    assert "đang hoãn" in held and len(stage.rows(schema.hold)) == 1
    hanh.post("/bang/lich-nhac", "/bang/lich-nhac", do="hold", step="T-99")
    hanh.post("/bang/lich-nhac", "/bang/lich-nhac", do="release", step="T-7")
    assert stage.rows(schema.hold) == []


def test_the_plan_tells_what_is_next_and_what_has_gone(stage: BoardStage, hanh: Browser) -> None:
    stage.report("my", "58/60")
    assert "kế tiếp: 52 đơn vị" in hanh.get("/bang/lich-nhac").text
    stage.go("2024-11-26T08:30")
    hanh = stage.enter("hanh")
    assert "đã nhắc 2 người" in hanh.get("/bang/lich-nhac").text
    day = hanh.post("/bang/lich-nhac", "/bang/lich-nhac", do="day", day="2024-12-03").text
    assert "Lời nhắc ngày 03/12/2024" in day and "T-7" in day
    assert "Đề nghị chọn ngày" in hanh.post("/bang/lich-nhac", "/bang/lich-nhac", do="day", day="").text


# What others have written


def test_nothing_that_anybody_wrote_becomes_markup(tmp_path: Path) -> None:
    stage = BoardStage(tmp_path, [(NASTY[:100], "focal", "CCKL"), ("hanh", "tccb", "TCCB")])
    with stage.house.engine.begin() as tx:
        tx.execute(schema.unit.update().where(schema.unit.c.id == "CCKL").values(name=NASTY))
        whom = people.serving(tx, "focal")[0].person
        tx.execute(schema.person.update().where(schema.person.c.id == whom).values(phone=NASTY[:32]))
    stage.report(NASTY[:100], "1.1: 39/50")
    with stage.house.engine.begin() as tx:
        tx.execute(schema.report.update().values(verbatim=NASTY, evidence=NASTY))
        tx.execute(schema.explanation.insert().values(
            campaign=1, unit="CCKL", measure="M01", person=whom, reason=NASTY, given=stage.clock()))  # fmt: skip
    hanh = stage.enter("hanh")
    notice = {"title": NASTY, "body": f"{NASTY}\n{NASTY}", "audience": "all"}
    pages = [hanh.post("/bang/thong-bao", "/bang/thong-bao", do="preview", **notice).text]
    hanh.post("/bang/thong-bao", "/bang/thong-bao", do="send", **notice)
    paths = ("/bang?xep=office", "/bang/don-vi/CCKL", "/bang/chi-tieu/NQ01.1", "/bang/tham-dinh", "/bang/thong-bao")
    pages += [hanh.get(path).text for path in (*paths, "/bang/thong-bao/1", "/bang/lich-nhac", "/bang/kenh")]
    pages.append(hanh.post("/bang/tham-dinh", "/bang/tham-dinh", back="1", reason=NASTY).text)
    pages.append(hanh.get("/bang/don-vi/CCKL").text)
    assert sum("&lt;script&gt;alert(1)" in page for page in pages) >= 9
    for page in pages:
        assert "<script>" not in page and "<img src=x" not in page and "49" not in re.sub(r"[0-9a-f]{24,}", "", page)
    stage.close()


def test_pages_carry_nothing_inline(stage: BoardStage, hanh: Browser) -> None:
    stage.report("an", "1.1: 39/50")
    for path in ("/bang", "/bang/don-vi/CCKL", "/bang/chi-tieu/NQ01.1", "/bang/tham-dinh", "/bang/thong-bao"):
        page = hanh.get(path)
        assert "style=" not in page.text and not re.search(r"\son\w+=", page.text)
        assert page.text.count("<script") == page.text.count('<script type="module" src="/static/')
        assert "unsafe" not in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"


# What is kept between two looks


def test_what_is_kept_is_what_would_be_worked_out_anew(stage: BoardStage, hanh: Browser) -> None:
    """After each kind of change the kept lines equal those of a ledger that knows nothing yet."""

    def change(said: tuple[str, str]) -> None:
        stage.say(*said)
        if "/" in said[1] or "không" in said[1]:
            stage.say(said[0], "đúng")

    def fresh() -> object:
        with db.reading(stage.house.engine) as tx:
            book, kept = Ledger(CATALOGUES).settle(tx), stage.room.ledger.settle(tx)
            assert book and kept
            return (book.lines, kept.lines)

    hanh.get("/bang")
    for said in (
        ("an", "1.1: 39/50"),
        ("an", "phần mềm lỗi"),
        ("hanh", "gia hạn CCKL 15/12 bão"),
        ("lien", "1.3: 45/60"),
        ("hanh", "thẩm định CCTL"),
        ("hanh", "chấp nhận"),
        ("an", "sửa 1.1 45/50"),
    ):
        change(said)
        anew, kept = fresh()  # type: ignore[misc]
        assert anew == kept
    with stage.house.engine.begin() as tx:
        campaigns.set_deadlines(
            tx, 1, CATALOGUES["2024-qd55"].plan(2024).deadline.replace(day=5), campaigns.at(tx, 1).evaluation
        )
        tx.execute(schema.assignment.update().where(schema.assignment.c.unit == "CCTL").values(origin="exempt"))
    anew, kept = fresh()  # type: ignore[misc]
    assert anew == kept and "CCTL" not in kept


def test_a_closed_unit_is_not_shown(stage: BoardStage, hanh: Browser) -> None:
    with stage.house.engine.begin() as tx:
        office = units.office(tx)
        units.apply(tx, type(office)(unit for unit in office.units if unit.id != "CCTL"), stage.clock().date())
    assert "don-vi/CCTL" not in hanh.get("/bang?xep=office").text
    assert hanh.get("/bang/don-vi/CCTL").status_code == 404
