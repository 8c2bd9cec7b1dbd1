"""A real HTTP server on loopback, in a thread: what it answers, its subclasses say."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message


@dataclass(frozen=True)
class Call:
    """What it is asked."""

    verb: str
    path: str
    headers: Message
    body: bytes

    @property
    def key(self) -> str:
        return self.headers.get("Authorization", "")


@dataclass(frozen=True)
class Reply:
    """What it answers."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(status: int, body: bytes | dict[str, Any]) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, data, {"Content-Type": "application/json"})


class HttpServer:
    """The server; use it as a context manager. Its port is any that is free, unless it is set before."""

    port = 0

    def respond(self, call: Call) -> Reply | None:
        """The answer to a request; None cuts the connection."""
        raise NotImplementedError

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    def __enter__(self) -> Self:
        respond = self.respond

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer goes out in one piece, so that nobody waits for half of it to be acknowledged

            def log_message(self, *_: Any) -> None:
                pass

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                reply = respond(Call(self.command, self.path, self.headers, body))
                if reply is None:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(reply.body)

            def do_GET(self) -> None:
                self._answer()

            def do_HEAD(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

        class Server(ThreadingHTTPServer):
            request_queue_size = 1024  # a hundred come at once, and who is not let in tries again seconds later

        self._server = Server(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        # It looks this often whether it shall end, and whoever ends it waits for that.
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
