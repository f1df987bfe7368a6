"""Tables for notebooks. Whatever came from the input is escaped; nothing here runs or fetches anything."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._records import Need
    from ._run import Run

_SHOWN = 10
_WIDEST = 160


def _cell(value: object, limit: int = _WIDEST) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    text = str(value)
    return escape(text if len(text) <= limit else text[: limit - 1] + "…")


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]], limit: int = _WIDEST) -> str:
    head = "".join(f"<th style='text-align:left'>{escape(name)}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{_cell(value, limit)}</td>" for value in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _needs(needs: Sequence["Need"]) -> str:
    rows = (
        (need.rank, need.tier, need.kind, need.size, need.customers, need.name, need.exemplars[0].text if need.exemplars else "")
        for need in needs[:_SHOWN]
    )
    return _table(("rank", "tier", "kind", "comments", "customers", "name", "for example"), rows) + _more(len(needs))


def _more(n: int) -> str:
    return f"<p>and {n - _SHOWN:,} more</p>" if n > _SHOWN else ""


def need(one: "Need") -> str:
    """A need with the sentences that show it best."""
    head = f"<p><b>{_cell(one.name)}</b>: {_cell(one.tier)}, {_cell(one.kind)}, {one.size} comments</p>"
    return head + _table(("id", "verbatim"), ((span.id, span.text) for span in one.exemplars), 1000)


def records(all_of_them: Sequence[Any]) -> str:
    """The first records of a list."""
    if not len(all_of_them):
        return "<p>none</p>"
    if type(all_of_them[0]).__name__ == "Need":
        return _needs(all_of_them)
    rows = [item.to_dict() for item in all_of_them[:_SHOWN]]
    heads = [name for name in rows[0] if name not in ("exemplars", "cues", "cue_lift", "score_parts")]
    return _table(heads, ([row[name] for name in heads] for row in rows)) + _more(len(all_of_them))


def run(one: "Run") -> str:
    """The needs of a run under its counts."""
    return f"<p>{escape(repr(one))}</p>" + records(one.needs)
