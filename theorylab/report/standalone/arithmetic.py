"""Linear algebra, norms and ratios, entry by entry or along an axis, on exact numbers."""

from theorylab.report.standalone.infinity import quotient, x_log_quotient
from theorylab.report.standalone.tables import each, exact, fold, table


def solve(A, b):
    """x with A x = b, by Gauss-Jordan elimination; 0 * x refuses an infinite entry."""
    rows = [[*row, x + 0 * x] for row, x in zip(table(A), b)]
    for k in range(len(rows)):
        pivot = max(range(k, len(rows)), key=lambda r: rows[r][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for r in range(len(rows)):
            if r != k:
                rows[r] = [x - rows[r][k] * y for x, y in zip(rows[r], rows[k])]
    return table([row[-1] for row in rows])


def det(A):
    """The determinant, by expansion along the first row."""
    if len(A) == 1:
        return A[0, 0]
    others = [[k for k in range(len(A)) if k != j] for j in range(len(A))]
    return sum((-1) ** j * A[0, j] * det(A[1:][:, others[j]]) for j in range(len(A)))


def inverse(A):
    """The inverse: column t solves A x = unit vector t."""
    return table([list(solve(A, unit)) for unit in identity(len(A))]).T


def identity(n):
    """The n by n identity."""
    return table([[int(s == t) for t in range(n)] for s in range(n)])


def larger(x, y):
    """The larger of two numbers."""
    return exact(max(x, y))


def smaller(x, y):
    """The smaller of two numbers."""
    return exact(min(x, y))


def maximum(x, y):
    """The larger, entry by entry."""
    return each(larger, x, y)


def minimum(x, y):
    """The smaller, entry by entry."""
    return each(smaller, x, y)


def absolute(x):
    """|x|, entry by entry."""
    return each(abs, x)


def positive(x):
    """max(x, 0), entry by entry."""
    return maximum(x, 0)


def sup(x, axis=None):
    """The largest entry, of all or along an axis."""
    return fold(larger, table(x), axis)


def inf(x, axis=None):
    """The smallest entry, of all or along an axis."""
    return fold(smaller, table(x), axis)


def sup_norm(x):
    """The largest |entry|."""
    return sup(absolute(x))


def l1_norm(x):
    """The sum of |entries| along the last axis."""
    return absolute(x).sum(-1)


def ratio(x, y):
    """x / y, entry by entry, with 0/0 = 0; x/0 is infinite."""
    return each(quotient, x, y)


def x_log_ratio(x, y):
    """x log(x / y), 0 at x = 0; infinite where y = 0 < x."""
    return each(x_log_quotient, x, y)


def as_array(x):
    """A table."""
    return table(x)
