# The book's commands. `make` alone lists them.
PORT ?= 8000
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
COURSE := $(VENV)/.course
# Small matrices are quicker on one thread, and notebooks already keep both cores busy.
export OPENBLAS_NUM_THREADS ?= 1
# What is compiled once is kept, also for those who otherwise keep nothing: tests and notebooks start
# many processes.
export PYTHONDONTWRITEBYTECODE :=
# How many tests run side by side; those that share something stay together.
WORKERS ?= 2
# What is tried, in this order, unless PYTHON= names one.
PYTHONS := $(or $(PYTHON),$(BIN)/python python3.11 python3.12 python3.13 python3.14 python3 python)

.PHONY: help python book check executed test serve lab notebooks lite colab wheel lowest slides course pdf \
  zip screenshot links drift requirements benchmark mutants planted torch thrml runs clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-14s%s\n", $$1, $$2 }' Makefile

# Of the candidates $(1), the first that can import the module $(2) and is a Python 3.x, x in range($(3)).
first = $(shell for python in $(1); do $$python -c 'import sys, $(2); \
  sys.exit(sys.version_info[:2] not in [(3, minor) for minor in range($(3))])' >/dev/null 2>&1 && \
  echo $$python && exit; done)
BOOK := 11, 15
base_python = $(or $(call first,$(PYTHONS),ensurepip,$(BOOK)),$(error $(complaint)))
complaint = $(if $(call first,$(PYTHONS),sys,$(BOOK)),$(call first,$(PYTHONS),sys,$(BOOK)) cannot make \
  a virtual environment: install its venv module (Debian and Ubuntu: sudo apt install python3-venv),no \
  working Python 3.11, 3.12, 3.13 or 3.14 among "$(PYTHONS)": install one, or name it with \
  PYTHON=/path/to/python3.11)

python:
	@echo $(base_python)

# What the library needs in a browser, beside what Pyodide has.
BROWSER_WHEELS := comm flexcache flexparser ipywidgets jupyterlab_widgets pint platformdirs \
  threadpoolctl typing_extensions
# The environment: made once, filled again only when the pins or the package's description change.
# Where Python may write no byte code, each process would compile the library anew.
$(READY): requirements.txt pyproject.toml
	@$(BIN)/python -c '' 2>/dev/null || $(base_python) -m venv --clear $(VENV)
	@echo "Installing the pinned packages into $(VENV) (some minutes, once)"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q lim_lib
	@$(BIN)/python _ext/pins.py of $(BROWSER_WHEELS) >$(VENV)/browser.txt
	@$(BIN)/python -m pip download -qq --no-deps --require-hashes -r $(VENV)/browser.txt -d $(VENV)/wheels
	@touch $@

# Sphinx warns only about pages that it reads again, so a failed build must leave nothing that it
# could take for read. The executed notebooks stay, so that this costs seconds.
book: $(READY) ## build the book into _build/html
	@echo "Building the book"
	@$(BIN)/jupyter-book build . -q -W --keep-going -n >/dev/null || { rm -rf _build/.doctrees; exit 1; }
	@echo "The book is in _build/html: open _build/html/index.html, or run 'make serve'."

