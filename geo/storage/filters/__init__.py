"""Read filters and compile them, with box, days and pages, to the SELECT of either store."""
