#!/usr/bin/env python3
"""Receives the webhooks of a contact centre with threads and SQLite, and tells what happened in each conversation.

Settings from the environment: PORT, SECRET, NEXT_SECRET (optional), DATA. It makes the mistake, or has the habit, that it is told.
"""
import json
import os
import random
import sqlite3
import sys
import threading
import time
import traceback
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from figures import state
from reading import read
from settings import M, H, PORT, DATA, LIMIT, Refused, Unusable
from signature import keys, verify
from storing import Store, site_of


class CutOff(Exception):
    pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0" if H == "http10-close" else "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server_version = "callhistory/2.3"

    def log_message(self, *_):
        pass

    def answer(self, status, value=None, **headers):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        if H == "chunked-answers" and status not in (204, 205) and self.request_version == "HTTP/1.1":
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for i in range(0, len(body), 700):
                piece = body[i:i + 700]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        else:
            if status != 204:
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
            if H == "http10-close":
                self.send_header("Connection", "close")
            self.end_headers()
            if status != 204:
                self.wfile.write(body)
        self.wfile.flush()

    def exactly(self, n):
        got = self.rfile.read(n)
        if len(got) < n:
            raise CutOff
        return got

    def body(self):
        """Return the body, or None if it is too large."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            if M == "length-required":
                return False
            parts, size = [], 0
            while True:
                line = self.rfile.readline(1024)
                if not line.endswith(b"\n"):
                    raise CutOff
                try:
                    n = int(line.split(b";")[0].strip(), 16)
                except ValueError:
                    raise CutOff from None
                if n == 0:
                    break
                size += n
                if size > LIMIT:
                    return None
                parts.append(self.exactly(n))
                self.exactly(2)
            while self.rfile.readline(8192) not in (b"\r\n", b"\n", b""):
                pass
            return b"".join(parts)
        try:
            n = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            raise CutOff from None
        if n > (65536 if M == "limit-64k" else LIMIT):
            return None
        if M == "read-once":
            return self.rfile.read1(n)
        return self.exactly(n)

    def do_POST(self):
        try:
            self.post()
        except CutOff:
            self.close_connection = True
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception:
            traceback.print_exc(limit=2)
            self.close_connection = True
            self.answer(500, {"error": "Internal Server Error"})

    def post(self):
        if urllib.parse.urlsplit(self.path).path != "/events":
            self.close_connection = True
            return self.answer(404)
        body = self.body()
        if body is False:
            self.close_connection = True
            return self.answer(411, {"error": "Length Required"})
        if body is None:
            self.close_connection = True
            return self.answer(413, {"error": "too large"})
        if M == "content-type-equal" and self.headers.get("Content-Type") != "application/cloudevents+json":
            return self.answer(415, {"error": "Unsupported Media Type"})
        if M == "pool-not-returned":
            connection = STORE.pool.get()
            status = self.handle_notification(body)
            if status < 400:
                STORE.pool.put(connection)
        elif H == "global-lock-slow":
            with SLOW:
                time.sleep(0.005)
                status = self.handle_notification(body)
        else:
            status = self.handle_notification(body)
        if status == 503:
            self.answer(503, {"error": "busy"}, Retry_After="1")
        elif status in (204, 205):
            self.answer(status)
        else:
            self.answer(status, {"status": status})

    def handle_notification(self, body):
        tokens = self.headers.get_all("Vonage-Signature") or []
        refused = 403 if H == "created-403" else 400 if H == "disk-queue" else 401
        stored = {"created-403": 201, "disk-queue": 202, "http10-close": 200, "chunked-answers": 200}.get(H, 204)
        unusable = {"created-403": 400, "chunked-answers": 422}.get(H, 204)
        if H == "busy-503" and random.random() < 0.02:
            return 503
        if M == "store-then-verify":
            try:
                STORE.add(read(body), body)
            except Unusable:
                pass
        try:
            verify(KEYS, tokens, body)
        except Refused as why:
            self.log_error("refused: %s", why)
            return refused
        try:
            event = read(body)
            if M == "conversation-on-server":
                self.server.conversation = event.conversation
                site_of(event)
                event = event._replace(conversation=self.server.conversation if event.conversation else None)
            STORE.add(event, body)
        except Unusable as why:
            self.log_error("cannot be used: %s", why)
            return why.status or unusable
        except sqlite3.Error as why:
            print("not stored:", why, file=sys.stderr)
            return 503
        return stored

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        if path.startswith("/calls/"):
            if M == "pool-not-returned":
                STORE.pool.put(STORE.pool.get())
            told = state(STORE, urllib.parse.unquote(path[len("/calls/"):]))
            return self.answer(404, {"error": "unknown"}) if told is None else self.answer(200, told)
        self.answer(404)

    def refuse_method(self):
        self.close_connection = True
        self.answer(405)

    do_PUT = do_DELETE = do_PATCH = refuse_method


class Server(ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True
    conversation = None

    def handle_error(self, request, client_address):
        pass


KEYS = keys()
os.makedirs(DATA, exist_ok=True)
STORE = Store(os.path.join(DATA, "calls.db"))
SLOW = threading.Lock()

if __name__ == "__main__":
    server = Server(("127.0.0.1", PORT), Handler)
    print("listening on", PORT, file=sys.stderr, flush=True)
    server.serve_forever()
