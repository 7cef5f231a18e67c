"""What Python tells a scene, and what it refuses."""

import json
import re

import pytest

from lim_lib import figures
from lim_lib.scenes import Dial, Menu, Scene, scene


def made(name="level", alt="A ladder.", **controls):
    return Scene(
        name, title="A level", alt=alt, still=figures.partial_order, data={"text": "</script>"},
        scripts=(), **controls,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Dial("x", 1, 1, start=1), "high must be a finite number > low (1), got 1"),
        (lambda: Dial("x", 0, float("nan"), start=0), "high must be a finite number > low (0)"),
        (lambda: Dial("x", 0, 1, start=0.5, scale="log"), "low must be > 0 on a logarithmic scale"),
        (lambda: Dial("x", 0, 1, start=2), "start must be from 0 to 1, got 2"),
        (lambda: Dial("x", 0, 1, start=0, scale="loud"), "scale must be 'linear' or 'log'"),
        (lambda: Menu("x", {"a": "A"}, start="b"), "start must be one of a, got 'b'"),
        (lambda: made("two words"), "name must be an identifier, got 'two words'"),
        (lambda: made(alt=""), "alt must be 1 to 250 characters, got nothing"),
        (lambda: made(alt="x" * 251), "alt must be 1 to 250 characters, got 251"),
        (lambda: made(height=3), "height must be a Dial, a Menu or an Entry, got 3"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(wrong, words):
    with pytest.raises((TypeError, ValueError)) as refusal:
        wrong()
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_scene_says_where_it_starts():
    level = made(
        height=Dial("height", 0, 5, start=3, unit="kT"), kind=Menu("kind", {"a": "one"}, start="a")
    )
    assert repr(level) == "Scene(level: height 3 kT; kind one)"
    bundle, metadata = level._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "image/png"}
    assert metadata["image/png"]["width"] == level.still().width_on_page


def test_no_text_of_a_scene_ends_its_elements():
    fragment = made(height=Dial("height", 0, 5, start=3)).html()
    data = re.search(r'class="lim-data">(.*?)</script>', fragment, re.S)[1]
    assert json.loads(data)["data"] == {"text": "</script>"}
    assert fragment.count("</script>") == 3


def test_every_script_that_is_named_is_there():
    assert {path.stem for path in scene.SCRIPTS.glob("*.js")} >= set(scene.CORE)
    with pytest.raises(FileNotFoundError):
        scene.script("nonsense")
