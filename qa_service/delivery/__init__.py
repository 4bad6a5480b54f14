"""Pushes a body to the one configured address, and to no place behind it. Owns no content and no log."""

from qa_service.delivery.addresses import RefusedAddress, Resolver, resolve
from qa_service.delivery.sender import TIMEOUT_SECONDS, WAITS_SECONDS, HttpSender

__all__ = ["TIMEOUT_SECONDS", "WAITS_SECONDS", "HttpSender", "RefusedAddress", "Resolver", "resolve"]
