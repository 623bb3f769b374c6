"""`career-kb mcp`, started over stdio the way an assistant's program does, and asked with the SDK's own client."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import anyio
from mcp import Client, StdioServerParameters

QUESTION = "Do I need a PhD to become a machine learning researcher?"
INDEX = Path(os.environ["SHARED"], "index")


async def conversation() -> None:
    line = ["-m", "kb", "mcp", "--index", str(INDEX)]
    async with Client(StdioServerParameters(command=sys.executable, args=line, env=dict(os.environ))) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["search", "answer", "open_article", "list_topics"]
        answer = await client.call_tool("answer", {"question": QUESTION})
        [first, *_] = answer.structured_content["citations"]
        assert first["quote"] and "[1]" in answer.content[0].text
        place = {"source": first["source"], "start": first["start"], "characters": len(first["quote"])}
        part = await client.call_tool("open_article", place)
        assert part.structured_content["text"] == first["quote"]
        topics = (await client.call_tool("list_topics", {})).structured_content
        resources = (await client.list_resources()).resources
        assert len(resources) == topics["articles"] and "negotiation" in topics["topics"]
        article = await client.read_resource(f"career-kb://articles/{first['source']}")
        assert first["quote"] in article.contents[0].text


if __name__ == "__main__":
    anyio.run(conversation)
