"""mine(): every kind of input, every option, the same result."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import edgewise

Rows = list[dict[str, Any]]


def same(one: edgewise.Run, other: edgewise.Run) -> bool:
    return (
        one.needs.to_records() == other.needs.to_records()
        and one.themes.to_records() == other.themes.to_records()
        and one.comments.to_records() == other.comments.to_records()
    )


def test_finds_needs(run: edgewise.Run) -> None:
    assert len(run.needs) > 5
    assert [need.rank for need in run.needs] == list(range(1, len(run.needs) + 1))
    assert {need.tier for need in run.needs} <= {"confirmed", "watch", "whisper"}
    assert all(need.size == len(need.comments) == len(need.ids) for need in run.needs)


@pytest.mark.parametrize(
    "make",
    [
        lambda path, records: str(path),
        lambda path, records: [path],
        lambda path, records: path.read_bytes(),
        lambda path, records: bytearray(path.read_bytes()),
        lambda path, records: records,
        lambda path, records: tuple(records),
        lambda path, records: (record for record in records),
    ],
    ids=["name", "paths", "bytes", "bytearray", "records", "tuple", "generator"],
)
def test_every_kind_of_input_is_the_same(
    make: Callable[[Path, Rows], Any], run: edgewise.Run, slice_path: Path, records: Rows
) -> None:
    assert same(edgewise.mine(make(slice_path, records), decoys=2), run)


def test_texts_keep_their_places(records: Rows) -> None:
    texts = [record["text"] for record in records]
    run = edgewise.mine(texts, decoys=0)
    assert len(run.comments) == len(texts)
    assert edgewise.mine(iter(texts), decoys=0).needs == run.needs
    for at in (0, 1, 17, len(texts) - 1):
        assert edgewise.mine([texts[at]], decoys=0, keep_pii=True).text(0) == texts[at]


def test_several_paths_come_one_after_the_other(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text(f'{{"id":"{name}","text":"the lid of {name} leaks"}}\n', encoding="utf-8")
    run = edgewise.mine([tmp_path / "b.jsonl", tmp_path / "a.jsonl"])
    assert [comment.id for comment in run.comments] == ["b", "a"]
    assert run.info["inputs"] == ["b.jsonl", "a.jsonl"]


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_any_number_of_threads_is_the_same(threads: int, run: edgewise.Run, slice_path: Path) -> None:
    assert same(edgewise.mine(slice_path, decoys=2, threads=threads), run)


def test_every_record_is_accounted_for(run: edgewise.Run) -> None:
    counts = run.counts
    left = counts["in_themes"] + counts["in_needs_only"] + sum(counts["noise"].values()) + counts["rejected"]
    assert counts["read"] == left == len(run.comments) + counts["rejected"]


def test_days_are_chosen() -> None:
    rows = [{"text": f"the handle of number {k} broke", "time": f"2026-07-{k:02}"} for k in range(1, 10)]
    run = edgewise.mine([*rows, {"text": "undated"}], since="2026-07-03", until="2026-07-05")
    assert [comment.time.day for comment in run.comments if comment.time] == [3, 4, 5]
    assert run.counts["read"] == 3 and run.counts["outside"] == 7
    with pytest.raises(edgewise.UsageError):
        edgewise.mine(rows, since="July")
    with pytest.raises(edgewise.UsageError):
        edgewise.mine(rows, until=3)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(edgewise.UsageError):
        edgewise.mine(rows, since="2026-07-03", until="2026-07-02")


def test_rejected_records_are_told() -> None:
    run = edgewise.mine(b'{"text":"the handle broke"}\n{"text": \n{"text":"the handle is loose"}\n')
    assert run.counts["rejected"] == 1 and len(run.comments) == 2
    assert len(run.rejected) == 1 and run.rejected[0].startswith("memory:2:")


def test_decoys_zero_confirms_nothing(slice_path: Path) -> None:
    assert all(need.tier != "confirmed" for need in edgewise.mine(slice_path, decoys=0).needs)


def test_personal_data_is_masked_unless_asked() -> None:
    text = ["write to jo.doe@example.com about the lid"]
    assert "example.com" not in edgewise.mine(text).text(0)
    assert edgewise.mine(text, keep_pii=True).text(0) == text[0]


def test_columns_are_taken_by_name() -> None:
    rows = [{"nr": 7, "was": "der Deckel klemmt", "other": None}, {"nr": 8, "was": "der Griff ist lose", "other": [1]}]
    run = edgewise.mine(rows, columns={"id": "nr", "text": "was"})
    assert [comment.id for comment in run.comments] == ["7", "8"]
    assert run.text(1) == "der Griff ist lose"


def test_values_beyond_json() -> None:
    import datetime
    import decimal

    when = datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.UTC)
    rows = [
        {"text": "the lid broke", "time": when, "rating": np.float32(2), "customer": decimal.Decimal(5)},
        {"text": "the lid fell off", "time": float("nan"), "rating": float("inf"), "customer": b"c2"},
        {"text": "the lid is loose", "time": np.datetime64("2026-07-02"), "rating": np.float64("nan"), "customer": None},
    ]
    one, two, three = edgewise.mine(rows).comments
    assert (one.time, one.rating, one.customer) == (when, 2.0, "5")
    assert (two.time, two.rating, two.customer) == (None, None, "c2")
    assert three.time == datetime.datetime(2026, 7, 2, tzinfo=datetime.UTC)
    assert (three.rating, three.customer) == (None, None)


def test_catalogue_and_competitors(tmp_path: Path) -> None:
    (tmp_path / "rivals.csv").write_text("name,aliases\nBrewo,\n", encoding="utf-8")
    run = edgewise.mine(["the Brewo is quieter"] * 3, competitors=tmp_path / "rivals.csv", catalogue=None)
    assert run.info["options"]["competitors"].endswith("rivals.csv")
    with pytest.raises(edgewise.EdgewiseError):
        edgewise.mine(["the Brewo is quieter"] * 3, competitors=tmp_path / "none.csv")


def test_decoys_are_kept(slice_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "decoys"
    run = edgewise.mine(slice_path, decoys=2, keep_decoys=folder)
    assert sorted(file.name for file in folder.iterdir()) == ["decoy-01.jsonl.zst", "decoy-02.jsonl.zst"]
    decoy = edgewise.mine(folder / "decoy-01.jsonl.zst", decoys=0)
    assert len(decoy.comments) == run.info["tested_units"]
    with pytest.raises(edgewise.UsageError):
        edgewise.mine(slice_path, decoys=0, keep_decoys=folder)


def test_own_vectors(run: edgewise.Run, slice_path: Path, tmp_path: Path) -> None:
    vectors = edgewise.embed(slice_path)
    mined = edgewise.mine(slice_path, decoys=1, vectors=vectors.astype(np.float64))
    assert mined.info["encoder"] == "vectors" and len(mined.comments) == len(run.comments)
    np.save(tmp_path / "v.npy", vectors)
    assert same(edgewise.mine(slice_path, decoys=1, vectors=tmp_path / "v.npy"), mined)
    with pytest.raises(edgewise.InputError, match="rows"):
        edgewise.mine(slice_path, vectors=vectors[:-1])


def test_options_reach_the_engine(slice_path: Path) -> None:
    info = edgewise.mine(slice_path, decoys=3, seed=2**64 - 1, themes=7, corpus_part=False, max_units=5000).info
    assert (info["seed"], info["corpus_weight"]) == (2**64 - 1, 0)
    assert (info["options"]["decoys"], info["options"]["themes"], info["options"]["max_units"]) == (3, 7, 5000)


def test_timings(run: edgewise.Run) -> None:
    assert run.timings["total"] > 0 and run.timings["peak_rss_bytes"] > 0


def test_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["the lid leaks", "the parcel was late", "no refund yet"] * 3
    info = edgewise.mine(texts, decoys=0).info
    assert info["encoder"] == "static" and "no weights" in info["encoder_why"]
    assert edgewise.mine(texts, decoys=0, encoder="static", budget=5).info["options"]["budget"] == 5
    assert edgewise.plan(texts)["with_deep_seconds"] >= 0
    with pytest.raises(edgewise.UsageError, match="no deep encoder"):
        edgewise.mine(texts, encoder="deep")
    with pytest.raises(edgewise.UsageError, match="encoder is"):
        edgewise.mine(texts, encoder="large")  # type: ignore[arg-type]
    with pytest.raises(edgewise.UsageError, match="weights"):
        edgewise.mine(texts, encoder="static", weights=tmp_path)
    with pytest.raises(edgewise.UsageError, match="one of them"):
        edgewise.mine(texts, encoder="deep", model=tmp_path)
    with pytest.raises(edgewise.InputError, match="config.json"):
        edgewise.embed(texts, encoder="deep", weights=tmp_path)
    monkeypatch.setenv("EDGEWISE_WEIGHTS", str(tmp_path))
    with pytest.raises(edgewise.InputError, match="config.json"):
        edgewise.mine(texts)
    monkeypatch.delenv("EDGEWISE_WEIGHTS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert edgewise.mine(texts, decoys=0).info["encoder"] == "static"
