"""The command line as somebody types it: what is printed, what is refused, and the exit status."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli import frame, main
from storage import campaigns, db

Told = tuple[int, str, str]  # exit status, output, errors
Typed = Callable[..., Told]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Typed]:
    """`typed("answer", "45/60")`, in a folder of its own with a database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/house.db")
    frame.settings.cache_clear()

    def run(*words: str, given: str = "") -> Told:
        stdin = io.TextIOWrapper(io.BytesIO(given.encode()), encoding="utf8")
        monkeypatch.setattr(sys, "argv", ["nhachan", *words])
        monkeypatch.setattr(sys, "stdin", stdin)
        status = 0
        try:
            main()
        except SystemExit as left:
            status = int(left.code or 0)
        told = capsys.readouterr()
        return status, told.out, told.err

    yield run
    frame.settings.cache_clear()


def document(told: Told) -> Any:
    status, out, err = told
    assert (status, err) == (0, ""), err
    return json.loads(out)


@pytest.mark.parametrize(
    ("words", "kind", "numerator", "percent"),
    [
        (("45/60", "--indicator", "NQ01.3"), "value_fraction", "45", "75"),
        (("1250/1300",), "value_fraction", "1250", "96.1538"),
        (("75,5%",), "value_percent", None, "75.5"),
        (("không phát sinh",), "na", None, None),
        (("46/60", "--state", "c"), "correction", "46", "76.6667"),
        (("1.250",), "ambiguous", None, None),
        (("-5%",), "invalid", None, None),
        (("đạt", "--state", "B"), "met", None, None),
        (("HKL Đồng Văn", "--state", "U"), "unit", None, None),
    ],
)
def test_answer_says_how_a_text_is_read(
    typed: Typed, words: tuple[str, ...], kind: str, numerator: str | None, percent: str | None
) -> None:
    found = document(typed("answer", *words, "--json"))
    assert (found["kind"], found["numerator"], found["percent"]) == (kind, numerator, percent)
    assert (found["question"] is not None) == (kind in ("ambiguous", "invalid"))


def test_answer_reads_one_document_a_line_from_standard_input(typed: Typed) -> None:
    status, out, _ = typed("answer", "-", "--json", given="45/60\nkps\n60/45")
    assert status == 0
    assert [json.loads(line)["kind"] for line in out.splitlines()] == ["value_fraction", "na", "invalid"]


@pytest.mark.parametrize(
    ("raw", "op", "value"),
    [("Tối thiểu 75", ">=", "75"), ("≤ 3", "<=", "3"), ("trước ngày 10/12/2017", "<", "2017-12-10")],
)
def test_target_says_how_a_target_is_read(typed: Typed, raw: str, op: str, value: str) -> None:
    found = document(typed("target", raw, "--json"))
    assert list(found) == ["raw", "kind", "op", "value", "value2", "unit"]
    assert (found["raw"], found["op"], found["value"]) == (raw, op, value)


def test_the_catalogue_is_shown_whole_and_row_by_row(typed: Typed) -> None:
    book = document(typed("catalogue", "show", "--json"))
    assert (len(book["indicators"]), len(book["measures"]), len(book["sections"])) == (27, 20, 4)
    row = document(typed("catalogue", "show", "NQ02.10", "--json"))
    assert (row["printed"], row["target"]["raw"], row["measure"]) == ("10", "Tối thiểu 90", "M12")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("answer", "45/60", "--state", "Q"), "Trạng thái “Q” không có"),
        (("answer", "45/60", "--indicator", "NQ09.9"), "Không có chỉ tiêu “NQ09.9”"),
        (("answer", "45/60", "--catalogue", "2030"), "Không có danh mục “2030”"),
        (("catalogue", "show", "NQ09.9"), "Không có chỉ tiêu “NQ09.9”"),
        (("catalogue", "check", "nowhere"), "indicators.toml"),
        (("catalogue", "draft", "nothing.pdf", "-o", "draft"), "nothing.pdf"),
        (("board",), "Chưa có đợt báo cáo nào"),
        (("campaign", "open", "--catalogue", "2024-qd55", "--year", "2024"), "nhachan init"),
        (("campaign", "lock", "7"), "Không có đợt số 7"),
        (("remind", "preview", "--on", "mai"), "“mai” không phải là ngày"),
        (("units", "match", "xyz"), "Không tìm thấy đơn vị “xyz”"),
        (("invite", "CCKL", "--role", "boss"), "Không có vai trò “boss”"),
        (("run", "--clock-start", "hôm nay"), "không phải là thời điểm"),
    ],
)
def test_what_is_refused_is_refused_in_a_sentence(typed: Typed, words: tuple[str, ...], says: str) -> None:
    status, out, err = typed(*words)
    assert (status, out) == (1, "")
    assert says in err
    assert "Traceback" not in err


