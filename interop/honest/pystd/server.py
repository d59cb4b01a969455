"""Receives the notifications of a contact centre: POST /events. Tells the summaries: GET /calls/{conversationId}."""

import json
import logging
import os
import sqlite3
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import vcc
from store import Store

MAX_BODY = 1 << 20
log = logging.getLogger("calls")


class TooLarge(Exception):
    pass


class BadFraming(Exception):
    pass


class CutOff(Exception):
    pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120  # of a silent connection
    wbufsize = -1  # headers and body in one packet
    disable_nagle_algorithm = True

    def do_POST(self):
        if not self.is_events():
            return self.refuse(404)
        try:
            body = self.read_body()
        except TooLarge:
            return self.refuse(413)
        except BadFraming:
            return self.refuse(400)
        except CutOff:
            self.close_connection = True
            log.info("cut off")
            return
        try:
            vcc.check_token(self.server.keys, self.headers.get_all("Vonage-Signature", []), body)
            self.server.store.append(vcc.understand(body), body)
        except vcc.NotAuthentic as why:
            log.warning("refused: %s", why)
            return self.answer(401)
        except vcc.Unusable as why:
            log.warning("cannot be used: %s: %r", why, body[:200])
            return self.answer(400)
        except Exception:
            log.exception("not stored")
            return self.answer(503)  # it comes again
        self.answer(200, {"ok": True})

    def do_GET(self):
        if self.has_body():
            return self.refuse(400)
        path = urllib.parse.urlsplit(self.path).path
        if self.is_events():
            return self.answer(405, allow="POST")
        if not path.startswith("/calls/"):
            return self.answer(404)
        report = self.server.store.report(urllib.parse.unquote(path[len("/calls/"):]).lower())
        self.answer(404 if report is None else 200, report)

    def other(self):
        self.close_connection = True  # there may be a body that nobody reads
        self.answer(405 if self.is_events() else 404, allow="POST")

    do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = other

    def handle_expect_100(self):
        go_on = super().handle_expect_100()
        self.wfile.flush()  # the sender waits for it
        return go_on

    def is_events(self):
        return urllib.parse.urlsplit(self.path).path == "/events"

    def has_body(self):
        return "Transfer-Encoding" in self.headers or self.headers.get("Content-Length", "0").strip() != "0"

    def refuse(self, status):
        """Answer without having read the whole body, so that the connection is of no use any more."""
        self.close_connection = True
        self.answer(status)
        self.wfile.flush()
        try:  # or else the sender would see a reset in place of the answer
            self.connection.settimeout(1)
            for _ in range(64):
                if not self.connection.recv(65536):
                    break
        except OSError:
            pass

    def answer(self, status, value=None, allow=None):
        text = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if allow and status == 405:
            self.send_header("Allow", allow)
        if self.close_connection:
            self.send_header("Connection", "close")
        if text:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    # ---- bodies: the standard server leaves them to us

    def read_body(self):
        encoding = self.headers.get("Transfer-Encoding")
        if encoding is not None:
            if encoding.strip().lower() != "chunked":
                raise BadFraming
            return self.read_chunks()
        length = self.headers.get("Content-Length", "0").strip()
        if not (length.isascii() and length.isdigit()):
            raise BadFraming
        if int(length) > MAX_BODY:
            raise TooLarge
        return self.exactly(int(length))

    def read_chunks(self):
        pieces, total = [], 0
        while True:
            size = self.line().partition(b";")[0].strip()
            try:
                if not size or size.strip(b"0123456789abcdefABCDEF"):
                    raise ValueError
                size = int(size, 16)
            except ValueError:
                raise BadFraming from None
            if size == 0:
                break
            total += size
            if total > MAX_BODY:
                raise TooLarge
            pieces.append(self.exactly(size))
            if self.line().strip():
                raise BadFraming
        for _ in range(100):  # trailers
            if not self.line().strip():
                return b"".join(pieces)
        raise BadFraming

    def line(self):
        line = self.rfile.readline(8192)
        if not line.endswith(b"\n"):
            raise BadFraming if len(line) == 8192 else CutOff
        return line

    def exactly(self, size):
        data = self.rfile.read(size)
        if len(data) < size:
            raise CutOff
        return data

    def log_message(self, format, *args):
        pass  # of each request; what is refused is logged with its reason


class Server(ThreadingHTTPServer):
    request_queue_size = 256  # 5, the default, makes many connections at once wait for a second
    daemon_threads = True

    def handle_error(self, request, client_address):
        log.info("connection of %s: %r", client_address, sys.exc_info()[1])


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    data = os.environ["DATA"]
    os.makedirs(data, exist_ok=True)
    sys.setrecursionlimit(20_000)  # JSON may be nested, and 1 MiB has room for much
    threading.stack_size(32 << 20)
    server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler, bind_and_activate=False)
    server.keys = [vcc.key_of(os.environ[name]) for name in ("SECRET", "NEXT_SECRET") if os.environ.get(name)]
    server.store = Store(os.path.join(data, "calls.db"))
    server.server_bind()
    server.server_activate()
    with open(os.path.join(data, "consumer.pid"), "w") as f:
        f.write(str(os.getpid()))
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
