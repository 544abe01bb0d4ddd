"""Errors: one class per kind of mistake, all under TheorylabError.

A message says what was given (with its place and value), what was expected, what to do.
"""


class TheorylabError(Exception):
    """Base of every error that a user of theorylab can cause or meet."""


class InvalidArgument(TheorylabError, ValueError):
    """An argument outside its domain; the message names it, its value and the domain."""


class ModelError(InvalidArgument):
    """A world (MDP, policy, distribution) whose tables are not what they should be."""


class NonFiniteDerivative(TheorylabError):
    """A derivative of a smooth system that is not a finite number; the message names the entry."""


class ClaimError(TheorylabError):
    """A claim that is not written as a claim: untyped parameter, float literal, wrong shapes."""


class ParseError(TheorylabError):
    """A file that cannot be read as what it should be."""


class StoreError(TheorylabError):
    """A results folder or file that cannot be written or read."""


class EngineError(TheorylabError):
    """An engine that does not exist or failed."""


class Unsupported(TheorylabError):
    """An operation that a number system lacks; the engine that meets it is not applicable."""


class AtRandom(Unsupported):
    """The claim draws at random: it is for the probability engine."""


class RunsAlong(Unsupported):
    """The claim says O(...) along a family: it is for the growth engine."""


class TooManyOutcomes(Unsupported):
    """More outcomes than the budget allows to enumerate: replications remain."""


class HypothesisFailed(TheorylabError):
    """The instance does not satisfy a hypothesis of the claim: it is not counted."""


class VoidBound(HypothesisFailed):
    """The bound is infinite at this instance: void, neither true nor false."""


class Undefined(TheorylabError):
    """Both sides exist only as 0/0 or NaN: add an assumption or fix the claim."""


class IndefiniteCost(InvalidArgument):
    """A quadratic cost without a best control: R + B'PB is not positive definite."""


class Unstable(InvalidArgument):
    """A linear system whose discounted cost is infinite: unstable, or no gain stabilises it."""


class Diverged(InvalidArgument):
    """A rollout or a recursion that left the finite numbers; the message names the step."""


class TooLargeTree(InvalidArgument):
    """A tree of beliefs or of histories that would not fit the memory limit."""


class UnreachableHistory(InvalidArgument):
    """A history that cannot happen was asked for; the message names its first impossible step."""
