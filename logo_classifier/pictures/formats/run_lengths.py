"""Decode the run lengths of BMPs, RLE8 and RLE4, in numpy: no Python loop over runs or pixels.

Source: Microsoft, "Bitmap Compression" (BI_RLE8, BI_RLE4). All commands begin at even offsets, so
the stream is an array of pairs of bytes. The commands of a window of pairs are found by pointer
jumping, which takes log2(window) steps of numpy. No pixel is written twice, because positions
only grow: the work is bounded by the bytes of the file and by the pixels of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOW_PAIRS = 1 << 14
"""Pairs of bytes that are searched for commands at a time."""

_PAINTED_AT_ONCE = 1 << 18
_END_OF_LINE, _END_OF_PICTURE, _DELTA = 0, 1, 2

Bytes = NDArray[np.uint8]
Whole = NDArray[np.int64]


@dataclass(slots=True)
class _Runs:
    """The runs of one window: where each begins, how many pixels it has and whence they come."""

    rows: Whole
    columns: Whole
    lengths: Whole
    sources: Whole
    absolute: NDArray[np.bool_]


def decode_runs(data: bytes, start: int, width: int, height: int, bits: int) -> Bytes:
    """Return the palette indices, uint8 (height, width), with the first row of the stream first.

    `bits` is 8 or 4. Pixels that the stream leaves out have the index 0. Raises ValueError if the
    stream ends before the picture does.
    """
    body = np.frombuffer(data, np.uint8, offset=start)
    pairs = body[: len(body) // 2 * 2].reshape(-1, 2)
    indices = np.zeros(height * width, np.uint8)
    place, row, column, ended = 0, 0, 0, False
    while not ended and place < len(pairs) and row < height:
        window = pairs[place : place + WINDOW_PAIRS]
        steps = _steps(window, bits)
        commands = _commands(steps)
        last = int(commands[-1])
        counts, codes = window[commands, 0], window[commands, 1]
        ends = np.flatnonzero((counts == 0) & (codes == _END_OF_PICTURE))
        if len(ends):
            ended = True
            commands, counts, codes = (part[: ends[0]] for part in (commands, counts, codes))
        if len(commands):
            offsets = 2 * (place + commands.astype(np.int64))
            runs, row, column = _runs(body, offsets, counts, codes, (row, column))
            _paint(indices, runs, body, (width, height), bits)
        place += last + int(steps[last])
    whole = row >= height or (row == height - 1 and column >= width)
    if not ended and (not whole or place > len(pairs) + 1):
        raise ValueError("the run lengths end before the picture does")
    return indices.reshape(height, width)


def _steps(window: Bytes, bits: int) -> NDArray[np.int32]:
    """Return for each pair the number of pairs of a command that would begin there."""
    counts, codes = window[:, 0], window[:, 1].astype(np.int32)
    pixel_bytes = codes if bits == 8 else (codes + 1) // 2
    steps = np.where(codes > _DELTA, 1 + (pixel_bytes + 1) // 2, 1 + (codes == _DELTA))
    return np.where(counts == 0, steps, 1).astype(np.int32)


def _commands(steps: NDArray[np.int32]) -> NDArray[np.intp]:
    """Return the pairs at which commands begin, in order, by pointer jumping from the first."""
    size = len(steps)
    jumps = np.minimum(np.arange(size, dtype=np.int32) + steps, size)
    jumps = np.append(jumps, np.int32(size))
    reached = np.zeros(size + 1, np.bool_)
    reached[0] = True
    if int(steps.max()) == 1:
        reached[:] = True
        return np.flatnonzero(reached[:size])
    while not reached[size]:
        reached[jumps[reached]] = True
        jumps = jumps[jumps]
    return np.flatnonzero(reached[:size])


def _runs(
    body: Bytes, offsets: Whole, counts: Bytes, codes: Bytes, begin: tuple[int, int]
) -> tuple[_Runs, int, int]:
    """Return the runs of commands, and the row and column behind them."""
    escapes = counts == 0
    absolute = escapes & (codes > _DELTA)
    lengths = np.where(absolute, codes, counts).astype(np.int64)
    right, up = lengths.copy(), (escapes & (codes == _END_OF_LINE)).astype(np.int64)
    deltas = np.flatnonzero(escapes & (codes == _DELTA))
    if len(deltas):
        # A delta at the end of the data has no bytes of its own, and moves nothing.
        right[deltas] = body.take(offsets[deltas] + 2, mode="clip")
        up[deltas] = body.take(offsets[deltas] + 3, mode="clip")
    rows = begin[0] + np.cumsum(up)
    along = begin[1] + np.cumsum(right)
    # An end of line takes the column back to 0.
    line_ends = escapes & (codes == _END_OF_LINE)
    back = np.maximum.accumulate(np.where(line_ends, along, 0))
    along -= back
    runs = _Runs(rows, along - lengths, lengths, offsets + np.where(absolute, 2, 1), absolute)
    return runs, int(rows[-1]), int(along[-1])


def _paint(indices: Bytes, runs: _Runs, body: Bytes, size: tuple[int, int], bits: int) -> None:
    """Write the pixels of the runs that lie in the picture."""
    width, height = size
    lengths = np.where(runs.rows < height, np.minimum(runs.lengths, width - runs.columns), 0)
    drawn = np.flatnonzero(lengths > 0)
    lengths = lengths[drawn]
    totals = np.cumsum(lengths)
    first = 0
    while first < len(drawn):
        done = int(totals[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(totals, done + _PAINTED_AT_ONCE)))
        part, chosen = lengths[first:last], drawn[first:last]
        begins = np.cumsum(part) - part
        along = np.arange(int(part.sum()), dtype=np.int64) - np.repeat(begins, part)
        places = np.repeat(runs.rows[chosen] * width + runs.columns[chosen], part) + along
        absolute = np.repeat(runs.absolute[chosen], part)
        read = along if bits == 8 else along // 2
        values = body.take(np.repeat(runs.sources[chosen], part) + read * absolute, mode="clip")
        if bits == 4:
            values = np.where(along % 2, values & 15, values >> 4)
        indices[places] = values
        first = last
