"""The Official Account from the command line: consent, what it may do, and a talk through the whole house."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.channels.zalo_oa_grant import challenge, verifier
from bot.cli.frame import Refusal
from bot.cli.zalo import code_in
from tests.far.zalo_oa import APP, APP_SECRET, KEY, OAServer, Ways
from tests.program import Program

AN = "Nguyễn Văn An"
CALLBACK = "https://nhachan.example/oa"


@pytest.fixture
def far() -> Iterator[OAServer]:
    with OAServer() as server:
        server.person(AN).heard = server.now
        yield server


@pytest.fixture
def program(far: OAServer, tmp_path: Path) -> Program:
    settings = {
        "ZALO_OA_APP_ID": APP,
        "ZALO_OA_APP_SECRET": APP_SECRET,
        "ZALO_OA_SECRET_KEY": KEY,
        "ZALO_OA_API_BASE_URL": far.url,
        "ZALO_OA_OAUTH_BASE_URL": far.url,
        "WEB_PORT": "0",
        "WEB_BASE_URL": "https://nhachan.example",
    }
    return Program(tmp_path, settings)


def consents(far: OAServer, program: Program) -> None:
    far.issue()
    program.run("zalo-oa", "login", "--by-hand", text=f"{far.refresh}\n")


def test_a_code_from_the_consent_page_lets_the_program_speak(far: OAServer, program: Program) -> None:
    fixed = verifier()
    sent_to = f"{CALLBACK}?oa_id=1&code={far.agrees(challenge(fixed))}"
    words = ("zalo-oa", "login", "--callback", CALLBACK, "--verifier", fixed)
    ended = program.run(*words, text=f"{sent_to}\n")
    assert ended.returncode == 0, ended.stderr
    page = httpx.URL(re.search(r"http\S+", ended.stdout)[0])  # type: ignore[index]
    assert page.params["code_challenge"] == challenge(fixed) and page.params["redirect_uri"] == CALLBACK
    assert far.access not in ended.stdout + ended.stderr and "Đã được cấp quyền" in ended.stdout
    again = program.run(*words, text=f"{sent_to}\n")
    assert again.returncode == 1 and "Zalo không nhận mã vừa nhập" in again.stderr
    assert "Sở NN&PTNT" in program.done("zalo-oa", "probe")


def test_a_refresh_token_made_by_hand_does_as_well(far: OAServer, program: Program) -> None:
    made = far.issue()["refresh_token"]
    done = program.run("zalo-oa", "login", "--by-hand", text=f"{made}\n")
    assert done.returncode == 0 and far.refresh != made
    assert made not in done.stdout and far.refresh not in done.stdout + done.stderr


def test_without_a_callback_it_says_which_ways_there_are(program: Program) -> None:
    program.settings = {**program.settings, "WEB_BASE_URL": ""}
    ended = program.run("zalo-oa", "login")
    assert ended.returncode == 1 and "--callback" in ended.stderr and "--by-hand" in ended.stderr


@pytest.mark.parametrize("words", [("zalo-oa", "login"), ("zalo-oa", "probe")])
def test_without_settings_it_names_them(words: tuple[str, ...], tmp_path: Path) -> None:
    ended = Program(tmp_path).run(*words)
    assert (ended.returncode, ended.stdout) == (1, "") and "ZALO_OA_APP_ID" in ended.stderr


def test_without_consent_the_probe_says_what_to_do(program: Program) -> None:
    ended = program.run("zalo-oa", "probe")
    assert ended.returncode == 1 and "nhachan zalo-oa login" in ended.stderr and "Traceback" not in ended.stderr


PROBES: dict[str, tuple[Ways, str]] = {
    "an enterprise": (Ways(), "Gửi thử: được, bằng API hiện hành (v3)."),
    "a state agency, old API": (Ways(kind=4, new_api=False), "chỉ bằng API cũ (v2)"),
    "a state agency, no API": (Ways(kind=4, new_api=False, old_api=False), "API cũ đã ngừng"),
    "a package too low": (Ways(package=-224), "gói dịch vụ của tài khoản chưa có API"),
}


@pytest.mark.parametrize(("ways", "verdict"), PROBES.values(), ids=PROBES)
def test_the_probe_tells_what_the_account_may_send(ways: Ways, verdict: str, far: OAServer, program: Program) -> None:
    far.ways = ways
    consents(far, program)
    told = program.done("zalo-oa", "probe", "--to", far.person(AN).id)
    assert "Loại: cơ quan nhà nước" in told if ways.kind == 4 else "Loại: doanh nghiệp" in told
    assert verdict in told and "https://nhachan.example/oa/" in told


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("abc", "abc"),
        ("https://x/?code=abc&oa_id=1", "abc"),
        ("https://x/?oa_id=1&code=a%2Fb&state=s1", "a/b"),
        ("code=abc&state=s1", "abc"),
    ],
)
def test_the_code_is_found_in_what_is_pasted(answer: str, code: str) -> None:
    assert code_in(answer, "s1") == code


def test_the_answer_to_another_consent_is_refused() -> None:
    with pytest.raises(Refusal):
        code_in("https://x/?code=abc&state=s2", "s1")


def test_a_talk_through_the_whole_house(far: OAServer, program: Program) -> None:
    invitation = program.done("init").split()[-1]
    consents(far, program)
    path = re.search(r"https://nhachan\.example(/oa/\w+)", program.done("zalo-oa", "probe"))
    assert path
    an = far.person(AN)
    with program.open("run") as address, httpx.Client(trust_env=False) as zalo:
        far.door = lambda body, headers: zalo.post(address + path[1], content=body, headers=dict(headers)).status_code
        far.follows(AN)
        far.wait_for(lambda: len(an.got) == 1, 60)
        assert "đề nghị gõ mã mời" in an.texts[0]
        far.says(AN, invitation)
        far.wait_for(lambda: len(an.got) == 2, 60)
        assert "cán bộ TCCB" in an.texts[1]
        far.presses(AN, "Đồng ý")
        far.wait_for(lambda: len(an.got) == 3, 60)
        assert "họ và tên" in an.texts[2]
    assert set(far.carried) == {200} and far.access not in program.logged
