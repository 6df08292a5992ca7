"""The environment, read once into one frozen Settings, with everything that is wrong with it told at once."""

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BeforeValidator, PrivateAttr, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

FormOfAddress = Literal["đồng chí", "anh/chị"]
Language = Literal["vi", "en"]
LogFormat = Literal["text", "json"]

DATABASE_URL = "sqlite:///var/nhachan.db"
DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")
FOLDER = Path("var")


class BadSettings(ValueError):
    """The settings can't be used; `faults` says why, a sentence each, without a secret's value."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def _fault(text: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{text}", {"text": text})


def _words(value: Any) -> Any:
    """A comma-separated line → its parts; anything else is left as it is."""
    if not isinstance(value, str):
        return value
    parts = (part.strip() for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _list(value: Any) -> Any:
    """As `_words`, but the same may stand in it twice."""
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


def _templates(value: Any) -> Any:
    """ "remind=123, warn=456" → the number of each."""
    if not isinstance(value, str):
        return value
    if wrong := [part for part in _words(value) if not re.fullmatch(r"(remind|warn)\s*=\s*\d+", part, re.ASCII)]:
        raise _fault(f"“{', '.join(wrong)}” không dùng được; đề nghị ghi dạng remind=số, warn=số")
    return {kind.strip(): number.strip() for kind, _, number in (part.partition("=") for part in _words(value))}


def _day(text: str) -> date | None:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        with suppress(ValueError):
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no zone)
    return None


def _days(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    days = {part: _day(part) for part in _words(value)}
    if wrong := ", ".join(f"“{part}”" for part, day in days.items() if day is None):
        raise _fault(f"{wrong} không phải là ngày; đề nghị ghi dạng ngày/tháng/năm, ví dụ 02/09/2026")
    return tuple(days.values())


def _one_of(*choices: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        text = unicodedata.normalize("NFC", str(value)).strip().lower()
        if text not in choices:
            raise _fault(f"“{value}” không dùng được; đề nghị chọn một trong các giá trị: {', '.join(choices)}")
        return text

    return read


def _port(value: Any) -> Any:
    text = str(value).strip()
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or int(text) > 65535:
        raise _fault(f"“{text}” không phải là số cổng; đề nghị ghi một số từ 1 đến 65535, ví dụ 8080")
    return int(text)


def _months(value: Any) -> Any:
    text = str(value).strip()
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or int(text) < 1:
        raise _fault(f"“{text}” không phải là số tháng; đề nghị ghi một số từ 1 đến 999, ví dụ 24")
    return int(text)


def _matching(pattern: str, wanted: str) -> Callable[[Any], Any]:
    """Text of that form. What was given may be secret and is never repeated."""

    def read(value: Any) -> Any:
        plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        if not re.fullmatch(pattern, plain.strip()):
            raise _fault(f"giá trị không đúng dạng; {wanted}")
        return plain.strip()

    return read


def _address_fault(text: str, schemes: tuple[str, ...]) -> str | None:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        whole = False
    return None if whole else f"không phải là địa chỉ đầy đủ; đề nghị ghi dạng {schemes[0]}://tên-máy"


def _address(*schemes: str) -> Callable[[Any], Any]:
    """An address without anything secret in it; a trailing slash is dropped."""

    def read(value: Any) -> Any:
        text = str(value).strip().rstrip("/")
        if why := _address_fault(text, schemes):
            raise _fault(f"“{text}” {why}" if "@" not in text else why)
        return text

    return read


def _secret_address(*schemes: str) -> Callable[[Any], Any]:
    """An address that may hold a password: never repeated."""

    def read(value: Any) -> Any:
        text = (value.get_secret_value() if isinstance(value, SecretStr) else str(value)).strip()
        if why := _address_fault(text, schemes):
            raise _fault(f"giá trị {why}")
        return text

    return read


def _database(value: Any) -> Any:
    text = (value.get_secret_value() if isinstance(value, SecretStr) else str(value)).strip()
    if text.partition(":")[0] not in DATABASES or "://" not in text:
        raise _fault("giá trị không dùng được; đề nghị ghi sqlite:///đường-dẫn hoặc postgresql+psycopg://máy/tên-cơ-sở")
    return text


Token = Annotated[
    SecretStr, BeforeValidator(_matching(r"\d+:[^\s/?#]+", "đề nghị chép nguyên mã dạng số:chữ do nền tảng cấp"))
]
WebhookSecret = Annotated[
    SecretStr,
    BeforeValidator(_matching(r"[\w-]{8,256}", "đề nghị dùng từ 8 đến 256 chữ cái không dấu, chữ số, _ hoặc -")),
]
SigningKey = Annotated[
    SecretStr, BeforeValidator(_matching(r"(?s).{32,}", "đề nghị dùng chuỗi ngẫu nhiên từ 32 ký tự"))
]
AuditKey = Annotated[
    SecretStr, BeforeValidator(_matching(r"[^\s,]{32,}", "đề nghị dùng chuỗi ngẫu nhiên từ 32 ký tự, không dấu phẩy"))
]
Secret = Annotated[SecretStr, BeforeValidator(_matching(r"\S+", "giá trị không được có dấu cách"))]
Web = Annotated[str, BeforeValidator(_address("https", "http"))]
Days = Annotated[tuple[date, ...], NoDecode, BeforeValidator(_days)]


class Settings(BaseSettings):
    """Every setting, under the environment's name in small letters. A channel without its token is off."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_file_encoding="utf-8-sig", env_ignore_empty=True, hide_input_in_errors=True
    )

    office_name: str = "Sở Nông nghiệp và Phát triển nông thôn"
    office_short_name: str = "Sở NN&PTNT"
    office_tccb_name: str = "Phòng Tổ chức cán bộ Sở"
    office_form_of_address: Annotated[FormOfAddress, BeforeValidator(_one_of("đồng chí", "anh/chị"))] = "đồng chí"
    office_phone: str = ""
    office_above: str = ""
    office_place: str = ""
    office_language: Annotated[Language, BeforeValidator(_one_of("vi", "en"))] = "vi"
    office_holidays: Days = ()
    office_working_days: Days = ()

    database_url: Annotated[SecretStr, BeforeValidator(_database)] = SecretStr(DATABASE_URL)
    secret_key: SigningKey | None = None
    audit_key: AuditKey | None = None
    audit_keys_before: Annotated[tuple[AuditKey, ...], NoDecode, BeforeValidator(_words)] = ()

    keep_messages_months: Annotated[int, BeforeValidator(_months)] = 24
    keep_files_months: Annotated[int, BeforeValidator(_months)] = 24

    web_host: str = "127.0.0.1"
    web_port: Annotated[int, BeforeValidator(_port)] = 8080
    web_base_url: Web | None = None

    telegram_bot_token: Token | None = None
    telegram_api_base_url: Web = "https://api.telegram.org"
    telegram_proxy_url: Annotated[SecretStr, BeforeValidator(_secret_address("http", "https", "socks5"))] | None = None
    telegram_webhook_secret: WebhookSecret | None = None

    zalo_bot_tokens: Annotated[tuple[Token, ...], NoDecode, BeforeValidator(_words)] = ()
    zalo_bot_owners: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_list)] = ()
    zalo_bot_api_base_url: Web = "https://bot-api.zaloplatforms.com"
    zalo_bot_webhook_secret: WebhookSecret | None = None

    zalo_oa_app_id: Annotated[str, BeforeValidator(_matching(r"\d+", "đề nghị ghi dãy số của ứng dụng"))] | None = None
    zalo_oa_app_secret: Secret | None = None
    zalo_oa_secret_key: Secret | None = None
    zalo_oa_templates: Annotated[dict[str, str], NoDecode, BeforeValidator(_templates)] = {}
    zalo_oa_api_base_url: Web = "https://openapi.zalo.me"
    zalo_oa_oauth_base_url: Web = "https://oauth.zaloapp.com"

    smtp_url: Annotated[SecretStr, BeforeValidator(_secret_address("smtp", "smtps"))] | None = None

    ping_url: Annotated[SecretStr, BeforeValidator(_secret_address("http", "https"))] | None = None
    metrics_token: WebhookSecret | None = None
    log_format: Annotated[LogFormat, BeforeValidator(_one_of("text", "json"))] = "text"

    _warnings: tuple[str, ...] = PrivateAttr(default=())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is probably not meant, a sentence each; nothing of it stops the program."""
        return self._warnings

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if faults := list(_disagreements(self)):
            raise _fault("\n".join(faults))
        return self

    @classmethod
    def read(cls, env_file: Path | None = None) -> Self:
        """The environment, and under it `env_file` if it exists. Raises BadSettings with every fault."""
        try:
            lines = dotenv_values(env_file, encoding="utf-8-sig") if env_file and env_file.is_file() else {}
            settings = cls(_env_file=env_file)
        except UnicodeDecodeError:
            raise BadSettings([f"{env_file}: tệp không phải là UTF-8; đề nghị lưu lại với bảng mã UTF-8."]) from None
        except OSError as error:
            raise BadSettings([f"{env_file}: không đọc được tệp ({error.strerror}); đề nghị kiểm tra quyền."]) from None
        except ValidationError as error:
            raise BadSettings(_sentences(error)) from None
        settings._warnings = tuple(_misspelt(lines))
        return settings


NAMES = tuple(name.upper() for name in Settings.model_fields)


def _disagreements(settings: Settings) -> Iterable[str]:
    """Settings that are each right, but not together."""
    oa = (settings.zalo_oa_app_id, settings.zalo_oa_app_secret, settings.zalo_oa_secret_key)
    if any(oa) and not all(oa):
        yield "ZALO_OA_APP_ID, ZALO_OA_APP_SECRET, ZALO_OA_SECRET_KEY: đề nghị ghi đủ cả ba hoặc bỏ trống cả ba"
    bots, owners = len(settings.zalo_bot_tokens), settings.zalo_bot_owners
    if owners and (len(owners) != bots or not all(owners)):
        yield f"ZALO_BOT_OWNERS: đề nghị ghi đủ {bots} tên theo thứ tự của ZALO_BOT_TOKENS, hoặc bỏ trống"
    if settings.audit_keys_before and not settings.audit_key:
        yield "AUDIT_KEYS_BEFORE: chỉ dùng cùng AUDIT_KEY; đề nghị ghi khóa đang dùng vào AUDIT_KEY"
    webhooks = {
        "TELEGRAM_WEBHOOK_SECRET": settings.telegram_webhook_secret,
        "ZALO_BOT_WEBHOOK_SECRET": settings.zalo_bot_webhook_secret,
    }
    for name, secret in webhooks.items():
        if secret and not settings.web_base_url:
            yield f"{name}: chỉ dùng được khi có địa chỉ công khai; đề nghị ghi WEB_BASE_URL hoặc bỏ trống {name}"
    if both := sorted({f"{day:%d/%m/%Y}" for day in {*settings.office_holidays} & {*settings.office_working_days}}):
        yield f"OFFICE_HOLIDAYS, OFFICE_WORKING_DAYS: ngày {', '.join(both)} vừa là ngày nghỉ vừa là ngày làm việc"


def _sentences(error: ValidationError) -> list[str]:
    """Faults as a person reads them: the setting's name, what is wrong, what to do."""
    faults = []
    for fault in error.errors(include_input=False, include_url=False, include_context=True):
        name = str(fault["loc"][0]).upper() + ": " if fault["loc"] else ""
        what = (
            fault["ctx"]["text"] if fault["type"] == "setting" else "giá trị không đúng dạng; đề nghị xem .env.example"
        )
        faults += [f"{name}{line}." for line in what.split("\n")]
    return faults


def _misspelt(given: Iterable[str]) -> Iterable[str]:
    for key in given:
        if key.upper() not in NAMES:
            near = get_close_matches(key.upper(), NAMES, 1)
            hint = f"có phải là {near[0]}?" if near else "không có thiết lập nào tên như vậy."
            yield f"{key}: {hint} Dòng này không có tác dụng; tên đúng có trong .env.example."


def audit_keys(settings: Settings) -> tuple[str, ...]:
    """With what the book of changes is bound: the key for new rows first, then those of former times."""
    keys = (settings.audit_key, *settings.audit_keys_before)
    return tuple(key.get_secret_value() for key in keys if key)


def signing_key(settings: Settings, folder: Path = FOLDER) -> str:
    """SECRET_KEY; without it, one made once and kept in `folder`, readable by its owner only."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    kept = folder / "secret.key"
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"secret.{secrets.token_hex(8)}"
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(32), encoding="ascii")
    try:
        kept.hardlink_to(draft)  # whole or not at all, and the first of two processes wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return kept.read_text(encoding="ascii").strip()
