"""A loop of httpx calls: asks, echoes, asks again."""

import asyncio
import sys

import httpx

from bench.peers.ours import TOKEN


async def main(far: str) -> None:
    offset = 0
    async with httpx.AsyncClient(base_url=f"{far}/bot{TOKEN}", timeout=30) as client:
        while True:
            told = (await client.post("/getUpdates", json={"offset": offset})).json()
            for update in told["result"]:
                offset = update["update_id"] + 1
                message = update["message"]
                await client.post("/sendMessage", json={"chat_id": message["chat"]["id"], "text": message["text"]})


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
