"""One stage alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import edgewise

Rows = list[dict[str, Any]]


def test_plan(slice_path: Path, records: Rows) -> None:
    plan = edgewise.plan(slice_path)
    assert plan["comments"] == len(records) and plan["columns"]["text"] == "text"
    assert plan["memory_bytes"] > 0 and plan["seconds"] >= 0
    assert edgewise.plan(records, decoys=100)["seconds"] >= plan["seconds"]


def test_embed(slice_path: Path, records: Rows) -> None:
    vectors = edgewise.embed(slice_path, corpus_part=False)
    assert vectors.dtype == np.float32 and vectors.shape[0] == len(records)
    assert np.array_equal(vectors, edgewise.embed(records, corpus_part=False, threads=3))
    near, lid, other = edgewise.embed(["the lid leaks", "the lid is leaking", "a refund for my parcel"], corpus_part=False)
    assert near @ lid > near @ other


def test_tokens() -> None:
    ids, starts = edgewise.tokens(["hello world", "", "hello"])
    assert starts.tolist() == [0, 2, 2, 3] and ids[0] == ids[2] != ids[1]


def test_signals() -> None:
    text = "It is fine. I wish it had a timer."
    sentences = edgewise.signals([text])
    assert [text[one.start : one.end].strip() for one in sentences] == ["It is fine.", "I wish it had a timer."]
    assert sentences[1].need > sentences[0].need and "desire" in [kind for kind, _, _ in sentences[1].cues]
    assert sentences.to_records()[1]["cues"][0].keys() == {"kind", "start", "end"}
    assert sentences.to_arrow().num_rows == 2


def test_families() -> None:
    copy = "the lid of the jug came off while I was pouring and it was hot"
    found = edgewise.families([copy, "something else about the parcel", copy])
    assert [family.rows for family in found] == [(0, 2)] and found[0].kind == "copy"
    assert found.to_arrow().column("rows").to_pylist() == [[0, 2]]


def test_vectors(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(4, 32))
    vectors = (np.repeat(centres, 50, axis=0) + rng.normal(size=(200, 32)) / 20).astype(np.float32)
    near = edgewise.neighbours(vectors, 5)
    assert near.shape == (200, 5) and near.dtype == np.int32
    assert (near // 50 == np.arange(200)[:, None] // 50).all()
    np.save(tmp_path / "v.npy", vectors)
    assert np.array_equal(edgewise.neighbours(tmp_path / "v.npy", 5, threads=1), near)
    lengths = np.linspace(1, 3, 200, dtype=np.float32)[:, None]
    products = (vectors * lengths) @ (vectors * lengths).T
    np.fill_diagonal(products, -np.inf)
    longest = edgewise.neighbours(vectors * lengths, 1, metric="ip")[:, 0]
    assert (products[np.arange(200), longest] >= 0.97 * products.max(axis=1)).all()
    labels = edgewise.cluster(vectors, themes=4, metric="ip")
    labels = edgewise.cluster(vectors, themes=4)
    assert labels.shape == (200,)
    assert all(len(set(labels[at : at + 50])) == 1 for at in range(0, 200, 50)) and len(set(labels)) == 4
    for wrong in ([1, 2, 3], [["a"]]):
        with pytest.raises(edgewise.UsageError):
            edgewise.cluster(wrong)
    with pytest.raises(edgewise.UsageError):
        edgewise.neighbours(vectors, 0)
    with pytest.raises(edgewise.UsageError):
        edgewise.cluster(vectors, metric="l2")  # type: ignore[arg-type]  # none there is, on purpose


def test_doctor_and_version() -> None:
    from conftest import ROOT

    assert f'#define EW_VERSION "{edgewise.version}"' in (ROOT / "core" / "edgewise.h").read_text(encoding="utf-8")
    assert edgewise.__version__ == edgewise.version == edgewise.doctor()["edgewise"]


def test_what_is_public() -> None:
    import importlib.metadata

    assert importlib.metadata.version("edgewise") == edgewise.version
    assert all(hasattr(edgewise, name) for name in edgewise.__all__)
    assert edgewise._core.__file__.endswith(".abi3.so")


def test_lists_that_hold_less_than_was_asked_say_so() -> None:
    vectors = np.random.default_rng(2).normal(size=(50_001, 96)).astype(np.float32)  # the nearest lie anywhere
    with pytest.warns(RuntimeWarning, match="of the 15 nearest, recall asked for 99 %"):
        near = edgewise.neighbours(vectors, 15, recall=99)
    assert near.shape == (50_001, 15)
