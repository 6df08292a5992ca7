"""E-mail, against a real mail server on loopback: what arrives, what a refusal means, what nobody may smuggle in."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from sqlalchemy import Engine

from bot.channels import email
from bot.channels.channel import File, Later, Outgoing, Part, Refused, Stopped, Unknown
from bot.channels.email import Email, Letterhead, Server, one_line, subject
from bot.channels.render import Choice, render
from bot.cli.kept import Letterheads, at_once
from bot.words import Office, Words
from storage import db, outbox, people
from tests.channel_questions import Sent, Wired, ask_what_a_failure_means
from tests.far.smtp import HANG_UP, PASSWORD, USER, MailServer
from tests.house import Far, World, at, run
from tests.program import Program

NOW = at("2026-12-03 08:30")
AN = "an@hatkiemlam.example"
LINK = "https://bao-cao.example/c/abc?x=1&y=2"
HEAD = Letterhead("Nhắc Hạn - Sở NN&PTNT", "Thư gửi tự động.", LINK, "Mở trang <trao đổi>")
TEXT = """Kính gửi đồng chí Nguyễn Văn An,
Còn 07 ngày đến hạn. Hạt Kiểm lâm <Đồng Văn> & Mèo Vạc còn thiếu 2/18 số liệu:
.- 1.3: tỷ lệ > 90 %
"""


async def around(_: str) -> Letterhead:
    return HEAD


@pytest.fixture
def far() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def wired(far: MailServer) -> Iterator[Wired]:
    with Wired(Email(far.url, around, lambda: NOW)) as wired:
        yield wired


def caught(wired: Wired, message: Outgoing) -> Exception:
    with pytest.raises(Exception) as error:
        wired.send(message)
    return error.value


def test_a_letter_as_it_arrives(far: MailServer, wired: Wired) -> None:
    id = wired.send(Outgoing(AN, Part(TEXT)))
    (mail,) = far.got
    assert (mail.sender, mail.to) == ("nhachan@so.example", (AN,))
    letter = mail.letter
    assert letter["Subject"].startswith("Còn 07 ngày đến hạn. Hạt Kiểm lâm <Đồng Văn> & Mèo Vạc còn thiếu 2/18")
    assert letter["From"].addresses[0].display_name == "Nhắc Hạn - Sở NN&PTNT" and letter["To"] == AN
    assert (letter["Message-ID"], letter["Auto-Submitted"]) == (id, "auto-generated")
    assert letter["Date"].datetime == NOW
    assert mail.plain.splitlines() == [*TEXT.splitlines(), "", "", "Thư gửi tự động.", "", LINK]
    assert "Hạt Kiểm lâm &lt;Đồng Văn&gt; &amp; Mèo Vạc" in mail.html and "<Đồng" not in mail.html
    assert 'href="https://bao-cao.example/c/abc?x=1&amp;y=2">Mở trang &lt;trao đổi&gt;</a>' in mail.html


def test_every_line_fits_what_mail_allows(far: MailServer, wired: Wired) -> None:
    wired.send(Outgoing(AN, Part("á👍" * 5000)))
    (mail,) = far.got
    assert mail.plain.startswith("á👍" * 5000)
    assert max(map(len, mail.letter.as_bytes().splitlines())) <= 998


def test_without_a_page_there_is_no_link(far: MailServer) -> None:
    async def bare(_: str) -> Letterhead:
        return Letterhead("Sở", "")

    with Wired(Email(far.url, bare, lambda: NOW)) as wired:
        wired.send(Outgoing(AN, Part("Đề nghị báo cáo")))
    assert far.got[0].plain == "Đề nghị báo cáo\n" and "href" not in far.got[0].html


def test_files_go_along(far: MailServer, wired: Wired) -> None:
    files = (File("bảng số liệu.xlsx", "application/vnd.ms-excel", lambda: b"PK\r\n.\r\n"), File("a", "", lambda: b"x"))
    wired.send(Outgoing(AN, Part("Kèm tệp"), files=files))
    found = [(part.get_filename(), part.get_content()) for part in far.got[0].letter.iter_attachments()]
    assert found == [("bảng số liệu.xlsx", b"PK\r\n.\r\n"), ("a", b"x")]


def test_options_are_a_list(far: MailServer, wired: Wired) -> None:
    (part,) = render("Chọn:", [Choice("a", "Một", True), Choice("b", "Hai", False)], Email.traits)
    wired.send(Outgoing(AN, part))
    assert far.got[0].plain.startswith("Chọn:\n1. Một\n")


# Nobody smuggles anything in


@pytest.mark.parametrize(
    "evil", ["\r\nBcc: x@evil.example", "\nBcc: x@evil.example\n\nhello", "\x0bBcc: x", "\u2028Bcc: x"]
)
def test_a_name_begins_no_header(evil: str, far: MailServer) -> None:
    async def named(_: str) -> Letterhead:
        return Letterhead(f"Sở{evil}", "")

    with Wired(Email(far.url, named, lambda: NOW)) as wired:
        file = File(f"a{evil}.pdf", "application/pdf", lambda: b"x")
        wired.send(Outgoing(AN, Part(f"Thông báo{evil.replace(chr(10), ' ')}"), files=(file,)))
    (mail,) = far.got
    assert mail.letter["Bcc"] is None and mail.to == (AN,)
    assert "Bcc" in str(mail.letter["From"])


@pytest.mark.parametrize(
    "chat",
    [
        *("", "an", "an@", "@x", "a b@x", "an@x, b@x", "<an@x>", "an@-x", "án@x", "a" * 65 + "@x", "an@" + "x" * 254),
        *("an@x\r\nRCPT TO:<b@x>", "an@x>\r\n", "an@x\n"),
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_sent(chat: str, far: MailServer, wired: Wired) -> None:
    assert type(caught(wired, Outgoing(chat, Part("x")))) is Refused
    assert far.got == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Nhắc hạn", "Nhắc hạn"),
        ("\n\nKính gửi đồng chí An,\nCòn 07 ngày", "Còn 07 ngày"),
        ("Kính gửi đồng chí An,", "Kính gửi đồng chí An,"),
        ("a\tb\x07c", "a b c"),
        ("", ""),
        ("á" * 200, "á" * 99 + "…"),
    ],
)
def test_the_subject_is_the_first_line_that_says_something(text: str, line: str) -> None:
    assert subject(text) == line


def test_one_line() -> None:
    assert one_line("  a\r\n b\u2029c\x00 ") == "a b c"


# What a failure means

MailSent = Sent[MailServer]


def answers(label: str, command: str, answer: str, outcome: type[Exception] | None, arrived: int = 0) -> MailSent:
    return MailSent(label, lambda far: far.answers.update({command: answer}), outcome, arrived)


SENT: list[MailSent] = [
    MailSent("it arrives", lambda far: None, None, arrived=1),
    MailSent("slow", lambda far: setattr(far, "late", 0.3), None, arrived=1),
    answers("the sender, for now", "MAIL", "451 try again", Later),
    answers("the sender, for ever", "MAIL", "550 not you", Stopped),
    answers("a login is wanted", "MAIL", "530 authenticate", Stopped),
    answers("greylisted", "RCPT", "450 4.2.0 greylisted", Later),
    answers("the box is full", "RCPT", "452 4.2.2 mailbox full", Later),
    answers("the server closes", "RCPT", "421 closing", Later),
    answers("no such box", "RCPT", "550 5.1.1 no such user", Refused),
    answers("the box is disabled", "RCPT", "551 not here", Refused),
    answers("a login is wanted, later", "RCPT", "530 authenticate", Stopped),
    answers("hung up before the message", "RCPT", HANG_UP, Later),
    answers("no message now", "DATA", "451 not now", Later),
    answers("no message ever", "DATA", "554 no valid recipients", ValueError),
    answers("hung up instead of taking it", "DATA", HANG_UP, Later),
    answers("not now, after all", ".", "451 try again", Later),
    answers("no room", ".", "452 disk full", Later),
    answers("taken for spam", ".", "554 5.7.1 spam", ValueError),
    answers("no such box, told late", ".", "550 5.1.1 no such user", Refused),
    answers("hung up with the message on the line", ".", HANG_UP, Unknown, arrived=1),
]


@pytest.mark.parametrize("case", SENT, ids=lambda case: case.label)
def test_what_a_failure_means(case: MailSent, far: MailServer, wired: Wired) -> None:
    ask_what_a_failure_means(wired, far, case, AN, lambda: len(far.got))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(None, None), ("535 5.7.8 wrong", Stopped), ("454 4.7.0 not now", Later)],
    ids=["right", "wrong", "for now"],
)
def test_a_login(answer: str | None, outcome: type[Exception] | None) -> None:
    with MailServer(login=True) as far:
        if answer:
            far.answers["AUTH"] = answer
        url = f"smtp://nhachan%40so.example:p%40ss%2Fword%20of%3Athe-loopback@127.0.0.1:{far.port}"
        with Wired(Email(url, around, lambda: NOW)) as wired:
            if outcome is None:
                assert wired.send(Outgoing(AN, Part("x"))) and far.got[0].sender == USER
                return
            error = caught(wired, Outgoing(AN, Part("x")))
            assert type(error) is outcome and far.got == []
            assert PASSWORD not in str(error) + repr(wired.channel) and wired.channel.pulse.fault == str(error)


def test_a_server_that_takes_no_login_stops_the_channel(far: MailServer) -> None:
    with Wired(Email(f"smtp://me:pass-of-the-test@127.0.0.1:{far.port}", around, lambda: NOW)) as wired:
        assert type(caught(wired, Outgoing(AN, Part("x")))) is Stopped


def test_a_password_is_not_told_in_the_open(far: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "LOOPBACK", set[str]())
    with Wired(Email(f"smtp://me:pass-of-the-test@127.0.0.1:{far.port}", around, lambda: NOW)) as wired:
        error = caught(wired, Outgoing(AN, Part("x")))
    assert type(error) is Stopped and "encryption" in str(error) and far.logins == []


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def papers(authority: trustme.CA) -> ssl.SSLContext:
    """Of a server that calls itself 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def encrypted(authority: trustme.CA | None, scheme: str, far: MailServer) -> Wired:
    """A channel that logs in; without an authority it trusts those that the system trusts."""
    context = ssl.create_default_context()
    if authority:
        authority.configure_trust(context)
    url = f"{scheme}://nhachan%40so.example:p%40ss%2Fword%20of%3Athe-loopback@127.0.0.1:{far.port}"
    return Wired(Email(url, around, lambda: NOW, context))


