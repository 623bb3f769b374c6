"""The wire, proven against a real inference server: `transformers serve` with a model that is made here, in a second.

    pip install 'transformers[serving]' && KB_TEST_REAL_SERVER=1 pytest tests/test_real_chat_server.py

The model is a Llama of one layer whose weights are set by hand: each word leads to the next word of one sentence. It is loaded,
tokenized for, batched, sampled and streamed as any other, and so the reply is known.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from baker import QUESTION

from kb.chat_model import ChatModel

WORDS = ["A", " baker", " earns", " 28,000", " EUR", " a", " year", " in", " Bavaria", " [", "1", "].", "</s>"]

if os.environ.get("KB_TEST_REAL_SERVER") != "1":
    pytest.skip("set KB_TEST_REAL_SERVER=1 to run a real inference server (about 20 s)", allow_module_level=True)
pytest.importorskip("openai", reason="the server needs: pip install 'transformers[serving]'")


def make_model(folder: Path) -> None:
    """Write a model that says WORDS after any prompt that ends with a colon."""
    import torch
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    vocabulary = {char: number for number, char in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    vocabulary |= {"<s>": len(vocabulary), "</s>": len(vocabulary) + 1}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([AddedToken(word, normalized=False) for word in WORDS if len(word) > 1 and word != "</s>"])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>")
    fast.chat_template = "{% for m in messages %}<s>{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"
    fast.save_pretrained(folder)
    size = len(fast)
    config = LlamaConfig(
        vocab_size=size,
        hidden_size=size + size % 2,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        max_position_embeddings=16_384,
        bos_token_id=vocabulary["<s>"],
        eos_token_id=vocabulary["</s>"],
        tie_word_embeddings=False,
    )
    model = LlamaForCausalLM(config)
    chain = [fast.convert_tokens_to_ids(":"), *(fast.convert_tokens_to_ids(word) for word in WORDS)]
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "layernorm" not in name and "norm.weight" not in name:
                weights.zero_()
        model.model.embed_tokens.weight[:, :size] = torch.eye(size)
        for now, following in zip(chain, chain[1:], strict=False):
            model.lm_head.weight[following, now] = 10.0
    model.save_pretrained(folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[tuple[str, str]]:
    """(base address, model name) of a running server."""
    folder = tmp_path_factory.mktemp("tiny")
    make_model(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("transformers")
    log = (folder / "log").open("wb")
    command = [str(program), "serve", str(folder), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1", str(folder)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def test_a_real_server_writes_an_answer_that_is_checked_and_cited(base, server):
    url, name = server
    answers = list(base.stream(QUESTION, chat_model=ChatModel(url, name)))
    last = answers[-1]
    assert last.text == "A baker earns 28,000 EUR a year in Bavaria. [1]" and last.written_by == name, last.notes
    assert [check.verdict for check in last.checks] == ["supported"]
    assert last.citations[0].quote == "A baker earns 28,000 EUR a year in Bavaria."


def test_a_real_server_that_stops_at_the_length_limit_leaves_the_quotes(base, server):
    url, name = server
    answer = base.answer(QUESTION, chat_model=ChatModel(url, name, answer_tokens=4))
    assert answer.written_by == "quotes" and "wrote nothing" in answer.notes[-1]


def test_a_model_that_a_real_server_does_not_have_leaves_the_quotes(base, server):
    answer = base.answer(QUESTION, chat_model=ChatModel(server[0], "no/such-model", backoff_seconds=0.01))
    assert answer.written_by == "quotes" and answer.citations
