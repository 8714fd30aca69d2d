"""Store layers, history and runs in PostgreSQL with PostGIS, for many users with rights (CONTRACT sections 4 and 5).

Needs the extra ``server``; no module used in embedded mode imports this package.
"""
