"""The settings: read whole, refused whole, and never telling a secret."""

import re
import stat
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from bot.settings import NAMES, BadSettings, Settings, signing_key

DECOMPOSED = unicodedata.normalize("NFD", "Đồng chí")
EXAMPLE = Path(__file__).parent.parent / ".env.example"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def read(tmp_path):
    def read(*lines, encoding="utf-8"):
        path = tmp_path / ".env"
        path.write_text("\n".join(lines), encoding=encoding)
        return Settings.read(path)

    return read


@pytest.fixture
def faults(read):
    def faults(*lines):
        with pytest.raises(BadSettings) as caught:
            read(*lines)
        return caught.value.faults

    return faults


def test_nothing_set_is_enough_to_begin_with(tmp_path):
    settings = Settings.read(tmp_path / "absent.env")
    assert settings == Settings.read()
    assert settings.database_url.get_secret_value() == "sqlite:///var/nhachan.db"
    assert (settings.web_host, settings.web_port, settings.office_language) == ("127.0.0.1", 8080, "vi")
    assert settings.telegram_bot_token is None
    assert settings.zalo_bot_tokens == ()
    assert settings.warnings == ()


def test_the_example_names_every_setting_in_its_default_and_nothing_else():
    text = EXAMPLE.read_text(encoding="utf-8")
    assert re.findall(r"^([A-Z_]+)=", text, re.MULTILINE) == sorted(NAMES, key=text.index)
    assert Settings.read(EXAMPLE) == Settings.read()
    assert Settings.read(EXAMPLE).warnings == ()


def test_every_setting_in_the_example_stands_under_a_comment():
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for above, line in pairwise(lines):
        assert not re.match("[A-Z_]+=", line) or above.startswith("#") or re.match("[A-Z_]+=", above), line


def test_the_environment_wins_over_the_file(read, monkeypatch):
    monkeypatch.setenv("WEB_PORT", "9000")
    settings = read("WEB_PORT=8000", "WEB_HOST=::1")
    assert (settings.web_port, settings.web_host) == (9000, "::1")


def test_a_file_saved_by_a_windows_editor_is_read(read):
    assert read("OFFICE_NAME=Sở Nội vụ\r", "OFFICE_PHONE=0219\r", encoding="utf-8-sig").office_name == "Sở Nội vụ"


def test_a_file_in_an_old_encoding_is_refused_with_a_sentence(tmp_path):
    path = tmp_path / ".env"
    path.write_bytes("OFFICE_NAME=Phòng".encode("cp1258", errors="replace") + b"\xff")
    with pytest.raises(BadSettings, match="UTF-8"):
        Settings.read(path)


def test_a_file_that_is_really_a_folder_counts_as_absent(tmp_path):
    assert Settings.read(tmp_path) == Settings.read()


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("OFFICE_HOLIDAYS=31/12/2026, 2027-01-02,", "office_holidays", (date(2026, 12, 31), date(2027, 1, 2))),
        ("OFFICE_WORKING_DAYS=9/1/2027", "office_working_days", (date(2027, 1, 9),)),
        ("OFFICE_FORM_OF_ADDRESS=Anh/Chị", "office_form_of_address", "anh/chị"),
        (f"OFFICE_FORM_OF_ADDRESS={DECOMPOSED}", "office_form_of_address", "đồng chí"),
        ("OFFICE_LANGUAGE=EN", "office_language", "en"),
        ("WEB_BASE_URL=https://bao-cao.example.vn/", "web_base_url", "https://bao-cao.example.vn"),
        ("WEB_PORT=0", "web_port", 0),
    ],
)
def test_values_are_read_as_people_write_them(read, line, field, value):
    assert getattr(read(line), field) == value


def test_several_bots_each_once(read):
    tokens = read("ZALO_BOT_TOKENS=12:ab-c, 34:de ,12:ab-c").zalo_bot_tokens
    assert [token.get_secret_value() for token in tokens] == ["12:ab-c", "34:de"]


def test_bots_of_several_owners(read, faults):
    tokens = "ZALO_BOT_TOKENS=12:ab-c,34:de,56:f"
    assert read(tokens).zalo_bot_owners == ()
    assert read(tokens, "ZALO_BOT_OWNERS=Văn phòng, Chi cục ,Văn phòng").zalo_bot_owners == (
        "Văn phòng",
        "Chi cục",
        "Văn phòng",
    )
    for owners in ("Văn phòng", "một,hai,ba,bốn", "một,,ba"):
        (told,) = faults(tokens, f"ZALO_BOT_OWNERS={owners}")
        assert told == "ZALO_BOT_OWNERS: đề nghị ghi đủ 3 tên theo thứ tự của ZALO_BOT_TOKENS, hoặc bỏ trống."


