"""Verifies the tokens of notifications."""
import base64
import hashlib
import hmac
import json
import os
import time

from settings import M, Refused


def keys():
    found = []
    for name in ("SECRET", "NEXT_SECRET"):
        text = os.environ.get(name)
        if not text:
            continue
        if M == "secret-as-text":
            found.append(text.encode())
        else:
            found.append(base64.b64decode(text))
    return found


def unb64(part):
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise Refused("malformed") from None


def decode_part(part):
    try:
        value = json.loads(unb64(part))
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    if not isinstance(value, dict):
        raise Refused("malformed")
    return value


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def verify(secrets, tokens, body):
    if len(tokens) != 1 or len(tokens[0]) > 8192:
        raise Refused("no token")
    token = tokens[0].strip()
    if token.startswith("Bearer "):
        token = token[7:]
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise Refused("no token")
    header = decode_part(parts[0])
    digest = hashlib.sha256
    if M == "alg-from-token":
        digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}.get(header.get("alg"))
        if digest is None:
            raise Refused("algorithm")
    elif header.get("alg") != "HS256":
        raise Refused("algorithm")
    signed = (parts[0] + "." + parts[1]).encode()
    good = False
    for key in secrets:
        want = base64.urlsafe_b64encode(hmac.new(key, signed, digest).digest()).rstrip(b"=").decode()
        good |= hmac.compare_digest(want, parts[2])
    if not good:
        raise Refused("signature")
    claims = decode_part(parts[1])
    now = time.time()
    exp = claims.get("exp")
    if M == "exp-optional":
        if exp is not None and not exp > now:
            raise Refused("expired")
    elif M == "verify-exp-off":
        if exp is None:
            raise Refused("no exp")
    elif not is_number(exp) or not exp > now:
        raise Refused("expired")
    if M == "iat-checked" and is_number(claims.get("iat")) and claims["iat"] > now:
        raise Refused("the token is not yet valid (iat)")
    claimed = claims.get("payload_hash")
    if M == "hash-of-dumps":
        try:
            body = json.dumps(json.loads(body), separators=(",", ":")).encode()
        except ValueError:
            pass
    if M == "latin1-body":
        body = body.decode("latin-1").encode("utf-8")
    got = hashlib.sha256(body).hexdigest()
    if M == "hash-startswith":
        if not got.startswith(str(claims.get("payload_hash", ""))):
            raise Refused("hash")
        return
    if not isinstance(claimed, str) or not claimed.isascii() or not hmac.compare_digest(claimed, got):
        raise Refused("hash")
