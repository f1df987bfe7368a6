"""Whatever a caller has -> inputs of the engine: names of files, or JSON lines in memory."""

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

from ._errors import UsageError


@runtime_checkable
class ArrowStream(Protocol):
    """Tables that can be read as Arrow: pyarrow, polars, pandas, DuckDB and others."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


Record: TypeAlias = Mapping[str, object]
Comments: TypeAlias = (
    str | os.PathLike[str] | bytes | bytearray | ArrowStream
    | Iterable[str | None] | Iterable[os.PathLike[str]] | Iterable[Record]
)
Inputs: TypeAlias = tuple[tuple[bytes, bytes | bytearray | None], ...]

_MEMORY = b"memory"
_ROWS = 4096


def path_bytes(path: str | os.PathLike[str], what: str = "a path") -> bytes:
    """A path as the operating system takes it."""
    if not isinstance(path, str | os.PathLike):
        raise UsageError(f"{what} is a string or a pathlib.Path, not {_kind(path)}")
    try:
        name = os.fsencode(path)
    except UnicodeEncodeError as error:
        raise UsageError(f"{what} cannot be the name of a file: {path!r}") from error
    if b"\0" in name:
        raise UsageError(f"{what} holds a NUL character: {path!r}")
    return name


def gather(data: Comments) -> tuple[Inputs, bool]:
    """The engine's inputs, and whether they are JSON lines made here."""
    if isinstance(data, str | os.PathLike):
        return ((path_bytes(data), None),), False
    if isinstance(data, bytes | bytearray):
        return ((_MEMORY, data),), False
    if isinstance(data, ArrowStream):
        return ((_MEMORY, _lines(_arrow_rows(data))),), True
    if isinstance(data, Mapping) or not isinstance(data, Iterable):
        raise UsageError(f"comments are a path, a list of paths, texts or records, or a table, not {_kind(data)}")
    items: Iterator[object] = iter(data)
    first = next(items, None)
    everything = chain((first,), items)
    if isinstance(first, os.PathLike):
        return tuple((path_bytes(_path(item, at)), None) for at, item in enumerate(everything)), False
    if isinstance(data, list | tuple):
        _refuse_names(data)
    if first is None and isinstance(data, list | tuple) and not data:
        return ((_MEMORY, b""),), True
    return ((_MEMORY, _lines(everything)),), True


def _kind(thing: object) -> str:
    return type(thing).__name__


def _path(item: object, at: int) -> os.PathLike[str]:
    if isinstance(item, os.PathLike):
        return item
    raise UsageError(f"item {at} of a list of paths is {_kind(item)}")


def _refuse_names(data: list[Any] | tuple[Any, ...]) -> None:
    """A list of strings is a list of comments. One whose strings all name files was surely meant otherwise."""
    try:
        if 0 < len(data) <= 1000 and all(isinstance(item, str) and os.path.isfile(item) for item in data):
            raise UsageError(f"{data[0]!r} is a file, but strings in a list are comments; give pathlib.Path objects")
    except ValueError as error:
        if isinstance(error, UsageError):
            raise


def _lines(items: Iterable[object]) -> bytearray:
    """JSON lines; strings (None: no words) become records with a text."""
    out = bytearray()
    texts: bool | None = None
    for at, item in enumerate(items):
        if texts is None:
            texts = item is None or isinstance(item, str)
        if texts:
            if item is not None and not isinstance(item, str):
                raise UsageError(f"item {at} of a list of texts is {_kind(item)}, not a string")
            record: Record = {"text": item or ""}
        elif isinstance(item, Mapping):
            record = item
        else:
            raise UsageError(f"item {at} is {_kind(item)}; comments are strings, or records (dictionaries)")
        out += _line(record, at)
        out += b"\n"
    return out


def _line(record: Record, at: int) -> bytes:
    try:
        try:
            text = _ENCODER.encode(record)
        except ValueError:  # not a number, or a circle, which the second try tells apart
            text = _ENCODER.encode(_finite(record))
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"record {at} cannot be written as JSON: {error}") from error
    try:
        return text.encode()
    except UnicodeEncodeError:  # halves of surrogate pairs: whole pairs are joined, lone halves become U+FFFD
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _plain(value: object) -> object:
    """What JSON does not know: dates, numbers of numpy, decimals, identifiers."""
    isoformat = getattr(value, "isoformat", None)
    if callable(isoformat):
        moment = isoformat()
        return None if moment == "NaT" else moment
    item = getattr(value, "item", None)
    if callable(item):
        return _finite(item())
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def _finite(value: Any) -> Any:
    """A copy in which infinities and not-a-number are null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(member) for member in value]
    return value


class _Encoder(json.JSONEncoder):
    def default(self, o: object) -> object:
        return dict(o) if isinstance(o, Mapping) else _plain(o)


_ENCODER = _Encoder(ensure_ascii=False, allow_nan=False)


def _arrow_rows(data: ArrowStream) -> Iterator[object]:
    try:
        import pyarrow as pa
    except ImportError as error:
        advice = "pip install pyarrow, or give a list of records"
        raise UsageError(f"reading a table ({_kind(data)}) needs pyarrow: {advice}") from error
    try:
        reader = pa.RecordBatchReader.from_stream(data)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # one column, not a table
        column = pa.chunked_array(data)
        for chunk in column.chunks:
            yield from chunk.to_pylist()
        return
    for batch in reader:
        for start in range(0, batch.num_rows, _ROWS):
            yield from batch.slice(start, _ROWS).to_pylist()


def make_folder(path: str | os.PathLike[str]) -> bytes:
    """A folder with all above it; the engine makes only the last."""
    name = path_bytes(path, "a folder")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return name
