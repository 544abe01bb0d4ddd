"""The figures: one file each, with VARIANTS, compute(...) -> data, draw(data) -> Figure and
conclusion(data) -> supported or not. `theorylab.report.figures` finds and writes them by path.
"""