@pytest.mark.parametrize(("scheme", "how"), [("smtp", "starttls"), ("smtps", "tls")])
def test_a_line_is_encrypted_before_the_password_is_told(
    scheme: str, how: str, authority: trustme.CA, papers: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email, "LOOPBACK", set[str]())
    with MailServer(login=True, **{how: papers}) as far, encrypted(authority, scheme, far) as wired:
        wired.send(Outgoing(AN, Part("x")))
        assert far.logins == [USER] and far.got[0].encrypted


@pytest.mark.parametrize(("scheme", "how"), [("smtp", "starttls"), ("smtps", "tls")])
def test_a_server_that_nobody_vouches_for_is_told_nothing(scheme: str, how: str, papers: ssl.SSLContext) -> None:
    with MailServer(login=True, **{how: papers}) as far, encrypted(None, scheme, far) as wired:
        error = caught(wired, Outgoing(AN, Part("x")))
        assert type(error) is Later and "SSLCertVerificationError" in str(error)
        assert (far.logins, far.got) == ([], [])


def refusing() -> int:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


WHERE: dict[str, Callable[[MailServer], str]] = {
    "nobody there": lambda far: f"smtp://127.0.0.1:{refusing()}",
    "no such host": lambda far: "smtp://mail.invalid:25",
    "not encrypted, as was promised": lambda far: f"smtps://127.0.0.1:{far.port}",
}


