"""More time for one unit: whom it moves, what it cancels, and that nothing is said twice."""

from datetime import date
from pathlib import Path

import pytest

from bot.dialogue.turn import Said
from catalogue import roster
from jobs import forecast
from storage import campaigns, schema
from tests.house import World, at
from tests.program import Program


@pytest.fixture
def asked(house: World) -> World:
    house.go("2024-12-09 10:00")
    for name, role, unit in (("my", "focal", "HKL-DV"), ("hanh", "tccb", "TCCB"), ("dung", "tccb", "TCCB")):
        house.seat(name, role, unit)
    house.hear("my", "xin lùi đến thứ 6")
    house.answer()
    return house


def told(house: World, chat: str) -> str:
    house.deliver()
    return house.far.texts(chat)[-1]


def press(house: World, chat: str, label: str) -> None:
    house.deliver()
    buttons = [button for message in house.far.sent if message.chat == chat for button in message.part.buttons]
    house.hear(chat, Said("", next(button.id for button in reversed(buttons) if button.label.startswith(label))))
    house.answer()


def own(house: World) -> dict[str, date]:
    return house.do(lambda tx: campaigns.deadlines(tx, campaigns.at(tx, house.campaign)))


def test_tccb_grants_by_one_press(asked: World) -> None:
    press(asked, "hanh", "Lùi hạn")
    assert own(asked) == {"HKL-DV": date(2024, 12, 13)}
    assert "Thời hạn áp dụng: 13/12/2024" in told(asked, "my")
    assert [row.person for row in asked.rows(schema.extension)] == [asked.address("hanh").person]
    assert [row.deed for row in asked.rows(schema.audit)] == ["ask time", "extend"]


def test_what_one_of_tccb_has_granted_another_does_not_refuse_by_an_old_button(asked: World) -> None:
    press(asked, "hanh", "Lùi hạn")
    press(asked, "dung", "Không lùi hạn")
    assert "không có gì thay đổi" in told(asked, "dung")
    assert own(asked) == {"HKL-DV": date(2024, 12, 13)}
    assert "đồng ý lùi hạn" in told(asked, "my") and "không đồng ý" not in told(asked, "my")


def test_granting_twice_tells_the_unit_once(asked: World) -> None:
    for name in ("hanh", "dung"):
        press(asked, name, "Lùi hạn")
    assert len(asked.rows(schema.extension)) == 1
    assert sum("đồng ý lùi hạn" in text for text in asked.far.texts("my")) == 1


@pytest.mark.parametrize(
    "id", ["extend 1 HKL-DV", "extend 9 HKL-DV 2024-12-13", "extend x y z", "no-extend 1", "extend"]
)
def test_a_button_that_was_never_ours_changes_nothing(asked: World, id: str) -> None:
    asked.hear("hanh", Said("", id))
    asked.answer()
    assert own(asked) == {} and [row.outcome for row in asked.rows(schema.inbox)] == ["answered"] * 2


def test_a_unit_presses_no_button_of_tccb(asked: World) -> None:
    asked.hear("my", Said("", f"extend {asked.campaign} HKL-DV 2024-12-31"))
    asked.answer()
    assert own(asked) == {}


def steps_taken(house: World) -> list[str]:
    return [row.step for row in house.rows(schema.slot) if not row.step.startswith(("digest", "unregistered"))]


def test_steps_of_an_extended_unit_come_again_once_and_none_that_was_past(asked: World) -> None:
    asked.knock()  # T-1, before the extension
    press(asked, "hanh", "Lùi hạn")
    for moment in ("2024-12-09 10:01", "2024-12-10 08:30", "2024-12-10 17:00", "2024-12-12 08:30", "2024-12-12 08:31"):
        asked.knock(moment)
    mine = ["T-1", "T-3@2024-12-13", "T-1@2024-12-13"]
    assert sorted(steps_taken(asked)) == sorted(mine)


def test_a_reminder_on_its_way_is_moot_when_more_time_was_given(asked: World) -> None:
    asked.knock()
    asked.do(campaigns.extend, asked.campaign, "HKL-DV", date(2024, 12, 13), "", None, asked.now)
    asked.deliver()
    assert "moot" in asked.outcomes()


def test_a_head_hears_of_each_unit_by_its_own_deadline(house: World) -> None:
    house.seat("bao", "head", "CCKL")
    house.do(campaigns.extend, house.campaign, "CCKL", date(2024, 12, 20), "", None, house.now)
    assert house.knock("2024-12-06 08:30") == 1
    text = told(house, "bao")
    assert "10/12/2024" in text and "Chi cục Kiểm lâm:" not in text
    assert house.knock("2024-12-17 08:30") == 1  # T-3 of the 20th
    assert "Chi cục Kiểm lâm:" in told(house, "bao") and "20/12/2024" in told(house, "bao")


def test_the_newest_extension_counts_and_none_shortens_the_time_of_all(house: World) -> None:
    for day in (20, 12, 5):
        house.do(campaigns.extend, house.campaign, "HKL-DV", date(2024, 12, day), "", None, house.now)
        assert own(house) == ({"HKL-DV": date(2024, 12, day)} if day > 10 else {})


def test_a_new_deadline_for_all_makes_its_steps_come_again(house: World) -> None:
    house.seat("my", "focal", "HKL-DV")
    assert house.knock("2024-12-03 08:30") == 1
    house.do(campaigns.set_deadlines, house.campaign, date(2024, 12, 20), date(2024, 12, 20))
    assert house.knock("2024-12-13 08:30") == 1
    assert steps_taken(house) == ["T-7", "T-7@2024-12-20"]


