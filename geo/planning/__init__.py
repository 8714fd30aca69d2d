"""Draw grids: atoms between barriers, and their partition by household bands."""
