"""Which groups of customers are alike in what they need? k-means, done properly.

Bring the features to one scale, try several numbers of segments, keep a solution that comes back on
other samples, then look at what the segments are like. Sources: Rousseeuw (1987) for the
silhouette; Hubert & Arabie (1985) for the adjusted Rand index; Dolnicar & Leisch (2010), Evaluation
of structure and reproducibility of cluster solutions using the bootstrap, Marketing Letters 21.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmlib._checks import check_features, check_no_gaps, check_whole

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

SILHOUETTE_SAMPLE = 2_000  # the silhouette compares all pairs; a sample keeps it quick
STABILITY_SAMPLE = 1_000  # very large samples always agree; these show what rests on chance


def kmeans_pipeline(k: int, *, scale: bool = True, seed: int = 0) -> "Pipeline":
    """A scikit-learn pipeline: bring features to one scale, then k-means.

    Without scaling, the feature with the largest numbers (yuan a year, say) decides alone.

    Parameters
    ----------
    k : int
        Number of segments, at least 1.
    scale : bool, default True
        Whether each feature is first brought to mean 0 and standard deviation 1.
    seed : int, default 0
        Makes the result the same on every run.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Not fitted; ``.fit_predict(features)`` gives a segment number for each customer.

    Raises
    ------
    ValueError
        If ``k`` is not a whole number from 1 up.

    Examples
    --------
    >>> features = pd.DataFrame({"orders_a_year": [1, 2, 30, 31], "yuan": [900, 100, 850, 120]})
    >>> kmeans_pipeline(2).fit(features).named_steps["kmeans"].n_clusters
    2
    """
    from sklearn.cluster import KMeans
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    k = check_whole(k, name="k", lowest=1)
    steps = [StandardScaler()] if scale else []
    return make_pipeline(*steps, KMeans(n_clusters=k, n_init=10, random_state=seed))


def choose_k(
    features: pd.DataFrame,
    *,
    k: Iterable[int] = range(2, 9),
    scale: bool = True,
    n_repeats: int = 10,
    seed: int = 0,
) -> pd.DataFrame:
    """Three views on how many segments there are.

    Inertia always falls as k grows, so it cannot choose alone. The silhouette can rise and fall;
    the stability warns of a k whose segments do not come back on other samples. Look for a k where
    both are high, then ask whether the segments make sense.

    Parameters
    ----------
    features : DataFrame
        One row a customer, numbers only, no gaps. Put the customer's id in the index.
    k : iterable of int, default 2 to 8
        Numbers of segments to try; each at least 2 and below the number of customers.
    scale : bool, default True
        As in :func:`kmeans_pipeline`.
    n_repeats : int, default 10
        Pairs of samples for the stability.
    seed : int, default 0
        Makes the result the same on every run.

    Returns
    -------
    DataFrame
        One row a k: ``k``; ``inertia`` (squared distances to the centres, in scaled units);
        ``silhouette`` (-1 to 1, higher is better separated; on a sample of 2,000 customers if there
        are more); ``stability`` (mean adjusted Rand index, 1 if every sample gives the same
        segments, about 0 if they agree by chance), see :func:`stability`.

    Raises
    ------
    TypeError, ValueError
        If the table is empty, a column is not numeric or has gaps, or a k is out of range.

    Examples
    --------
    >>> points = np.random.default_rng(0).normal(size=(90, 2)) + np.repeat([0, 9, 18], 30)[:, None]
    >>> table = choose_k(pd.DataFrame(points, columns=["x", "y"]), k=[2, 3, 4])
    >>> int(table.loc[table["silhouette"].idxmax(), "k"])
    3
    """
    from sklearn.metrics import silhouette_score
    from threadpoolctl import threadpool_limits

    features = check_features(features)
    sample = min(SILHOUETTE_SAMPLE, len(features))
    rows = []
    for number in k:
        model = kmeans_pipeline(_check_k(number, features), scale=scale, seed=seed)
        with threadpool_limits(1):  # as in stability
            labels = model.fit_predict(features)
        scaled = model[:-1].transform(features) if scale else features
        rows.append(
            {
                "k": int(number),
                "inertia": float(model[-1].inertia_),
                "silhouette": float(
                    silhouette_score(scaled, labels, sample_size=sample, random_state=seed)
                ),
                "stability": stability(
                    features, k=number, scale=scale, n_repeats=n_repeats, seed=seed
                ),
            }
        )
    return pd.DataFrame(rows, columns=["k", "inertia", "silhouette", "stability"])


def stability(
    features: pd.DataFrame, *, k: int, scale: bool = True, n_repeats: int = 20, seed: int = 0
) -> float:
    """Do the same k segments come back on other samples of the customers?

    Two bootstrap samples (drawn with replacement, of 1,000 customers if there are more) give two
    sets of centres; every customer is assigned by both; the adjusted Rand index says how far the
    two segmentations agree. The mean over pairs is returned (Dolnicar & Leisch 2010). A low value
    speaks against a k; a high one alone does not speak for it, as few large groups often come back.

    Parameters
    ----------
    features : DataFrame
        One row a customer, numbers only, no gaps.
    k : int
        Number of segments, at least 2 and below the number of customers.
    scale : bool, default True
        As in :func:`kmeans_pipeline`.
    n_repeats : int, default 20
        Pairs of samples.
    seed : int, default 0
        Makes the result the same on every run.

    Returns
    -------
    float
        1 if the segments always come back, about 0 if they agree no better than by chance.

    Raises
    ------
    TypeError, ValueError
        As :func:`choose_k`.

    Examples
    --------
    >>> points = np.random.default_rng(0).normal(size=(90, 2)) + np.repeat([0, 9, 18], 30)[:, None]
    >>> round(stability(pd.DataFrame(points, columns=["x", "y"]), k=3), 2)
    1.0
    """
    from sklearn.metrics import adjusted_rand_score
    from threadpoolctl import threadpool_limits

    features = check_features(features)
    k = _check_k(k, features)
    n_repeats = check_whole(n_repeats, name="n_repeats", lowest=1)
    random = np.random.default_rng(seed)
    agreement = []
    # Many small fits: threads would wait for each other longer than they compute.
    with threadpool_limits(1):
        for _ in range(n_repeats):
            first, second = (_labels_from_sample(features, k, scale, random) for _ in range(2))
            agreement.append(adjusted_rand_score(first, second))
    return float(np.mean(agreement))


def profile(features: pd.DataFrame, labels: object, *, standardised: bool = False) -> pd.DataFrame:
    """What is each segment like? Its size and its mean of every feature.

    Parameters
    ----------
    features : DataFrame
        One row a customer, numbers only, no gaps, in their own units.
    labels : Series, array or list
        The segment of each customer, in the order of the rows (a Series is matched by its index).
    standardised : bool, default False
        Whether the means are shown as distance from the mean of all customers, in standard
        deviations (for pictures: 0 is average, 1 is clearly above).

    Returns
    -------
    DataFrame
        One row a segment, sorted: ``segment``, ``customers`` (int), ``share`` (0 to 1; they sum to
        1), and one column a feature. A feature that never varies has distance 0.

    Raises
    ------
    TypeError, ValueError
        If the table is empty, a column is not numeric or has gaps, or labels are missing or do not
        fit the rows.

    Examples
    --------
    >>> features = pd.DataFrame({"orders_a_year": [2, 4, 30], "gift_share": [0.9, 0.7, 0.1]})
    >>> profile(features, ["gifts", "gifts", "daily"])
      segment  customers     share  orders_a_year  gift_share
    0   daily          1  0.333333           30.0         0.1
    1   gifts          2  0.666667            3.0         0.8
    """
    features = check_features(features)
    labels = _check_labels(labels, features)
    if standardised:
        spread = features.std(ddof=0).replace(0.0, 1.0)
        features = (features - features.mean()) / spread
    groups = features.groupby(labels.to_numpy())
    table = groups.mean()
    table.insert(0, "customers", groups.size())
    table.insert(1, "share", table["customers"] / len(features))
    return table.rename_axis("segment").reset_index()


def _labels_from_sample(
    features: pd.DataFrame, k: int, scale: bool, random: np.random.Generator
) -> np.ndarray:
    """Learn the centres on one bootstrap sample and assign every customer by them."""
    rows = random.integers(0, len(features), min(STABILITY_SAMPLE, len(features)))
    model = kmeans_pipeline(k, scale=scale, seed=int(random.integers(2**31)))
    return model.fit(features.iloc[rows]).predict(features)


def _check_k(k: int, features: pd.DataFrame) -> int:
    k = check_whole(k, name="k", lowest=2)
    if k >= len(features):
        raise ValueError(
            f"k={k} segments need more than {k} customers; features has {len(features)} rows."
        )
    return k


def _check_labels(labels: object, features: pd.DataFrame) -> pd.Series:
    """Labels as a Series in the order of the features' rows."""
    if isinstance(labels, pd.Series) and not labels.index.equals(features.index):
        if not labels.index.is_unique or not features.index.isin(labels.index).all():
            raise ValueError(
                "labels and features are about different customers: their indexes differ; give "
                "both the same index, or pass labels.to_numpy() if the rows are in the same order."
            )
        labels = labels.loc[features.index]
    labels = pd.Series(labels)
    if len(labels) != len(features):
        raise ValueError(
            f"labels has {len(labels)} entries for {len(features)} rows of features; give one "
            f"label a customer."
        )
    check_no_gaps(labels, name="labels", table="the segmentation")
    return labels
