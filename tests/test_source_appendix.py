"""The packaged catalogue says, letter for letter, what the received appendix says."""

from pathlib import Path

import pytest

from catalogue import load

SOURCE = Path(__file__).parents[1] / ".." / "shared" / "source" / "phu-luc-01-qd-55-qd-snn-tccb.txt"
pytestmark = pytest.mark.skipif(not SOURCE.exists(), reason="the received appendix is not here")
OWN = load.all()["2024-qd55"]


def printed_rows() -> list[list[str]]:
    """The six cells of each row as they stand in the file; the one row that a page break cuts in two is joined."""
    rows: list[list[str]] = []
    for line in SOURCE.read_text(encoding="utf8").splitlines():
        cells = line.split("\t")
        if len(cells) < 2 or cells[0] == "STT" or cells[0].startswith("---"):
            continue
        if cells[0]:
            rows.append(cells)
        else:
            rows[-1] = [" ".join(filter(None, pair)) for pair in zip(rows[-1], cells, strict=True)]
    return rows


def test_every_row_is_copied_letter_for_letter() -> None:
    ours = [
        [row.printed, row.name, row.unit, row.target.raw if row.target else "", row.lead, row.evaluator]
        for row in OWN.indicators
    ]
    assert ours == printed_rows()


def test_misprints_are_kept() -> None:
    assert OWN.by_code["QD876.4"].name.endswith("được giải quyết đúng hạn được giải quyết đúng hạn")
    assert "hồ sơ công (trừ hồ sơ mật)" in OWN.by_code["NQ01.6H"].name
    assert OWN.sections[2].title.count("“") == 1 and "”" not in OWN.sections[2].title


def test_the_headings_are_copied_too() -> None:
    text = SOURCE.read_text(encoding="utf8")
    assert OWN.title in text
    for section in OWN.sections:
        assert f"\n{section.number}. {section.title}\n" in text
