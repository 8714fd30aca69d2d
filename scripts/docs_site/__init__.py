"""Build the documentation site: pages, search, references, notebook, links (``python -m scripts.docs_site``)."""
