"""Your run: the page finds the ladder that the library finds, for any question, in its words."""

import io
import json
import math
import re
import shlex
from argparse import ArgumentTypeError
from copy import deepcopy

import javascript
import numpy as np
import pandas as pd
import pytest

from lim_lib.__main__ import main
from lim_lib.commands.values import quantity
from lim_lib.scenes import run, scene
from lim_lib.scenes.run import EXAMPLES, OPEN, OWN, SLIDES, data
from lim_lib.text import printed
from lim_lib.workloads import COUNTINGS, INPUTS, TASKS, energy_ladder
from lim_lib.workloads.hardware import hardware_rows
from lim_lib.workloads.tasks import BELONGS

QUESTIONS, SEED = 400, 20261127
ASK = """
const { table, questions } = data;
return questions.map(question => {
  try {
    const { known, ...rest } = lim.ladder(table, question);
    return rest;
  } catch (error) {
    return { refused: error.message };
  }
});"""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?")


def asked(question):
    """A question to `energy_ladder` as the page puts it."""
    own = dict(question)
    menus = {name: own.pop(name, None) for name in ("workload", "task", "counting")}
    defaults = {"workload": OWN, "task": "", "counting": "steps"}
    return {name: menus[name] or defaults[name] for name in menus} | {"given": own}


def on_the_page(questions, table=None):
    """What the page finds for questions."""
    told = {"table": table or data(), "questions": list(map(asked, questions))}
    return javascript.run(["numbers", "ladder"], ASK, told)


def in_the_library(question):
    """What the library finds, in the same form."""
    try:
        ladder = energy_ladder(**question)
    except (ValueError, TypeError) as error:
        return {"refused": str(error)}
    return {
        **{name: getattr(ladder, name) for name in ("workload", "name", "task", "why", "per")},
        "rungs": ladder.frame().reset_index().to_dict("records"),
        "inputs": ladder.inputs().reset_index().to_dict("records"),
    }


def alike(found, wanted):
    """Whether two answers say the same: numbers, also those in words, to 1e-12."""
    if isinstance(wanted, dict):
        return all(alike(found.get(name), each) for name, each in wanted.items())
    if isinstance(wanted, list):
        return len(found or []) == len(wanted) and all(map(alike, found, wanted))
    if isinstance(wanted, str):
        texts = [NUMBER.sub("#", str(text)) for text in (found, wanted)]
        numbers = ([float(n) for n in NUMBER.findall(str(text))] for text in (found, wanted))
        return texts[0] == texts[1] and all(map(alike, *numbers))
    if isinstance(wanted, float):
        return math.isclose(found, wanted, rel_tol=1e-12) or (found != found and wanted != wanted)
    return found == wanted


def random_question(rng):
    """A question of any task, with some inputs: most of them allowed, a few not."""
    workload = None if rng.random() < 0.4 else str(rng.choice(list(data()["presets"])[1:]))
    task = None if rng.random() < 0.3 else str(rng.choice(list(TASKS)))
    if task == "machine" and rng.random() < 0.9:
        workload = None
    names = rng.choice(list(INPUTS), size=rng.integers(0, 7), replace=False).tolist()
    if workload is None and rng.random() < 0.9:
        names.append("spins" if task == "machine" else "model_size")
        if task != "machine" and rng.random() < 0.6:
            names.append("tokens")
    if task == "continual":
        names.append("episodes")
    if rng.random() < 0.9:
        names = [n for n in names if (task or "training") in BELONGS.get(n, (task or "training",))]
    menus = {"workload": workload, "task": task, "counting": str(rng.choice(list(COUNTINGS)))}
    return menus | {name: random_value(name, rng) for name in dict.fromkeys(names)}


def random_value(name, rng):
    """A value of an input: a number, an end of its slider, a row of hardware, or none of these."""
    fits = [key for key, row in hardware_rows().items() if row["unit"] in INPUTS[name].fits]
    low, high = SLIDES[name]
    choice = rng.random()
    if fits and choice < 0.3:
        return str(rng.choice(fits))
    if choice > 0.98:
        return float(rng.choice([0.0, -1.0, 70.0, 1e300]))
    if choice > 0.85:
        return float(rng.choice([low, high]))
    return float(f"{(low or 1e-3) * (high / (low or 1e-3)) ** rng.random():.3g}")


