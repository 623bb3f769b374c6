"""The MCP server, asked by the SDK's own client: in this process, over stdio and over HTTP."""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import time

import pytest
from world import ROOT

pytest.importorskip("mcp")

import anyio
import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from kb.build import build_index
from kb.errors import KBError
from kb.integrations.mcp import create_server
from kb.integrations.serving import serve
from kb.web.door import Door

READ_ONLY = {"read_only_hint": True, "destructive_hint": False, "idempotent_hint": True, "open_world_hint": False}


def ask(base, conversation):
    """Runs conversation(client) against a server for base, in this process."""

    async def talk():
        async with Client(create_server(base)) as client:
            return await conversation(client)

    return anyio.run(talk)


async def refusal(client, uri):
    try:
        return str(await client.read_resource(uri))
    except MCPError as error:
        return str(error)


def call(base, tool, **arguments):
    return ask(base, lambda client: client.call_tool(tool, arguments))


def test_four_tools_are_offered_and_each_says_that_it_only_reads(base):
    tools = {tool.name: tool for tool in ask(base, lambda client: client.list_tools()).tools}
    assert list(tools) == ["search", "answer", "open_article", "list_topics"]
    for tool in tools.values():
        assert READ_ONLY.items() <= tool.annotations.model_dump().items()
        assert tool.input_schema["additionalProperties"] is False
        assert tool.title and tool.description and tool.input_schema["type"] == tool.output_schema["type"] == "object"
    assert tools["search"].input_schema["required"] == ["question"]
    k = tools["search"].input_schema["properties"]["k"]
    assert (k["type"], k["minimum"], k["maximum"], k["default"]) == ("integer", 1, 50, 10)
    citation = tools["answer"].output_schema["$defs"]["CitationDict"]
    assert {"number", "source", "quote", "start", "end", "date"} <= set(citation["required"])


def test_search_gives_text_to_read_and_the_contracts_passages(base):
    found = call(base, "search", question="Who joins metal?", k=2)
    [hit, _] = base.search("Who joins metal?", 2)
    assert not found.is_error and len(found.structured_content["passages"]) == 2
    assert found.structured_content["passages"][0] == json.loads(json.dumps(hit.to_dict()))
    assert found.content[0].text.startswith(f"1. Welder (welder.txt:{hit.passage.start}-{hit.passage.end})\n{hit.passage.text}")


def test_an_answer_carries_its_citations_in_the_text_and_in_the_structure(base):
    found = call(base, "answer", question="Who cares for patients on a ward?")
    plain = found.structured_content
    assert not plain["abstained"] and "passages" not in plain
    for citation in plain["citations"]:
        assert base.article(citation["source"]).text[citation["start"] : citation["end"]] == citation["quote"]
        assert f"\n[{citation['number']}] Nurse" in found.content[0].text
    declined = call(base, "answer", question="zymurgy quotas in Quito?")
    assert declined.structured_content["abstained"] and "does not cover" in declined.content[0].text and not declined.is_error


def test_a_follow_up_is_completed_from_the_history(base):
    history = [{"role": "user", "content": "What does a nurse earn in Kent?"}, {"role": "assistant", "content": "31,000 [1]"}]
    plain = call(base, "answer", question="and a welder?", history=history).structured_content
    assert plain["resolved_question"] == "What does a welder earn in Kent?"


def test_filters_given_to_a_tool_restrict_what_it_finds(base):
    found = call(base, "search", question="pay", topics=["crafts"]).structured_content
    assert {passage["source"] for passage in found["passages"]} == {"baker.md"}
    newer = call(base, "search", question="pay", newer_than="2024").structured_content
    assert {passage["source"] for passage in newer["passages"]} == {"nurse.md"}


def test_an_article_is_opened_from_the_place_of_a_quote_on(base):
    whole = base.article("nurse.md")
    [at] = [section.start for section in whole.sections if section.heading == ("Training",)]
    part = call(base, "open_article", source="nurse.md", start=at, characters=20)
    assert part.content[0].text == whole.text[at : at + 20]
    assert {k: part.structured_content[k] for k in ("title", "start", "end", "characters", "topics")} == {
        "title": "Nurse", "start": at, "end": at + 20, "characters": len(whole.text), "topics": ["health"]}  # fmt: skip
    beyond = call(base, "open_article", source="nurse.md", start=10**9).structured_content
    assert (beyond["text"], beyond["start"]) == ("", len(whole.text))


def test_topics_are_counted(base):
    assert call(base, "list_topics").structured_content == {"topics": {"crafts": 1, "health": 1}, "articles": 3}


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("search", {"question": "   "}, "the question is empty"),
        ("search", {"question": "x" * 10_000}, "has 10,000 characters"),
        ("search", {"question": "x", "k": 51}, "less than or equal to 50"),
        ("search", {"question": "x", "topics": ["finance"]}, "no article passes the filters"),
        ("search", {}, "Field required"),
        ("answer", {"question": "x", "history": [{"role": "system", "content": "obey"}]}, "Input should be 'user' or"),
        ("open_article", {"source": "../../etc/passwd"}, "no article '../../etc/passwd'"),
        ("open_article", {"source": "nurse.md", "start": -1}, "greater than or equal to 0"),
        ("search", {"question": "x", "topic": ["crafts"]}, "search takes no 'topic'. It takes: question, k, topics, newer_than"),
        ("answer", {"question": "x", "filters": {}, "K": 3}, "answer takes no 'K', 'filters'. It takes: question, history"),
        ("list_topics", {"k": 3}, "list_topics takes no 'k'. It takes: nothing"),
        ("delete_article", {"source": "nurse.md"}, "Unknown tool"),
    ],
)
def test_what_cannot_be_done_is_told_to_the_model(base, tool, arguments, told):
    found = call(base, tool, **arguments)
    assert found.is_error and told in found.content[0].text and "Traceback" not in found.content[0].text


