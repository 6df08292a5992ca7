"""The office's units: their list read, their tree walked, one of them found by whatever it is called."""

import csv
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import roster
from catalogue.load import Faults
from catalogue.naming import LONGEST_RUN, MOST_WORDS, fold
from catalogue.office import Changes, Match, Office, Unit, diff
from tests.office_files import workbook

HERE = Path(__file__).parent
UTTERANCES = HERE.parent.parent / "shared" / "data" / "utterances.csv"
OFFICE = roster.example()


def table(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


CASES = table(HERE / "data" / "unit_names.csv")


def ids(units):
    return [unit.id for unit in units]


# Names.


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_a_name_means(case):
    match = OFFICE.match(case["text"])
    expected = case["expected"]
    assert match.whole_department == (expected == "*")
    assert set(ids(match.units)) == set(expected.strip("=*").split())
    assert match.certain == expected.startswith("=")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_decomposed_typing_means_the_same(case):
    assert OFFICE.match(unicodedata.normalize("NFD", case["text"])) == OFFICE.match(case["text"])


@pytest.mark.parametrize("unit", OFFICE.units, ids=lambda unit: unit.id)
def test_a_unit_answers_to_each_of_its_names_however_typed(unit):
    for name in (unit.id, unit.name, *unit.abbreviations):
        for typed in (name, name.upper(), name.lower(), f"  {name}. "):
            assert OFFICE.match(typed).units == (unit,), typed
    for name in (unit.id, unit.name):
        assert OFFICE.match(name).certain


@pytest.mark.parametrize("unit", OFFICE.units, ids=lambda unit: unit.id)
def test_a_full_name_without_marks_is_beyond_doubt(unit):
    bare = unicodedata.normalize("NFD", unit.name.replace("đ", "d").replace("Đ", "D"))
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    match = OFFICE.match(bare)
    assert (match.units, match.certain) == ((unit,), True)


@pytest.mark.skipif(not UTTERANCES.exists(), reason="the sample of utterances is not beside this repository")
def test_the_sample_of_utterances():
    read = 0
    for row in table(UTTERANCES):
        if not row["note"].startswith("ctx:U"):
            continue
        read += 1
        match = OFFICE.match(row["text"])
        match row["expected_kind"]:
            case "unit":
                assert ids(match.units) == [row["note"].partition("-> ")[2].partition(",")[0].partition(";")[0]], row
            case "ambiguous":
                assert len(match.units) > 1, row
            case "invalid":
                assert not match.units, row
    assert read > 10


@settings(deadline=None)
@given(st.text(max_size=60))
def test_anything_typed_is_answered_from_this_office(typed):
    match = OFFICE.match(typed)
    assert set(match.units) <= set(OFFICE.units)
    assert len(match.units) == 1 or not match.certain
    assert not (match.whole_department and match.units)


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted({fold(w) for u in OFFICE.units for w in u.name.split()})), max_size=40))
def test_any_row_of_known_words_is_answered(typed):
    assert len(OFFICE.match(" ".join(typed)).units) <= len(OFFICE.units)


AREAS = Office(
    Unit(id, name, type, parent, ())
    for id, name, type, parent in [
        ("KL", "Chi cục Kiểm lâm", "chi_cuc", ""),
        ("K1", "Hạt Kiểm lâm khu vực I", "hat", "KL"),
        ("K2", "Hạt Kiểm lâm khu vực II", "hat", "KL"),
        ("K9", "Hạt Kiểm lâm khu vực 9", "hat", "KL"),
        ("X1", "Phòng Kinh tế xã Đồng Văn", "xa", ""),
        ("X2", "Phòng Kinh tế phường Mỹ Lâm", "xa", ""),
    ]
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("hạt kiểm lâm khu vực 9", ["K9"]),
        ("HKL KV 9", ["K9"]),
        ("hkl kv I", ["K1"]),
        ("hkl kv II", ["K2"]),
        ("HKLKVII", ["K2"]),
        ("HKL KV9", ["K9"]),
        ("phòng kinh tế", ["X1", "X2"]),
        ("phong kinh te xa dong van", ["X1"]),
        ("kinh tế Mĩ Lâm", ["X2"]),
        ("Mèo Vạc", []),
    ],
)
def test_nothing_is_known_of_one_office_alone(typed, expected):
    assert ids(AREAS.match(typed).units) == expected


def test_where_departments_are_units_their_names_are_names():
    province = Office([Unit("SNV", "Sở Nội vụ", "so"), Unit("SYT", "Sở Y tế", "so")])
    assert ids(province.match("sở y tế").units) == ["SYT"]
    assert ids(province.match("Sở").units) == ["SNV", "SYT"]
    assert province.match("Sở NV") == Match((province.by_id["SNV"],), True)


