"""Tell what the columns of a file hold: by their names, their values and the profile of their file."""
