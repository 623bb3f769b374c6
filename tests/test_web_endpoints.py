"""The base through gradio's own client, as people reach any Gradio app from Python."""

from __future__ import annotations

import socket
import threading
import time

import pytest
import uvicorn
from gradio_client import Client
from gradio_client.exceptions import AppError

from kb.web.app import create_app
from kb.web.desk import Desk
from kb.web.door import Door


@pytest.fixture
def serve(base):
    """Serves the page behind a door in a thread, for as long as the test runs."""
    running = []

    def start(door):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(create_app(Desk(base), door), port=port, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.02)
        return f"http://127.0.0.1:{port}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


def test_gradios_client_searches_and_gets_answers(serve, base):
    client = Client(serve(Door()), verbose=False)
    assert set(client.view_api(return_format="dict")["named_endpoints"]) == {"/search", "/answer"}
    found = client.predict("Who joins metal?", 2, {"sources": ["welder.txt"]}, api_name="/search")
    assert [passage["source"] for passage in found["passages"]] == ["welder.txt"]
    history = [{"role": "user", "content": "What does a nurse earn in Kent?"}, {"role": "assistant", "content": "31,000 [1]"}]
    answer = client.predict("and a welder?", history, api_name="/answer")
    assert answer["resolved_question"] == "What does a welder earn in Kent?"
    with pytest.raises(AppError, match="the question is empty"):
        client.predict(" ", api_name="/answer")
    with pytest.raises(AppError, match="unknown filter 'topic'"):
        client.predict("x", 3, {"topic": "pay"}, api_name="/search")


def test_behind_a_password_the_client_sends_it_along(serve):
    address = serve(Door(password="the password"))
    client = Client(address, headers={"Authorization": "Bearer the password"}, verbose=False)
    assert client.predict("Who joins metal?", 1, api_name="/search")["passages"][0]["source"] == "welder.txt"
    with pytest.raises(Exception, match="401|login|sign in"):
        Client(address, verbose=False)
