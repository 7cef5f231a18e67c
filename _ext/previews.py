"""The card that stands for a page where its address is shared: its question and its picture."""

import io
import json
from base64 import b64decode
from functools import cache
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont, ImageOps

WIDTH, HEIGHT = 1200, 630
MARGIN = 56
INK, GREY, BLUE, GROUND = "#1d232b", "#4b5563", "#1f4e79", "#ffffff"
FONTS = Path(matplotlib.get_data_path(), "fonts", "ttf")
PICTURE = (560, 480)
LADDER = Path(__file__).parents[1] / "assets" / "ladder.png"


@cache
def font(name, size):
    """Return a font that comes with Matplotlib."""
    return ImageFont.truetype(FONTS / f"DejaVu{name}.ttf", size)


def wrap(text, face, width):
    """Break text into lines that are not wider than this."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if face.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def fitted(text, name, sizes, width, height):
    """Return the text in the largest of the sizes in which it fits, its lines and their font."""
    for size in sizes:
        face = font(name, size)
        lines = wrap(text, face, width)
        if len(lines) * size * 1.32 <= height:
            break
    return lines, face


def pictures(source):
    """Yield the figures that a notebook keeps."""
    text = source.read_text(encoding="utf-8") if source.suffix == ".ipynb" else "{}"
    for cell in json.loads(text).get("cells", []):
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                yield Image.open(io.BytesIO(b64decode(output["data"]["image/png"])))


def picture(source):
    """Return the first figure of a page that is not too tall to be read, else the ladder."""
    kept = [*pictures(source), Image.open(LADDER)]
    return next((each for each in kept if each.width >= each.height), kept[0])


def card(title, question, source, *, book):
    """Return the card as a PNG: title and question on the left, the picture on the right."""
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 14, HEIGHT), fill=BLUE)
    shown = ImageOps.contain(picture(source).convert("RGB"), PICTURE)
    width = WIDTH - 3 * MARGIN - PICTURE[0]
    left = WIDTH - MARGIN - (PICTURE[0] + shown.width) // 2
    image.paste(shown, (left, (HEIGHT - shown.height) // 2))
    top = MARGIN
    for text, name, sizes, height, ink in (
        (title, "Sans-Bold", (40, 34, 30), 150, BLUE),
        (question, "Sans", (42, 38, 34, 30, 27, 24, 21), 330, INK),
    ):
        lines, face = fitted(text, name, sizes, width, height)
        for row in lines:
            draw.text((MARGIN, top), row, font=face, fill=ink)
            top += round(face.size * 1.32)
        top += 22
    draw.text((MARGIN, HEIGHT - MARGIN), book, font=font("Sans-Bold", 24), fill=GREY, anchor="ls")
    kept = io.BytesIO()
    image.quantize(64, dither=0).save(kept, "png", optimize=True)
    return kept.getvalue()
