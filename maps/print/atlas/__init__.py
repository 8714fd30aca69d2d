"""Print an atlas: cover, guide, index of sheets, a sheet for each zone, directory of grids."""