@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE)
def test_where_nobody_can_be_reached_it_goes_later(where: Callable[[MailServer], str], far: MailServer) -> None:
    with Wired(Email(where(far), around, lambda: NOW)) as wired:
        assert type(caught(wired, Outgoing(AN, Part("x")))) is Later
        assert wired.channel.pulse.fault


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        with Wired(Email(url, around, lambda: NOW)) as wired:
            assert type(caught(wired, Outgoing(AN, Part("x")))) is Later


def test_who_is_trusted_is_asked_of_the_system() -> None:
    context = Email("smtp://x", around, lambda: NOW)._context
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 25, False, "", "", "nhachan@mail.example")),
        ("smtps://mail.example", Server("mail.example", 465, True, "", "", "nhachan@mail.example")),
        ("smtp://a%40b.vn:p%3A@m:587", Server("m", 587, False, "a@b.vn", "p:", "a@b.vn")),
        ("smtp://me:p@m:587?from=so@b.vn", Server("m", 587, False, "me", "p", "so@b.vn")),
    ],
)
def test_the_address_of_a_server(url: str, server: Server) -> None:
    assert Server.of(url) == server


def test_nobody_is_heard(wired: Wired) -> None:
    assert wired.channel.routes(wired.hear) == []
    wired.listen().stop()
    assert wired.heard == []


# Whose letter it is

WORDS = {language: Words(language, Office("Sở NN&PTNT")) for language in ("vi", "en")}


