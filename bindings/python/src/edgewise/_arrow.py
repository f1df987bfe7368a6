"""Arrow tables; pyarrow is needed only here and for reading tables."""

import datetime
from typing import TYPE_CHECKING, Any

from ._errors import UsageError

if TYPE_CHECKING:
    import pyarrow as _pa

SCORE_TERMS = ("fringe", "apart", "breadth", "tight", "stable", "chance", "substance", "quiet", "cost",
               "open", "own", "held", "language", "displeased", "new", "unlike")
CUES = ("desire", "absence", "workaround", "effort", "resignation", "comparison", "worry", "delight")


def arrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise UsageError("Arrow tables need pyarrow: pip install pyarrow; to_records() does without") from error
    return pyarrow


def schema(what: str) -> "_pa.Schema":
    """The columns of a table of needs, themes, comments, assigned comments, sentences or families, whether or not it has rows."""
    pa = arrow()
    text, real, whole, texts = pa.string(), pa.float64(), pa.int64(), pa.list_(pa.string())

    def rows(*members: tuple[str, Any]) -> Any:
        return pa.list_(pa.struct(list(members)))

    def reals(*names: str) -> list[tuple[str, Any]]:
        return [(name, real) for name in names]

    cues = rows(("kind", text), ("id", text), ("start", whole), ("end", whole))
    spans = rows(("id", text), ("start", whole), ("end", whole), ("text", text))
    shares = rows(("name", text), ("comments", whole), ("ratio", real))
    why = pa.struct([*reals("list_score", "significance", "inside", "outside", "expressed_share", "quiet_share", "top_customer",
                            "top_day", "top_source"), ("condition", text)])
    lift = pa.struct([("n", whole), *reals("share", "rest", "log_odds", "z", "q")])
    terms = pa.struct([(term, pa.struct(reals("value", "weight", "factor"))) for term in SCORE_TERMS])
    lifts = pa.struct([(kind, lift) for kind in CUES])
    columns: dict[str, list[tuple[str, Any]]] = {
        "needs": [
            ("rank", whole), ("id", text), ("name", text), ("tier", text), ("kind", text),
            *reals("score", "q", "stability", "fringe"), ("size", whole), ("families", whole), ("customers", whole),
            ("comments", texts), ("exemplars", spans), ("cues", cues), ("cue_lift", lifts),
            ("score_parts", terms), ("words", texts), ("theme", text),
            ("onset", pa.date32()), ("alarm", pa.date32()), ("emerging", pa.bool_()),
            ("segments", rows(("segment", text), ("ratio", real), ("q", real))), ("competitors", texts), ("products", texts),
            ("impact", pa.struct(reals("rating", "low", "high"))), ("alike", text), ("why", why),
        ],
        "themes": [
            ("id", text), ("parent", text), ("level", whole), ("name", text), ("rest", pa.bool_()), ("size", whole), ("families", whole),
            ("customers", whole), *reals("share", "share_low", "share_high"), ("rated", whole),
            *reals("rating", "rating_low", "rating_high"), ("length", pa.list_(whole)), ("languages", shares),
            ("products", shares), ("segments", shares), ("sources", shares), ("timed", whole), ("first", pa.date32()),
            ("last", pa.date32()), ("onset", pa.date32()), ("alarm", pa.date32()), ("emerging", pa.bool_()),
            ("weeks", pa.list_(whole)), *reals("trend", "trend_low", "trend_high"), ("words", texts),
            ("exemplars", spans),
        ],
        "comments": [
            ("id", text), ("theme", text), ("themes", texts), ("fringe", real), ("need", text), ("needs", texts), ("noise", text),
            ("family", text), ("lang", text), ("product", text), ("customer", text), ("segment", text), ("source", text),
            ("time", pa.timestamp("s", tz="UTC")), ("rating", real),
        ],
        "assigned": [("id", text), ("theme", text), ("fringe", real), ("needs", texts), ("noise", text), ("lang", text),
                     ("known", pa.bool_())],
        "sentences": [("id", text), ("start", whole), ("end", whole), ("need", real),
                      ("cues", rows(("kind", text), ("start", whole), ("end", whole)))],
        "families": [("family", text), ("rows", pa.list_(whole)), ("ids", texts), ("kind", text)],
    }
    return pa.schema(columns[what])


def table(what: str, records: list[dict[str, Any]]) -> "_pa.Table":
    dates = {"needs": ("onset", "alarm"), "themes": ("first", "last", "onset", "alarm")}.get(what, ())
    for record in records:
        for name in dates:
            record[name] = record[name] and datetime.date.fromisoformat(record[name])
    return arrow().Table.from_pylist(records, schema=schema(what))
