"""Print sheets: vector pages at a true scale."""
