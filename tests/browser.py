"""A page opened in headless Chromium, driven over its DevTools protocol."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not there: apt-get install chromium")

Result = TypeVar("Result")


class Page:
    """An open page.

    Attributes:
        complaints: What went wrong in it: exceptions, errors and warnings of the console, what its policy refused.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._number, self.complaints = socket, 0, list[str]()

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The answer to one command of the protocol."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            message = await self._receive()
            if message.get("id") == self._number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result

    async def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = await asyncio.wait_for(self._socket.receive_json(), 60)
        name, params = message.get("method", ""), message.get("params", {})
        if name == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        if name == "Log.entryAdded" and params["entry"]["level"] in ("warning", "error"):
            self.complaints.append(params["entry"]["text"])
        if name in {"Runtime.consoleAPICalled", "Page.javascriptDialogOpening"}:
            self.complaints.append(str(params))
        return message

    async def run(self, code: str) -> Any:
        """The value of an expression of JavaScript."""
        found = await self.call("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")


@contextmanager
def chromium(folder: Path) -> Iterator[str]:
    """A browser with its profile in `folder`; the address of its DevTools."""
    assert CHROMIUM
    quiet = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    shut = ["--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={folder}"]
    with subprocess.Popen([CHROMIUM, *quiet, *shut, "about:blank"], stderr=subprocess.PIPE, text=True) as process:
        try:
            told = iter(process.stderr or ())
            address = next((found[1] for line in told if (found := re.search(r"ws://([^/]+)/", line))), None)
            assert address, "chromium ended before it said where it listens"
            yield address
        finally:
            process.terminate()


@asynccontextmanager
async def opened(devtools: str, page: Path, width: int, height: int) -> AsyncIterator[Page]:
    """A page of its own in a running browser, loaded."""
    async with aiohttp.ClientSession() as session:
        async with session.put(f"http://{devtools}/json/new?about:blank") as answer:
            address = (await answer.json())["webSocketDebuggerUrl"]
        async with session.ws_connect(address, max_msg_size=0) as socket:
            found = Page(socket)
            for domain in ("Page", "Runtime", "Log"):
                await found.call(f"{domain}.enable")
            screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            await found.call("Emulation.setDeviceMetricsOverride", **screen)
            await found.call("Page.navigate", url=page.resolve().as_uri())
            await found.run('document.readyState === "complete" || new Promise((done) => { onload = () => done(); })')
            yield found
            await found.call("Page.close")


def visit(
    devtools: str, page: Path, look: Callable[[Page], Awaitable[Result]], *, width: int = 1280, height: int = 900
) -> Result:
    """Open a page, look at it, close it."""

    async def visiting() -> Result:
        async with opened(devtools, page, width, height) as found:
            return await look(found)

    return asyncio.run(visiting())