def heads(engine: Engine, page: Callable[[str], str] | None = lambda chat: f"https://house.example/c/{chat}") -> Any:
    return Letterheads(at_once(engine), WORDS, lambda: NOW, page)


def enrolled(engine: Engine) -> int:
    with engine.begin() as tx:
        whom = people.join(tx, "Nguyễn Văn An", "CCKL", "focal", NOW)
        people.link(tx, people.address_of(tx, "email", "", AN, NOW), whom)
    return whom


def test_each_reader_has_one_page_of_their_own(engine: Engine) -> None:
    whom = enrolled(engine)
    first, again = run(heads(engine)(AN)), run(heads(engine)(AN))
    with engine.begin() as tx:
        chat = people.chat_of(tx, whom, "web")
    assert chat and first == again and first.link == f"https://house.example/c/{chat}"
    assert first.sender == "Nhắc Hạn - Sở NN&PTNT" and "trang trao đổi" in first.note


def test_whoever_has_a_page_already_is_led_there(engine: Engine) -> None:
    whom = enrolled(engine)
    with engine.begin() as tx:
        people.link(tx, people.address_of(tx, "web", "", "my-page", NOW), whom)
    assert run(heads(engine)(AN)).link.endswith("/c/my-page")


def test_the_note_is_in_the_readers_language(engine: Engine) -> None:
    whom = enrolled(engine)
    with engine.begin() as tx:
        people.speak(tx, whom, "en")
    assert run(heads(engine)(AN)).label == "Open your page"


@pytest.mark.parametrize("page", [None, lambda chat: f"https://house.example/{chat}"])
def test_a_stranger_gets_no_page(page: Callable[[str], str] | None, engine: Engine) -> None:
    with engine.begin() as tx:
        people.address_of(tx, "email", "", AN, NOW)
    for address in (AN, "nobody@x.example"):
        assert run(heads(engine, page)(address)).link == ""


def test_without_a_public_address_nobody_gets_a_page(engine: Engine) -> None:
    whom = enrolled(engine)
    head = run(heads(engine, None)(AN))
    with engine.begin() as tx:
        assert people.chat_of(tx, whom, "web") is None
    assert head.link == "" and "trang" not in head.note


# The whole way


def test_what_cannot_go_by_chat_goes_by_mail(engine: Engine, far: MailServer) -> None:
    async def blocked(_: Outgoing) -> None:
        raise Refused("blocked")

    world = World(engine)
    chat = Far(name="chat", on_the_way=blocked)
    mail = Email(far.url, heads(engine), lambda: world.now)
    house = world.another(chat, mail)  # type: ignore[arg-type]
    with engine.begin() as tx:
        whom = people.join(tx, "Nguyễn Văn An", "CCKL", "focal", world.now)
        for channel, place in (("chat", "an"), ("email", AN)):
            people.link(tx, people.address_of(tx, channel, "", place, world.now), whom)
        to = people.reach(tx, whom)
        assert to and to.channel == "chat"
        say = [{"kind": "talk.menu", "facts": {}, "options": []}]
        outbox.put(tx, to, say, outbox.REPLY, world.now + timedelta(0))
    run(house.settle())
    (letter,) = far.got
    assert letter.to == (AN,) and "báo cáo: nhập số liệu còn thiếu" in letter.plain
    assert "https://house.example/c/" in letter.plain
    world.close()


# Who reads where


def test_the_clerk_tells_where_a_person_reads_mail(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.done("init")
    engine = db.connect(f"sqlite:///{tmp_path}/var/nhachan.db")
    with engine.begin() as tx:
        an, *_ = (
            people.join(tx, name, "CCKL", "focal", NOW) for name in ("Nguyễn Văn An", "Lê Thị Bình", "Lê Thị Bình")
        )
    told = program.done("email", "nguyễn văn an", " An@X.example ")
    assert "Nguyễn Văn An" in told and "SMTP_URL" in told
    with engine.begin() as tx:
        assert people.chat_of(tx, an, "email") == "an@x.example"
    assert program.run("email", f"{an}", "an@x.example").returncode == 0
    refused = {
        ("Trần Văn Không", "a@x.example"): "Không có ai",
        ("Lê Thị Bình", "a@x.example"): "Có nhiều người",
        (f"{an + 1}", "an@x.example"): "đã là của người khác",
        ("Nguyễn Văn An", "an@x, b@x"): "không phải là địa chỉ",
    }
    for words, why in refused.items():
        ended = program.run("email", *words)
        assert (ended.returncode, ended.stdout) == (1, "") and why in ended.stderr
    engine.dispose()
