"""What is read, kept and refused, from a path to a checked and loaded picture."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from logo_classifier.errors import (
    BadDimensions,
    ImageNotFound,
    ImageTooLarge,
    InvalidImage,
    InvalidInput,
    UnsupportedFormat,
)
from logo_classifier.pictures.header import check_image
from logo_classifier.pictures.image import load_image
from logo_classifier.pictures.source import Limits

Encode = Callable[..., bytes]
ORIENTATION = 0x0112
RED = (200, 30, 30)


def noise(size: tuple[int, int] = (80, 60)) -> Image.Image:
    values = np.random.default_rng(7).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(values)


def centre(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> tuple[int, ...]:
    return tuple(int(v) for v in pixels[pixels.shape[0] // 2, pixels.shape[1] // 2])


@pytest.mark.parametrize("kind", [str, Path, bytes, bytearray, memoryview, open, BytesIO])
def test_every_kind_of_source_gives_the_same_picture(
    kind: Callable[..., Any], disc: Image.Image, encode: Encode, tmp_path: Path
) -> None:
    data, path = encode(disc), tmp_path / "disc.png"
    path.write_bytes(data)
    if kind is open:
        with path.open("rb") as file:
            loaded = load_image(file)
    else:
        loaded = load_image(kind(path) if kind in (str, Path) else kind(data))
    assert loaded.facts.sha256 == hashlib.sha256(data).hexdigest()
    assert np.array_equal(loaded.pixels, load_image(data).pixels)


@pytest.mark.parametrize("content", [b"hello", b"\x89PNG\r\n\x1a\n"])
def test_a_file_in_text_mode_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(content)
    with path.open(encoding="utf-8") as file, pytest.raises(InvalidInput, match="binary mode"):
        load_image(file)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["rb", "wb"])
def test_a_file_that_cannot_be_read_is_refused(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.touch()
    with path.open(mode) as file:
        if mode == "rb":
            file.close()
        with pytest.raises(InvalidInput, match="cannot read"):
            load_image(file)  # type: ignore[arg-type]


@pytest.mark.parametrize("source", [None, 7, ["logo.png"]])
def test_what_is_no_picture_at_all_is_refused(source: Any) -> None:
    with pytest.raises(InvalidInput, match=type(source).__name__):
        load_image(source)


@pytest.mark.parametrize("name", ["missing.png", "file.txt/inside.png"])
def test_a_path_without_a_file_is_not_found(name: str, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("a file, not a folder", "utf-8")
    with pytest.raises(ImageNotFound, match="no file at"):
        load_image(tmp_path / name)


@pytest.mark.parametrize("name", ["", "nul\0.png", "n" * 5000])
def test_a_path_that_cannot_be_read_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot read"):
        load_image(f"{tmp_path}/{name}")


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(InvalidImage, match="0 bytes"):
        load_image(b"")


def test_the_limit_in_bytes_holds_for_every_source(
    disc: Image.Image, encode: Encode, tmp_path: Path
) -> None:
    data, path = encode(disc), tmp_path / "disc.png"
    path.write_bytes(data)
    assert load_image(data, Limits(max_bytes=len(data))).facts.bytes == len(data)
    file = BytesIO(data)
    for source in (data, path, file):
        with pytest.raises(ImageTooLarge, match=f"{len(data) - 9} bytes"):
            load_image(source, Limits(max_bytes=len(data) - 9))
    assert file.tell() == len(data) - 8, "one byte past the limit is enough to know"


@pytest.mark.parametrize("check", [load_image, check_image])
@pytest.mark.parametrize(
    ("size", "allowed"),
    [
        ((10, 10), True),
        ((9, 10), False),
        ((10, 9), False),
        ((5000, 10), True),
        ((5001, 10), False),
        ((10, 5000), True),
        ((10, 5001), False),
    ],
)
def test_sides_from_10_to_5000_pixels_are_allowed(
    size: tuple[int, int], allowed: bool, check: Callable[[bytes], object], encode: Encode
) -> None:
    picture = Image.new("RGB", size, RED)
    picture.paste("white", (0, 0, size[0] // 2, size[1] // 2))
    data = encode(picture)
    if allowed:
        assert check(data)
        return
    with pytest.raises(BadDimensions, match=f"{size[0]} x {size[1]} px"):
        check(data)


@pytest.mark.parametrize("side", [10_000, 16_000])
def test_a_bomb_is_refused_for_its_sides(side: int, encode: Encode) -> None:
    data = bytearray(encode(Image.new("1", (64, 64)), "BMP"))
    data[18:26] = side.to_bytes(4, "little") * 2
    with pytest.raises(BadDimensions, match="5000 px"):
        load_image(data)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "BMP", "GIF"])
def test_each_format_is_told_by_its_content(
    format: str, disc: Image.Image, encode: Encode, tmp_path: Path
) -> None:
    path = tmp_path / "logo.txt"
    path.write_bytes(encode(disc, format))
    loaded = load_image(path)
    facts = loaded.facts
    assert (facts.format, facts.width, facts.height) == (format, 128, 96)
    assert facts == check_image(path)
    assert np.allclose(centre(loaded.pixels), RED, atol=6)


def test_a_phones_jpeg_of_several_pictures_is_a_jpeg(disc: Image.Image, encode: Encode) -> None:
    data = encode(disc, "MPO", save_all=True, append_images=[noise()])
    with Image.open(BytesIO(data)) as file:
        assert file.format == "MPO"
    loaded = load_image(data)
    assert loaded.facts.format == "JPEG"
    assert np.allclose(centre(loaded.pixels), RED, atol=6)


@pytest.mark.parametrize("format", ["TIFF", "WEBP", "ICO", "PPM"])
def test_other_formats_are_unsupported(format: str, disc: Image.Image, encode: Encode) -> None:
    with pytest.raises(UnsupportedFormat):
        load_image(encode(disc, format))


@pytest.mark.parametrize(
    "data", [b'<svg xmlns="http://www.w3.org/2000/svg"/>', b"BM is what I think", b"%PDF-1.7", b"G"]
)
def test_what_is_not_raster_is_unsupported(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat):
        check_image(data)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("format", ["PNG", "JPEG", "BMP", "GIF"])
def test_a_truncated_picture_is_invalid(format: str, share: float, encode: Encode) -> None:
    data = encode(noise(), format)
    with pytest.raises(InvalidImage) as caught:
        load_image(data[: int(len(data) * share)])
    assert caught.value.kind == "invalid_image"


@pytest.mark.parametrize("head", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF87a", b"GIF89a"])
def test_a_signature_with_rubbish_behind_it_is_invalid(head: bytes) -> None:
    with pytest.raises(InvalidImage) as caught:
        load_image(head + b"\x00\x01rubbish" * 3)
    assert caught.value.kind == "invalid_image"


def test_damage_inside_the_pixels_is_found_by_load_but_not_by_check(encode: Encode) -> None:
    data = bytearray(encode(noise()))
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    assert check_image(data).width == 80
    with pytest.raises(InvalidImage, match="damaged"):
        load_image(data)


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
@pytest.mark.parametrize("value", range(1, 9))
def test_every_orientation_gives_the_same_upright_picture(
    value: int, format: str, encode: Encode
) -> None:
    upright = Image.new("RGB", (96, 64), "navy")
    upright.paste("white", (0, 0, 32, 16))
    upright.paste("orange", (64, 32, 96, 64))
    # Orientations 6 and 8 undo each other; each of the others undoes itself.
    exif = Image.Exif()
    exif[ORIENTATION] = {6: 8, 8: 6}.get(value, value)
    turned = ImageOps.exif_transpose(Image.open(BytesIO(encode(upright, exif=exif))))
    exif[ORIENTATION] = value
    loaded = load_image(encode(turned, format, exif=exif))
    difference = np.abs(loaded.pixels.astype(int) - np.asarray(upright, int))
    assert difference.mean() < 4


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's own, on opening a JPEG
@pytest.mark.parametrize("exif", [b"Exif\0\0rubbish", b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12"])
def test_damaged_metadata_does_not_spoil_a_sound_picture(
    exif: bytes, format: str, disc: Image.Image, encode: Encode
) -> None:
    loaded = load_image(encode(disc, format, exif=exif))
    assert np.allclose(centre(loaded.pixels), RED, atol=6)


def test_a_reader_that_gives_no_bytes_is_refused() -> None:
    class Counting(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return 20  # type: ignore[return-value]

    with pytest.raises(InvalidInput, match="binary mode"):
        load_image(Counting())


class Trickle(RawIOBase):
    """A raw stream that returns fewer bytes than asked, as sockets and pipes do."""

    def __init__(self, data: bytes, step: int) -> None:
        self.data, self.step, self.asked = BytesIO(data), step, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.asked += 1
        return self.data.read(self.step if size < 0 else min(size, self.step))


@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_a_raw_stream_is_read_to_its_end(step: int, disc: Image.Image, encode: Encode) -> None:
    data = encode(disc)

    assert load_image(Trickle(data, step)).facts.sha256 == hashlib.sha256(data).hexdigest()


def test_a_raw_stream_is_read_no_further_than_the_limit() -> None:
    stream = Trickle(bytes(10_000), 10)

    with pytest.raises(ImageTooLarge):
        load_image(stream, Limits(max_bytes=95))

    assert stream.asked == 10


def test_a_stream_without_data_yet_is_refused() -> None:
    class Waiting(RawIOBase):
        def read(self, size: int = -1) -> None:
            return None

    with pytest.raises(InvalidInput, match="blocking mode"):
        load_image(Waiting())
