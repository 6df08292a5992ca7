"""python-telegram-bot's own Application, one update after the other."""

import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bench.peers.ours import TOKEN


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message and update.message.text
    await update.message.reply_text(update.message.text)


def main(far: str) -> None:
    built = Application.builder().token(TOKEN).base_url(f"{far}/bot").base_file_url(f"{far}/file/bot").build()
    built.add_handler(MessageHandler(filters.TEXT, echo))
    built.run_polling()


if __name__ == "__main__":
    main(sys.argv[1])
