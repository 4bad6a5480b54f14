"""A small OpenID provider on loopback: discovery, keys, log-in without a form, codes that open once. Tests bend its tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from qa_service.settings import Settings

CLIENT_ID, CLIENT_SECRET = "qa service", "very secret: + & ü"
LIFE_SECONDS = 300


@cache
def rsa_key(kid: str) -> RSAKey:
    """A key pair of this test run."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@dataclass(kw_only=True)
class Provider:
    """What it answers; every field may be bent by a test.

    `claims` go over those that belong into the token (None leaves one out); `sign` makes the token of them.
    """

    now: Callable[[], float]
    port: int = 0
    claims: dict[str, Any] = field(default_factory=dict)
    description: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] = field(
        default=lambda claims: jwt.encode({"alg": "RS256", "kid": "k-1"}, claims, rsa_key("k-1"))
    )
    keys: list[dict[str, Any]] = field(default_factory=lambda: [dict(rsa_key("k-1").as_dict(private=False))])
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/realms/shop"

    def settings(self, **others: Any) -> Settings:
        return Settings(
            oidc_issuer=self.issuer,
            oidc_client_id=CLIENT_ID,
            oidc_client_secret=CLIENT_SECRET,
            **{"oidc_allow_private": True, **others},
        )

    def visit(self, url: str) -> str:
        """What a browser does there: somebody logs in, and is sent back to this address."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Redeem a code, once, for whoever knows the verifier and the client's secret."""
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":") if authorization else []
        client = [unquote_plus(part) for part in pair] or [form.get("client_id", ""), form.get("client_secret", "")]
        if client != [CLIENT_ID, CLIENT_SECRET]:
            return 401, {"error": "invalid_client"}
        begun = self.codes.get(form["code"], {})
        self.codes[form["code"]] = {}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not begun or challenge != begun["code_challenge"] or form["redirect_uri"] != begun["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(self._claims(begun["nonce"]))}

    def _claims(self, nonce: str) -> dict[str, Any]:
        now = int(self.now())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "s-1",
            "iat": now,
            "exp": now + LIFE_SECONDS,
            "nonce": nonce,
        }
        claims |= {"email": "Wang@Example.com", "email_verified": True, **self.claims}
        return {name: value for name, value in claims.items() if value is not None}

    def document(self, path: str) -> tuple[int, dict[str, Any]]:
        """What is read with GET."""
        if path.endswith("/.well-known/openid-configuration"):
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token",
                "jwks_uri": self.issuer + "/keys",
                **self.description,
            }
        return (200, {"keys": self.keys}) if path.endswith("/keys") else (404, {})


@contextmanager
def identity_provider(now: Callable[[], float]) -> Iterator[Provider]:
    """Serve one on a free port."""
    provider = Provider(now=now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*provider.document(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(*provider.token(form, self.headers.get("Authorization", "")))

        def _answer(self, status: int, document: dict[str, Any]) -> None:
            name = self.path.rpartition("/")[2]
            provider.asked.append(name)
            status, body = provider.answers.get(name, (status, json.dumps(document).encode()))
            self.send_response(status)
            self.send_header("Location", provider.issuer + "/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        provider.port = server.server_port
        yield provider
        server.shutdown()


def unsigned(claims: dict[str, Any]) -> str:
    """A token with `alg: none`."""
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def signed_by_stranger(claims: dict[str, Any]) -> str:
    """A token of another key under the name of the right one."""
    return jwt.encode({"alg": "RS256", "kid": "k-1"}, claims, rsa_key("stranger"))


def signed_with_client_secret(claims: dict[str, Any]) -> str:
    """A token that whoever knows the client's secret can make."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))


def signed_with_public_key(claims: dict[str, Any]) -> str:
    """The public key taken for a shared secret (key confusion)."""
    pem = rsa_key("k-1").as_pem(private=False).replace(b"-----", b"")
    return jwt.encode({"alg": "HS256", "kid": "k-1"}, claims, OctKey.import_key(pem))
