"""One library at one task, in a process of its own: run by benchmarks/peers.py inside that library's environment.

    python peer_workers.py LIBRARY build|ask|add JOB.json        # prints lines of JSON: what happened and when

Every library gets the same model folder and the same texts, already cut, and keeps its own defaults otherwise. A time is
time.time() at the end of a step, so that the parent can count from the moment it started the process.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


def say(event: str, **more: Any) -> None:
    print(json.dumps({"event": event, "at": time.time(), **more}), flush=True)


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


class Library:
    """What is measured of each: load the model, make an index of texts, open it, find, add texts."""

    def __init__(self, model: str, folder: Path, task: str) -> None:
        self.model, self.folder, self.task = model, folder, task

    def load(self) -> None:
        """Import the library and load the model."""
        raise NotImplementedError

    def build(self, texts: list[str]) -> None:
        """Embed texts and write the index to self.folder."""
        raise NotImplementedError

    def open(self) -> None:
        """Open the index in self.folder."""
        raise NotImplementedError

    def find(self, question: str) -> list[str]:
        """The ten passages closest to the question."""
        raise NotImplementedError

    def add(self, texts: list[str]) -> None:
        """Add texts to the opened index and write it."""
        raise NotImplementedError


class LangChain(Library):
    def load(self) -> None:
        from langchain_community.vectorstores import FAISS
        from langchain_huggingface import HuggingFaceEmbeddings

        self.FAISS, self.embeddings = FAISS, HuggingFaceEmbeddings(model_name=self.model)

    def build(self, texts: list[str]) -> None:
        self.FAISS.from_texts(texts, self.embeddings).save_local(str(self.folder))

    def open(self) -> None:
        self.store = self.FAISS.load_local(str(self.folder), self.embeddings, allow_dangerous_deserialization=True)

    def find(self, question: str) -> list[str]:
        return [document.page_content for document in self.store.similarity_search(question, k=10)]

    def add(self, texts: list[str]) -> None:
        self.store.add_texts(texts)
        self.store.save_local(str(self.folder))


class LlamaIndex(Library):
    def load(self) -> None:
        import faiss
        from llama_index.core import Settings, StorageContext, VectorStoreIndex, load_index_from_storage
        from llama_index.core.schema import TextNode
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        from llama_index.vector_stores.faiss import FaissVectorStore

        Settings.embed_model = HuggingFaceEmbedding(model_name=self.model)
        self.faiss, self.FaissVectorStore, self.TextNode = faiss, FaissVectorStore, TextNode
        self.StorageContext, self.VectorStoreIndex, self.reopen = StorageContext, VectorStoreIndex, load_index_from_storage

    def build(self, texts: list[str]) -> None:
        store = self.FaissVectorStore(faiss_index=self.faiss.IndexFlatIP(384))
        nodes = [self.TextNode(text=text) for text in texts]
        context = self.StorageContext.from_defaults(vector_store=store)
        self.VectorStoreIndex(nodes, storage_context=context).storage_context.persist(str(self.folder))

    def open(self) -> None:
        store = self.FaissVectorStore.from_persist_dir(str(self.folder))
        context = self.StorageContext.from_defaults(vector_store=store, persist_dir=str(self.folder))
        self.index = self.reopen(storage_context=context)
        self.retriever = self.index.as_retriever(similarity_top_k=10)

    def find(self, question: str) -> list[str]:
        return [found.node.get_content() for found in self.retriever.retrieve(question)]

    def add(self, texts: list[str]) -> None:
        self.index.insert_nodes([self.TextNode(text=text) for text in texts])
        self.index.storage_context.persist(str(self.folder))


class Haystack(Library):
    def load(self) -> None:
        from haystack import Document
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        self.Document, self.Store, self.Retriever = Document, InMemoryDocumentStore, InMemoryEmbeddingRetriever
        self.documents = SentenceTransformersDocumentEmbedder(model=self.model, progress_bar=False)
        self.questions = SentenceTransformersTextEmbedder(model=self.model, progress_bar=False)
        self.documents.warm_up()
        self.questions.warm_up()

    def build(self, texts: list[str]) -> None:
        self.store = self.Store()
        self._write(texts)

    def _write(self, texts: list[str]) -> None:
        self.store.write_documents(self.documents.run([self.Document(content=text) for text in texts])["documents"])
        self.folder.mkdir(exist_ok=True)
        self.store.save_to_disk(str(self.folder / "store.json"))

    def open(self) -> None:
        self.store = self.Store.load_from_disk(str(self.folder / "store.json"))
        self.retriever = self.Retriever(self.store, top_k=10)

    def find(self, question: str) -> list[str]:
        vector = self.questions.run(question)["embedding"]
        return [document.content for document in self.retriever.run(query_embedding=vector)["documents"]]

    def add(self, texts: list[str]) -> None:
        self._write(texts)


class Txtai(Library):
    def load(self) -> None:
        from txtai import Embeddings

        self.index = Embeddings(path=self.model, content=True, hybrid=True)

    def build(self, texts: list[str]) -> None:
        self.index.index((number, text, None) for number, text in enumerate(texts))
        self.index.save(str(self.folder))

    def open(self) -> None:
        self.index.load(str(self.folder))

    def find(self, question: str) -> list[str]:
        return [found["text"] for found in self.index.search(question, 10)]

    def add(self, texts: list[str]) -> None:
        start = self.index.count()
        self.index.upsert((start + number, text, None) for number, text in enumerate(texts))
        self.index.save(str(self.folder))


class Chroma(Library):
    def load(self) -> None:
        import chromadb
        from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

        self.client = chromadb.PersistentClient(str(self.folder), settings=chromadb.Settings(anonymized_telemetry=False))
        self.function = SentenceTransformerEmbeddingFunction(model_name=self.model)

    def build(self, texts: list[str]) -> None:
        self.collection = self.client.create_collection("base", embedding_function=self.function)
        self.add(texts)

    def open(self) -> None:
        self.collection = self.client.get_collection("base", embedding_function=self.function)

    def find(self, question: str) -> list[str]:
        return list(self.collection.query(query_texts=[question], n_results=10)["documents"][0])

    def add(self, texts: list[str]) -> None:
        start = self.collection.count()
        for at in range(0, len(texts), 1000):  # its own limit for one call is near 5,000
            some = texts[at : at + 1000]
            self.collection.add(documents=some, ids=[str(start + at + number) for number in range(len(some))])


class CareerKB(Library):
    """This project, from article files: it also reads, cuts, indexes words, and embeds each sentence."""

    def load(self) -> None:
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        from kb import KnowledgeBase

        self.KnowledgeBase, self.encoder = KnowledgeBase, None
        if self.task == "build":  # opening a base loads the model beside what else it does, and so does adding to one
            from kb import build_index  # noqa: F401
            from kb.encoder import load_encoder
            from kb.settings import Settings

            self.encoder = load_encoder(Settings(), for_many=True)

    def build(self, texts: list[str]) -> None:
        from kb import build_index

        build_index([texts[0]], self.folder, encoder=self.encoder)

    def open(self) -> None:
        self.base = self.KnowledgeBase.open(self.folder)

    def find(self, question: str) -> list[str]:
        return [hit.passage.text for hit in self.base.search(question, 10)]

    def answer(self, question: str) -> str:
        return str(self.base.answer(question).text)

    def add(self, texts: list[str]) -> None:
        self.build(texts)


class CareerKBBare(Library):
    """This project's encoder with a plain FAISS index, handed the passages: the work of the others, and no more."""

    def load(self) -> None:
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        import faiss

        from kb.encoder import load_encoder
        from kb.settings import Settings

        self.faiss = faiss
        self.encoder = load_encoder(Settings(), for_many=self.task != "ask")

    def build(self, texts: list[str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.index, self.texts = self.faiss.IndexFlatIP(self.encoder.dim), []
        self.add(texts)

    def open(self) -> None:
        self.index = self.faiss.read_index(str(self.folder / "vectors.faiss"))
        self.texts = json.loads((self.folder / "texts.json").read_text(encoding="utf-8"))

    def find(self, question: str) -> list[str]:
        return [self.texts[row] for row in self.index.search(self.encoder.encode([question]), 10)[1][0]]

    def add(self, texts: list[str]) -> None:
        self.index.add(self.encoder.encode(texts))
        self.texts += texts
        self.faiss.write_index(self.index, str(self.folder / "vectors.faiss"))
        (self.folder / "texts.json").write_text(json.dumps(self.texts), encoding="utf-8")


LIBRARIES = {
    "Career KB": CareerKB,
    "Career KB, bare": CareerKBBare,
    "LangChain": LangChain,
    "LlamaIndex": LlamaIndex,
    "Haystack": Haystack,
    "txtai": Txtai,
    "Chroma": Chroma,
}


def main() -> None:
    name, task, path = sys.argv[1:]
    job = json.loads(Path(path).read_text(encoding="utf-8"))
    library = LIBRARIES[name](job["model"], Path(job["folder"]), task)
    library.load()
    say("loaded")
    if task == "build":
        library.build(job["texts"])
        say("built", resident=resident_mb())
        return
    if task == "add" and isinstance(library, CareerKB):
        library.add(job["texts"])
        say("added")
        return
    library.open()
    say("opened")
    if task == "add":
        library.add(job["texts"])
        say("added")
        return
    first = library.find(job["questions"][0])
    say("answered", found=first[:1])
    for way in ("find", "answer"):
        if hasattr(library, way):
            took = []
            for question in job["questions"] * 3:
                started = time.perf_counter()
                getattr(library, way)(question)
                took.append(time.perf_counter() - started)
            say(way, seconds=took, resident=resident_mb())


if __name__ == "__main__":
    main()
