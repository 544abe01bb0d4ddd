"""The text of exported checkers: plain Python >= 3.9 on `fractions`, with nothing of theorylab.

    tables      tables of exact numbers, what a formula uses of numpy
    reals       enclosures of irrational numbers, for claims with roots and logarithms
    infinity    what x / 0 is, for claims with ratios and divergences
    arithmetic  linear algebra, norms and ratios
    relations   relations and their decision
    worlds      MDPs and policies, and the reading of an instance within its domain
    vocabulary  the library's public functions, each by a method other than the library's
    checking    what check.py reads, compares and prints

`theorylab.report.export` copies from these files the definitions that a claim needs, so that a
reviewer reads no more: the claim, `vocabulary` and `checking` go to check.py, the rest to files
beside it. To add a function: write it in `vocabulary`, under the library's own name, by
another method, on `Table`s, without imports of its own; a new module of the library also joins
`HOMES` in `theorylab.report.checker`. To add a world: a class in `worlds` with the fields of its
JSON record; a new table of a signature joins `READERS` there. All files share one namespace.
"""
