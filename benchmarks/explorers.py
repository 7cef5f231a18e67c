"""What the explorers of the built book weigh, and how soon each shows another picture.

Run by hand, after ``make book``, on a machine that does nothing else: ``python
benchmarks/explorers.py``, or with other folders of pages. For each explorer in Chromium: how many
pictures, what their stream weighs, how long it takes to unpack, and from a change of a control to
the new picture laid out. No test holds these figures to anything.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "_ext"))
import chromium

BUILT = Path(__file__).parents[1] / "_build" / "html" / "chapters"

MEASURE = """async explorer => {
  const told = JSON.parse(explorer.querySelector('script').textContent);
  const controls = [...explorer.querySelectorAll('[name]')];
  const turn = i => {
    const control = controls[i % controls.length];
    const texts = told.texts[controls.indexOf(control)].length;
    control.value = (7 * i + Number(control.value) + 1) % texts;
    control.dispatchEvent(new Event('input', {bubbles: true}));
    explorer.getBoundingClientRect();
  };
  const first = performance.now();
  turn(0);
  while (!explorer.dataset.shown) await new Promise(done => setTimeout(done));
  const unpacked = performance.now() - first, times = [];
  for (let i = 0; i < 200; i++) {
    const before = performance.now();
    turn(i);
    times.push(performance.now() - before);
    await new Promise(requestAnimationFrame);
  }
  times.sort((a, b) => a - b);
  return {
    pictures: told.texts.reduce((product, texts) => product * texts.length, 1),
    weight: told.pictures.length / 1000, unpacked, median: times[100], late: times[190]};
}"""


def rows(folders):
    """For each explorer: its figure, and what was measured."""
    with chromium.launch() as browser:
        for path in sorted(path for folder in folders for path in Path(folder).glob("*.html")):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(path.as_uri())
            for explorer in page.locator(".lim-explorer").all():
                figure = explorer.evaluate("e => e.closest('figure')?.id ?? ''")
                yield f"{path.stem} {figure}", explorer.evaluate(MEASURE)
            page.close()


if __name__ == "__main__":
    for name, found in rows(sys.argv[1:] or [BUILT]):
        print(
            f"{name:60} {found['pictures']:4.0f} pictures {found['weight']:6.0f} kB  "
            f"unpacked {found['unpacked']:5.0f} ms  change: median {found['median']:5.1f} ms, "
            f"95 % below {found['late']:5.1f} ms"
        )
