"""The command line: one program, `nhachan`. Nothing is decided here; this is where everything meets."""

import sys

import typer

from bot.cli import (
    auditing,
    doctor,
    expecting,
    inviting,
    mail,
    metering,
    noticing,
    office,
    paperwork,
    reading,
    reminding,
    running,
    safekeeping,
    zalo,
)
from bot.cli.frame import Refusal

app = typer.Typer(
    name="nhachan",
    help="Nhắc Hạn: thu số liệu, nhắc hạn, cảnh báo thiếu hụt qua tin nhắn.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in (
    reading,
    office,
    inviting,
    noticing,
    expecting,
    reminding,
    metering,
    running,
    safekeeping,
    zalo,
    mail,
    doctor,
    paperwork,
    auditing,
):
    group.add_to(app)


def main() -> None:
    """Exit status: 0 done, 1 refused with a sentence, 2 the words of the command are wrong."""
    try:
        app()
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
