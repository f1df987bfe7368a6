"""The functions: the main job, and one stage alone."""

import json
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from . import _core
from ._errors import UsageError
from ._inputs import Comments, gather, path_bytes
from ._options import CoreOptions, Options, Path, Progress, core_options, core_progress, vectors_file
from ._records import Assigned, Family, Records, Sentence
from ._run import Run

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def _warn_of_recall(core: CoreOptions, level: int) -> None:
    """What a row asks of the index has a bound, so a large corpus may be left with less than it asked for."""
    found, asked = 100 * _core.recall(), core.get("recall", 95)
    if isinstance(asked, int) and found < asked - 1:  # it is measured on a sample
        said = f"neighbour lists hold {found:.0f} % of the 15 nearest, recall asked for {asked} %; 100 compares all pairs"
        warnings.warn(said, RuntimeWarning, stacklevel=level)


def mine(
    comments: Comments,
    *,
    threads: int = 0,
    seed: int = 1,
    decoys: int = 10,
    keep_decoys: Path | None = None,
    themes: int = 0,
    catalogue: Path | None = None,
    competitors: Path | None = None,
    cues: Path | None = None,
    columns: Mapping[str, str] | None = None,
    since: str | None = None,
    until: str | None = None,
    keep_pii: bool = False,
    progress: Progress = None,
    format: str | None = None,
    model: Path | None = None,
    vectors: "Path | npt.NDArray[Any] | None" = None,
    corpus_part: bool | None = None,
    encoder: Literal["auto", "static", "student", "deep"] = "auto",
    weights: Path | None = None,
    budget: int | None = None,
    memory: int = 0,
    max_units: int | None = None,
    recall: int | None = None,
    max_line: int | None = None,
    zstd_window_log: int | None = None,
) -> Run:
    """Finds the needs in comments.

    comments: a path or a list of pathlib.Path (JSONL, JSON, CSV, TSV; plain, .zst, .gz); a list of texts; a list of records
    (dictionaries); a table (pyarrow, polars, pandas, DuckDB; needs pyarrow); or the bytes of a file.

    threads: worker threads, 0 for one a core; any number gives the same result. seed: of all random numbers.
    decoys: corpora without structure to test against; with 0 nothing can be confirmed. keep_decoys: a folder
    that gets them as text, decoy-01.jsonl.zst and so on. themes: how many, 0 for automatic.
    catalogue, competitors: CSV files of your products and of competitors' names. cues: a file of patterns beside or in place of
    the built-in ones (docs/cues.md). columns: names of the input's columns where they are not recognised, such as {"text": "body"}. since, until: first and last
    day ("2026-07-01"); comments of other days, or without a time, are left out. keep_pii: show e-mail addresses, phone, card and account numbers.
    progress: True for a line on standard error, or a function of (stage, done, total); what it raises ends the run.
    format: "jsonl", "json", "csv", "tsv" where it is not recognised. model: a static model's folder or file.
    vectors: your own, an array or a .npy file [comments, dimensions]. corpus_part: vectors learned from this corpus beside the
    model's; None decides from the data. encoder: "static", "deep", or "auto", which is deep where the weights of a deep encoder
    are (weights, or where `edgewise model fetch` puts them) and the run is expected to take at most budget seconds (180) on two
    cores; `run.info["encoder_why"]` says which it was and why. memory: bytes a run may use, 0 for no limit.
    recall: percent of the nearest neighbours that a large corpus' index has to find (95); a RuntimeWarning says how many it
    found where it found less. max_units, max_line, zstd_window_log:
    limits of units compared, bytes of a record, log2 of a zstd window; None for the engine's.
    """
    inputs, made_here = gather(comments)
    given = Options(
        threads=threads, seed=seed, decoys=decoys, keep_decoys=keep_decoys, themes=themes, catalogue=catalogue, competitors=competitors, cues=cues,
        columns=columns, since=since, until=until, keep_pii=keep_pii, format=format, model=model, vectors=vectors, corpus_part=corpus_part, encoder=encoder,
        weights=weights, budget=budget, memory=memory, max_units=max_units, recall=recall,
        max_line=max_line, zstd_window_log=zstd_window_log,
    )
    with core_options(made_here, given, "auto") as options, core_progress(progress) as tell:
        run = _core.mine(inputs, options, tell)
        _warn_of_recall(options, 3)
        return Run(run, json.loads(_core.timings()))


def plan(comments: Comments, **options: Unpack[Options]) -> dict[str, Any]:
    """What a run would take, from a sample: columns recognised, comments, bytes, memory, seconds."""
    inputs, made_here = gather(comments)
    with core_options(made_here, options, "auto") as core:
        result: dict[str, Any] = json.loads(_core.plan(inputs, core))
    return result


@contextmanager
def _stage(name: str, comments: Comments, progress: Progress, options: Options) -> Iterator[str]:
    """The file that a stage wrote; it is gone afterwards."""
    inputs, made_here = gather(comments)
    with (
        tempfile.TemporaryDirectory(prefix="edgewise-") as folder,
        core_options(made_here, options) as core,
        core_progress(progress) as tell,
    ):
        path = os.path.join(folder, name)
        _core.stage(name, inputs, core, os.fsencode(path), tell)
        yield path


