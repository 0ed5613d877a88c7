"""Exact nearest neighbours in feature space, in chunks, with ties settled the same way always."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation.vectors import Features, as_matrix, unit

Metric = Literal["cosine", "euclidean"]
_CELLS = 1 << 24
"""Similarities held at once: 64 MiB of float32."""


def top(scores: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest of every row, largest first; among equals the lower column comes first.

    ``topk`` alone may pick any of equal scores, which a collapsed feature space is full of.
    """
    values, columns = scores.topk(k, dim=1)
    threshold = values[:, -1:]
    crowded = ((scores >= threshold).sum(1) > k).nonzero().squeeze(1)
    if len(crowded):
        some, limit = scores[crowded], threshold[crowded]
        above, equal = some > limit, some == limit
        room = k - above.sum(1, keepdim=True)
        kept = above | (equal & (equal.cumsum(1) <= room))
        columns[crowded] = kept.nonzero()[:, 1].view(len(crowded), k)
    columns = columns.sort(dim=1).values
    values, order = scores.gather(1, columns).sort(dim=1, descending=True, stable=True)
    return columns.gather(1, order), values


def nearest(
    bank: Features,
    queries: Features,
    k: int,
    *,
    metric: Metric = "cosine",
    exclude_self: bool = False,
    exclude: Features | None = None,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> tuple[Tensor, Tensor]:
    """The k rows of a bank nearest to every query, exactly.

    Args:
        bank: (N, D) finite numbers; the work runs on the bank's device.
        queries: (Q, D).
        k: how many; more than the bank has to offer is cut to what it has.
        metric: "cosine" (a zero row has cosine 0 with everything) or "euclidean".
        exclude_self: query i is bank row i and must not be its own neighbour.
        exclude: (Q,) bank row that query i must not find, -1 for none; instead of exclude_self.
        progress: told (queries done, queries in all) after every chunk.
        cancelled: asked before every chunk; True ends the work.

    Returns:
        (Q, k) int64 bank rows, nearest first, equals by lower row; and (Q, k) their cosines
        (descending) or Euclidean distances (ascending). Both on the CPU.

    Raises:
        ValueError: for shapes that do not fit, NaN, k below 1, or a bank left without rows.
        Cancelled: if ``cancelled`` said so.
    """
    rows = as_matrix(bank, "bank features")
    asked = as_matrix(queries, "query features").to(rows)
    if rows.shape[1] != asked.shape[1]:
        raise ValueError(
            f"bank and queries must come from one encoder: {rows.shape[1]} and {asked.shape[1]} "
            "dimensions"
        )
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    hidden = _hidden(len(rows), len(asked), exclude_self, exclude)
    offered = len(rows) - (0 if hidden is None else 1)
    if offered < 1:
        raise ValueError("the bank has one row and that is the query itself: no neighbours")
    if metric == "cosine":
        rows, asked = unit(rows), unit(asked)
    else:
        # Distances do not know the origin, their rounding does: far from it they blur.
        middle = rows.mean(0)
        rows, asked = rows - middle, asked - middle
    # Few dimensions are subtracted one by one, exactly; many go through a matrix product.
    exact = "donot_use_mm_for_euclid_dist" if rows.shape[1] <= 16 else "use_mm_for_euclid_dist"
    chunk = max(1, _CELLS // len(rows))
    found: list[tuple[Tensor, Tensor]] = []
    for start in range(0, len(asked), chunk):
        raise_if_cancelled(cancelled)
        part = asked[start : start + chunk]
        scores = (
            part @ rows.T if metric == "cosine" else -torch.cdist(part, rows, compute_mode=exact)
        )
        if hidden is not None:
            own = hidden[start : start + chunk].to(rows.device)
            at = (own >= 0).nonzero().squeeze(1)
            scores[at, own[at]] = -torch.inf
        found.append(top(scores, min(k, offered)))
        if progress is not None:
            progress(min(start + chunk, len(asked)), len(asked))
    columns = torch.cat([one for one, _ in found]).cpu()
    values = torch.cat([one for _, one in found]).cpu()
    return columns, values if metric == "cosine" else -values


def _hidden(bank: int, queries: int, exclude_self: bool, exclude: Features | None) -> Tensor | None:
    """(Q,) int64 bank row each query must not find, -1 for none; None if nothing is hidden."""
    if exclude_self:
        if bank != queries:
            raise ValueError(
                f"exclude_self needs query i to be bank row i: {queries} queries, {bank} rows"
            )
        return torch.arange(bank)
    if exclude is None:
        return None
    hidden = torch.as_tensor(exclude).to(torch.int64).cpu()
    if hidden.shape != (queries,) or int(hidden.max()) >= bank:
        raise ValueError(f"exclude must name one bank row below {bank} for each of {queries}")
    return hidden
