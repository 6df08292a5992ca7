"""Commands about the office's Zalo Official Account: the consent to speak for it, and what it may send."""

import asyncio
import secrets
import sys
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import typer
from sqlalchemy import Engine

from bot import redact
from bot.channels import webhook, zalo_oa_grant
from bot.channels.channel import Later, Stopped, Unknown
from bot.channels.zalo_oa import ZaloOA
from bot.channels.zalo_oa_api import Code, Failed
from bot.channels.zalo_oa_grant import Denied, OAuth, Pair
from bot.cli import frame
from bot.cli.frame import Refusal
from bot.cli.kept import Do, KeptTokens, at_once

KINDS = {"2": "doanh nghiệp", "4": "cơ quan nhà nước"}
TRIAL = "Nhắc Hạn gửi thử tin này để kiểm tra tài khoản. Đề nghị bỏ qua."
REACH = """\
Gửi được cho ai: người đã nhắn tin, quan tâm hoặc bấm nút trong 7 ngày gần nhất.
- Trong 48 giờ: miễn phí.
- Từ 48 giờ đến 7 ngày: trừ tiền trong ví ZCA liên kết với tài khoản; không có ví thì không gửi được.
- Quá 7 ngày: chỉ gửi được tin nhắc, tin cảnh báo theo mẫu ZBS (trả tiền, khai báo ở ZALO_OA_TEMPLATES); \
tin khác chương trình tự chuyển sang địa chỉ khác của người đó.
Mỗi tin dài đến 2000 ký tự, có đến 5 nút; tệp kèm là PDF, DOC, DOCX đến 5 MB, ảnh đến 1 MB."""
SENT, SENT_OLD = (
    "Gửi thử: được, bằng API hiện hành (v3).",
    "Gửi thử: được, nhưng chỉ bằng API cũ (v2) vì API hiện hành không nhận loại tài khoản này. "
    "Zalo đã báo sẽ ngừng API cũ; đề nghị hỏi Zalo trước khi dùng lâu dài.",
)
VERDICTS: dict[int, str] = {
    Code.KIND: "không được: Zalo không cho loại tài khoản này gửi tin riêng cho từng người.",
    Code.OLD_OFF: "không được: loại tài khoản này chỉ dùng được API cũ (v2), mà API cũ đã ngừng.",
    Code.PACKAGE: "không được: gói dịch vụ của tài khoản chưa có API; đề nghị nâng lên gói Tăng trưởng trở lên.",
    Code.UNVERIFIED: "không được: tài khoản chưa xác thực; đề nghị làm thủ tục xác thực với Zalo.",
    Code.WALLET: "không được: người này im lặng quá 48 giờ, mà tài khoản chưa có ví ZCA để trả tiền.",
    Code.MONEY: "không được: người này im lặng quá 48 giờ, mà ví ZCA không đủ tiền.",
    Code.SILENT: "không được: người này im lặng quá 7 ngày; đề nghị họ nhắn cho tài khoản rồi thử lại.",
    Code.NOT_FOLLOWED: "không được: người này chưa quan tâm tài khoản.",
    Code.BLOCKED: "không được: người này đã chặn tài khoản.",
    Code.BAD: "không được: Zalo không nhận số người dùng này; đề nghị kiểm tra lại.",
}

