"""Provide the command line and the HTTP service."""

TYPE_CHECKING = False  # typing's own says the same to a type checker, and takes time to load

if TYPE_CHECKING:
    __version__: str


def __getattr__(name: str) -> str:
    """Return ``__version__`` as installed; looking it up takes as long as everything else that a help page needs."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version  # noqa: PLC0415

    found = globals()[name] = version("gridsight")
    return found