@pytest.fixture(scope="module")
def questions():
    rng = np.random.default_rng(SEED)
    return [random_question(rng) for _ in range(QUESTIONS)]


@pytest.fixture(scope="module")
def answers(questions):
    return list(map(in_the_library, questions))


def test_the_page_answers_any_question_as_the_library_does(questions, answers):
    refused = sum("refused" in answer for answer in answers)
    assert 0.05 * QUESTIONS < refused < 0.4 * QUESTIONS
    assert {answer["task"] for answer in answers if "task" in answer} == set(TASKS)
    for question, found, wanted in zip(questions, on_the_page(questions), answers, strict=True):
        assert alike(found, wanted), question
        if "refused" not in wanted:
            assert list(map(list, found["rungs"])) == list(map(list, wanted["rungs"]))


def test_the_page_has_the_ladder_of_every_run_of_the_table():
    presets = [{"workload": each} for each in list(data()["presets"])[1:]]
    for question, found in zip(presets, on_the_page(presets), strict=True):
        assert alike(found, in_the_library(question)), question


@pytest.mark.parametrize("where", ["a rule", "a rung", "a line", "a swap"])
def test_a_factor_that_is_planted_in_a_table_of_the_page_is_found(where, questions, answers):
    table = deepcopy(data())
    place = {
        "a rule": table["inputs"]["flop"]["rules"][1],
        "a rung": table["rungs"]["matched_barrier"]["formula"],
        "a line": table["lines"][0],
        "a swap": table["tasks"]["continual"]["places"][0]["swaps"][0],
    }[where]
    key = "value" if where == "a rung" else "at"
    place[key] = f"1.001*({place[key]})"
    assert not all(map(alike, on_the_page(questions[:150], table), answers))


def test_every_input_slides_where_it_may_be():
    assert set(SLIDES) == set(INPUTS)
    assert not any(data()["inputs"][name]["slide"][2] for name in ("bits", "known_bits"))
    for name, (low, high) in SLIDES.items():
        even = not data()["inputs"][name]["slide"][2]
        assert even or low > 0, name
        assert low in INPUTS[name].domain, name
        assert high in INPUTS[name].domain, name


@pytest.mark.parametrize("task", TASKS)
def test_what_stands_open_belongs_to_the_task_and_its_example_has_a_ladder(task):
    for name in (*OPEN[task], *EXAMPLES[task]):
        assert task in BELONGS.get(name, (task,)), name
    assert energy_ladder(task=task, **EXAMPLES[task]).task == task


@pytest.mark.parametrize("unit", data()["units"])
def test_a_unit_that_may_be_typed_means_what_it_means_on_the_command_line(unit):
    for word, factor in data()["units"][unit].items():
        assert quantity(unit)(f"3 {word}") == pytest.approx(3 * factor, rel=1e-12), word
    with pytest.raises(ArgumentTypeError):
        quantity(unit)("3 furlongs")


def test_the_page_and_its_tables_are_light():
    made = run()
    scripts = "".join(map(scene.script, made.scripts))
    assert len(json.dumps(made.data, ensure_ascii=False).encode()) + len(scripts) < 250_000


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    """Opens the scene, from a file that holds nothing else, at an address; no script may fail."""
    file = tmp_path_factory.mktemp("run") / "run.html"
    file.write_text(javascript.DOCUMENT.format(run().html()), encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844})
    wrong = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))

    def at(fragment=""):
        page = context.new_page()
        page.goto(f"{file.as_uri()}{fragment}")
        page.wait_for_function(f"{javascript.SCENE} !== undefined")
        return page

    yield at
    context.close()
    assert wrong == []


def typed(page, label, text):
    """Type into the entry of an input and leave it."""
    entry = page.get_by_label(f"{label}, as a number", exact=True)
    entry.fill(text)
    entry.press("Enter")
    page.wait_for_timeout(50)


OWN_RUN = "#run?workload=own&model_size=7e10&tokens=2e12&bits=8"


