"""Say who calls and what they may do (CONTRACT section 5)."""

from api.security.authorization import caller_of, enforce, needs, require, require_layer, scope_key

__all__ = ["caller_of", "enforce", "needs", "require", "require_layer", "scope_key"]
