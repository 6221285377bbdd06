"""Signed tokens that say who somebody is, for a while."""

import base64
import hashlib
import hmac
import json
import time


class Tokens:
    def __init__(self, secret: str, minutes: int, clock=time.time) -> None:
        self._secret = secret.encode()
        self._seconds = minutes * 60
        self._clock = clock

    def issue(self, name: str) -> str:
        claims = json.dumps({"name": name, "until": int(self._clock()) + self._seconds}).encode()
        body = base64.urlsafe_b64encode(claims).decode()
        return f"{body}.{self._sign(body)}"

    def check(self, token: str) -> str | None:
        """The name in it, or nothing where the token is forged, damaged or too old."""
        body, _, signature = token.partition(".")
        if not hmac.compare_digest(signature, self._sign(body)):
            return None
        claims = json.loads(base64.urlsafe_b64decode(body))
        return claims["name"] if claims["until"] > self._clock() else None

    def _sign(self, body: str) -> str:
        return hmac.new(self._secret, body.encode(), hashlib.sha256).hexdigest()
