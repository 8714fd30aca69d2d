"""Read filters and write them, with box, days and pages, as the SELECT of either store."""