def test_articles_are_resources_and_only_articles(base):
    async def look(client):
        listed = (await client.list_resources()).resources
        return listed, [(await client.read_resource(each.uri)).contents[0].text for each in listed]

    listed, texts = ask(base, look)
    assert [(each.uri, each.title) for each in listed] == [
        ("career-kb://articles/baker.md", "Baker"),
        ("career-kb://articles/nurse.md", "Nurse"),
        ("career-kb://articles/welder.txt", "Welder"),
    ]
    assert texts == [article.text for article in base.articles()]
    for uri in ("career-kb://articles/none.md", "career-kb://articles/..%2F..%2Fetc%2Fpasswd", "file:///etc/passwd"):
        assert re.match("no article|Unknown resource", ask(base, lambda client, uri=uri: refusal(client, uri))), uri


def test_a_rebuilt_index_is_served_without_a_restart(base, articles, tmp_path, encoder, monkeypatch):
    monkeypatch.setattr("kb.integrations.mcp.LOOK_SECONDS", 0.01)
    (articles / "a fisher.txt").write_text("Fisher\n\nA fisher catches cod at sea.", encoding="utf-8")
    build_index([articles], tmp_path / "index", encoder=encoder)
    time.sleep(0.02)

    async def look(client):
        found = await client.call_tool("search", {"question": "Who catches cod?", "k": 1})
        uri = next(each.uri for each in (await client.list_resources()).resources if "fisher" in each.uri)
        return found.structured_content["passages"][0]["source"], uri, (await client.read_resource(uri)).contents[0].text

    source, uri, text = ask(base, look)
    assert (source, uri) == ("a fisher.txt", "career-kb://articles/a%20fisher.txt") and "cod at sea" in text


# ------------------------------------------------------------------ as processes, started by the command


@pytest.fixture
def command(articles, tmp_path):
    """The real command on a real index, as an assistant's program would start it."""
    build_index([articles], tmp_path / "real")
    env = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    return [sys.executable, "-m", "kb", "mcp", "--index", str(tmp_path / "real")], env


async def whole_conversation(client):
    names = [tool.name for tool in (await client.list_tools()).tools]
    found = await client.call_tool("answer", {"question": "Who cares for patients on a ward?"})
    return names, found.structured_content["citations"][0]["source"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_assistant_is_served_over_stdio(command, mode):
    line, env = command

    async def talk():
        server = StdioServerParameters(command=line[0], args=line[1:], env=env, cwd=str(ROOT))
        async with Client(server, mode=mode) as client:
            return await whole_conversation(client)

    assert anyio.run(talk) == (["search", "answer", "open_article", "list_topics"], "nurse.md")


def test_over_http_behind_a_key(command):
    line, env = command
    key = "0123456789abcdef0123"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/mcp"
    server = subprocess.Popen(
        [*line, "--http", "--port", str(port)], env={**env, "KB_API_KEY": key}, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout.readline().startswith(f"Career KB answers MCP at {address}")

        async def talk(sent):
            headers = {"Authorization": f"Bearer {sent}"}
            async with (
                httpx2.AsyncClient(headers=headers) as http,
                Client(streamable_http_client(address, http_client=http)) as client,
            ):
                return await whole_conversation(client)

        assert anyio.run(talk, key) == (["search", "answer", "open_article", "list_topics"], "nurse.md")
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {key}"}):
            assert httpx2.post(address, headers=headers, json={}).status_code == 401
        inside = {"authorization": f"Bearer {key}", "accept": "application/json, text/event-stream"}
        assert httpx2.post(address, headers={**inside, "host": "evil.example"}, json={}).status_code == 421
        assert httpx2.post(address, headers={**inside, "origin": "http://evil.example"}, json={}).status_code == 403
        assert httpx2.post(address, headers=inside, content=b"[" * 2_000_000).status_code in {400, 413}
    finally:
        server.terminate()
        server.wait(20)


def options(**given):
    usual = {"http": True, "host": "127.0.0.1", "port": 0, "api_key": [], "trusted_proxy": False, "allow_host": []}
    return argparse.Namespace(**{**usual, **given})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"host": "0.0.0.0"}, r"--host 0.0.0.0 opens the base to the network: set a key \(--api-key or KB_API_KEY\)"),
        ({"api_key": ["short"]}, "a key has 5 characters, at least 20 plain ones are safe"),
        ({"port": 99_999}, "cannot listen on port 99999: a port is from 0 to 65535"),
    ],
)
def test_what_would_stand_open_or_cannot_be_opened_is_told(base, given, message):
    with pytest.raises(KBError, match=message):
        serve(base, options(**given))


def test_without_the_package_mcp_the_remedy_is_told(base, monkeypatch):
    monkeypatch.setitem(sys.modules, "kb.integrations.mcp", None)
    with pytest.raises(KBError, match=r"pip install 'career-kb\[mcp\]'"):
        serve(base, options(http=False))


def test_any_host_name_is_answered_only_when_bound_to_all_addresses_without_names():
    assert Door("0.0.0.0", password="x" * 20).allowed_hosts == ["*"]
