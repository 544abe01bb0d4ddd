"""Tables of exact numbers: what a formula uses of numpy, in plain Python.

A table is its shape and the entry at each index; a table without axes is just its number. Numbers
are fractions, integers, or `Interval`s where something is irrational.
"""

import re
from fractions import Fraction
from itertools import accumulate, product, zip_longest
from math import prod


class Table:
    """A table of numbers: its shape, and the entry at each index."""

    def __init__(self, shape, entry):
        self.shape = tuple(shape)
        self.at = {i: entry(i) for i in product(*map(range, self.shape))}

    def __getitem__(self, index):
        """As in numpy: integers, slices, None, an ellipsis, one list of integers."""
        index = list(index) if isinstance(index, tuple) else [index]
        gap = next((k for k, i in enumerate(index) if i is ...), len(index))
        whole = len(self.shape) - sum(i is not None and i is not ... for i in index)
        index[gap : gap + 1] = [slice(None)] * whole
        sizes = iter(self.shape)
        lines = [(0,) if i is None else line(next(sizes), i) for i in index]
        require(sum(isinstance(x, list) for x in lines) < 2, "two lists in one index")

        def entry(place):
            there = iter(place)
            found = [x if isinstance(x, int) else x[next(there)] for x in lines]
            return self.at[tuple(f for f, i in zip(found, index) if i is not None)]

        return made([len(x) for x in lines if not isinstance(x, int)], entry)

    def __len__(self):
        return self.shape[0]

    __add__ = __radd__ = lambda self, other: each(lambda x, y: x + y, self, other)
    __mul__ = __rmul__ = lambda self, other: each(lambda x, y: x * y, self, other)
    __sub__ = lambda self, other: each(lambda x, y: x - y, self, other)
    __rsub__ = lambda self, other: each(lambda x, y: y - x, self, other)
    __truediv__ = lambda self, other: each(lambda x, y: x / y, self, other)
    __rtruediv__ = lambda self, other: each(lambda x, y: y / x, self, other)
    __pow__ = lambda self, power: each(lambda x, k: x**k, self, power)
    __neg__ = lambda self: each(lambda x: -x, self)
    __abs__ = lambda self: each(abs, self)

    def __matmul__(self, other):
        if len(other.shape) == 1:
            return (self * other).sum(-1)
        return (self[..., None] * (other if len(self.shape) == 1 else other[..., None, :, :])).sum(
            -2
        )

    def sum(self, axis=None, keepdims=False):
        """The sum over an axis, several, or all."""
        return fold(lambda x, y: x + y, self, axis, keepdims)

    def prod(self, axis=None):
        """The product over an axis, several, or all."""
        return fold(lambda x, y: x * y, self, axis)

    def mean(self, axis=None):
        """The mean over an axis, several, or all."""
        return self.sum(axis) / (prod(self.shape) // prod(shape_of(self.sum(axis))))

    def transpose(self, *order):
        """The axes in another order, by default reversed."""
        count = len(self.shape)
        order = order[0] if order and isinstance(order[0], (tuple, list)) else order
        order = [k % count for k in order or range(count)[::-1]]
        back = [order.index(k) for k in range(count)]
        shape = [self.shape[k] for k in order]
        return Table(shape, lambda i: self.at[tuple(i[k] for k in back)])

    @property
    def T(self):
        """The axes reversed."""
        return self.transpose()

    @property
    def ndim(self):
        """How many axes there are."""
        return len(self.shape)

    @property
    def size(self):
        """How many entries there are."""
        return len(self.at)

    def swapaxes(self, one, other):
        """Two axes exchanged."""
        order = list(range(len(self.shape)))
        order[one], order[other] = order[other], order[one]
        return self.transpose(order)

    def reshape(self, *shape):
        """The same entries in another shape, of which one size may be -1."""
        shape = shape[0] if isinstance(shape[0], (tuple, list)) else shape
        known = prod(n for n in shape if n != -1)
        shape = [len(self.at) // known if n == -1 else n for n in shape]
        require(prod(shape) == len(self.at), f"{self.shape} has no shape {shape}")
        entries = iter(self.at.values())
        return made(shape, lambda i: next(entries))

    def ravel(self):
        """All entries in one row."""
        return self.reshape(-1)

    def flatten(self):
        """All entries in one row."""
        return self.reshape(-1)

    def copy(self):
        """The table itself: nothing changes it."""
        return self

    def dot(self, other):
        """The matrix product, of tables with one or two axes."""
        return self @ other

    def squeeze(self):
        """Without the axes of length 1."""
        return self.reshape([n for n in self.shape if n != 1])

    def diagonal(self):
        """The entries (k, k, ...) of the first two axes, along a new last axis."""
        return np_stack([self[k, k] for k in range(min(self.shape[:2]))], -1)

    def trace(self):
        """The sum of the diagonal."""
        return self.diagonal().sum(-1)

    def cumsum(self, axis=None):
        """Partial sums along an axis, or of all entries."""
        return scan(lambda x, y: x + y, self, axis)

    def cumprod(self, axis=None):
        """Partial products along an axis, or of all entries."""
        return scan(lambda x, y: x * y, self, axis)

    def repeat(self, count, axis=None):
        """Each entry `count` times, along an axis or in one row."""
        if axis is None:
            return self.ravel().repeat(count, 0)
        return np_take(self, [k for k in range(self.shape[axis]) for _ in range(count)], axis)

    def take(self, places, axis=None):
        """The entries at some places of an axis, or of all entries in one row."""
        return np_take(self, places, axis)


def require(holds, message):
    """Refuse what is not as it must be."""
    if not holds:
        raise ValueError(message)


def exact(x):
    """A number of a file or a formula: an integer, a fraction, "-3/4"; never a float."""
    if isinstance(x, str):
        require(re.fullmatch("-?[0-9]+(/[0-9]+)?", x), f"{x!r:.60} is no fraction")
    require(not isinstance(x, (bool, float)), f"{x!r} is no exact number")
    return Fraction(x) if isinstance(x, (int, str)) else x


def table(x):
    """A table of nested lists of exact numbers; a number stays a number."""
    if not isinstance(x, (list, tuple)):
        return x if isinstance(x, Table) else exact(x)
    parts = [table(part) for part in x]
    require(len({shape_of(part) for part in parts}) == 1, f"{x!r:.60} has rows that differ")
    return Table((len(parts), *shape_of(parts[0])), lambda i: pick(parts[i[0]], i[1:]))


def made(shape, entry):
    """A table, or its one number when it has no axes."""
    return Table(shape, entry) if shape else entry(())


def shape_of(x):
    """The shape of a table; () of a number."""
    return x.shape if isinstance(x, Table) else ()


def entries(x):
    """The entries of a table, the last axis fastest; of a number itself."""
    return list(x.at.values()) if isinstance(x, Table) else [x]


def line(size, index):
    """The places that an index means on an axis: one, or several."""
    if isinstance(index, (list, Table)):
        return [range(size)[int(k)] for k in index]
    return range(size)[index]


def pick(x, i):
    """The entry of x at index i, with numpy's broadcasting."""
    if not isinstance(x, Table):
        return x
    return x.at[tuple(k if n > 1 else 0 for k, n in zip(i[len(i) - len(x.shape) :], x.shape))]


def common(*shapes):
    """The shape to which all are broadcast."""
    sizes = [set(column) - {1} for column in zip_longest(*(s[::-1] for s in shapes), fillvalue=1)]
    require(all(len(found) < 2 for found in sizes), f"shapes {shapes} do not fit")
    return tuple(found.pop() if found else 1 for found in sizes)[::-1]


def each(f, *tables):
    """f entry by entry, shapes broadcast as in numpy."""
    tables = [table(x) if isinstance(x, (list, tuple)) else x for x in tables]
    return made(common(*map(shape_of, tables)), lambda i: f(*(pick(x, i) for x in tables)))


def fold(f, x, axis=None, keepdims=False):
    """The entries combined by f over an axis, several, or all."""
    if not shape_of(x):
        return x
    count = len(x.shape)
    chosen = range(count) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    gone, lines = [k % count for k in chosen], {}
    for i, entry in x.at.items():
        place = tuple(0 if a in gone else k for a, k in enumerate(i))
        lines[place] = f(lines[place], entry) if place in lines else entry
    found = Table([1 if a in gone else n for a, n in enumerate(x.shape)], lines.__getitem__)
    return (
        found if keepdims else found[tuple(0 if a in gone else slice(None) for a in range(count))]
    )


def scan(f, x, axis):
    """The partial combinations by f along an axis, or of all entries in one row."""
    if axis is None:
        return scan(f, x.ravel(), 0)
    whole = x.swapaxes(0, axis)
    return table(list(accumulate(whole, lambda one, other: each(f, one, other)))).swapaxes(0, axis)


def np_array(x, dtype=None):
    """A table of nested lists."""
    return table(x)


def np_asarray(x, dtype=None):
    """A table of nested lists."""
    return table(x)


def np_stack(parts, axis=0):
    """Tables of one shape side by side along a new axis."""
    whole = table([table(part) for part in parts])
    order = list(range(1, len(whole.shape)))
    order.insert(axis % len(whole.shape), 0)
    return whole.transpose(order)


def np_concatenate(parts, axis=0):
    """Tables one after the other along an axis."""
    parts = [table(part) for part in parts]
    lines = [part.swapaxes(0, axis)[k] for part in parts for k in range(part.shape[axis])]
    return table(lines).swapaxes(0, axis)


def np_vstack(parts):
    """Rows one below the other."""
    return np_concatenate([p if len(p.shape) > 1 else p[None] for p in map(table, parts)])


def np_hstack(parts):
    """Tables beside one another along the second axis, rows along their only one."""
    parts = [table(part) for part in parts]
    return np_concatenate(parts, min(1, len(parts[0].shape) - 1))


def np_sum(x, axis=None, keepdims=False):
    """The sum over an axis, several, or all."""
    return fold(lambda x, y: x + y, table(x), axis, keepdims)


def np_prod(x, axis=None):
    """The product over an axis, several, or all."""
    return table(x).prod(axis)


def np_cumsum(x, axis=None):
    """Partial sums along an axis, or of all entries."""
    return table(x).cumsum(axis)


def np_cumprod(x, axis=None):
    """Partial products along an axis, or of all entries."""
    return table(x).cumprod(axis)


def np_dot(x, y):
    """The matrix product, of tables with one or two axes."""
    return x @ y if isinstance(x, Table) and isinstance(y, Table) else x * y


def np_matmul(x, y):
    """The matrix product."""
    return x @ y


def np_inner(x, y):
    """The sums of products over the last axes."""
    return np_tensordot(x, y, ([-1], [-1]))


def np_outer(x, y):
    """All products of an entry of x and one of y."""
    return x.ravel()[:, None] * y.ravel()


def np_kron(x, y):
    """The Kronecker product of tables with equally many axes."""
    count = len(x.shape)
    order = [k + count * j for k in range(count) for j in (0, 1)]
    products = np_tensordot(x, y, 0).transpose(order)
    return products.reshape([n * m for n, m in zip(x.shape, y.shape)])


def np_tensordot(x, y, axes=2):
    """The sums of products over axes of x and of y."""
    if isinstance(axes, int):
        axes = (range(len(x.shape) - axes, len(x.shape)), range(axes))
    left = [k % len(x.shape) for k in (axes[0] if not isinstance(axes[0], int) else [axes[0]])]
    right = [k % len(y.shape) for k in (axes[1] if not isinstance(axes[1], int) else [axes[1]])]
    names = "abcdefghijklmnopqrstuvwxyz"
    one, other = list(names[: len(x.shape)]), list(names[len(x.shape) :][: len(y.shape)])
    for k, j in zip(left, right):
        other[j] = one[k]
    free = [a for k, a in enumerate(one) if k not in left]
    free += [a for k, a in enumerate(other) if k not in right]
    return np_einsum(f"{''.join(one)},{''.join(other)}->{''.join(free)}", x, y)


def np_einsum(formula, *factors):
    """The sum of products that "sap,sa->s" names: indices that are not kept are summed over."""
    left, arrow, kept = formula.replace(" ", "").partition("->")
    require("." not in formula, f"{formula!r}: an ellipsis is not supported")
    kept = kept if arrow else "".join(k for k in sorted(set(left) - {","}) if left.count(k) == 1)
    size = {k: n for part, x in zip(left.split(","), factors) for k, n in zip(part, shape_of(x))}
    summed = sorted(set(size) - set(kept))

    def entry(place):
        total = 0
        for values in product(*(range(size[k]) for k in summed)):
            at = {**dict(zip(kept, place)), **dict(zip(summed, values))}
            parts = zip(left.split(","), factors)
            total += prod(x[tuple(at[k] for k in part)] if part else x for part, x in parts)
        return total

    return made([size[k] for k in kept], entry)


def np_trace(x):
    """The sum of the diagonal."""
    return x.trace()


def np_diagonal(x):
    """The entries (k, k, ...) of the first two axes, along a new last axis."""
    return x.diagonal()


def np_diag(x):
    """The diagonal of a square, or the square with that diagonal."""
    if len(x.shape) == 2:
        return x.diagonal()
    return table([[x[s] if s == t else 0 for t in range(len(x))] for s in range(len(x))])


def np_arange(*ends):
    """Integers from, to (left out), by."""
    return table(list(range(*ends)))


def np_transpose(x, order=()):
    """The axes in another order, by default reversed."""
    return x.transpose(*(order or ()))


def np_swapaxes(x, one, other):
    """Two axes exchanged."""
    return x.swapaxes(one, other)


def np_moveaxis(x, source, target):
    """One axis at another place."""
    order = [k for k in range(len(x.shape)) if k != source % len(x.shape)]
    order.insert(target % len(x.shape), source % len(x.shape))
    return x.transpose(order)


def np_reshape(x, shape):
    """The same entries in another shape."""
    return table(x).reshape(*(shape if isinstance(shape, (tuple, list)) else (shape,)))


def np_ravel(x):
    """All entries in one row."""
    return table(x).ravel()


def np_repeat(x, count, axis=None):
    """Each entry `count` times, along an axis or in one row."""
    return table(x).repeat(count, axis)


def np_tile(x, count):
    """A table again and again along its last axis."""
    require(isinstance(count, int), "tile: only a number of times is supported")
    return np_concatenate([x] * count, -1)


def np_roll(x, shift, axis=None):
    """The entries moved along an axis, the last ones to the front."""
    if axis is None:
        return np_roll(x.ravel(), shift, 0).reshape(x.shape)
    n = x.shape[axis]
    return np_take(x, [(k - shift) % n for k in range(n)], axis)


def np_flip(x, axis=None):
    """An axis reversed, or all of them."""
    if axis is None:
        return x.ravel()[::-1].reshape(x.shape)
    return np_take(x, list(range(x.shape[axis]))[::-1], axis)


def np_take(x, places, axis=None):
    """The entries at some places of an axis, or of all entries in one row."""
    x = x.ravel() if axis is None else x
    index = [slice(None)] * len(x.shape)
    index[0 if axis is None else axis] = places
    return x[tuple(index)]


def np_triu(x, k=0):
    """The part of a square on and above diagonal k, zeros elsewhere."""
    return keep(x, lambda s, t: t - s >= k)


def np_tril(x, k=0):
    """The part of a square on and below diagonal k, zeros elsewhere."""
    return keep(x, lambda s, t: t - s <= k)


def keep(x, chosen):
    """The entries (s, t) of a square that are chosen, zeros elsewhere."""
    rows, columns = x.shape
    return table([[x[s, t] if chosen(s, t) else 0 for t in range(columns)] for s in range(rows)])


def np_expand_dims(x, axis):
    """A new axis of length 1."""
    index = [slice(None)] * len(x.shape)
    index.insert(axis % (len(x.shape) + 1), None)
    return x[tuple(index)]


def np_squeeze(x):
    """Without the axes of length 1."""
    return x.squeeze()


def np_broadcast_to(x, shape):
    """The entries repeated to a shape."""
    shape = shape if isinstance(shape, (tuple, list)) else (shape,)
    fits = common(shape_of(x), tuple(shape)) == tuple(shape)
    require(fits, f"shape {shape_of(x)} does not fit {shape}")
    return made(shape, lambda i: pick(x, i))


def np_shape(x):
    """The shape of a table; () of a number."""
    return shape_of(table(x))


def np_ndim(x):
    """How many axes there are."""
    return len(shape_of(table(x)))
