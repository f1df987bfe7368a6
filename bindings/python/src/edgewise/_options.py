"""Keyword arguments -> the engine's options."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from operator import index
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from ._errors import UsageError
from ._inputs import path_bytes

if TYPE_CHECKING:
    import numpy.typing as npt

Path: TypeAlias = str | os.PathLike[str]
Progress: TypeAlias = Callable[[str, int, int], object] | bool | None
CoreOptions: TypeAlias = dict[str, int | bytes]

COLUMNS = ("id", "text", "title", "time", "rating", "product", "customer", "segment", "source", "lang")
_NUMBERS = ("threads", "seed", "memory", "max_units", "max_line", "zstd_window_log", "decoys", "themes")
_PATHS = ("catalogue", "competitors", "model")


class Options(TypedDict, total=False):
    """What every function takes; None stands for the engine's own choice. `help(edgewise.mine)` says what each does."""

    threads: int
    seed: int
    decoys: int
    themes: int
    catalogue: Path | None
    competitors: Path | None
    columns: Mapping[str, str] | None
    keep_pii: bool
    format: str | None
    model: Path | None
    vectors: "Path | npt.NDArray[Any] | None"
    corpus_part: bool | None
    memory: int
    max_units: int | None
    max_line: int | None
    zstd_window_log: int | None


def _number(name: str, value: object) -> int:
    try:
        return index(value)  # type: ignore[arg-type]  # whatever is no number raises TypeError
    except TypeError:
        raise UsageError(f"{name} is a whole number, not {value!r}") from None


def _columns(columns: object) -> Iterator[tuple[str, bytes]]:
    if not isinstance(columns, Mapping):
        raise UsageError(f"columns is a dictionary such as {{'text': 'body'}}, not {type(columns).__name__}")
    for role, name in columns.items():
        if role not in COLUMNS:
            raise UsageError(f"there is no column {role!r}; there are {', '.join(COLUMNS)}")
        if not isinstance(name, str) or "\0" in name:
            raise UsageError(f"the name of column {role!r} is a string, not {name!r}")
        yield f"columns.{role}", name.encode("utf-8", "replace")


@contextmanager
def core_options(made_here: bool, given: Options) -> Iterator[CoreOptions]:
    """The options as the native module takes them; vectors given as an array lie in a file meanwhile."""
    out: CoreOptions = {}
    with tempfile.TemporaryDirectory(prefix="edgewise-") as folder:
        for name, value in given.items():
            if value is None:
                continue
            if name in _NUMBERS:
                out[name] = _number(name, value)
            elif name in _PATHS:
                out[name] = path_bytes(value, name)  # type: ignore[arg-type]  # it checks for itself
            elif name in ("keep_pii", "corpus_part"):
                out[name] = int(bool(value))
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