def test_wrong_words_of_a_command_end_with_two(typed: Typed) -> None:
    assert typed("answer", "45/60", "--jsn")[0] == 2
    assert typed("nonsense")[0] == 2


def test_whose_word_a_joint_row_needs_is_set_at_a_keyboard(typed: Typed) -> None:
    typed("init")
    typed("campaign", "open", "--catalogue", "2024-qd55", "--year", "2024")
    for rule in ("both", "lead"):
        status, out, _ = typed("campaign", "joint", "1", rule)
        assert (status, out.startswith("Đợt 1: ")) == (0, True)
        with db.connect(frame.settings().database_url.get_secret_value()).connect() as tx:
            assert campaigns.at(tx, 1).joint == rule
    status, out, err = typed("campaign", "joint", "1", "nobody")
    assert (status, out, "Đề nghị chọn" in err) == (1, "", True)
    assert typed("campaign", "joint", "7", "both")[0] == 1


def test_a_campaign_from_nothing(typed: Typed) -> None:
    """init → open → who gets what on a day → where everybody stands."""
    assert "NH-" in typed("init")[1]
    assert "Cơ sở dữ liệu đã sẵn sàng" not in typed("init")[1]
    status, out, _ = typed("campaign", "open", "--catalogue", "2024-qd55", "--year", "2024")
    assert (status, "hạn 10/12/2024" in out) == (0, True)
    assert "đã có đợt năm 2024" in typed("campaign", "open", "--catalogue", "2024-qd55", "--year", "2024")[2]
    found = document(typed("remind", "preview", "--on", "2024-12-03", "--json"))
    assert found["on"] == "2024-12-03"
    assert {message["step"] for message in found["messages"]} == {"T-7"}
    assert len(found["messages"]) == 53
    (one,) = [message for message in found["messages"] if message["units"] == ["HKL-DV"]]
    assert one["name"] is None
    assert one["owed"] == {"HKL-DV": ["M08"]}
    assert "Còn 07 ngày đến hạn 10/12/2024" in one["text"]
    assert document(typed("remind", "preview", "--on", "2024-12-04", "--json"))["messages"] == []
    (board,) = document(typed("board", "--json"))
    assert board["counts"]["silent"] == board["counts"]["all"] == 53
    assert {cell["state"] for unit in board["units"] for cell in unit["indicators"]} == {"missing"}
    (campaign,) = document(typed("campaign", "show", "--json"))
    assert [step["at"][:16] for step in campaign["steps"] if step["id"] == "T-3"] == ["2024-12-06T08:30"]
    assert "nguyên vẹn" in typed("audit", "verify")[1]


def test_an_invitation_is_printed_and_drawn(typed: Typed, tmp_path: Path) -> None:
    typed("init")
    status, out, _ = typed("invite", "CC Kiểm lâm", "--qr", str(tmp_path / "code.svg"))
    assert (status, out.startswith("Chi cục Kiểm lâm: NH-")) == (0, True)
    assert "<svg" in (tmp_path / "code.svg").read_text(encoding="utf8")
    assert "HKL-QBA" in typed("invite", "HKL QB")[2]
