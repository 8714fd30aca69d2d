"""Read OpenStreetMap: its files, its tags, and the columns that its converters make."""
