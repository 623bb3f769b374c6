"""What a start does not load: ingest and a first answer with the shipped model, in a process of their own."""

import json
import subprocess
import sys

from world import ROOT

HEAVY = ("torch", "transformers", "sentence_transformers", "gradio", "openvino_telemetry")

CODE = """
import json, socket, sys
called = []
socket.socket.connect = lambda self, address: called.append(str(address))
from kb.base import KnowledgeBase
from kb.build import build_index
articles, index, heavy = sys.argv[1], sys.argv[2], sys.argv[3].split(",")
build_index([articles], index)
loaded = {"ingest": [name for name in heavy if name in sys.modules]}
with KnowledgeBase.open(index) as base:
    answer = base.answer("How much does a baker earn?")
loaded["answer"] = [name for name in heavy if name in sys.modules]
print(json.dumps({"loaded": loaded, "called": called, "quotes": [citation.quote for citation in answer.citations]}))
"""


def test_ingest_and_a_first_answer_load_neither_torch_nor_the_page_and_call_nobody(articles, tmp_path):
    command = [sys.executable, "-c", CODE, str(articles), str(tmp_path / "index"), ",".join(HEAVY)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["loaded"] == {"ingest": [], "answer": []}
    assert seen["called"] == []
    assert any("28,000 EUR" in quote for quote in seen["quotes"])


def test_what_opens_an_index_is_not_waited_for_before_the_model_is_on_its_way():
    code = "import json, sys; import kb.base; print(json.dumps([name for name in sys.modules if name.startswith('kb.')]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    fetched = set(json.loads(done.stdout))
    assert {"kb.encoder", "kb.current"} <= fetched
    assert not {"kb.store", "kb.catalogue", "kb.lexical", "kb.dense", "kb.chart", "kb.cross_encoder"} & fetched


SEARCH = """
import json, sys
sys.path.insert(0, "tests")
from world import BagOfWords
from kb.base import KnowledgeBase
base = KnowledgeBase.open(sys.argv[1], encoder=BagOfWords())
opened = set(sys.modules)
hits = base.search("What does a baker earn?", 3)
print(json.dumps({"sources": [hit.passage.source for hit in hits], "fetched": sorted({*sys.modules} - opened)}))
"""


def test_a_first_search_fetches_nothing_that_only_an_answer_takes(base):
    done = subprocess.run([sys.executable, "-c", SEARCH, str(base.folder)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["sources"] == [hit.passage.source for hit in base.search("What does a baker earn?", 3)]
    own = [name for name in seen["fetched"] if name.startswith("kb.")]
    assert own == ["kb.fusion", "kb.language", "kb.neighbours", "kb.retrieval", "kb.searching", "kb.vocabulary"]
    assert not {"rapidfuzz", "spellchecker"} & set(seen["fetched"])  # no word of it is unknown
