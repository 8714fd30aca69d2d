"""Check the types of the page's scripts (``python -m scripts.page_types``, part of ``make lint``)."""
