"""Keyword arguments -> the engine's options."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from operator import index
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from ._errors import UsageError
from ._inputs import path_bytes

if TYPE_CHECKING:
    import numpy.typing as npt

Path: TypeAlias = str | os.PathLike[str]
Progress: TypeAlias = Callable[[str, int, int], object] | bool | None
CoreOptions: TypeAlias = dict[str, int | bytes]

COLUMNS = ("id", "text", "title", "time", "rating", "product", "customer", "segment", "source", "lang")
_NUMBERS = ("threads", "seed", "memory", "max_units", "recall", "max_line", "zstd_window_log", "decoys", "themes", "budget")
_PATHS = ("catalogue", "competitors", "cues", "model", "keep_decoys")
_ENCODERS = {"auto": 0, "static": 1, "deep": 2, "student": 3}


class Options(TypedDict, total=False):
    """What every function takes; None stands for the engine's own choice. `help(edgewise.mine)` says what each does."""

    threads: int
    seed: int
    decoys: int
    themes: int
    catalogue: Path | None
    competitors: Path | None
    cues: Path | None
    columns: Mapping[str, str] | None
    since: str | None
    until: str | None
    keep_pii: bool
    format: str | None
    model: Path | None
    vectors: "Path | npt.NDArray[Any] | None"
    keep_decoys: Path | None
    corpus_part: bool | None
    encoder: Literal["auto", "static", "student", "deep"] | None
    weights: Path | None
    budget: int | None
    memory: int
    max_units: int | None
    recall: int | None
    max_line: int | None
    zstd_window_log: int | None


def _number(name: str, value: object) -> int:
    try:
        return index(value)  # type: ignore[arg-type]  # whatever is no number raises TypeError
    except TypeError:
        raise UsageError(f"{name} is a whole number, not {value!r}") from None


def _day(name: str, value: object) -> bytes:
    if not isinstance(value, str) or "\0" in value:
        raise UsageError(f"{name} is a day such as '2026-07-01', not {value!r}")
    return value.encode("utf-8", "replace")


def _columns(columns: object) -> Iterator[tuple[str, bytes]]:
    if not isinstance(columns, Mapping):
        raise UsageError(f"columns is a dictionary such as {{'text': 'body'}}, not {type(columns).__name__}")
    for role, name in columns.items():
        if role not in COLUMNS:
            raise UsageError(f"there is no column {role!r}; there are {', '.join(COLUMNS)}")
        if not isinstance(name, str) or "\0" in name:
            raise UsageError(f"the name of column {role!r} is a string, not {name!r}")
        yield f"columns.{role}", name.encode("utf-8", "replace")


def _cached_weights() -> str | None:
    """Where `edgewise model fetch` puts the weights of the deep encoder, if they are there; EDGEWISE_WEIGHTS says otherwise."""
    named = os.environ.get("EDGEWISE_WEIGHTS")
    if named is not None:
        return named or None
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", ""), ".cache")
    folder = os.path.join(cache, "edgewise", "all-MiniLM-L6-v2")
    return folder if os.path.exists(folder) else None


def _encoder(given: Options, first: str) -> Iterator[tuple[str, int | bytes]]:
    """The encoder and its weights; `first` is the choice of who makes none."""
    asked, weights = given.get("encoder"), given.get("weights")
    name: str = first if asked is None else asked
    if name not in _ENCODERS:
        raise UsageError(f"encoder is 'auto', 'static', 'student' or 'deep', not {name!r}")
    yield "encoder", _ENCODERS[name]
    if name == "student" and (given.get("model") is not None or given.get("vectors") is not None):
        raise UsageError("a model or vectors of your own are in place of the student; give one of them")
    if name in ("static", "student"):
        if weights is not None:
            raise UsageError("weights are the deep encoder's; say encoder='deep'")
        return
    if given.get("model") is not None or given.get("vectors") is not None:
        if weights is not None or name == "deep":
            raise UsageError("a model or vectors of your own are in place of the deep encoder; give one of them")
        return
    found = _cached_weights() if weights is None else weights
    if found is not None:
        yield "deep", path_bytes(found, "weights")
    elif name == "deep":
        raise UsageError("there is no deep encoder here: 'edgewise model fetch' gets one, or say where it is with weights=")


@contextmanager
def core_options(made_here: bool, given: Options, encoder: str = "static") -> Iterator[CoreOptions]:
    """The options as the native module takes them; vectors given as an array lie in a file meanwhile. encoder: unless given."""
    out: CoreOptions = {}
    with tempfile.TemporaryDirectory(prefix="edgewise-") as folder:
        out.update(_encoder(given, encoder))
        for name, value in given.items():
            if value is None or name in ("encoder", "weights"):
                continue
            if name in _NUMBERS:
                out[name] = _number(name, value)
            elif name in _PATHS:
                out[name] = path_bytes(value, name)  # type: ignore[arg-type]  # it checks for itself
            elif name in ("keep_pii", "corpus_part"):
                out[name] = int(bool(value))
            elif name in ("since", "until"):
                out[name] = _day(name, value)
            elif name == "columns":
                out.update(_columns(value))
            elif name == "format":
                if value not in ("jsonl", "json", "csv", "tsv"):
                    raise UsageError(f"format is 'jsonl', 'json', 'csv' or 'tsv', not {value!r}")
                out[name] = str(value).encode()
            elif name == "vectors":
                out[name] = vectors_file(value, folder)
            else:
                raise UsageError(f"there is no option {name!r}")
        if made_here:
            if "format" in out:
                raise UsageError("format is for files; records in memory have none")
            out["format"] = b"jsonl"
        yield out


def vectors_file(vectors: Any, folder: str) -> bytes:
    """The .npy file of an array; a path stands for itself."""
    if isinstance(vectors, str | os.PathLike):
        return path_bytes(vectors, "vectors")
    import numpy as np

    array = np.ascontiguousarray(vectors)
    if array.ndim != 2 or array.dtype.kind not in "fi":
        raise UsageError(f"vectors are a table of numbers [rows, dimensions], not {array.dtype} of shape {array.shape}")
    if array.dtype not in (np.float32, np.float16, np.int8):
        array = array.astype(np.float32)
    path = os.path.join(folder, "vectors.npy")
    np.save(path, array)
    return os.fsencode(path)


@contextmanager
def core_progress(progress: Progress) -> Iterator[Callable[[str, int, int], object] | None]:
    """A callable for the native module; True: a line on standard error."""
    if progress is None or progress is False:
        yield None
    elif progress is True:
        widest = 0

        def line(stage: str, done: int, total: int) -> None:
            nonlocal widest
            words = f"edgewise: {stage}" + (f" {100 * done // total} %" if total else "")
            widest = max(widest, len(words))
            print(f"\r{words:<{widest}}", end="", file=sys.stderr, flush=True)

        try:
            yield line
        finally:
            print("\r" + " " * widest, end="\r", file=sys.stderr, flush=True)
    elif callable(progress):
        yield progress
    else:
        raise UsageError(f"progress is True or a function of (stage, done, total), not {progress!r}")
