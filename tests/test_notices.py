"""Notices: whom each audience reaches, at what hour, once more to the silent, how far it has come, and called back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import overview
from bot.channels.channel import Outgoing, Refused, Traits, Unknown
from bot.dialogue.turn import Attachment, Said
from catalogue.calendar import Calendar
from catalogue.model import Answer
from jobs import notices as jobs
from jobs.notices import aimed, second_moment
from storage import audit, notices, people, schema
from tests.house import Far, World, at, run
from tests.stage import CATALOGUES

STATIONS = ("HKL-DV", "HKL-MV", "HKL-YM")


@pytest.fixture
def office(engine) -> World:
    """One officer, and the focal points of three stations and of the branch above them."""
    house = World(engine)
    house.seat("hanh", "tccb", "TCCB")
    for station in (*STATIONS, "CCKL"):
        house.seat(station, "focal", station)
    yield house
    house.close()


def typed(house: World, who: str, *texts: str) -> list[str]:
    """What they are told, after everything has gone out that can go."""
    house.far.sent.clear()
    house.hear(who, *texts)
    house.answer()
    house.deliver()
    return house.far.texts(who)


def send(house: World, to: str = "tất cả", title: str = "Họp giao ban", *more: str) -> list[str]:
    return typed(house, "hanh", f"thông báo {title}\nLúc 8 giờ.", to, *more, "gửi")


def counted(house: World, number: int = 1) -> dict[str, int]:
    """How many recipients are at each stage, where there are any."""
    found = house.do(lambda tx: overview.tally(overview.receipts(tx, number)))
    return {stage: n for stage, n in found.items() if n and stage != "all"}


def meant(house: World, audience: str, *what: str) -> list[str]:
    found = house.do(aimed, audience, what, CATALOGUES, house.now.date())
    return sorted(name for _, name in found.values())


# Whom it is for


def test_each_audience_reaches_those_that_it_names(office: World) -> None:
    my = office.do(lambda tx: next(row.person for row in people.serving(tx, "focal") if row.unit == "HKL-DV"))
    office.report("HKL-DV", "M08", Answer.fraction(50, 60), my)
    office.seat("thu truong", "head", "CCKL")
    assert meant(office, "all") == ["CCKL", *STATIONS]
    assert meant(office, "heads") == ["thu truong"]
    assert meant(office, "units", "HKL-MV", "CCKL") == ["CCKL", "HKL-MV"]
    assert meant(office, "below", "CCKL") == ["CCKL", *STATIONS]
    assert meant(office, "below", "HKL-DV") == ["HKL-DV"]
    assert meant(office, "type", "chi_cuc") == ["CCKL"]
    assert meant(office, "missing") == ["CCKL", "HKL-MV", "HKL-YM"]
    assert meant(office, "silent") == ["CCKL", "HKL-MV", "HKL-YM"]
    assert meant(office, "short") == meant(office, "short", "NQ01.6.2") == ["HKL-DV"]
    assert meant(office, "short", "NQ02.8") == []


def test_those_whom_nothing_reaches_are_listed_and_counted_as_not_told(office: World) -> None:
    office.do(people.refused, office.address("HKL-DV").id, "blocked")
    preview = typed(office, "hanh", "thông báo Họp\n8 giờ", "tất cả")[-1]
    assert "Không kênh nào đến được 1 người: HKL-DV." in preview
    typed(office, "hanh", "gửi")
    assert counted(office) == {"sent": 3, "failed": 1}
    assert meant(office, "unreachable") == ["HKL-DV"]


@pytest.mark.parametrize("words", ["trạm không có thật", "HKL-DV, trạm không có thật"])
def test_a_name_that_is_not_clear_sends_nothing(office: World, words: str) -> None:
    told = typed(office, "hanh", "thông báo Họp\n8 giờ", words)[-1]
    assert "trạm không có thật" in told and "gửi đến" not in told
    assert office.rows(schema.notice) == []


def test_an_ambiguous_name_is_asked_about(office: World) -> None:
    told = typed(office, "hanh", "thông báo Họp\n8 giờ", "kiểm lâm quản bạ, kiểm lâm")[-1]
    assert "Thông báo sẽ gửi đến" not in told


def test_a_kept_audience_is_found_by_its_name(office: World) -> None:
    typed(office, "hanh", "thông báo Họp\n8 giờ", "HKL-DV; HKL-MV", "lưu nhóm Vùng cao", "hủy")
    told = typed(office, "hanh", "thông báo Tập huấn\n9 giờ", "vung cao")[-1]
    assert told.startswith("Thông báo sẽ gửi đến 2 người (2 đơn vị): HKL-DV, HKL-MV")
    assert [row.subject for row in office.rows(schema.audit) if row.deed == "circle"] == ["Vùng cao"]


# Before it goes


def test_the_preview_says_how_it_looks_on_every_channel(engine) -> None:
    house = World(engine)
    short = Far("zalo", Traits(longest=60, brand="Zalo"))
    house.house.open([replace(house.far, traits=Traits(4000, buttons=8, files=True, brand="Telegram")), short])
    house.seat("hanh", "tccb", "TCCB")
    house.seat("my", "focal", "HKL-DV")
    house.seat("ly", "focal", "HKL-MV", channels=("zalo",))
    house.hear("hanh", "thông báo Họp\n" + "Nội dung dài. " * 5, "tất cả")
    house.answer()
    (how,) = [say for row in house.rows(schema.outbox) for say in row.say if say["kind"] == "notice.how"][-1:]
    told = [(item["kind"], item["facts"].get("channel"), item["facts"].get("parts")) for item in how["facts"]["items"]]
    assert told[:2] == [("notice.on_channel", "Telegram", 1), ("notice.on_channel_typed", "Zalo", 3)]


def test_what_is_left_of_the_month_is_said_when_it_is_not_enough(engine) -> None:
    house = World(engine)
    house.house.open([replace(house.far, traits=Traits(4000, buttons=8, monthly=2, brand="Zalo"))])
    house.seat("hanh", "tccb", "TCCB")
    for station in STATIONS:
        house.seat(station, "focal", station)
    house.hear("hanh", "thông báo Họp\n8 giờ", "tất cả")
    house.answer()
    items = [item for row in house.rows(schema.outbox) for say in row.say for item in say["facts"].get("items", ())]
    assert ("notice.beyond_month", 3) in [(item["kind"], item["facts"].get("needs")) for item in items]


FILES = [
    (Attachment("f", "kế hoạch.pdf", 20, "application/pdf"), "gửi kèm"),
    (Attachment("f", "a.docx.exe", 20, "application/pdf"), "Không gửi kèm được tệp"),
    (Attachment("f", "a.pdf", 30 << 20, "application/pdf"), "lớn quá 20 MB"),
    (Attachment("gone", "a.pdf", 20, "application/pdf"), "Chưa lấy được tệp"),
]


@pytest.mark.parametrize(("file", "told"), FILES, ids=lambda one: getattr(one, "name", one))
def test_a_file_goes_along_when_it_is_fit_to(office: World, file: Attachment, told: str) -> None:
    office.far.files["f"] = b"%PDF-1.7"
    typed(office, "hanh", "thông báo Họp\n8 giờ")
    office.hear("hanh", Said(file=file))
    run(office.house.fetch())
    assert told in typed(office, "hanh")[-1]
    typed(office, "hanh", "tất cả", "gửi")
    assert len(office.rows(schema.enclosure)) == (told == "gửi kèm")


def test_from_so_many_recipients_on_somebody_else_lets_it_go(office: World) -> None:
    office.do(notices.second_officer_from, 4)
    send(office, "HKL-DV, HKL-MV")
    assert counted(office) == {"sent": 2}
    assert "chưa có ai khác đăng ký" in send(office, title="Tất cả")[-1]
    assert "phải do một cán bộ khác" in typed(office, "hanh", "phát hành 2")[-1]
    office.seat("lan", "tccb", "TCCB")
    typed(office, "lan", "không phát hành 2: sai ngày họp")
    assert office.far.texts("hanh") == ["lan không phát hành Thông báo số 2 (Tất cả). sai ngày họp"]
    assert "không chờ phát hành" in typed(office, "lan", "phát hành 2")[-1]
    send(office, title="Lại")
    typed(office, "lan", "phát hành 3")
    assert counted(office, 3) == {"sent": 4} and counted(office, 2) == {}
    deeds = [(row.deed, row.subject) for row in office.rows(schema.audit) if row.deed.startswith("notice")]
    assert deeds[-3:] == [("notice withheld", "2"), ("notice", "3"), ("notice released", "3")]
    assert office.do(audit.first_broken) is None


# At its hour, and once more


def test_it_waits_for_its_hour_and_finds_its_recipients_then(office: World) -> None:
    typed(office, "hanh", "thông báo Còn thiếu\n8 giờ", "còn thiếu", "gửi lúc 8h ngày mai", "gửi")
    my = office.do(lambda tx: next(row.person for row in people.serving(tx, "focal") if row.unit == "HKL-DV"))
    office.report("HKL-DV", "M08", Answer.fraction(60, 60), my)
    for early in ("2024-11-26 17:00", "2024-11-27 07:59"):
        office.knock(early)
        assert office.rows(schema.recipient) == []
    office.restart()
    for late in ("2024-11-27 08:00", "2024-11-27 08:01"):
        office.knock(late)
    assert len(office.rows(schema.recipient)) == 3
    office.deliver()
    assert counted(office) == {"sent": 3}


def test_nobody_being_left_its_author_is_told(office: World) -> None:
    typed(office, "hanh", "thông báo Còn thiếu\n8 giờ", "HKL-DV", "gửi lúc 8h ngày mai", "gửi")
    office.do(
        lambda tx: tx.execute(schema.duty.update().where(schema.duty.c.unit == "HKL-DV").values(until=office.now))
    )
    office.knock("2024-11-27 08:00")
    office.far.sent.clear()
    office.deliver()
    assert "không còn ai thuộc nơi nhận" in office.far.texts("hanh")[0]


def test_those_who_keep_silent_are_told_once_more_and_only_once(office: World) -> None:
    send(office)
    typed(office, "HKL-DV", "đã nhận")
    office.knock("2024-11-28 08:29")
    assert not [kind for kind in office.kinds() if kind == jobs.AGAIN]
    for _ in range(3):
        office.knock("2024-11-28 08:30")
        office.restart()
    typed(office, "HKL-MV", "đã nhận")  # between the knock and the sending
    office.far.sent.clear()
    office.deliver(timedelta(minutes=1))
    told = {chat for chat in STATIONS if any("NHẮC LẠI" in text for text in office.far.texts(chat))}
    assert told <= {"HKL-YM"} and office.kinds().count(jobs.AGAIN) == 3
    assert counted(office) == {"acknowledged": 2, "sent": 2}
    office.knock("2024-12-02 09:00")
    assert office.kinds().count(jobs.AGAIN) == 3


def test_once_more_is_left_out_when_it_was_not_wanted(office: World) -> None:
    send(office, "tất cả", "Họp", "không nhắc lại")
    office.knock("2024-11-29 09:00")
    assert jobs.AGAIN not in office.kinds()


@pytest.mark.parametrize(
    ("sent", "again"),
    [
        ("2024-11-26 09:00", "2024-11-28 08:30"),
        ("2024-11-28 17:00", "2024-12-02 08:30"),
        ("2026-02-13 09:00", "2026-02-24 08:30"),
    ],
    ids=["two working days", "over a weekend", "over Tết"],
)
def test_the_second_time_counts_working_days(sent: str, again: str) -> None:
    assert second_moment(Calendar(), at(sent)) == at(again)


# How far it has come


def many(house: World, n: int) -> None:
    for number in range(n):
        house.seat(f"p{number}", "focal", STATIONS[number % 3])


def test_its_progress_is_one_message_that_moves(engine) -> None:
    house = World(engine)
    house.house.open([replace(house.far, traits=Traits(4000, buttons=8, per_second=10_000.0, edits=True))])
    (far,) = house.house.channels
    house.seat("hanh", "tccb", "TCCB")
    many(house, 30)
    house.hear("hanh", "thông báo Họp\n8 giờ", "tất cả", "gửi")
    house.answer()
    house.deliver()
    shown = [sent for sent in far.sent if sent.chat == "hanh" and "Thông báo số 1: Họp" in sent.part.text]
    assert len(shown) == 1 and shown[0].edits is None
    house.go(timedelta(seconds=20))
    house.knock()
    house.deliver()
    shown = [sent for sent in far.sent if sent.chat == "hanh" and "Thông báo số 1: Họp" in sent.part.text]
    assert [sent.edits is not None for sent in shown] == [False, True]
    assert "▰▰▰▰▰▰▰▰▰▰ 30/30" in shown[-1].part.text
    house.hear("p0", "đã nhận")
    house.answer()
    for _ in range(2):  # only when it has come further
        house.go(timedelta(seconds=20))
        house.knock()
        house.deliver()
    moved = [sent for sent in far.sent if sent.chat == "hanh" and "Thông báo số 1: Họp" in sent.part.text]
    assert len(moved) == len(shown) + 1 and moved[-1].edits == shown[-1].edits
    assert "Đã xác nhận: 1." in moved[-1].part.text


def test_where_nothing_can_be_changed_it_is_told_once_at_the_end(office: World) -> None:
    many(office, 30)
    assert not any("▰" in text for text in send(office))
    for later in ("09:01", "09:02"):
        office.knock(f"2024-11-26 {later}")
        office.deliver()
    assert sum("▰▰▰▰▰▰▰▰▰▰ 34/34" in text for text in office.far.texts("hanh")) == 1
    assert (office.outcomes().count("moot"), office.outcomes().count(None)) == (1, 0)


def test_what_may_have_arrived_is_counted_apart(office: World) -> None:
    faults = {"HKL-DV": Unknown("cut"), "HKL-MV": Refused("blocked")}

    async def trouble(message: Outgoing) -> None:
        if message.chat in faults:
            raise faults[message.chat]

    office.far.on_the_way = trouble
    send(office)
    assert counted(office) == {"sent": 2, "uncertain": 1, "failed": 1}


def test_what_was_looked_at_is_told_where_the_channel_tells(office: World) -> None:
    send(office)
    external = next(row.external for row in office.rows(schema.outbox) if row.about == notices.about(1))
    before = office.rows(schema.address)
    office.hear(
        "HKL-DV", Said("9999 " + " ".join(row.external or "" for row in office.rows(schema.outbox)), event="seen")
    )
    office.hear("nobody", Said(external, event="seen"))
    assert counted(office) == {"seen": 1, "sent": 3}
    assert office.rows(schema.address) == before  # nobody has spoken
    office.knock("2024-11-28 08:30")
    assert office.kinds().count(jobs.AGAIN) == 4  # seen is not acknowledged


# Called back


def test_called_back_the_message_itself_changes_where_it_can(engine) -> None:
    house = World(engine)
    house.house.open([replace(house.far, traits=Traits(4000, buttons=8, edits=True))])
    (far,) = house.house.channels
    house.seat("hanh", "tccb", "TCCB")
    house.seat("my", "focal", "HKL-DV")
    house.hear("hanh", "thông báo Họp\n8 giờ", "tất cả", "gửi")
    house.answer()
    house.deliver()
    (external,) = [row.external for row in house.rows(schema.outbox) if row.about == notices.about(1)]
    house.hear("hanh", "thu hồi thông báo 1", "đúng")
    house.answer()
    house.deliver()
    last = [sent for sent in far.sent if sent.chat == "my"][-1]
    assert last.edits == external and "thu hồi" in last.part.text
    house.hear("my", "đã nhận")
    house.answer()
    assert counted(house) == {"sent": 1}


def test_what_has_not_gone_yet_never_goes(office: World) -> None:
    office.hear("hanh", "thông báo Họp\n8 giờ", "tất cả", "gửi", "thu hồi thông báo 1", "đúng")
    office.answer()
    office.deliver()
    assert not any("THÔNG BÁO" in text for station in STATIONS for text in office.far.texts(station))
    assert office.outcomes().count("withdrawn") == 4
    office.knock("2024-11-29 09:00")
    assert jobs.AGAIN not in office.kinds()


def test_a_correction_goes_to_whoever_had_it_and_takes_its_place(office: World) -> None:
    send(office, "HKL-DV, HKL-MV")
    typed(office, "hanh", "đính chính 1: Họp giao ban\nLúc 9 giờ.", "gửi")
    assert [row.unit for row in office.rows(schema.recipient) if row.notice == 2] == ["HKL-DV", "HKL-MV"]
    typed(office, "HKL-DV", "đã nhận")
    assert counted(office, 2) == {"acknowledged": 1, "sent": 1} and counted(office, 1) == {"sent": 2}
    office.knock("2024-11-28 09:00")  # only the newer one comes once more
    assert [
        row.say[0]["facts"]["notice"] for row in office.rows(schema.outbox) if row.say[0]["kind"] == jobs.AGAIN
    ] == [2]
    assert "đã thu hồi hoặc đã đính chính" in typed(office, "hanh", "đính chính 1: x\ny")[-1]
    assert "Không có thông báo số" in typed(office, "hanh", "đính chính 9: x\ny")[-1]


def test_an_answer_reaches_the_asker_once(office: World) -> None:
    typed(office, "HKL-DV", "hỏi mẫu số tính từ ngày nào")
    typed(office, "hanh", "trả lời 1: từ 15/12/2023")
    assert office.far.texts("HKL-DV")[0].endswith("từ 15/12/2023")
    assert "đã được hanh trả lời" in typed(office, "hanh", "trả lời 1: từ 16/12")[-1]
    assert "Không có câu hỏi số 9" in typed(office, "hanh", "trả lời 9: ?")[-1]
    assert typed(office, "hanh", "câu hỏi") == ["Không có câu hỏi nào chờ trả lời."]
