"""An HTTP server that ends without losing a request."""

import json
import selectors
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from src.log import Log


class Server(ThreadingHTTPServer):
    # A request that is being answered is waited for in drain(), not abandoned and not joined without limit.
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address, routes: dict, log: Log, origins: tuple[str, ...] = ()) -> None:
        super().__init__(address, Handler)
        self.routes = routes
        self.log = log
        self.origins = origins
        self.draining = threading.Event()
        self._in_flight = 0
        self._idle = threading.Condition()

    def process_request(self, request, client_address) -> None:
        with self._idle:
            self._in_flight += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request, client_address) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._idle:
                self._in_flight -= 1
                self._idle.notify_all()

    def drain(self, seconds: float, limit: float = 25) -> None:
        """Serves on for some seconds (load balancers learn of the end late), empties the queue, waits for open requests."""
        self.draining.set()
        time.sleep(seconds)
        self.shutdown()
        # Connections that the kernel has accepted but nobody has read would be reset by close().
        self.socket.setblocking(False)
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            while selector.select(timeout=0):
                self._handle_request_noblock()
        self.server_close()
        with self._idle:
            self._idle.wait_for(lambda: self._in_flight == 0, timeout=limit)


class Handler(BaseHTTPRequestHandler):
    # HTTP/1.0 closes each connection after its answer, so none is open and idle when the server ends.
    protocol_version = "HTTP/1.0"
    server: Server
    timeout = 30

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        route = self.server.routes.get(url.path.rstrip("/") or "/")
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        try:
            status, body = route(query) if route else (404, {"error": "not found"})
        except Exception as error:
            self.server.log.error("request failed", path=url.path, error=repr(error))
            status, body = 500, {"error": "internal error"}
        self._answer(status, body)

    def _answer(self, status: int, body: dict) -> None:
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        origin = self.headers.get("Origin")
        if origin in self.server.origins:
            self.send_header("Access-Control-Allow-Origin", origin)
        self.end_headers()
        self.wfile.write(data)

    def log_request(self, code="-", size="-") -> None:
        # Probes come every second or two; they would hide what matters.
        level = "DEBUG" if self.path.startswith("/health") else "INFO"
        self.server.log.write(level, "request", method=self.command, path=self.path, status=int(code))

    def log_message(self, format, *args) -> None:
        self.server.log.warning(format % args)
