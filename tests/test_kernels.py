"""A copied kernel is in the state of one that was started, and a kernel like any other."""

import os
import signal
import sys
from contextlib import contextmanager

import pytest
from jupyter_client import KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from kernels import start_at_once

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are copied on Linux")

STATE = """
import locale, os, random, signal, sys, threading, warnings
import matplotlib.pyplot, numpy, pandas, pint, scipy.integrate, scipy.optimize, scipy.stats
import lim_lib.symbols, ipywidgets
print(__name__, sys.path, sys.flags, os.getcwd(), os.environ["WITNESS"], locale.getlocale())
print(sorted(os.environ), signal.getsignal(signal.SIGCHLD), signal.getsignal(signal.SIGINT))
print(matplotlib.get_backend(), sorted(matplotlib.rcParams.items()))
print(pandas.get_option("display.max_columns"), numpy.get_printoptions(), numpy.geterr())
print(*sorted(map(str, warnings.filters)), sep='\\n')
print(sorted(thread.name for thread in threading.enumerate()))
formatters = get_ipython().display_formatter.formatters
print({name: sorted(map(str, each.type_printers)) for name, each in formatters.items()})
print(sorted(get_ipython().kernel.comm_manager.targets), get_ipython().events.callbacks.keys())
"""


@contextmanager
def kernel(name, folder):
    """A kernel of one kind, in a folder, with a word in its environment."""
    factory = KernelProvisionerFactory.instance()
    start_at_once()
    before, factory.default_provisioner_name = factory.default_provisioner_name, name
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(folder), env=os.environ | {"WITNESS": "here"})
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        factory.default_provisioner_name = before


def said(client, code):
    """What code prints."""
    parts = []

    def heard(message):
        assert message["msg_type"] != "error", message["content"]
        if message["msg_type"] == "stream":
            parts.append(message["content"]["text"])

    client.execute_interactive(code, timeout=60, output_hook=heard)
    return "".join(parts)


def test_a_copied_kernel_finds_what_a_started_one_finds(tmp_path):
    states = []
    for name in ("local-provisioner", "copied"):
        with kernel(name, tmp_path) as (_, client):
            states.append(said(client, STATE).splitlines())
    for started, copied in zip(*states, strict=True):
        assert copied == started


def test_copied_kernels_know_nothing_of_each_other_and_draw_other_numbers(tmp_path):
    drawn = set()
    for _ in range(2):
        with kernel("copied", tmp_path) as (_, client):
            assert said(client, "print('known' in globals()); known = 1") == "False\n"
            drawn.add(said(client, "import random; print(random.random())"))
    assert len(drawn) == 2


def test_a_copied_kernel_is_interrupted_and_its_end_is_seen(tmp_path):
    with kernel("copied", tmp_path) as (manager, client):
        asked = client.execute("import time; print('begun', flush=True); time.sleep(60)")
        while client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=30)
        while reply["parent_header"]["msg_id"] != asked:
            reply = client.get_shell_msg(timeout=30)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert manager.is_alive()
        os.kill(manager.provisioner.pid, signal.SIGKILL)
        while manager.is_alive():
            pass
