"""The text of exported checkers: plain Python >= 3.9 on `fractions`, with nothing of theorylab.

    tables      tables of exact numbers, what a formula uses of numpy
    reals       enclosures of irrational numbers, for claims with roots and logarithms
    worlds      MDPs and policies, and the reading of an instance within its domain
    vocabulary  the library's public functions, each by a method other than the library's
    checking    relations, their decision, and what check.py prints

`theorylab.report.export` copies from these files the definitions that a claim needs, so that a
checker stays a page. To add a function: write it in `vocabulary`, under the library's own name, by
another method, on `Table`s, without imports of its own; a new module of the library also joins
`HOMES` in `theorylab.report.checker`. To add a world: a class in `worlds` with the fields of its
JSON record; a new table of a signature joins `READERS` there. All files share one namespace.
"""
