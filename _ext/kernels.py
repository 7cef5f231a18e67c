"""Kernels that start at once: copies of one process that has loaded what all of them need.

`start_at_once` has all kernels that this process starts, by nbclient as by nbval, be forked from a
server which has imported packages and run nothing. Each kernel is a process of its own, in its own
folder and environment, as if it had been started and had imported them itself. It does import
itself what looks at the kernel when it is loaded: the library, pandas, ipywidgets.
Elsewhere than on Linux, where a fork may not be safe, kernels start as they always do.
"""

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from threading import Lock

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

LOADED = (
    "debugpy",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "matplotlib.backends.backend_agg",
    "matplotlib.pyplot",
    "PIL.PngImagePlugin",
    "pint",
    "scipy.integrate",
    "scipy.optimize",
    "scipy.stats",
    "sympy.physics.units",
)
LAUNCHER = ["-m", "ipykernel_launcher"]


def serve():
    """Load the packages; then start a kernel for each line of standard input, and tell its id."""
    # What a kernel tells Matplotlib before that is imported.
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    for name in LOADED:
        import_module(name)
    sys.path.pop(0)  # the folder of this file
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a kernel that ended leaves nothing behind
    for line in sys.stdin:
        server = os.getpid()
        if kernel := os.fork():
            print(kernel, flush=True)
        else:
            become(server, **json.loads(line))
            return


def become(server, arguments, cwd, env):
    """Be the kernel that was asked for."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    os.environ.clear()
    os.environ.update(env, JPY_PARENT_PID=str(server))
    os.chdir(cwd)
    watched = f"--IPKernelApp.parent_handle={server}"  # a kernel ends with the server
    import_module("ipykernel.kernelapp").launch_new_instance(argv=[*arguments, watched])


class Server:
    """The process that kernels are copied from; it ends with the one that asks it for them."""

    def __init__(self):
        self.asked = Lock()
        self.process = None

    def start(self, arguments, cwd, env):
        """Start a kernel and return its process."""
        with self.asked:
            if self.process is None:
                command = [sys.executable, __file__]
                pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
                self.process = subprocess.Popen(command, text=True, encoding="utf-8", **pipes)
                atexit.register(self.stop)
            wish = {"arguments": arguments, "cwd": str(cwd), "env": env}
            print(json.dumps(wish), file=self.process.stdin, flush=True)
            return Kernel(int(self.process.stdout.readline()))

    def stop(self):
        """Start no more."""
        with self.process:
            self.process.stdin.close()


class Kernel:
    """A process that another one started, with what the manager of a kernel asks of a process."""

    stdin = stdout = stderr = None

    def __init__(self, pid):
        self.pid = pid

    def poll(self):
        """Return 0 when the process has ended, else None."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    wait = poll

    def send_signal(self, number):
        """Send the process a signal, if there still is one."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


class CopiedKernel(LocalProvisioner):
    """Starts kernels of Python from the server, and others as they are always started."""

    server = Server()

    async def launch_kernel(self, cmd, **kwargs):
        """Start a kernel with a command."""
        if cmd[1:3] != LAUNCHER:
            return await super().launch_kernel(cmd, **kwargs)
        cwd = kwargs.get("cwd") or Path.cwd()
        self.process = self.server.start(cmd[3:], cwd, kwargs["env"])
        self.pid = self.pgid = self.process.pid
        self.cwd = cwd
        return self.connection_info


def start_at_once():
    """Have every kernel that this process starts from now on be a copy."""
    if sys.platform == "linux":
        factory = KernelProvisionerFactory.instance()
        here = EntryPoint("copied", f"{__name__}:{CopiedKernel.__name__}", factory.GROUP_NAME)
        factory.provisioners[here.name] = here
        factory.default_provisioner_name = here.name


if __name__ == "__main__":
    serve()
