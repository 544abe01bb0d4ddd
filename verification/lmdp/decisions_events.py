"""Mutants of Appendix A and of Lemma 11 that were not broken: as in `decisions`."""

OTHER_POINT = "another P, delta or HK of the same kind: the statement is for all of them"
SLACK = (
    "the failure probability is well below delta at so few draws, with a third of iota, too: Lemma 5 is"
    " added up over all N <= HK, which is far from sharp"
)
BOUNDED_X = "|X| is at most 1, so V(XY) is at most sup Y^2: no statement of interest"
IOTA_ALONE = (
    "1 <= iota does it alone, iota being at least 2 ln 2; the event's other terms only add to it"
)
TO_SPARE = "iota is twice a logarithm: 2MAH/delta are to spare under it, whatever the sizes"

DECIDED_EVENTS = {
    # Appendix A
    "variance_of_a_product: drop factor 2 [*] variance(p, X) of *": BOUNDED_X,
    # Lemma 11
    "one_draw_is_trivial: *": IOTA_ALONE,
    "one_draw_is_trivial/event_1: *": IOTA_ALONE,
    "good_event_2_halved: tighten the bound by 1 %": SLACK,
    "good_event_2_halved: 2 -> 3": SLACK,
    "good_event_2_halved: * 2 [*][*] (2 [*] i + 1)": OTHER_POINT,
    "good_event_2_halved: * of 2 [*] i*": OTHER_POINT,
    "good_event_2_halved: *1000*": OTHER_POINT,
    "good_event_2_halved: * 64*": OTHER_POINT,
    "good_event_2_halved: 64 -> *": OTHER_POINT,
    "good_event_2_halved: 2 -> *": OTHER_POINT,
    "iota_prime_is_at_most_iota: *": TO_SPARE,
}