def test_templates_are_numbers_by_kind(read, faults):
    assert read().zalo_oa_templates == {}
    assert read("ZALO_OA_TEMPLATES=remind=123, warn = 456").zalo_oa_templates == {"remind": "123", "warn": "456"}
    for wrong in ("123", "remind=", "notice=123", "remind=12a"):
        (told,) = faults(f"ZALO_OA_TEMPLATES={wrong}")
        assert told == f"ZALO_OA_TEMPLATES: “{wrong}” không dùng được; đề nghị ghi dạng remind=số, warn=số."


def test_every_fault_is_told_at_once(faults):
    told = faults("WEB_PORT=70000", "OFFICE_HOLIDAYS=31/2/2026, x", "OFFICE_LANGUAGE=fr", "WEB_BASE_URL=nhachan")
    assert [fault.partition(":")[0] for fault in told] == [
        "OFFICE_LANGUAGE",
        "OFFICE_HOLIDAYS",
        "WEB_PORT",
        "WEB_BASE_URL",
    ]
    assert "“31/2/2026”, “x”" in told[1]
    assert all("đề nghị" in fault and fault.endswith(".") for fault in told)


@pytest.mark.parametrize(
    "line",
    [
        "TELEGRAM_BOT_TOKEN=hunter2",
        "TELEGRAM_PROXY_URL=ftp://me:hunter2@host",
        "TELEGRAM_API_BASE_URL=ftp://me:hunter2@host",
        "TELEGRAM_WEBHOOK_SECRET=hunter2",
        "ZALO_BOT_TOKENS=1:good, hunter2",
        "ZALO_OA_APP_SECRET=hunter2 hunter2",
        "ZALO_OA_APP_ID=hunter2",
        "DATABASE_URL=mysql://me:hunter2@host/name",
        "SMTP_URL=me:hunter2@host",
        "SMTP_URL=smtp://me:hunter2@host:port",
        "SECRET_KEY=hunter2",
    ],
)
def test_a_fault_never_tells_the_secret(faults, line):
    told = faults(line)
    assert told[0].startswith(line.partition("=")[0] + ": ")
    assert "hunter2" not in "".join(told)


def test_nothing_secret_is_printed(read):
    settings = read(
        "TELEGRAM_BOT_TOKEN=1:hunter2",
        "ZALO_BOT_TOKENS=2:hunter2",
        "DATABASE_URL=postgresql+psycopg://me:hunter2@host/name",
        "SMTP_URL=smtps://me:hunter2@host:465",
        "TELEGRAM_PROXY_URL=socks5://me:hunter2@host",
        f"SECRET_KEY=hunter2{'x' * 32}",
    )
    assert "hunter2" not in repr(settings) + str(settings.model_dump()) + settings.model_dump_json()


def test_settings_can_not_be_changed(read):
    with pytest.raises(ValueError, match="frozen"):
        read().web_port = 1


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["ZALO_OA_APP_ID=1"], "đủ cả ba"),
        (["TELEGRAM_WEBHOOK_SECRET=12345678"], "WEB_BASE_URL"),
        (["OFFICE_HOLIDAYS=1/2/2026", "OFFICE_WORKING_DAYS=1/2/2026"], "01/02/2026"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(faults, lines, words):
    assert words in faults(*lines)[0]


def test_two_contradictions_are_two_faults(faults):
    assert len(faults("ZALO_OA_APP_ID=1", "ZALO_BOT_WEBHOOK_SECRET=12345678")) == 2


def test_a_misspelt_name_is_a_warning_with_a_guess(read):
    first, second = read("TELEGRAM_BOT_TOKENS=1:x", "QQQQ=1", "WEB_PORT=1").warnings
    assert "có phải là TELEGRAM_BOT_TOKEN?" in first
    assert second.startswith("QQQQ: không có thiết lập nào tên như vậy.")


def test_a_signing_key_is_made_once_and_kept_from_others(tmp_path):
    folder = tmp_path / "var"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: signing_key(Settings.read(), folder), range(16)))
    assert len(keys) == 1
    assert len(keys.pop()) == 64
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600


def test_a_given_signing_key_is_used(read, tmp_path):
    assert signing_key(read(f"SECRET_KEY={'k' * 40}"), tmp_path / "var") == "k" * 40
    assert not (tmp_path / "var").exists()
