"""Mutants of the claims of linear systems that were not broken: the decisions, as in `decisions`."""

ONE_SYSTEM = "compares a system with itself: every difference of values is 0, and so are both sides"
ANY_VECTORS = (
    "an identity in the successors, whatever they are: which state, control and dynamics they come"
    " from matters only to the statement about the minimiser, where these mutants are killed"
)
SAME_SYSTEM = (
    "repairs the false statement by comparing a system with itself, where every difference is 0"
)
MINIMISER = (
    "repairs the false statement by giving both sides the same model, or the model's in place of the"
    " true one's as the smaller: no statement of the paper"
)

DECIDED = {
    "linear_loss_as_printed/*: M -> M_hat in gaps_of_the_experiment(*": SAME_SYSTEM,
    "linear_loss_as_printed/*: M_hat -> M in gaps_of_the_experiment(*": SAME_SYSTEM,
    "linear_loss_as_printed/*: M.homogeneous -> M_hat.homogeneous": SAME_SYSTEM,
    "linear_loss_as_printed/*: M_hat.homogeneous -> M.homogeneous": SAME_SYSTEM,
    "linear_loss_as_printed/moment_gaps: M -> M_hat in quadratic_next_value(*": SAME_SYSTEM,
    "linear_loss_as_printed/moment_gaps: M_hat -> M in quadratic_next_value(*": SAME_SYSTEM,
    "linear_loss_*/*: M.homogeneous -> M_hat.homogeneous": ONE_SYSTEM,
    "linear_loss_*/*: M_hat.homogeneous -> M.homogeneous": ONE_SYSTEM,
    "linear_loss_corrected/moment_gaps: M -> M_hat in quadratic_next_value(*": ONE_SYSTEM,
    "linear_loss_corrected/moment_gaps: M_hat -> M in quadratic_next_value(*": ONE_SYSTEM,
    "linear_loss_with_noisy_data_corrected/*: M -> M_hat in noisy_step(*": ANY_VECTORS,
    "linear_loss_with_noisy_data_corrected/*: M_hat -> M in noisy_step(*": ANY_VECTORS,
    "linear_loss_with_noisy_data_corrected/noisy_step: *": ANY_VECTORS,
    "linear_loss_with_noisy_data/*: M -> M_hat in noisy_step(*": MINIMISER,
    "linear_loss_with_noisy_data/*: M_hat -> M in noisy_step(*": MINIMISER,
}