def test_a_numeral_is_the_first_letter_of_no_other():
    """Of "II" the letter is not "I", and of "10" the figure is not "1"."""
    areas = Office(Unit(f"H{n}", f"Hạt Kiểm lâm khu vực {n}", "hat") for n in ("I", "II", "IV", "V", "1", "10"))
    for number in ("I", "II", "IV", "V", "1", "10"):
        for typed in ("HKL KV {}", "HKL KV{}", "HKLKV{}", "hạt kiểm lâm kv {}"):
            assert areas.match(typed.format(number)) == Match((areas.by_id[f"H{number}"],), True)


def test_the_beginning_of_a_name_is_its_kind_and_one_word():
    office = Office(
        [Unit("TTG", "Trung tâm Giống nông nghiệp", "tt"), Unit("PCTT", "Phòng Phòng, chống thiên tai", "p")]
    )
    assert office.match("trung tâm giống") == Match(office.units[:1], True)
    assert office.match("giống nông nghiệp") == Match(office.units[:1], False)
    assert office.match("phòng phòng chống thiên tai") == Match(office.units[1:], True)


def test_of_places_that_begin_alike_the_one_named_in_full_is_meant():
    places = {"A": "thị xã Gò Công", "B": "huyện Gò Công Đông", "C": "huyện Gò Công Tây"}
    office = Office(Unit(id, f"Hạt Kiểm lâm {place}", "hat") for id, place in places.items())
    assert office.match("hạt kiểm lâm Gò Công") == Match(office.units[:1], True)
    assert office.match("hạt kiểm lâm Gò Cồng") == Match(office.units[:1], False)
    assert office.match("HKL Gò Công Tây") == Match(office.units[2:], True)
    assert office.match("HKL Gò") == Match(office.units, False)


def test_an_id_is_a_name_beyond_doubt_even_where_it_is_a_place():
    communes = Office(
        [Unit("DONG-VAN", "Ủy ban nhân dân xã Đồng Văn", "xa"), Unit("SA-PHIN", "Ủy ban nhân dân xã Sà Phìn", "xa")]
    )
    assert communes.match("Đồng Văn") == Match(communes.units[:1], True)
    assert communes.match("Phìn") == Match(communes.units[1:], False)


def test_what_units_are_under_and_is_none_of_them_is_the_department():
    health = Office([Unit("VP", "Văn phòng", "phong", "SYT"), Unit("TTYT", "Trung tâm Y tế", "tt", "SYT")])
    assert health.match("syt") == Match(whole_department=True)


def test_a_place_that_the_office_has_itself_is_not_the_province_of_that_name():
    communes = Office([Unit("CCKL", "Chi cục Kiểm lâm", "cc"), Unit("TB", "Xã Thái Bình", "xa")])
    assert communes.match("Chi cục Kiểm lâm Thái Bình") == Match()
    assert communes.match("Chi cục Kiểm lâm Hải Dương") == Match(communes.units[:1], True)


def test_words_with_other_marks_are_not_those_that_people_write_around_a_name():
    office = Office([Unit("TTKN", "Trung tâm Khuyến nông", "tt"), Unit("DB", "Hạt Kiểm lâm huyện Đà Bắc", "hat")])
    assert not office.match("môi trường").units
    assert not office.match("chợ khuyến nông").units
    assert office.match("HKL Đà Bcắ") == Match(office.units[1:], False)


def test_one_letter_is_never_heard_as_another():
    """As r and d are, at the beginning of words."""
    office = Office(Unit(letter, f"Tổ Kiểm soát {letter}", "to") for letter in "ABCD")
    assert office.match("tổ kiểm soát D") == Match(office.units[3:], True)
    assert office.match("tổ kiểm soát R") == Match()


def test_a_name_is_looked_for_in_so_many_words_and_no_more():
    assert OFFICE.match("dạ " * (MOST_WORDS - 2) + "HKL DV").units
    assert not OFFICE.match("dạ " * (MOST_WORDS - 1) + "HKL DV").units


def test_a_name_run_together_is_taken_apart_up_to_so_many_letters():
    name = "Ban Quản lý dự án đầu tư xây dựng công trình nông nghiệp phường Quảng Thành"
    run = name.replace(" ", "")
    assert len(run) == LONGEST_RUN
    board = Unit("BQL", name, "ban")
    assert Office([board]).match(run).units == (board,)


def test_the_very_name_is_found_however_short_and_whatever_its_mark():
    fund = Unit("Q", "Quỹ", "quy", abbreviations=("q",))
    assert Office([fund]).match("q") == Match((fund,), certain=True)
    assert Office([fund]).match("Quỷ") == Match((fund,))


