"""Print forms and sheets of single cameras, of sectors and of drafts, on one engine."""
