"""Calls of the service to the outside: to the configured hosts alone, and to no place behind them. Owns no content and no log."""

from qa_service.delivery.addresses import RefusedAddress, Resolver, resolve
from qa_service.delivery.fetcher import HostFetcher
from qa_service.delivery.sender import TIMEOUT_SECONDS, WAITS_SECONDS, HttpSender

__all__ = ["TIMEOUT_SECONDS", "WAITS_SECONDS", "HostFetcher", "HttpSender", "RefusedAddress", "Resolver", "resolve"]