def test_an_office_without_units_knows_no_name():
    assert Office().match("HKL").units == ()


# The tree.


def test_children_are_the_units_directly_below():
    assert len(OFFICE.children("CCKL")) == 13
    assert len(OFFICE.children("SNN")) == 19
    assert OFFICE.children("HKL-DV") == ()


def test_a_subtree_begins_with_its_root():
    assert ids(OFFICE.subtree("CCKL"))[0] == "CCKL"
    assert len(OFFICE.subtree("CCKL")) == 14
    assert set(OFFICE.subtree("SNN")) == set(OFFICE.units)
    assert OFFICE.subtree("nobody") == ()


def test_units_of_several_types_keep_their_order():
    chosen = OFFICE.of_types({"chi_cuc", "phong_thuoc_so"})
    assert len(chosen) == 11
    assert list(chosen) == [unit for unit in OFFICE.units if unit in chosen]


def test_a_unit_is_found_by_its_id():
    assert OFFICE.by_id["VP"].name == "Văn phòng Sở"


# What changed.

A = Unit("A", "Phòng A", "phong", "S", ("PA",))
B = Unit("B", "Phòng B", "phong", "S")


def test_offices_are_the_same_by_their_units():
    assert Office([A, B]) == Office((A, B))
    assert Office([A, B]) != Office([B, A])
    assert Office([A]) != [A]
    assert hash(Office([A])) == hash(Office((A,))) != hash(Office([B]))


def test_the_same_list_changes_nothing():
    assert diff(OFFICE, roster.example()) == Changes()
    assert not diff(OFFICE, OFFICE)


def test_each_change_is_told_once_for_what_it_is():
    new = Unit("A", "Phòng A mới", "ban", "B", ())
    changes = diff(Office([A, B]), Office([new, Unit("C", "Phòng C", "phong", "S")]))
    assert ids(changes.added) == ["C"]
    assert ids(changes.closed) == ["B"]
    assert changes.renamed == changes.moved == changes.retyped == changes.reworded == ((A, new),)
    assert changes


# The list as a file.


def read(text, name="units.csv"):
    return roster.read(name, text.encode())


def faults(text, name="units.csv"):
    with pytest.raises(Faults) as caught:
        roster.read(name, text if isinstance(text, bytes) else text.encode())
    return [str(fault) for fault in caught.value.faults]


EXPECTED = (
    Unit("K", "Chi cục Kiểm lâm", "chi_cuc", "SNN", ("CCKL", "CC KL"), "QĐ 1"),
    Unit("H", "Hạt Kiểm lâm", "hat", "K"),
)
PLAIN = (
    "id,name,type,parent,abbreviations,basis\nK,Chi cục Kiểm lâm,chi_cuc,SNN,CCKL; CC KL,QĐ 1\nH,Hạt Kiểm lâm,hat,K,,\n"
)


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode("utf-8-sig"),
        PLAIN.replace(";", "|").replace(",", ";").encode("utf-8-sig"),
        b"sep=;\r\n" + PLAIN.replace(";", "|").replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode("utf-16"),
        unicodedata.normalize("NFD", PLAIN).encode(),
        PLAIN.replace("\nH,", "\n\n,,,,,\nH,").encode(),
        (
            "Ghi chú,Thuộc,STT,Tên viết tắt,LOẠI,Tên đơn vị,Mã\n"
            'QĐ 1,SNN,1,"CCKL, CC KL",chi_cuc,Chi cục Kiểm lâm,K\n,K,2,,hat,Hạt Kiểm lâm,H\n'
        ).encode(),
    ],
    ids=["plain", "Windows", "semicolons", "sep", "UTF-16 with tabs", "decomposed", "empty lines", "Vietnamese"],
)
def test_a_csv_file_is_read_as_excel_writes_it(data):
    assert roster.read("Danh sách.CSV", data).units == EXPECTED


def test_an_xlsx_file_is_read_from_the_sheet_with_the_headings():
    rows = [
        ("Danh sách đơn vị",),
        ("id", "type", "name", "abbreviations", "basis", "parent"),
        ("K", "chi_cuc", "Chi cục Kiểm lâm", "CCKL\nCC KL", "QĐ 1", "SNN"),
        (),
        ("H", "hat", "Hạt Kiểm lâm", None, None, "K"),
    ]
    assert roster.read("units.xlsx", workbook([["Bìa"]], rows)).units == EXPECTED


def test_a_number_in_a_sheet_is_what_it_looks_like():
    units = roster.read(
        "units.xlsx", workbook([("id", "name", "type"), (7, "Phòng 7", "phong"), (8.0, "Phòng 8", "phong")])
    )
    assert ids(units.units) == ["7", "8"]