def test_a_unit_let_in_again_is_reminded_by_its_new_deadline_and_no_other_unit_is(asked: World) -> None:
    asked.seat("ly", "focal", "HKL-MV")
    asked.go("2024-12-12 09:00")
    asked.do(campaigns.lock, asked.campaign, asked.now)
    asked.hear("hanh", "mở lại HKL-DV mất điện")
    asked.answer()
    until = own(asked)["HKL-DV"]
    assert until == date(2024, 12, 16)  # three days later is a Sunday
    asked.deliver()
    asked.far.sent.clear()
    for day in range(13, 25):
        for hour in ("08:30", "14:00"):
            asked.knock(f"2024-12-{day} {hour}")
            asked.deliver()
    mine = [text.splitlines()[0] for text in asked.far.texts("my")]
    assert [line[:36] for line in mine] == [
        "Còn 03 ngày đến hạn cuối 16/12/2024.",
        "Hôm nay, 16/12/2024, là hạn cuối. Hạ",
    ]
    assert asked.far.texts("ly") == []


def test_what_moves_is_counted_person_by_person_and_step_by_step(house: World) -> None:
    for unit in ("HKL-DV", "HKL-MV"):
        house.seat(unit, "focal", unit)
    house.go("2024-12-09 10:00")
    catalogues, calendar = house.house.catalogues, house.calendar

    def moved(days: int) -> forecast.Moved:
        def change(tx):
            new = date(2024, 12, days)
            return forecast.moved_by(
                lambda: campaigns.set_deadlines(tx, house.campaign, new, new), tx, catalogues, calendar, house.now
            )

        return house.do(change)

    found = moved(12)  # T-0, T+1 and T+3 move; T-1 comes again
    assert (len(found.cancelled), len(found.planned)) == (2 * 3, 2 * 4)
    assert {at for _, _, step, at in found.planned if step == "T-0"} == {at("2024-12-12 08:30")}
    back = moved(10)
    assert (back.cancelled, back.planned) == (found.planned, found.cancelled)


def test_in_chat_a_new_deadline_for_all_is_shown_before_it_is_made(asked: World) -> None:
    def said(text: str) -> str:
        asked.hear("hanh", text)
        asked.answer()
        return told(asked, "hanh")

    shown = said("đổi hạn 09/12")
    assert "từ 10/12/2024 sang 09/12/2024: hủy" in shown and "lập lại" in shown
    assert asked.do(campaigns.at, asked.campaign).deadline == date(2024, 12, 10)
    assert "Đã bỏ" in said("không") and "Đã đổi hạn" not in said("đúng")
    said("đổi hạn 09/12")
    assert "Đã đổi hạn chung năm 2024 từ 10/12/2024 sang 09/12/2024" in said("đúng")
    assert asked.do(campaigns.at, asked.campaign).deadline == date(2024, 12, 9)
    assert [row.deed for row in asked.rows(schema.audit)] == ["ask time", "deadline"]
    assert "không có gì thay đổi" in said("đổi hạn 09/12")


def test_from_the_command_line_the_change_is_shown_before_it_is_made(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.done("init")
    program.done("campaign", "open", "--catalogue", "2024-qd55", "--year", "2099")
    words = ("campaign", "extend", "1", "CCKL", "2099-12-31", "--reason", "mất điện")
    assert "0 nhắc hủy, 0 nhắc lập lại.\nChưa ghi" in program.done(*words, "--dry-run")
    assert "Đã lùi hạn của Chi cục Kiểm lâm đến 31/12/2099" in program.done(*words)
    again = program.run(*words)
    assert (again.returncode, "không có gì thay đổi" in again.stderr) == (1, True)
    assert "nhắc hủy" in program.done("campaign", "deadline", "1", "2099-12-05", "--dry-run")
    assert '"deadline": "2099-12-10"' in program.done("campaign", "show", "--json")


def test_a_closed_unit_is_asked_for_nothing_and_the_list_shows_it_before(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.done("init")
    program.done("campaign", "open", "--catalogue", "2024-qd55", "--year", "2099")
    example = roster.EXAMPLE.read_text(encoding="utf8").splitlines(keepends=True)
    fewer = tmp_path / "units.csv"
    fewer.write_text("".join(line for line in example if not line.startswith("HKL-DV,")), encoding="utf8")
    shown = program.done("units", "import", str(fewer), "--dry-run")
    assert "Đóng: HKL-DV" in shown and "nhắc hủy" in shown and "Chưa ghi" in shown
    assert '"HKL-DV"' in program.done("board", "--json")
    program.done("units", "import", str(fewer))
    program.done("units", "import", str(roster.EXAMPLE))  # open again; a unit that is new to the list is assigned so
    assert "0 nhắc hủy, 0 nhắc lập lại.\nĐợt 1: đã thêm 0 việc giao." in program.done("campaign", "assign", "1")
    program.done("units", "import", str(fewer))
    assert '"HKL-DV"' not in program.done("board", "--json")


def test_a_closed_unit_is_not_reminded(house: World) -> None:
    house.seat("my", "focal", "HKL-DV")
    close = schema.unit.update().where(schema.unit.c.id == "HKL-DV").values(closed=date(2024, 11, 25))
    house.do(lambda tx: tx.execute(close))
    assert house.knock("2024-12-03 08:30") == 0
