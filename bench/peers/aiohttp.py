"""A loop of aiohttp calls: asks, echoes, asks again."""

import asyncio
import sys

import aiohttp

from bench.peers.ours import TOKEN


async def main(far: str) -> None:
    offset, at = 0, f"{far}/bot{TOKEN}"
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.post(f"{at}/getUpdates", json={"offset": offset}) as answer:
                told = await answer.json()
            for update in told["result"]:
                offset, message = update["update_id"] + 1, update["message"]
                said = {"chat_id": message["chat"]["id"], "text": message["text"]}
                async with session.post(f"{at}/sendMessage", json=said) as answer:
                    await answer.json()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
