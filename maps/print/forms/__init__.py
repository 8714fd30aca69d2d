"""Print forms and sheets of single cameras, of sectors and of proposals, on one engine."""
