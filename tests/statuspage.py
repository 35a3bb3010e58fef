"""A server that behaves as the API of Statuspage is documented to, on a loopback port."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any, Self
from urllib.parse import urlsplit

from tests.receivers import LoopbackServer

KEY, PAGE = "a-key-of-the-page", "kctbh9vrtdwd"


class Statuspage:
    """`incidents` are those of PAGE, the newest first; `asked` is every request: method and path.

    `fails` answers with this status; `hang` waits so many seconds before it answers; `drops` takes
    what is written, and hangs up instead of answering.
    """

    def __init__(self) -> None:
        self.incidents: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str]] = []
        self.fails, self.hang, self.drops = 0, 0.0, False
        self.answer: bytes | None = None  # whatever is asked
        self._server = LoopbackServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def said(self) -> list[list[str]]:
        """What each incident says, the newest incident first, its updates in their order."""
        return [one["bodies"] for one in self.incidents]

    def has(self, number: int, **metadata: Any) -> None:
        """One more incident that somebody else made there."""
        self.incidents.insert(
            0, {"id": f"s{number}", "status": "resolved", "metadata": metadata, "bodies": []}
        )

    def _respond(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(path).path.split("/")[2:]  # without "" and "v1"
        if parts[:2] != ["pages", PAGE]:
            return 404, {"error": "Could not find page"}
        match method, parts[2:]:
            case "GET", []:
                return 200, {"id": PAGE}
            case "GET", ["incidents"]:
                return 200, self.incidents[:100]
            case "GET", ["incidents", "unresolved"]:
                return 200, [one for one in self.incidents if one["status"] != "resolved"]
            case "POST", ["incidents"]:
                made = {"id": f"s{len(self.incidents)}", "bodies": []}
                self.incidents.insert(0, made)
                return 201, self._write(made, body["incident"])
            case "PATCH", ["incidents", key]:
                (found,) = (one for one in self.incidents if one["id"] == key)
                return 200, self._write(found, body["incident"])
        return 404, {}

    def _write(self, incident: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
        incident["bodies"].append(said["body"])
        incident.update(said)
        return incident

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        page = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"null")
                page.asked.append((self.command, self.path))
                time.sleep(page.hang)
                if self.headers.get("Authorization") != f"OAuth {KEY}":
                    status, said = 401, {"error": "Could not authenticate"}
                elif page.fails:
                    status, said = page.fails, {"error": "Not now"}
                else:
                    status, said = page._respond(self.command, self.path, body)
                if page.drops and self.command != "GET":
                    self.close_connection = True
                    return
                data = json.dumps(said).encode() if page.answer is None else page.answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                self._take()

            def do_POST(self) -> None:
                self._take()

            def do_PATCH(self) -> None:
                self._take()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: the tests read `asked`."""

        return Handler

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