# JupyterLite stands beside the pages, which offer it when they find it.
LITE := _build/html/lite/index.html
NOTEBOOKS := $(wildcard chapters/*.ipynb)
COPYING := $(addprefix _ext/,book.py notebooks.py numbering.py references.py resolved.py) \
  references.bib _toc.yml
$(LITE): $(READY) _ext/lite.py $(COPYING) _config.yml $(NOTEBOOKS) $(wildcard lim_lib/*.py lim_lib/*/*.py lim_lib/data/*)
	@echo "Building JupyterLite"
	@$(BIN)/python _ext/lite.py lite $(NOTEBOOKS)
	@touch $@

lite: $(LITE) ## build the book with notebooks that run in a reader's browser
	@$(MAKE) -s book

colab: $(READY) ## write the notebooks that Colab opens; BOOK_REPOSITORY= says whence
	@$(BIN)/python _ext/lite.py colab $(NOTEBOOKS)

check: $(READY) ## check style, types and tidiness, in seconds
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python _ext/notebooks.py --check $(NOTEBOOKS)

# What passes is kept for the book, which need not execute it again.
executed: $(READY) ## execute every notebook as a page shows it, and compare with what it stores
	@LIM_LIB_FACE=page $(BIN)/python -m pytest -q -n $(WORKERS) --nbval chapters

test: check executed lite ## check the library, every notebook and the built pages
	@$(BIN)/python -m pytest -q -n $(WORKERS) --no-loadscope-reorder tests

serve: book ## show the built book on this computer, at port 8000 (or PORT=)
	@echo "http://127.0.0.1:$(PORT)/ (stop with Ctrl-C)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

lab: $(READY) ## open the chapters in JupyterLab; what you change in them stays
	@$(BIN)/python _ext/lab.py

notebooks: $(READY) ## run the notebooks again, in place, and draw the pictures beside them
	@$(BIN)/python _ext/notebooks.py chapters/*.ipynb
	@$(BIN)/python _ext/pictures.py

screenshot: book ## photograph a page for the README
	@$(BIN)/python _ext/screenshot.py

# What only a teacher needs, on top of the book's packages.
$(COURSE): course/requirements.txt $(READY)
	@echo "Installing what a course needs into $(VENV)"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements.txt -r course/requirements.txt
	@touch $@

# They show what the book has computed: pictures, scenes and explorers.
slides: $(COURSE) book ## make slides from the chapters, in _build/slides
	@$(BIN)/python course/slides.py _build/slides chapters/[0-9]*.ipynb
	@echo "The slides are in _build/slides: open _build/slides/index.html."

course: slides ## release, solve and grade every assignment, and check the slides
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m pytest -q -n $(WORKERS) course

pdf: book ## print the whole book into one file, _build/learning-in-memory.pdf
	@$(BIN)/python _ext/offline.py pdf

zip: book ## pack the built pages into _build/learning-in-memory.zip, to be read without a network
	@$(BIN)/python _ext/offline.py zip

links: $(READY) ## ask whether the pages that the book links to are still there
	@$(BIN)/jupyter-book build . -q --builder linkcheck

# The newest releases of the mathematics, in an environment of their own.
NEWEST := _build/newest
drift: ## run the book on the newest releases of its mathematics
	@$(MAKE) -s VENV=$(NEWEST) $(NEWEST)/.ready
	@$(NEWEST)/bin/python -m pip install -qq --upgrade numpy scipy sympy matplotlib pandas
	@$(NEWEST)/bin/python _ext/drift.py

# The tests that need the library alone, beside what they are written with.
LIBRARY_TESTS = $(shell for test in tests/test_*.py; do grep -qE '^(import|from) lim_lib' "$$test" && \
  ! grep -qE '^(import|from) (api|delivery|deno|kernels|nbformat|numbering|resolved)|"distributed"' "$$test" && echo "$$test"; done)
TEST_TOOLS := dimod dwave-samplers hypothesis networkx numba playwright pytest

# In the newest Python there is, as in the browser.
WHEEL := _build/wheel
WHEEL_TESTS = $(LIBRARY_TESTS)
NEWER_PYTHONS := $(or $(PYTHON),python3.14 python3.13 python3.12)
NEWER := 12, 15
NEWER_PYTHON = $(or $(call first,$(NEWER_PYTHONS),ensurepip,$(NEWER)),$(error no Python 3.12 or newer \
  with its venv module among "$(NEWER_PYTHONS)": install one, or name it with PYTHON=/path/to/python3.13))
WHEEL_TOOLS := $(TEST_TOOLS) $(BROWSER_WHEELS) greenlet iniconfig ipython_pygments_lexers jedi \
  llvmlite parso pexpect pluggy ptyprocess pyee sortedcontainers widgetsnbextension
wheel: $(LITE) ## test the library's wheel with the versions that a browser's Python has
	@$(NEWER_PYTHON) -m venv --clear $(WHEEL)
	@echo "Testing the wheel"
	@$(WHEEL)/bin/python _ext/pins.py of $(WHEEL_TOOLS) >$(WHEEL)/tools.txt
	@$(WHEEL)/bin/python -m pip install -qq --no-deps --require-hashes -r $(WHEEL)/tools.txt
	@$(WHEEL)/bin/python -m pip install -qq --no-deps -r tests/pyodide.txt _build/lite/pypi/lim_lib-*.whl
	@$(WHEEL)/bin/python -P -m pytest -q -W "ignore:bitcount function is deprecated" $(WHEEL_TESTS)

# Releases this old have files for no newer Python, and this old a Matplotlib uses pyparsing's old names.
LOWEST := _build/lowest
LOWEST_TESTS = $(LIBRARY_TESTS)
OLDER_PYTHONS := $(or $(PYTHON),$(BIN)/python python3.11 python3.12 python3)
OLDER := 11, 13
OLDER_PYTHON = $(or $(call first,$(OLDER_PYTHONS),ensurepip,$(OLDER)),$(error no Python 3.11 or 3.12 \
  with its venv module among "$(OLDER_PYTHONS)": install one, or name it with PYTHON=/path/to/python3.11))
lowest: ## test the library with the oldest versions that it may be installed with
	@$(OLDER_PYTHON) -m venv --clear $(LOWEST)
	@echo "Testing the oldest versions"
	@$(LOWEST)/bin/python _ext/pins.py lowest >$(LOWEST)/pins.txt
	@$(LOWEST)/bin/python -m pip install -qq -c $(LOWEST)/pins.txt . $(TEST_TOOLS) PyYAML
	@$(LOWEST)/bin/python -P -m pytest -q -W ignore::pyparsing.warnings.PyparsingDeprecationWarning $(LOWEST_TESTS)

# PyTorch, in a folder of its own beside the environment.
TORCH := _build/torch
TORCH_TESTS := tests/test_recorder_torch.py tests/test_record_your_run.py
torch: $(READY) ## test the recorder in a real training with PyTorch
	@echo "Installing PyTorch into $(TORCH)"
	@rm -rf $(TORCH)
	@$(BIN)/python -m pip install -qq --target $(TORCH) "$$($(BIN)/python _ext/pins.py extra torch)"
	@PYTHONPATH=$(TORCH) $(BIN)/python -m pytest -q $(TORCH_TESTS)

# A neighbour, in a folder of its own beside the environment.
THRML := _build/thrml
thrml: $(READY) ## compare one chain of spins in thrml with ours
	@echo "Installing thrml into $(THRML)"
	@rm -rf $(THRML)
	@$(BIN)/python -m pip install -qq --target $(THRML) "$$($(BIN)/python _ext/pins.py extra thrml)"
	@PYTHONPATH=$(THRML) JAX_PLATFORMS=cpu $(BIN)/python benchmarks/thrml_chain.py

runs: $(READY) ## make the recorded runs again; those in PyTorch too, after `make torch`
	@PYTHONPATH=$(TORCH) $(BIN)/python _ext/runs.py

# uv resolves for every Python and system at once; it stands in no environment of the book.
RESOLVER := _build/resolver
requirements: ## pin the packages of pyproject.toml again; UPGRADE=1 takes their newest releases
	@$(base_python) -m venv $(RESOLVER)
	@$(RESOLVER)/bin/python -m pip install -qq uv
	@$(RESOLVER)/bin/python _ext/pins.py renew $(if $(UPGRADE),--upgrade)

benchmark: $(READY) ## measure speeds beside peers, in one table; SUBJECTS="sk g1" some, QUICK=1 all in a minute
	@$(BIN)/python benchmarks $(SUBJECTS) $(if $(QUICK),--quick)

mutants: $(READY) ## plant errors in the library and count those that its tests catch
	@$(BIN)/python tests/mutants

planted: $(READY) ## plant errors in the library and say which cell of a chapter notices each
	@$(BIN)/python -m tests.planted

clean: ## remove what was built; the environment and your notebooks stay
	[ ! -d _build ] || find _build -mindepth 1 -maxdepth 1 ! -name notebooks -exec rm -rf {} +
	rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis
	[ ! -d lim_lib ] || find lim_lib -name '*.nb[ic]' -delete
