"""Store layers, history and runs in PostgreSQL with PostGIS, for many users (docs/contract.md sections 4 and 5).

Needs the extra ``server``; no module used in embedded mode imports this package.
"""
