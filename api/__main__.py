"""Run the command line as ``python -m api``, where the console script is not on the path."""

from api.cli import main

main()