def test_every_fault_is_told_at_once_with_its_line():
    told = faults(
        "id,name,type,parent\n"
        "A,Phòng A,phong,S\n"
        "A,Phòng A hai,phong,S\n"
        "B,,phong,S\n"
        "C,Phòng C,,S\n"
        ",Phòng D,phong,S\n"
        "Đ,Phòng Đ,phong,S\n"
        "E,Phòng E,phong,B1\n"
        "F,phòng a,phong,S\n"
        "G,Phòng G,phong,H\n"
        "H,Phòng H,phong,G\n"
        "I,Phòng I,phong,I\n"
        f"{'J' * 33},Phòng J,phong,S\n"
        "KĐ,Phòng K,phong,S\n"
        "N,Phòng N,phong,M\n"
        "M,Phòng M,phong,N\n"
        "l2,Phòng L,phong,S\n"
        "L3,Phòng L,phong,B\n"
    )
    assert told == [
        "units.csv, dòng 3: mã “A” đã dùng ở dòng 2",
        "units.csv, dòng 4: cột name (tên) để trống",
        "units.csv, dòng 5: cột type (loại) để trống",
        "units.csv, dòng 6: cột id (mã) để trống",
        "units.csv, dòng 7: mã “Đ” chỉ được gồm chữ cái không dấu, chữ số, dấu chấm, gạch nối, gạch dưới",
        "units.csv, dòng 8: không có đơn vị cấp trên “B1”; có phải là B?",
        "units.csv, dòng 9: tên “phòng a” đã dùng ở dòng 2 cho đơn vị cùng cấp trên",
        "units.csv, dòng 10: các đơn vị trực thuộc lẫn nhau thành vòng: G → H → G",
        "units.csv, dòng 12: các đơn vị trực thuộc lẫn nhau thành vòng: I → I",
        "units.csv, dòng 13: cột id (mã) dài quá 32 ký tự",
        "units.csv, dòng 14: mã “KĐ” chỉ được gồm chữ cái không dấu, chữ số, dấu chấm, gạch nối, gạch dưới",
        "units.csv, dòng 15: các đơn vị trực thuộc lẫn nhau thành vòng: N → M → N",
    ]


def test_a_line_is_where_its_row_begins():
    text = 'id,name,type\nA,"Phòng\nA",phong\n,Phòng B,phong\n'
    assert faults(text) == ["units.csv, dòng 4: cột id (mã) để trống"]


def test_where_a_unit_has_nothing_above_it_every_parent_must_be_known():
    assert faults("id,name,type,parent\nA,Phòng A,phong,\nB,Phòng B,phong,S\nC,Phòng C,phong,S\n") == [
        "units.csv, dòng 3: không có đơn vị cấp trên “S”",
        "units.csv, dòng 4: không có đơn vị cấp trên “S”",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "không thấy dòng tiêu đề"),
        ("a,b\n1,2\n", "không thấy dòng tiêu đề"),
        ("id,name,type\n", "không có đơn vị nào"),
        ('id,name,type\nA,"Phòng A,phong\n', "ngoặc kép"),
        ("id,name,type\nA,Phòng A,phong,thừa\n", "dòng 2: có ô không nằm dưới tiêu đề nào"),
        ("id,name,type\n" + "".join(f"U{n},Phòng {n},phong\n" for n in range(5001)), "dài quá 5000"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_a_sentence(text, words):
    (told,) = faults(text)
    assert words in told


def test_faults_in_the_headings_are_told_at_once():
    told = faults("id,name,name,parnt\nA,B,C,D\n")
    assert [any(word in fault for fault in told) for word in ("“parnt”", "hai cột name", "thiếu cột type")] == [
        True
    ] * 3


@pytest.mark.parametrize(
    "data", ["Mã,Tên\nA,Phòng".encode("cp1258", "replace") + b"\xff", b"\xff\xfe\x00"], ids=["cp1258", "cut off"]
)
def test_an_old_encoding_is_refused_with_a_sentence(data):
    (told,) = faults(data)
    assert "CSV UTF-8" in told


def test_a_file_that_is_no_workbook_is_refused_with_a_sentence():
    (told,) = faults(b"PK\x03\x04 broken", "units.xlsx")
    assert "không phải là bảng tính" in told


def test_the_example_is_the_list_it_says():
    assert len(OFFICE.units) == 54
    assert {unit.type for unit in OFFICE.units} == {
        "phong_thuoc_so",
        "chi_cuc",
        "don_vi_su_nghiep",
        "don_vi_truc_thuoc_chi_cuc",
    }
