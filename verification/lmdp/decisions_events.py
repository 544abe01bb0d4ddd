"""Mutants of Appendix A and of Lemma 11 that were not broken: as in `decisions`."""

OTHER_POINT = "another P, delta or HK of the same kind: the statement is for all of them"
SLACK = (
    "the failure probability is well below delta at so few draws, with a third of iota, too: Lemma 5 is"
    " added up over all N <= HK, which is far from sharp"
)

DECIDED_EVENTS = {
    "good_event_2_halved: tighten the bound by 1 %": SLACK,
    "good_event_2_halved: 2 -> 3": SLACK,
    "good_event_2_halved: * 2 [*][*] (2 [*] i + 1)": OTHER_POINT,
    "good_event_2_halved: * of 2 [*] i*": OTHER_POINT,
    "good_event_2_halved: *1000*": OTHER_POINT,
    "good_event_2_halved: * 64*": OTHER_POINT,
    "good_event_2_halved: 64 -> *": OTHER_POINT,
    "good_event_2_halved: 2 -> *": OTHER_POINT,
}
