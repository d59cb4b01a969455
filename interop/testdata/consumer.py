"""The consumer that the Python example of docs/ci.md plays to: it checks what it must, and
keeps nothing. Settings: PORT, and RINGBACK_SECRET in Base64."""

import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["RINGBACK_SECRET"])


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def genuine(token, body):
    try:
        head, claims, mac = token.split(".")
        if json.loads(decode(head)).get("alg") != "HS256":
            return False
        want = hmac.new(KEY, f"{head}.{claims}".encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(want, decode(mac)):
            return False
        said = json.loads(decode(claims))
        return said["exp"] > time.time() and said["payload_hash"] == hashlib.sha256(body).hexdigest()
    except (ValueError, KeyError):
        return False


class Consumer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(204 if genuine(self.headers.get("Vonage-Signature", ""), body) else 401)

    def do_HEAD(self):
        self.answer(405)

    def answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Consumer).serve_forever()
