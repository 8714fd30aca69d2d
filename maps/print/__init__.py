"""Print sheets: vector pages at a round scale."""
