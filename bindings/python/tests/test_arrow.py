"""Arrow in and out."""

import sys
from typing import Any

import pyarrow as pa
import pytest

import edgewise

Rows = list[dict[str, Any]]


def test_tables_out(run: edgewise.Run) -> None:
    for things in (run.needs, run.themes):
        table = things.to_arrow()
        assert table.num_rows == len(things) and table.column("name").to_pylist() == [thing.name for thing in things]
    table = run.needs.to_arrow()
    assert table.column("comments").to_pylist() == [list(need.ids) for need in run.needs]
    assert table.column("onset").to_pylist() == [need.onset for need in run.needs]
    assert table.column("why").to_pylist() == [need.why.to_dict() for need in run.needs]


def test_comments_out(run: edgewise.Run) -> None:
    table = run.comments.to_arrow(text=True)
    assert table.drop_columns(["text"]).to_pylist() == run.comments.to_records()
    assert table.column("text")[11].as_py() == run.text(11)
    assert run.comments.to_arrow().schema.field("time").type == pa.timestamp("s", tz="UTC")


def test_tables_without_rows_have_columns(run: edgewise.Run) -> None:
    assert run.needs[:0].to_arrow().schema == run.needs.to_arrow().schema
    assert run.themes[:0].to_arrow().schema == run.themes.to_arrow().schema
    assert run.comments[:0].to_arrow().schema == run.comments.to_arrow().schema == run.comments[:3].to_arrow().schema


def test_table_in(run: edgewise.Run, records: Rows) -> None:
    table = pa.Table.from_pylist(records, schema=schema(records))
    mined = edgewise.mine(table, decoys=2)
    assert mined.needs == run.needs and mined.comments.to_records() == run.comments.to_records()
    sliced = edgewise.mine(table.slice(100, 50), decoys=0)
    assert [comment.id for comment in sliced.comments] == [record["id"] for record in records[100:150]]
    assert edgewise.mine(table.to_reader(max_chunksize=7), decoys=2).needs == run.needs


def schema(records: Rows) -> pa.Schema:
    names = {name for record in records for name in record}
    return pa.schema([(name, pa.int64() if name == "rating" else pa.string()) for name in sorted(names)])


def test_column_in() -> None:
    column = pa.chunked_array([["the lid leaks", None], ["the handle broke"]])
    run = edgewise.mine(column)
    assert [run.text(at) for at in range(3)] == ["the lid leaks", "", "the handle broke"]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_in(library: str, run: edgewise.Run, records: Rows) -> None:
    frames = pytest.importorskip(library)
    frame = frames.DataFrame(records)
    mined = edgewise.mine(frame, decoys=2)
    assert [need.id for need in mined.needs] == [need.id for need in run.needs]
    assert mined.comments.to_records() == run.comments.to_records()
    assert len(edgewise.mine(frame["text"], decoys=0).comments) == len(records)


def test_every_part_of_a_score_has_a_column(run: edgewise.Run) -> None:
    records = run.needs.to_records()
    assert records
    for record, row in zip(records, run.needs.to_arrow().to_pylist(), strict=True):
        assert row["score_parts"].keys() == record["score_parts"].keys() and row["cue_lift"].keys() == record["cue_lift"].keys()


def test_without_pyarrow(run: edgewise.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"text": ["the lid leaks"]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(edgewise.UsageError, match="pip install pyarrow"):
        edgewise.mine(table)
    with pytest.raises(edgewise.UsageError, match="pip install pyarrow"):
        run.needs.to_arrow()
    assert run.needs.to_records()
