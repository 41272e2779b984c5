"""A typed line, and the cell below it, become a frozen command. Pure: knows no IPython."""
