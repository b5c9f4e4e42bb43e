"""Somebody else's site, on this machine: a page of it can do what any page on the internet can."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Trap = Callable[[str, str], str]
"""Takes a page and the name by which this machine is called; gives the page's address."""


@contextmanager
def other_site() -> Iterator[Trap]:
    """Serve the page that was put there last, without TLS and without any of our headers."""
    pages = [b""]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(pages[0])

        def log_message(self, *_: object) -> None:
            """Tell nobody."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def put(html: str, host: str) -> str:
        pages[0] = html.encode()
        return f"http://{host}:{server.server_port}/"

    try:
        yield put
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
