"""The executed notebooks, kept so that the book and its tests run each of them once.

They are kept per state of the library, so that no figure outlives the code that drew it. The build
runs those that are missing, side by side, while Sphinx reads the pages that need no kernel.
"""

import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from kernels import start_at_once

# Scripts and styles of fragments are no part of it: `delivery` puts today's in their place.
KEYED_ON = ("lim_lib/**/*.py", "lim_lib/data/**/*", "requirements.txt")


def folder(root, built="_build"):
    """Return where notebooks are kept, by all that decides their outputs but themselves."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in KEYED_ON for path in root.glob(pattern)}):
        if path.is_file():
            digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return root / built / ".jupyter_cache" / digest.hexdigest()[:12]


def keep(cache, path, notebook, seconds):
    """Keep an executed notebook, which took so many seconds."""
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def is_kept(cache, notebook):
    """Whether an execution of these cells is kept."""
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    return True


def last_chapters_first(path):
    """Sort the notebooks that take longest to the front: later chapters build on earlier ones."""
    number = path.name[:2]
    return -int(number) if number.isdigit() else 0


class Executions:
    """The notebooks that a build has to execute, on all cores while it reads other pages."""

    def __init__(self, app):
        self.app = app
        self.path = folder(Path(app.srcdir), Path(app.outdir).parent)
        self.pool = ThreadPoolExecutor(os.cpu_count())
        self.running = {}
        app.connect("config-inited", self.key_the_cache)
        app.connect("env-before-read-docs", self.begin)
        app.connect("source-read", self.wait)

    def key_the_cache(self, app, config):
        """Tell where notebooks are kept, and forget what another library made."""
        for old in self.path.parent.glob("*"):
            if old != self.path:
                shutil.rmtree(old, ignore_errors=True)
        config.nb_execution_cache_path = str(self.path)

    def begin(self, app, env, names):
        """Begin to execute what is missing, and have Sphinx read it last."""
        cache = get_cache(self.path)
        named = {Path(env.doc2path(name)): name for name in names}
        for path in sorted(named, key=last_chapters_first):
            if path.suffix == ".ipynb":
                notebook = nbformat.read(path, 4)
                if not is_kept(cache, notebook):
                    self.running[named[path]] = self.pool.submit(
                        single_nb_execution,
                        notebook,
                        cwd=str(path.parent),
                        timeout=app.config.nb_execution_timeout,
                        allow_errors=False,
                    )
        order = list(self.running)
        names.sort(key=lambda name: order.index(name) if name in order else -1)

    def wait(self, app, name, source):
        """Wait for a notebook that is about to be read.

        One that fails runs again when Sphinx has read it, and is reported there.
        """
        if name in self.running:
            done = self.running.pop(name).result()
            if done.err is None:
                path = Path(app.env.doc2path(name))
                keep(get_cache(self.path), path, done.nb, done.time)


def setup(app):
    """Register the extension."""
    os.environ["LIM_LIB_FACE"] = "page"
    start_at_once()
    Executions(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
