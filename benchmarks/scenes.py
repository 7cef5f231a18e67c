"""How long a frame of each moving scene takes in Chromium, and how soon a change is drawn.

Run by hand, on a machine that does nothing else: ``python benchmarks/scenes.py``. A frame is given
the time that a display of 60 Hz leaves, and the scene as much film as it is set to; a change is a
move of the first slider or handle, drawn at once. No test holds these figures to anything.
"""

import platform
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "_ext"))
import chromium

from lim_lib import scenes

SCENES = {
    "marble": {"marbles": 1000},
    "erase": {"particles": 1000, "duration": 100},
    "barrier": {"held": "rate"},
    "cut": {"graph": "large"},
}
MOVING = {"marble", "erase", "cut"}
MEASURE = """([changes, moves]) => {
  const scene = document.querySelector('.lim-scene').lim;
  scene.set(changes);
  scene.draw();
  const dials = Object.keys(scene.controls).filter(each => scene.controls[each].low !== undefined);
  const dial = dials.find(each => scene.controls[each].shown) ?? dials[0];
  const { low, high } = scene.controls[dial];
  const timed = action => {
    const times = [];
    for (let i = 0; i < 200; i++) {
      const before = performance.now();
      action(i);
      document.documentElement.getBoundingClientRect();
      times.push(performance.now() - before);
    }
    times.sort((a, b) => a - b);
    return [times[100], times[190]];
  };
  return {
    ...(moves ? { frame: timed(() => scene.step(1 / 60)) } : {}),
    change: timed(i => {
      scene.set({ [dial]: low + (high - low) * i / 200 });
      scene.draw();
    }),
  };
}"""


def rows():
    """Median and 95th percentile in ms, for each scene."""
    with chromium.launch() as browser, tempfile.TemporaryDirectory() as folder:
        for name, changes in SCENES.items():
            path = Path(folder) / f"{name}.html"
            path.write_text(getattr(scenes, name)().html(), encoding="utf-8")
            page = browser.new_page(
                reduced_motion="reduce", viewport={"width": 1280, "height": 900}
            )
            page.goto(path.as_uri())
            for what, (median, late) in page.evaluate(MEASURE, [changes, name in MOVING]).items():
                yield name, what, median, late
            page.close()


if __name__ == "__main__":
    print(f"{platform.machine()}, {platform.processor() or platform.system()}")
    for name, what, median, late in rows():
        print(f"{name:8} {what:8} median {median:6.1f} ms, 95 % below {late:6.1f} ms")
