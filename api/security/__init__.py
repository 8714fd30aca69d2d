"""Authenticate callers and authorise requests (docs/contract.md section 5)."""

from api.security.authorization import caller_of, enforce, require, require_layer, requires, scope_key

__all__ = ["caller_of", "enforce", "require", "require_layer", "requires", "scope_key"]
