"""Name the costliest pictures of every format and depth, each with what makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.costly_pictures import (
    MOST_BYTES,
    ORIENTED_EXIF,
    chopped_png,
    commented_gif,
    compressed_texts,
    hidden_apng,
    make,
    make_bmp,
    make_dense,
    make_png,
    mixed_commands,
    oriented_jpeg,
    photoshop_blocks,
    png_chunk,
    repeat_scans,
    run_lengths,
    shared_exif,
    small_gif_frame,
    without_end,
)

Maker = Callable[[], bytes]

_PNG_DEPTHS = ((0, (1, 2, 4, 8, 16)), (2, (8, 16)), (3, (1, 2, 4, 8)), (4, (8, 16)), (6, (8, 16)))


def _png_kinds() -> Iterator[tuple[str, Maker]]:
    for colour, depths in _PNG_DEPTHS:
        name = {0: "grey", 2: "RGB", 3: "palette", 4: "grey+alpha", 6: "RGBA"}[colour]
        for depth in depths:
            for interlaced in (False, True):
                for noisy in (False, True):
                    label = f"PNG {name} {depth} bits{' interlaced' * interlaced}"
                    label += " noise" if noisy else " flat"
                    yield label, partial(make_png, colour, depth, interlaced, noisy)
    yield (
        "PNG RGBA 8 bits turned",
        partial(make_png, 6, 8, True, True, png_chunk(b"eXIf", ORIENTED_EXIF)),
    )
    yield (
        "PNG RGBA 8 bits, EXIF that shares bytes",
        partial(make_png, 6, 8, False, False, png_chunk(b"eXIf", shared_exif())),
    )
    yield "PNG RGBA 8 bits, most chunks", chopped_png
    yield "PNG RGB 8 bits, compressed texts", compressed_texts
    yield "PNG RGBA 16 bits, hidden default picture", hidden_apng


def _jpeg_kinds() -> Iterator[tuple[str, Maker]]:
    for mode in ("L", "RGB", "CMYK"):
        for progressive in (False, True):
            for noisy in (False, True):
                options = {"progressive": progressive, "subsampling": 0, "quality": 90}
                label = f"JPEG {mode}{' progressive' * progressive}"
                label += " noise" if noisy else " flat"
                maker = partial(make, ("JPEG", mode, options), noisy)
                yield label, maker
                yield f"{label} without end", partial(lambda m: without_end(m()), maker)
    for noisy in (False, True):
        yield f"JPEG RGB most scans {'noise' if noisy else 'flat'}", partial(repeat_scans, noisy)
    yield "JPEG RGB most scans without end", lambda: without_end(repeat_scans(True))
    yield "JPEG CMYK most scans without end", lambda: without_end(repeat_scans(True, "CMYK"))
    for quality, progressive in ((50, False), (50, True), (85, False)):
        options = {"quality": quality, "progressive": progressive}
        label = f"JPEG RGB dense noise {quality}{' progressive' * progressive}"
        yield label, partial(make_dense, "JPEG", "RGB", options)
    yield "JPEG RGB turned", partial(oriented_jpeg, "RGB", True)
    yield (
        "JPEG RGB, EXIF that shares bytes",
        partial(make, ("JPEG", "RGB", {"exif": b"Exif\0\0" + shared_exif()}), True),
    )
    yield "JPEG RGB, 48 MiB of Photoshop's blocks", photoshop_blocks


def _bmp_kinds() -> Iterator[tuple[str, Maker]]:
    for bits in (1, 2, 4, 8, 16, 24, 32):
        yield f"BMP {bits} bits noise", partial(make_bmp, bits, 0, None)
    yield "BMP 16 bits, 3 a channel", partial(make_bmp, 16, 3, None, (7, 56, 448, 0))
    yield (
        "BMP 32 bits, 10 a channel",
        partial(make_bmp, 32, 3, None, (0x3FF, 0xFFC00, 0x3FF00000, 0)),
    )
    commands = {
        "ends of line": b"\0\0",
        "runs of 1": b"\1\x42",
        "runs of 250": b"\xfa\x42",
        "4 pixels as they are": b"\0\4abcd",
        "250 pixels as they are": b"\0\xfa" + bytes(range(250)),
    }
    for name, command in commands.items():
        yield f"BMP RLE8 {name}", partial(lambda c: make_bmp(8, 1, run_lengths(c)), command)
        literal = command[0] == 0 and command[1] > 0
        half = command[: 2 + -(-command[1] // 4) * 2] if literal else command
        yield f"BMP RLE4 {name}", partial(lambda c: make_bmp(4, 2, run_lengths(c)), half)
    yield (
        "BMP RLE8 deltas of nothing",
        lambda: make_bmp(8, 1, b"\0\2\0\0" * (MOST_BYTES // 4 - 999)),
    )
    yield "BMP RLE8 mixed bytes", lambda: make_bmp(8, 1, mixed_commands())


def _more_kinds() -> Iterator[tuple[str, Maker]]:
    for noisy in (False, True):
        noise = "noise" if noisy else "flat"
        for mode in ("RGB", "RGBA"):
            for lossless in (False, True):
                label = f"WEBP {mode}{' lossless' * lossless} {noise}"
                kind = ("WEBP", mode, {"lossless": lossless, "method": 0, "quality": 50})
                yield label, partial(make, kind, noisy)
            yield f"AVIF {mode} {noise}", partial(make, ("AVIF", mode, {"speed": 10}), noisy)
        for packing in ("raw", "tiff_lzw", "tiff_deflate", "jpeg"):
            options = {"compression": packing}
            if noisy and packing == "raw":
                continue  # beyond the limit of bytes
            yield f"TIFF RGB {packing} {noise}", partial(make, ("TIFF", "RGB", options), noisy)
        yield f"TIFF 16-bit grey {noise}", partial(make, ("TIFF", "I;16", {}), noisy)
        yield (
            f"TIFF CMYK {noise}",
            partial(make, ("TIFF", "CMYK", {"compression": "tiff_lzw"}), noisy),
        )


def _gif_kinds() -> Iterator[tuple[str, Maker]]:
    yield "GIF dense noise", partial(make_dense, "GIF", "P", {})
    for noisy in (False, True):
        yield f"GIF {'noise' if noisy else 'flat'}", partial(make, ("GIF", "P", {}), noisy)
    yield "GIF interlaced noise", partial(make, ("GIF", "P", {"interlace": 1}), True)
    yield "GIF transparent noise", partial(make, ("GIF", "P", {"transparency": 3}), True)
    yield "GIF most comments", commented_gif
    yield "GIF frame that leaves a row open", small_gif_frame


KINDS: dict[str, Maker] = dict(
    kind
    for kinds in (_png_kinds, _jpeg_kinds, _bmp_kinds, _gif_kinds, _more_kinds)
    for kind in kinds()
)
"""Every kind of picture by its name, with what makes it."""