@pytest.mark.parametrize(
    "address", ["", OWN_RUN, "#run?task=machine", "#run?task=inference&bits=4"]
)
def test_the_command_the_csv_and_the_json_say_what_the_page_shows(opened, capsys, address):
    page = opened(address)
    page.wait_for_timeout(100)
    shown = json.loads(page.evaluate(f"{javascript.SCENE}.json()"))
    assert main([*shlex.split(page.evaluate(f"{javascript.SCENE}.command()"))[1:], "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert list(shown) == list(printed)
    assert list(shown["rungs"][0]) == list(printed["rungs"][0])
    assert alike(shown, printed)
    table = pd.read_csv(io.StringIO(page.evaluate(f"{javascript.SCENE}.csv()")))
    wanted = pd.read_csv(io.StringIO(energy_ladder(**given_to(printed)).to_csv()))
    pd.testing.assert_frame_equal(table, wanted, rtol=1e-12)


def given_to(printed):
    """The question behind a ladder in JSON."""
    own = {row["quantity"]: row["value"] for row in printed["inputs"] if row["origin"] == "given"}
    menus = {name: printed[name] for name in ("workload", "counting")}
    return menus | own | ({"task": printed["task"]} if printed["why"] == "as asked" else {})


def test_what_is_typed_slid_and_taken_back_moves_the_ladder_and_the_address(opened):
    page = opened()
    typed(page, "model size", "70B")
    typed(page, "duration (s)", "30 days")
    assert page.evaluate(f"{javascript.SCENE}.state.model_size") == "70000000000"
    assert page.evaluate(f"{javascript.SCENE}.state.duration") == "2592000"
    page.wait_for_timeout(400)
    assert "model_size=70000000000&duration=2592000" in page.url
    typed(page, "duration (s)", "30 furlongs")
    assert page.evaluate(f"{javascript.SCENE}.state.duration") == "2592000"
    assert "furlongs" in page.locator("p.lim-note").inner_text()
    page.get_by_role("button", name="duration: as assumed").click()
    assert page.evaluate(f"{javascript.SCENE}.state.duration") == ""
    page.get_by_label("bits", exact=True).press("ArrowLeft")
    assert page.evaluate(f"Number({javascript.SCENE}.state.bits)") < 16


def test_what_the_ladder_refuses_is_said_in_its_words(opened):
    page = opened()
    typed(page, "bits", "70")
    wanted = in_the_library({"workload": "gpt3", "bits": 70})["refused"]
    assert page.locator("p.lim-note").inner_text() == wanted
    typed(page, "bits", "8")
    assert page.locator("p.lim-note").inner_text() == ""


def in_words(told):
    """What the library says of an input, without names from code, works as one cites them."""
    words = []
    for word in told.replace("_", " ").split(" "):
        work = re.match(r"(\W*)([a-z]{2,})((?:19|20)\d\d)\w*(\W*)$", word)
        number = re.match(r"(\W*)(\d[.\d]*e[+-]\d+)(\W*)$", word)
        if work:
            word = f"{work[1]}{work[2].capitalize()} {work[3]}{work[4]}"
        elif number:
            word = f"{number[1]}{printed(f'{float(number[2]):.4g}')}{number[3]}"
        words.append(word)
    return " ".join(words)


def test_a_line_that_is_chosen_says_why(opened):
    page = opened()
    panel = page.get_by_role("region", name="the chosen line")
    for rung, line in energy_ladder("gpt3").lines.items():
        name = re.compile(f"^{re.escape(line['title'])}, {line['kind']}")
        page.get_by_role("button", name=name).press("Enter")
        page.wait_for_timeout(50)
        said = [each.inner_text() for each in panel.locator("li").all()]
        assert said == [in_words(each) for each in line["assumes"].split("; ") if each], rung
        assert rung != "static_barrier" or said[0].startswith("updates 1.637 × 10¹⁶ (assumed: each")
        assert rung != "static_barrier" or "no forward hop rate passes" in panel.inner_text()
    page.get_by_text("Table", exact=True).click()
    page.wait_for_timeout(100)
    assert page.locator("table tbody tr").count() == len(energy_ladder("gpt3").lines)


def test_every_task_opens_with_a_ladder(opened):
    page = opened()
    for task in TASKS:
        page.get_by_label("task").select_option(task)
        page.wait_for_timeout(100)
        assert page.locator("p.lim-note").inner_text() == "", task
        assert page.evaluate(f"JSON.parse({javascript.SCENE}.json()).task") == task
