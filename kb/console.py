"""What the commands share: exit codes, common options, settings from them, and lines that are safe to print."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.home import default_index
from kb.settings import Settings

if TYPE_CHECKING:
    from kb.base import KnowledgeBase
    from kb.chat_model import ChatModel

EXIT_ERROR = 1  # something failed, or an article could not be read; 2 is argparse's own, for arguments that do not fit
LANGUAGE_MODEL = ("llm_base_url", "llm_model", "llm_api_key")  # the settings that add_language_model's options give
EXIT_BUSY = 75  # EX_TEMPFAIL of sysexits.h: try again later


def printable(text: str) -> str:
    """Text without control characters, which a terminal would obey."""
    return "".join(char if char in "\n\t" or char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def named(text: str) -> str:
    """The text of an argument that names something. An unset shell variable names nothing, and not the folder one is in."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text


def folder(text: str) -> Path:
    """An argument that names a folder."""
    return Path(named(text))


def seconds(text: str) -> float:
    """An argument that is a number of seconds."""
    if not 0 <= (value := float(text)) < float("inf"):
        raise ValueError(text)
    return value


def add_index(command: argparse._ActionsContainer, more: str = "") -> None:
    """The option that says where the index is; more: what its help goes on with."""
    index = default_index()
    told = str(index).replace("%", "%%") + ")" + more
    command.add_argument("--index", type=folder, default=index, metavar="DIR", help=f"the index folder (default here: {told}")


def add_common(command: argparse.ArgumentParser) -> None:
    """Options that every command has."""
    add_index(command)
    command.add_argument("--model", metavar="NAME_OR_PATH", help="a sentence-transformers model (default: the one in the wheel)")
    command.add_argument("--device", choices=("cpu", "cuda", "mps"), help="where the model runs (default: cpu)")
    command.add_argument("--settings", type=Path, metavar="FILE.toml", help="settings from a file; KB_* variables go before it")


def add_cross_encoder(command: argparse.ArgumentParser) -> None:
    """The option that gives the first passages a second look."""
    command.add_argument(
        "--cross-encoder", metavar="NAME_OR_PATH", help="a model that orders the first passages anew (slow without a GPU; off)"
    )


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that those options give."""
    return overlaid(Settings.load(options.settings), options, ("model", "device", "cross_encoder", *LANGUAGE_MODEL))


def open_base(options: argparse.Namespace) -> KnowledgeBase:
    """The base that those options name."""
    from kb.base import KnowledgeBase

    return KnowledgeBase.open(options.index, settings=settings_of(options))


def overlaid(settings: Settings, options: argparse.Namespace, names: Iterable[str]) -> Settings:
    """settings, with those of the named options that were given in their place."""
    given: dict[str, Any] = {name: value for name in names if (value := getattr(options, name, None)) is not None}
    return replace(settings, **given)


def add_language_model(command: argparse.ArgumentParser) -> None:
    """The options that let a language model write."""
    group = command.add_argument_group("a language model writes the answer (off unless address and name are given)")
    group.add_argument("--llm-base-url", metavar="URL", help="an OpenAI-compatible server, like http://localhost:11434/v1")
    group.add_argument("--llm-model", metavar="NAME", help="the model on it that writes")
    group.add_argument(
        "--llm-api-key", metavar="KEY", help="if the server wants one; better set as KB_LLM_API_KEY, which no process list shows"
    )


def chat_model_of(settings: Settings) -> ChatModel | None:
    """The language model that settings name; without one, nothing of it is imported. Raises ChatModelError as it does."""
    if not (settings.llm_base_url or settings.llm_model):
        return None
    from kb.chat_model import ChatModel

    return ChatModel.from_settings(settings)
