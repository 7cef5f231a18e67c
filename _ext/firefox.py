"""A second browser for the pages: Firefox, spoken to by WebDriver BiDi, its own protocol."""

import itertools
import json
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from threading import Thread

PROGRAMS = ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox")
MISSING = "no Firefox: install it (Debian: sudo apt install firefox-esr)"
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


def find():
    """Return the path of the first Firefox found, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Page:
    """One tab."""

    def __init__(self, socket):
        self.socket, self.numbers = socket, itertools.count(1)
        self.send("session.new", capabilities={})
        self.context = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method, **params):
        """Ask for something and return the answer; what is told meanwhile is passed over."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(self.socket.recv())).get("id") != number:
            pass
        if answer["type"] == "error":
            raise RuntimeError(f"{method}: {answer['message']}")
        return answer["result"]

    def goto(self, address):
        """Open a page and wait until it is read."""
        self.send("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def size(self, width, height):
        """Set the size of the window's inside in CSS pixels."""
        viewport = {"width": width, "height": height}
        self.send("browsingContext.setViewport", context=self.context, viewport=viewport)

    def evaluate(self, expression):
        """Return the value of an expression, or of its promise, as JSON can hold it."""
        answer = self.send(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then(value => JSON.stringify(value))",
            target={"context": self.context},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))

    def screenshot(self):
        """Return what is seen, as a PNG in base64."""
        return self.send("browsingContext.captureScreenshot", context=self.context)["data"]


@contextmanager
def launch():
    """Run the browser without a window, with a profile of its own; yield its one tab."""
    from websocket import create_connection

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [find(), "--headless", "--remote-debugging-port=0", "--profile", profile]
        with subprocess.Popen(
            [*command, "about:blank"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        ) as process:
            try:
                told = (LISTENING.search(line) for line in process.stderr)
                address = next(filter(None, told))[1]
                Thread(target=process.stderr.read, daemon=True).start()  # or it would fill up
                # Firefox refuses a stranger's origin, and this library would make one up.
                socket = create_connection(f"{address}/session", timeout=60, suppress_origin=True)
                yield Page(socket)
                socket.close()
            finally:
                process.terminate()
