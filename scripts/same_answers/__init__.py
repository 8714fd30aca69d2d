"""Show that a change of structure changed no answer: ask two versions of the code the same questions.

Run from the root of the repository with the python that runs the program, its development packages installed::

    python -m scripts.same_answers BASE [--small]            ask BASE (a commit) and the present code, compare
    python -m scripts.same_answers ask OUT [--code DIR]      write the answers of one tree of the code into OUT
    python -m scripts.same_answers compare A B               compare two folders of answers
    make same-answers BASE=b69b1dd                           the first of these

The exit code is 0 where all answers are equal byte for byte, 1 where some differ, 2 where the asking failed.

Questions go through doors that are a contract and outlive any change inside: the command line (``python -m api``),
HTTP (the process that ``serve`` starts), the files written, and the names of ``import geo``. No inner module is
imported. An answer is one file, its question on top; groups are folders:

- ``county-small``, ``county-gulang``: the demo county: tables, workspace, map, sheet, commands, ``/locate``, ``/ogc``,
  ``/runs``, errors, in Chinese and English
- ``edits``: what writing over HTTP answers and leaves in the store, jobs, keys and rights
- ``imports``: reports, rejects and rows of small odd files
- ``python``: frames and errors of the stable Python names
- ``words``: help texts and descriptions, which may change while answers stay
- ``assets``: scripts and styles in the one-file map, which are code

What is no answer (times, ids made at random, ports, folders) is replaced before it is written:
``normalise.RULES`` names each such thing with its reason. A difference has to be explained or undone.

The code of BASE is unpacked under ``build/same-answers``, so that its kernels are compiled once, and its answers are
kept there for as long as the questions, the python and its packages are the same.
"""

#: Zone layers of a run, the whole area last.
ZONE_LAYERS = ("grids", "microgrids", "villages", "townships", "counties", "all")