def embed(comments: Comments, *, progress: Progress = None, **options: Unpack[Options]) -> "npt.NDArray[np.float32]":
    """A vector for each comment: float32 [comments, dimensions]."""
    import numpy as np

    with _stage("embed", comments, progress, options) as path:
        vectors: npt.NDArray[np.float32] = np.load(path, allow_pickle=False)
    return vectors


def tokens(
    comments: Comments, *, progress: Progress = None, **options: Unpack[Options]
) -> "tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint64]]":
    """WordPiece ids of all comments, one after another, and where each comment begins (one more than comments)."""
    import numpy as np

    with _stage("tokens", comments, progress, options) as path:
        return np.fromfile(path, "<u4"), np.fromfile(path + ".offsets.bin", "<u8")


def signals(comments: Comments, *, progress: Progress = None, **options: Unpack[Options]) -> Records[Sentence]:
    """Each sentence: how likely it holds a need, and its cues."""
    with _stage("signals", comments, progress, options) as path, open(path, encoding="utf-8") as lines:
        found = []
        for row in map(json.loads, lines):
            row["cues"] = tuple((cue["kind"], cue["start"], cue["end"]) for cue in row["cues"])
            found.append(Sentence(**row))
    return Records(found, "sentences")


def families(comments: Comments, *, progress: Progress = None, **options: Unpack[Options]) -> Records[Family]:
    """Groups of near-duplicates: copies, templates, campaigns."""
    with _stage("families", comments, progress, options) as path, open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return Records([Family(row["family"], tuple(row["rows"]), tuple(row["ids"]), row["kind"]) for row in rows], "families")


_METRICS = {"cosine": 0, "ip": 1}


def _from_vectors(vectors: object, k: int, metric: str, progress: Progress, options: Options) -> "npt.NDArray[np.int32]":
    import numpy as np

    if metric not in _METRICS:
        raise UsageError(f"metric is 'cosine' or 'ip', not {metric!r}")
    with (
        tempfile.TemporaryDirectory(prefix="edgewise-") as folder,
        core_options(False, options) as core,
        core_progress(progress) as tell,
    ):
        core["metric"] = _METRICS[metric]
        path = os.path.join(folder, "out.npy")
        _core.from_vectors(vectors_file(vectors, folder), k, core, os.fsencode(path), tell)
        _warn_of_recall(core, 4)
        result: npt.NDArray[np.int32] = np.load(path, allow_pickle=False)
    return result


def neighbours(
    vectors: "Path | npt.ArrayLike", k: int = 15, *, metric: Literal["cosine", "ip"] = "cosine", threads: int = 0,
    recall: int = 95, progress: Progress = None
) -> "npt.NDArray[np.int32]":
    """The k nearest rows of each row of vectors (an array or a .npy file): int32 [rows, k]. metric: 'ip' is the inner product of
    the rows as they are. recall: percent of them that are found among many rows, 100 compares all pairs; a RuntimeWarning says
    how many were found where it is less."""
    if not 0 < k <= 1000:
        raise UsageError(f"k is 1 to 1000, not {k}")
    return _from_vectors(vectors, k, metric, progress, Options(threads=threads, recall=recall))


def cluster(
    vectors: "Path | npt.ArrayLike", *, metric: Literal["cosine", "ip"] = "cosine", threads: int = 0, seed: int = 1,
    themes: int = 0, recall: int = 85, progress: Progress = None
) -> "npt.NDArray[np.int32]":
    """The cluster of each row of vectors (an array or a .npy file): int32 [rows], -1 for none. metric: as in
    neighbours; recall too, but labels are as good with fewer of the nearest."""
    return _from_vectors(vectors, 0, metric, progress, Options(threads=threads, seed=seed, themes=themes, recall=recall))


def assign(folder: Path, comments: Comments, *, progress: Progress = None, **options: Unpack[Options]) -> Records[Assigned]:
    """Where later comments belong among the themes and needs of a run written to a folder; nothing is fitted again.

    The run's encoder is needed: model or weights, where it was neither the built-in model nor the weights in their usual place.
    """
    inputs, made_here = gather(comments)
    with (
        tempfile.TemporaryDirectory(prefix="edgewise-") as out,
        core_options(made_here, options, "auto") as core,
        core_progress(progress) as tell,
    ):
        path = os.path.join(out, "assigned.jsonl")
        _core.assign(path_bytes(folder, "a folder"), inputs, core, os.fsencode(path), tell)
        with open(path, encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
    found = []
    for row in rows:
        needs = row.pop("needs", None) or ([row["need"]] if row["need"] else [])
        del row["need"]
        found.append(Assigned(**row, needs=tuple(needs)))
    return Records(found, "assigned")


@overload
def explain(folder: Path, id: str, *, as_text: Literal[False] = False) -> dict[str, Any]: ...
@overload
def explain(folder: Path, id: str, *, as_text: Literal[True]) -> str: ...
def explain(folder: Path, id: str, *, as_text: bool = False) -> dict[str, Any] | str:
    """Why a need or comment of a run written to a folder is where it is; as_text: in words for a person."""
    if not isinstance(id, str) or "\0" in id:
        raise UsageError(f"an id is a string, not {id!r}")
    said = _core.explain(path_bytes(folder, "a folder"), id.encode("utf-8", "replace"), not as_text)
    if as_text:
        return said
    result: dict[str, Any] = json.loads(said)
    return result


def doctor() -> dict[str, Any]:
    """Instruction sets, BLAS, model, memory, versions: what a bug report needs."""
    result: dict[str, Any] = json.loads(_core.doctor())
    return result
