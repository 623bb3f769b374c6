"""What the commands share: exit codes, common options, settings from them, and lines that are safe to print."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from kb.home import default_index
from kb.settings import Settings

EXIT_ERROR = 1  # something failed, or an article could not be read; 2 is argparse's own, for arguments that do not fit
EXIT_BUSY = 75  # EX_TEMPFAIL of sysexits.h: try again later


def printable(text: str) -> str:
    """Text without control characters, which a terminal would obey."""
    return "".join(char if char in "\n\t" or char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def add_common(command: argparse.ArgumentParser) -> None:
    """Options that every command has."""
    index = default_index()
    told = str(index).replace("%", "%%")
    command.add_argument("--index", type=Path, default=index, metavar="DIR", help=f"the index folder (default here: {told})")
    command.add_argument("--model", metavar="NAME_OR_PATH", help="a sentence-transformers model (default: the one in the wheel)")
    command.add_argument("--device", choices=("cpu", "cuda", "mps"), help="where the model runs (default: cpu)")
    command.add_argument("--settings", type=Path, metavar="FILE.toml", help="settings from a file; KB_* variables go before it")


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that those options give."""
    settings = Settings.load(options.settings)
    names = ("model", "device", "llm_base_url", "llm_model")
    given = {name: value for name in names if (value := getattr(options, name, None))}
    return replace(settings, **given)


def add_language_model(command: argparse.ArgumentParser) -> None:
    """The options that let a language model write. The key is none of them: other users could read it off the process list."""
    group = command.add_argument_group("a language model (off unless both are given; the key is read from KB_LLM_API_KEY)")
    group.add_argument("--llm-base-url", metavar="URL", help="an OpenAI-compatible server, like http://localhost:11434/v1")
    group.add_argument("--llm-model", metavar="NAME", help="the model on it that writes the answer")
