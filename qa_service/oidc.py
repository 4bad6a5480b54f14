"""Speaks OpenID Connect with one issuer: authorization code with PKCE, ID tokens checked by joserfc. Owns no user.

docs/adr/0025-oidc.md says why it is made like this.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey, import_key

from qa_service.domain.oidc import Identity, LogInRefused, Proof, Refusal, clean_email, is_subject

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Signatures with a private key of the issuer. Never `none`, and never one that is made with the client's secret."""
KINDS = ("RSA", "EC")
"""Of keys."""
LEEWAY_SECONDS = 60
"""How far the clocks of issuer and service may be apart."""
SCOPE = "openid email"


class Fetch(Protocol):
    """Calls the issuer's host and no other."""

    def __call__(
        self, method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body. Raises ConnectionError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What the issuer says of itself."""

    authorization: str
    token: str
    keys: str
    takes_basic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcProvider:
    """One issuer. Its description and its keys are read at each log-in: nothing here is ever out of date.

    Args:
        issuer: as its tokens name it, to the character.
        client_id: what this service is called there.
        client_secret: what it proves that with.
        fetch: calls the issuer.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    fetch: Fetch

    def authorization_url(self, proof: Proof, *, redirect_uri: str) -> str:
        """Where the browser goes to log in.

        Raises:
            LogInRefused: (`provider`) the issuer does not answer as it should.
        """
        address = self._endpoints().authorization
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": proof.state,
            "nonce": proof.nonce,
            "code_challenge": proof.challenge,
            "code_challenge_method": "S256",
        }
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def identify(self, code: str, proof: Proof, *, redirect_uri: str, now: datetime) -> Identity:
        """Redeem the code that came back, and check the token that it gives.

        Raises:
            LogInRefused: (`provider`) the issuer does not answer, or does not take the code; (`token`) the ID token is not
                signed by it, not for this service, not of this log-in, or not valid now.
        """
        endpoints = self._endpoints()
        token = self._redeem(endpoints, code, proof, redirect_uri=redirect_uri)
        return _identity(self._checked(token, self._keys(endpoints.keys), proof, now=now))

    def _endpoints(self) -> Endpoints:
        found = self._document("GET", self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        authorization = found.get("authorization_endpoint")
        token, keys = found.get("token_endpoint"), found.get("jwks_uri")
        if found.get("issuer") != self.issuer or not isinstance(token, str) or not isinstance(keys, str):
            raise LogInRefused(Refusal.PROVIDER)
        if not isinstance(authorization, str) or _host(authorization) != _host(self.issuer):
            raise LogInRefused(Refusal.PROVIDER)
        methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        takes_basic = isinstance(methods, list) and "client_secret_basic" in methods
        return Endpoints(authorization=authorization, token=token, keys=keys, takes_basic=takes_basic)

    def _redeem(self, endpoints: Endpoints, code: str, proof: Proof, *, redirect_uri: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": proof.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if endpoints.takes_basic:  # the secret in the form of RFC 6749, 2.3.1
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        answer = self._document("POST", endpoints.token, content=urlencode(form).encode(), headers=headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise LogInRefused(Refusal.PROVIDER)
        return token

    def _keys(self, address: str) -> KeySet:
        found = self._document("GET", address).get("keys")
        if not isinstance(found, list):
            raise LogInRefused(Refusal.PROVIDER)
        return KeySet([key for key in map(_signing_key, found) if key is not None])

    def _checked(self, token: str, keys: KeySet, proof: Proof, *, now: datetime) -> dict[str, Any]:
        """The claims of a token that all of OpenID Connect Core 1.0, 3.1.3.7 holds for."""
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise LogInRefused(Refusal.TOKEN) from error
        nonce, party = claims.get("nonce"), claims.get("azp")
        is_ours = party == self.client_id or (party is None and claims["aud"] in (self.client_id, [self.client_id]))
        if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), proof.nonce.encode()) or not is_ours:
            raise LogInRefused(Refusal.TOKEN)
        return claims

    def _document(
        self, method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        try:
            status, body = self.fetch(method, url, content=content, headers=headers)
            document = json.loads(body) if status == 200 else None
        except (ConnectionError, ValueError, RecursionError) as error:
            raise LogInRefused(Refusal.PROVIDER) from error
        if not isinstance(document, dict):
            raise LogInRefused(Refusal.PROVIDER)
        return document


def _signing_key(document: object) -> RSAKey | ECKey | None:
    """A key that tokens may be signed with; None for keys of other uses and kinds, which sets hold, too."""
    if not isinstance(document, dict) or document.get("use", "sig") != "sig" or document.get("kty") not in KINDS:
        return None
    try:
        key = import_key(document)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey) else None


def _identity(claims: Mapping[str, Any]) -> Identity:
    subject, given = claims["sub"], claims.get("email")
    if not is_subject(subject):
        raise LogInRefused(Refusal.TOKEN)
    email = clean_email(given) if isinstance(given, str) else None
    is_verified = claims.get("email_verified") is True
    return Identity(
        subject=subject,
        email=email if is_verified else None,
        has_unverified_email=email is not None and not is_verified,
    )


def _host(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.scheme, parts.netloc