zalo_app = typer.Typer(help="Zalo Official Account: cấp quyền, kiểm tra.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(zalo_app, name="zalo-oa")


def account(do: Do) -> ZaloOA | None:
    """The office's Official Account; None where the settings name none."""
    own = frame.settings()
    if not (own.zalo_oa_app_id and own.zalo_oa_app_secret and own.zalo_oa_secret_key):
        return None
    return ZaloOA(
        own.zalo_oa_app_id,
        own.zalo_oa_app_secret.get_secret_value(),
        own.zalo_oa_secret_key.get_secret_value(),
        KeptTokens(do, frame.clock),
        frame.clock,
        own.zalo_oa_api_base_url,
        own.zalo_oa_oauth_base_url,
        own.zalo_oa_templates,
    )


@zalo_app.command("login")
def login(
    callback: Annotated[str, typer.Option(help="Callback URL đã khai báo ở ứng dụng; mặc định WEB_BASE_URL.")] = "",
    verifier: Annotated[str, typer.Option(help="Code verifier, nếu ở ứng dụng đã khai báo cố định.")] = "",
    by_hand: Annotated[bool, typer.Option("--by-hand", help="Nhập refresh token lấy ở API Explorer.")] = False,
) -> None:
    """Quản trị tài khoản cấp quyền cho chương trình gửi và nhận tin."""
    redact.install()
    oauth = _oauth()
    renewal = _by_hand(oauth) if by_hand else _consent(oauth, callback, verifier or zalo_oa_grant.verifier())
    try:
        pair = asyncio.run(renewal)
    except Denied as denied:
        raise Refusal(
            f"Zalo không nhận mã vừa nhập ({denied.code}). Mỗi mã chỉ dùng được một lần, trong 10 phút; "
            "đề nghị chạy lại lệnh này để lấy mã mới."
        ) from None
    except (Later, Unknown) as cut:
        raise Refusal(f"Không liên lạc được với Zalo ({cut}). Đề nghị kiểm tra mạng rồi chạy lại lệnh này.") from None
    _with_database(lambda engine: KeptTokens(at_once(engine), frame.clock).store(pair))
    frame.say("Đã được cấp quyền. Từ nay chương trình tự gia hạn khi đang chạy. Kiểm tra bằng: nhachan zalo-oa probe")


def _oauth() -> OAuth:
    own = frame.settings()
    if not (own.zalo_oa_app_id and own.zalo_oa_app_secret):
        raise Refusal(
            "Chưa khai báo Zalo Official Account. Đề nghị ghi ZALO_OA_APP_ID, ZALO_OA_APP_SECRET, ZALO_OA_SECRET_KEY."
        )
    secret = own.zalo_oa_app_secret.get_secret_value()
    return OAuth(own.zalo_oa_app_id, secret, own.zalo_oa_oauth_base_url, frame.clock)


def _by_hand(oauth: OAuth) -> Coroutine[Any, Any, Pair]:
    """A refresh token made by hand needs no public address; used at once, it is proved and then nobody else's."""
    return oauth.refresh(_asked("Refresh token"))


def _consent(oauth: OAuth, callback: str, verifier: str) -> Coroutine[Any, Any, Pair]:
    callback = callback or frame.settings().web_base_url or ""
    if not callback:
        raise Refusal(
            "Chưa biết callback URL. Đề nghị thêm --callback với địa chỉ đã khai báo ở ứng dụng Zalo, "
            "hoặc dùng --by-hand để nhập refresh token lấy ở API Explorer."
        )
    state = secrets.token_urlsafe(16)
    frame.say(f"1. Quản trị của tài khoản mở địa chỉ này và đồng ý:\n{oauth.consent(callback, verifier, state)}")
    frame.say("2. Trình duyệt chuyển đến một địa chỉ có “code=…”; chép cả địa chỉ đó (trong 10 phút) vào đây.")
    return oauth.exchange(code_in(_asked("Địa chỉ hoặc mã"), state), verifier)


def _asked(what: str) -> str:
    """Not shown while it is typed."""
    return str(typer.prompt(what, hide_input=sys.stdin.isatty(), err=True)).strip()


def code_in(answer: str, state: str) -> str:
    """The code in the address that the browser was sent to, or the code alone."""
    if "code=" not in answer:
        return answer
    given = parse_qs(urlsplit(answer).query or answer)
    if "state" in given and not webhook.same(given["state"][0], state):
        raise Refusal("Địa chỉ này không phải của lần cấp quyền này. Đề nghị chạy lại lệnh và chép địa chỉ mới.")
    return given.get("code", [""])[0]


@zalo_app.command("probe")
def probe(
    to: Annotated[str, typer.Option(help="Gửi thử một tin cho người dùng Zalo có số này.")] = "",
) -> None:
    """Đây là loại tài khoản nào, được gửi những gì."""
    redact.install()
    _oauth()
    try:
        _with_database(lambda engine: _probe(account(at_once(engine)), to))
    except Stopped:
        raise Refusal("Chưa được cấp quyền, hoặc quyền đã hết. Đề nghị chạy: nhachan zalo-oa login") from None
    except (Later, Unknown) as cut:
        raise Refusal(f"Không liên lạc được với Zalo ({cut}). Đề nghị kiểm tra mạng rồi thử lại.") from None
    except Failed as failed:
        raise Refusal(f"Zalo từ chối: {VERDICTS.get(failed.code, f'mã {failed.code}.')}") from None


async def _probe(oa: ZaloOA | None, to: str) -> None:
    assert oa
    try:
        told = await oa.about_us()
        kind = KINDS.get(str(told.get("oa_type")), f"khác ({told.get('oa_type')})")
        verified = "đã xác thực" if told.get("is_verified") else "chưa xác thực"
        frame.say(f"Tài khoản: {told.get('name')} (số {told.get('oa_id') or told.get('oaid')})")
        frame.say(f"Loại: {kind}, {verified}. Gói: {told.get('package_name') or 'không rõ'}.")
        base = frame.settings().web_base_url
        frame.say(f"Webhook để khai báo ở ứng dụng: {base}{oa.path}" if base else "Webhook: chưa có WEB_BASE_URL.")
        frame.say(REACH)
        frame.say(await _trial(oa, to) if to else _untried(str(told.get("oa_type"))))
    finally:
        await oa.close()


async def _trial(oa: ZaloOA, to: str) -> str:
    try:
        await oa.try_out(to, TRIAL)
    except Failed as failed:
        return f"Gửi thử: {VERDICTS.get(failed.code, f'không được: Zalo trả lời mã {failed.code}.')}"
    return SENT_OLD if oa.old else SENT


def _untried(kind: str) -> str:
    doubt = "Tài khoản của cơ quan nhà nước có khi bị từ chối gửi tin riêng. " if kind == "4" else ""
    return f"{doubt}Để biết chắc, đề nghị gửi thử cho một người vừa nhắn tin: nhachan zalo-oa probe --to SỐ"


def _with_database(work: Callable[[Engine], Coroutine[Any, Any, None]]) -> None:
    engine: Engine = frame.connect()
    try:
        asyncio.run(work(engine))
    finally:
        engine.dispose()
