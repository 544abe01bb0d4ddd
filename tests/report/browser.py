"""A headless Chromium, driven by the DevTools protocol over a pipe: standard library only.

    with Browser(folder) as browser:
        browser.open(file, width=390, dark=True)
        browser.value("document.title")

The browser reads commands on its descriptor 3 and answers on 4: JSON texts that end in a NUL.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking --no-first-run"
    " --disable-component-update --hide-scrollbars --remote-debugging-pipe"
)
PATIENCE = 60


class Browser:
    """One browser with one page; `complaints` are the errors and warnings of its console."""

    def __init__(self, profile):
        self.profile, self.count, self.rest, self.complaints = profile, 0, b"", []

    def __enter__(self):
        (read, self.out), (self.into, write) = os.pipe(), os.pipe()
        theirs = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (read, write)]  # not 3 or 4
        os.close(read)
        os.close(write)
        command = [CHROMIUM, *FLAGS.split(), f"--user-data-dir={self.profile}", "about:blank"]
        script = f'exec "$@" 3<&{theirs[0]} 4>&{theirs[1]}'
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", script, "browser", *command],
            pass_fds=theirs,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in theirs:
            os.close(end)
        try:
            self._attach()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.send("Browser.close", of_page=False)
        except (OSError, EOFError, TimeoutError):
            self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self.out)
        os.close(self.into)

    def _attach(self):
        self.session = None
        pages = self.send("Target.getTargets")["targetInfos"]
        target = next(p["targetId"] for p in pages if p["type"] == "page")
        found = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self.session = found["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    # ---- the page --------------------------------------------------------------------------------

    def open(self, file, width=1200, height=900, dark=False, media=""):
        """Load a file at a width, in light or dark mode, as a phone where narrow, or as printed."""
        self.complaints = []
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.send("Emulation.setDeviceMetricsOverride", **size)
        self.send("Page.navigate", url=file.as_uri())
        self._until(lambda m: m.get("method") == "Page.loadEventFired")

    def value(self, expression):
        """The value of a JavaScript expression in the page."""
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def screenshot(self, file, whole=False):
        """Write what is seen, or the whole page, as PNG."""
        found = self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(found["data"]))

    def pdf(self):
        """The printed page."""
        return base64.b64decode(self.send("Page.printToPDF", printBackground=False)["data"])

    # ---- the pipe --------------------------------------------------------------------------------

    def send(self, method, of_page=True, **params):
        """One command and its result."""
        self.count += 1
        number = self.count
        command = {"id": number, "method": method, "params": params}
        if of_page and self.session:
            command["sessionId"] = self.session
        os.write(self.out, json.dumps(command).encode() + b"\0")
        answer = self._until(lambda m: m.get("id") == number)
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]

    def _until(self, wanted):
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self._message(deadline)
            self._note(message)
            if wanted(message):
                return message

    def _message(self, deadline):
        while b"\0" not in self.rest:
            if not select.select([self.into], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            chunk = os.read(self.into, 1 << 20)
            if not chunk:
                raise EOFError("the browser is gone")
            self.rest += chunk
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def _note(self, message):
        """Keep what the console would show in yellow or red, and each request but the page's."""
        method, said = message.get("method"), message.get("params", {})
        if method == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
            self.complaints.append(str(said["args"]))
        if method == "Runtime.exceptionThrown":
            self.complaints.append(said["exceptionDetails"]["text"])
        if method == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
            self.complaints.append(said["entry"]["text"])
        if method == "Network.requestWillBeSent":
            url = said["request"]["url"]
            if not url.startswith("data:") and said["type"] != "Document":
                self.complaints.append(f"asked for {url}")
