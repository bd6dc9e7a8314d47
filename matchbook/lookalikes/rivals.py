"""What the method is measured against: each fits the same rows and says who is like the seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB

from matchbook.lookalikes.source import Flags, Matrix, Scores

Rival = Callable[[Matrix, Flags], Scores]
"""Rows and who is known to be seed → everybody's score."""


def logistic_regression(rows: Matrix, is_seed: Flags) -> Scores:
    """On one-hot columns and standardised numbers."""
    standard = _standard(rows)
    model = LogisticRegression(max_iter=1000).fit(standard, is_seed)
    return np.asarray(model.decision_function(standard), dtype=np.float64)


def gradient_boosting(rows: Matrix, is_seed: Flags) -> Scores:
    """Trees on everything, as the library has them."""
    model = HistGradientBoostingClassifier(random_state=0).fit(rows, is_seed)
    return np.asarray(model.decision_function(rows), dtype=np.float64)


def naive_bayes(rows: Matrix, is_seed: Flags) -> Scores:
    """On what is above its average."""
    above = _standard(rows) > 0
    model = BernoulliNB().fit(above, is_seed)
    return np.asarray(model.predict_log_proba(above)[:, 1], dtype=np.float64)


def centre_similarity(rows: Matrix, is_seed: Flags) -> Scores:
    """Cosine of the angle to the seed's mean: what lookalikes often are."""
    standard = _standard(rows)
    centre = standard[is_seed].mean(axis=0)
    lengths = np.linalg.norm(standard, axis=1) * np.linalg.norm(centre)
    return np.asarray(standard @ centre / np.maximum(lengths, 1e-9), dtype=np.float64)


RIVALS: dict[str, Rival] = {
    "logistic regression": logistic_regression,
    "gradient boosting": gradient_boosting,
    "naive Bayes": naive_bayes,
    "centre similarity": centre_similarity,
}


def _standard(rows: Matrix) -> Matrix:
    """Each column with mean 0 and deviation 1; what is not known is average."""
    mean = np.nanmean(rows, axis=0, dtype=np.float64)
    spread = np.nanstd(rows, axis=0, dtype=np.float64)
    spread[spread == 0] = 1
    standard = np.nan_to_num((rows - mean) / spread)
    return np.asarray(standard, dtype=np.float32)
