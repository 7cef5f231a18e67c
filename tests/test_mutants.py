"""The tool that plants faults: what it changes, which tests it asks, and that it can tell."""

import ast
import sys
from pathlib import Path
from textwrap import dedent

import pytest

sys.path.append(str(Path(__file__).parent / "mutants"))
import planting
from reaching import Reach
from trying import Copy, Trial, copied

PROJECT = {
    "lim_lib/__init__.py": '_HOME = {"heat": "energy"}',
    "lim_lib/constants.py": "LN2 = 0.6931471805599453\n",
    "lim_lib/energy.py": '''
        """Heat, 2 * 3 in words."""
        import math

        from lim_lib.constants import LN2

        def heat(bits, T=1.0, *, cells=3):
            """Heat of erasing: cells * bits.

            >>> heat(0)
            0.0
            """
            if not T:
                raise ValueError(f"{T * 2} must not be 0")
            total = sum(a * b for a, b in zip([bits], [cells], strict=True) if a < 9)
            return total * LN2 / T ** 2 if bits > 0 and cells > 0 else total - math.log(1 + 0.0)
    ''',
    "tests/test_energy.py": """
        from lim_lib import energy

        def test_heat():
            assert abs(energy.heat(2, 2.0) / 1.0397207708399179 - 1) < 1e-12

        def test_broken():
            assert False
    """,
    "tests/test_aside.py": "import math\n\ndef test_aside():\n    assert math.pi > 3\n",
    "tests/test_far.py": """
        import lim_lib.constants

        def test_far():
            assert 2**lim_lib.constants.LN2 < 2
    """,
    "tests/test_far_off.py": """
        def test_far_off():
            import subprocess, sys
            subprocess.run([sys.executable, "-c", "import lim_lib.energy"], check=True)
    """,
}
PROJECT = {name: dedent(text) for name, text in PROJECT.items()}
PLANTED = """
factor 2          | def heat(bits, T=(2 * 1.0), *, cells=3):
off by one        | def heat(bits, T=1.0, *, cells=2):
negated           | if T:
other function    | total = max(a * b for a, b in zip([bits], [cells], strict=True) if a < 9)
inverse           | total = sum(a / b for a, b in zip([bits], [cells], strict=True) if a < 9)
edge              | total = sum(a * b for a, b in zip([bits], [cells], strict=True) if a <= 9)
negated           | total = sum(a * b for a, b in zip([bits], [cells], strict=True) if a >= 9)
dropped factor    | return LN2 / T ** 2 if COND else NONE
dropped factor    | return (total * LN2) if COND else NONE
power             | return total * LN2 / T if COND else NONE
sign              | return HEAT if COND else total + math.log(1 + 0.0)
dropped term      | return HEAT if COND else total - math.log(1)
dropped function  | return HEAT if COND else total - (1 + 0.0)
swapped branches  | return ((NONE) if COND else (HEAT))
"""
for short, text in (
    ("COND", "bits > 0 and cells > 0"),
    ("HEAT", "total * LN2 / T ** 2"),
    ("NONE", "total - math.log(1 + 0.0)"),
):
    PLANTED = PLANTED.replace(short, text)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    for name, text in PROJECT.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def mutants(project):
    return planting.mutants("energy", (project / "lim_lib/energy.py").read_text(encoding="utf-8"))


def test_every_fault_compiles_to_another_program(mutants):
    programs = {ast.dump(ast.parse(mutant.source)) for mutant in mutants}
    assert ast.dump(ast.parse(PROJECT["lim_lib/energy.py"])) not in programs
    assert len(programs) == len(mutants) == len({mutant.key for mutant in mutants}) > 40


def test_the_faults_are_those_that_one_would_expect(mutants):
    found = {(mutant.kind, mutant.after) for mutant in mutants}
    for line in PLANTED.strip().splitlines():
        kind, _, after = line.partition("|")
        assert (kind.strip(), after.strip()) in found
    assert ("ln 2", "1.0") in {(m.kind, m.after) for m in planting.mutants("", "math.log(2)")}


def test_what_is_there_to_be_read_is_left_alone(mutants):
    for mutant in mutants:
        assert '"""Heat, 2 * 3 in words."""' in mutant.source
        assert 'raise ValueError(f"{T * 2} must not be 0")' in mutant.source
        assert "strict=True" in mutant.source


def test_a_sample_depends_on_its_seed_and_not_on_where_a_line_stands(mutants):
    lower = planting.mutants("energy", "\n\n" + PROJECT["lim_lib/energy.py"])
    names = [{m.key for m in planting.sample(each, 1, 10)} for each in (mutants, lower)]
    assert names[0] == names[1]
    assert len(names[0]) == 10
    assert names[0] != {m.key for m in planting.sample(mutants, 2, 10)}


def test_a_sample_takes_from_every_module_and_kind_in_turn(mutants):
    both = [*mutants, *planting.mutants("other", PROJECT["lim_lib/energy.py"])]
    chosen = planting.sample(both, 1, 2 * len({mutant.kind for mutant in mutants}))
    for module in ("energy", "other"):
        assert len({m.kind for m in chosen if m.module == module}) == len(chosen) // 2


def test_tests_are_found_by_what_they_import(project):
    reach = Reach(project)
    assert {path.name for path in reach.near("energy")} == {"test_energy.py"}
    assert {path.name for path in reach.near("constants")} == {"test_energy.py", "test_far.py"}
    asked = {path.name for path in reach.reaching("constants")}
    assert asked == {"test_energy.py", "test_far.py", "test_far_off.py"}


def test_the_library_s_modules_are_near_to_the_tests_that_bear_their_names(root):
    reach = Reach(root)
    for module in ("memory", "overheads", "quasistatic", "bounds", "schedules.barriers"):
        assert f"test_{module.split('.')[0]}.py" in {path.name for path in reach.near(module)}
    assert all(map(reach.near, reach.files))


def test_a_fault_is_caught_and_what_is_none_is_not(project, mutants, tmp_path):
    trial = Trial(copied(project, tmp_path / "sources"), tmp_path / "build" / "memory.json")
    copy = Copy(trial.root, tmp_path / "copy")

    def verdict(after):
        return trial.caught(copy, next(m for m in mutants if m.after == after))

    by_example = verdict("if T:")
    assert by_example == ("the examples of lim_lib.energy", True)
    found = verdict(
        "return total * LN2 / T if bits > 0 and cells > 0 else total - math.log(1 + 0.0)"
    )
    assert found == ("tests/test_energy.py::test_heat", True)
    nothing = planting.Mutant(
        "energy", 1, "nothing", "", "", "# Nothing\n" + PROJECT["lim_lib/energy.py"]
    )
    assert trial.caught(copy, nothing) == ("", False)
    assert trial.broken == {"tests/test_energy.py::test_broken"}
    for folder in (project, copy.folder):
        assert (folder / "lim_lib/energy.py").read_text(encoding="utf-8") == PROJECT[
            "lim_lib/energy.py"
        ]


def test_a_mutant_that_is_called_no_fault_is_one_of_today_s_library(root):
    files = Reach(root).files
    for module, before, after in planting.equivalents():
        keys = {
            mutant.key
            for mutant in planting.mutants(module, files[module].read_text(encoding="utf-8"))
        }
        assert (module, before, after) in keys, "take it out of equivalent.toml"
