"""OpenVINO, imported without its telemetry.

`import openvino` sends an event to an analytics server and writes a client id under the home folder, unless the package
openvino_telemetry cannot be imported; then it takes a stub of its own (openvino/tools/ovc/telemetry_utils.py, 2026.4). So it is
hidden for the length of that import. An openvino that somebody imported earlier in this process is left as it is.
"""

from __future__ import annotations

import sys
from importlib import import_module
from threading import Lock
from types import ModuleType

from kb.errors import EncoderError

_TELEMETRY = "openvino_telemetry"
_lock = Lock()


def openvino() -> ModuleType:
    """The openvino package, having sent nothing. Raises EncoderError when it is missing or cannot run here."""
    with _lock:
        if (ready := sys.modules.get("openvino")) is not None:
            return ready
        hidden = _TELEMETRY not in sys.modules
        if hidden:
            sys.modules[_TELEMETRY] = None  # type: ignore[assignment]  # Python's way to make an import fail
        try:
            return import_module("openvino")
        except (ImportError, OSError, RuntimeError) as error:
            raise EncoderError(f"openvino cannot be imported: {error}. Install it with: pip install openvino") from error
        finally:
            if hidden:
                del sys.modules[_TELEMETRY]
