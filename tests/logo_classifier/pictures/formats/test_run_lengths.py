"""Run lengths of BMPs decode as a loop over their commands says, without such a loop."""

from __future__ import annotations

import struct
from collections import Counter
from typing import Any

import numpy as np
import pytest
from PIL import BmpImagePlugin

from logo_classifier.errors import InvalidImage
from logo_classifier.pictures.formats import run_lengths
from logo_classifier.pictures.formats.run_lengths import WINDOW_PAIRS, decode_runs
from logo_classifier.pictures.image import load_image

END_OF_LINE, END = b"\0\0", b"\0\1"


def as_told(data: bytes, width: int, height: int, bits: int) -> np.ndarray[Any, Any]:
    """Decode run lengths as Microsoft tells it, one command after the other."""
    indices = np.zeros((height, width), np.uint8)
    place = x = y = 0
    while place + 1 < len(data) and y < height:
        count, code = data[place], data[place + 1]
        place += 2
        if count == 0 and code == 0:
            x, y = 0, y + 1
        elif count == 0 and code == 1:
            break
        elif count == 0 and code == 2:
            x, y, place = x + data[place], y + data[place + 1], place + 2
        else:
            pixels = bytes([code]) * 255 if count else data[place : place + 255]
            for number in range(count or code):
                level = pixels[number] if bits == 8 else pixels[number // 2]
                if bits == 4:
                    level = level & 15 if number % 2 else level >> 4
                if x < width and y < height:
                    indices[y, x] = level
                x += 1
            if not count:
                size = code if bits == 8 else (code + 1) // 2
                place += size + size % 2
    return indices


def random_commands(seed: int, bits: int, count: int) -> bytes:
    rng = np.random.default_rng(seed)
    commands = []
    for _ in range(count):
        kind = rng.integers(0, 10)
        if kind < 4:
            commands.append(bytes(rng.integers(1, 9, 1, np.uint8)) + rng.bytes(1))
        elif kind < 7:
            pixels = int(rng.integers(3, 12))
            size = pixels if bits == 8 else (pixels + 1) // 2
            commands.append(bytes([0, pixels]) + rng.bytes(size + size % 2))
        elif kind < 8:
            commands.append(bytes([0, 2, rng.integers(0, 5), rng.integers(0, 2)]))
        else:
            commands.append(END_OF_LINE)
    return b"".join(commands) + END


def bitmap(data: bytes, *, bits: int = 8, side: int = 16, header_bytes: int = 40) -> bytes:
    compression = {8: 1, 4: 2}[bits]
    header = struct.pack("<IiiHHIIiiII", header_bytes, side, side, 1, bits, compression, *[0] * 5)
    most = 2**bits - 1
    palette = b"".join(bytes([255 * level // most] * 3 + [0]) for level in range(most + 1))
    body = header.ljust(header_bytes, b"\0") + palette
    start = 14 + len(body)
    return struct.pack("<2sIHHI", b"BM", start + len(data), 0, 0, start) + body + data


def square(bits: int) -> bytes:
    plain, inked = b"\x10\0" + END_OF_LINE, b"\x04\0\x08\xff\x04\0" + END_OF_LINE
    return plain * 4 + inked * 8 + plain * 4 + END


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("seed", range(20))
def test_random_commands_decode_as_told(seed: int, bits: int) -> None:
    data = random_commands(seed, bits, 200)

    decoded = decode_runs(b"head" + data, 4, 23, 40, bits)

    assert np.array_equal(decoded, as_told(data, 23, 40, bits))


@pytest.mark.parametrize("window_pairs", [1, 2, 7])
@pytest.mark.parametrize("bits", [8, 4])
def test_commands_that_cross_windows_decode_as_told(
    window_pairs: int, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_lengths, "WINDOW_PAIRS", window_pairs)
    monkeypatch.setattr(run_lengths, "_PAINTED_AT_ONCE", 3)
    data = random_commands(1, bits, 100)

    assert np.array_equal(decode_runs(data, 0, 30, 20, bits), as_told(data, 30, 20, bits))


@pytest.mark.parametrize(
    "command", [END_OF_LINE, b"\x01\x07", b"\0\x03abc\0", b"\0\x02\0\0", b"\x01\x07\0\x03abc\0"]
)
@pytest.mark.parametrize("bits", [8, 4])
def test_the_steps_grow_with_windows_and_not_with_commands(
    command: bytes, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: Counter[str] = Counter()

    def counting(name: str) -> Any:
        real = getattr(run_lengths, name)

        def call(*given: Any) -> Any:
            counts[name] += 1
            return real(*given)

        return call

    for name in ("_commands", "_paint"):
        monkeypatch.setattr(run_lengths, name, counting(name))
    data = command * (400_000 // len(command)) + END

    decode_runs(data, 0, 5000, 5000, bits)

    windows = len(data) // (2 * WINDOW_PAIRS) + 1
    assert counts["_commands"] <= windows + 1
    assert counts["_paint"] <= windows + 1


@pytest.mark.parametrize("header_bytes", [40, 56, 64, 108, 124])
@pytest.mark.parametrize("bits", [8, 4])
def test_pillows_loop_over_bytes_is_never_reached(
    bits: int, header_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("Pillow decodes run lengths")

    monkeypatch.setattr(BmpImagePlugin.BmpRleDecoder, "decode", decode)

    loaded = load_image(bitmap(square(bits), bits=bits, header_bytes=header_bytes))

    assert (loaded.facts.format, loaded.facts.width) == ("BMP", 16)
    assert loaded.pixels.shape[:2] == (8, 8)


def test_an_early_end_leaves_the_rest_at_the_first_colour() -> None:
    decoded = decode_runs(b"\x02\x07" + END, 0, 4, 3, 8)

    assert decoded.tolist() == [[7, 7, 0, 0], [0] * 4, [0] * 4]


@pytest.mark.parametrize("bits", [8, 4])
def test_run_lengths_that_are_cut_are_refused(bits: int) -> None:
    data = bitmap(square(bits), bits=bits)

    for length in range(len(data) - len(square(bits)), len(data) - 6, 5):
        with pytest.raises(InvalidImage):
            load_image(data[:length])


def test_a_missing_end_behind_the_last_pixel_is_no_damage() -> None:
    assert load_image(bitmap(square(8)[:-4])).pixels.shape == (8, 8, 3)
