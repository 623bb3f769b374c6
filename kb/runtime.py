"""OpenVINO, imported without its telemetry and without its converter.

`import openvino` fetches its model converter too, which takes longer than all the rest, sends an event to an analytics server and
writes a client id under the home folder; where the converter cannot be imported, openvino does without (openvino/__init__.py,
2026.4). So it is hidden for the length of that import, and comes when it is asked for: then openvino_telemetry is hidden, and the
converter takes a stub of its own (openvino/tools/ovc/telemetry_utils.py). An openvino that somebody imported earlier in this
process is left as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import Any

from kb.errors import EncoderError

_CONVERTER, _TELEMETRY = "openvino.tools.ovc", "openvino_telemetry"
_lock = Lock()


def openvino() -> ModuleType:
    """The openvino package, having sent nothing. Raises EncoderError when it is missing or cannot run here."""
    with _lock:
        if (ready := sys.modules.get("openvino")) is not None:
            return ready
        try:
            with _hidden(_CONVERTER):
                module = import_module("openvino")
        except (ImportError, OSError, RuntimeError) as error:
            raise EncoderError(f"openvino cannot be imported: {error}. Install it with: pip install openvino") from error
        if not hasattr(module, "convert_model"):
            vars(module)["__getattr__"] = _late  # for us and for whoever else uses openvino in this process
        return module


def _late(name: str) -> Any:
    """openvino.convert_model, imported when it is first asked for; any other name is missing."""
    if name != "convert_model":
        raise AttributeError(f"module 'openvino' has no attribute {name!r}")
    with _hidden(_TELEMETRY):
        return import_module(_CONVERTER).convert_model


@contextmanager
def _hidden(name: str) -> Iterator[None]:
    """A context in which this module cannot be imported, unless it already was."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # Python's way to make an import fail
    try:
        yield
    finally:
        del sys.modules[name]
