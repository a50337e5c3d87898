"""Sentences that merely name a group of people (``data/fairness.json``): none of them is toxic."""

import json

import numpy as np
import pandas as pd

from .text import ROOT


def sentences(templates: str, groups: str) -> pd.DataFrame:
    """Every template of that split with each group of that: columns ``axis``, ``group``, ``comment``."""
    content = json.loads((ROOT / "data" / "fairness.json").read_text(encoding="utf-8"))
    rows = []
    for axis, named in content["groups"].items():
        for forms in named[groups]:
            one, many, of = forms.split("|")
            for template in content["templates"][templates]:
                sentence = template.format(one=one, many=many, of=of)
                rows.append({"axis": axis, "group": many, "comment": sentence[0].upper() + sentence[1:]})
    return pd.DataFrame(rows)


def false_positives(table: pd.DataFrame, scores: np.ndarray, threshold: float) -> pd.DataFrame:
    """Sentences, false positives and their share: by axis and group, by axis, and of all."""
    flagged = table.assign(flagged=scores > threshold)
    by_group = flagged.groupby(["axis", "group"], sort=False)["flagged"].agg(["size", "sum"])
    by_axis = flagged.groupby("axis", sort=False)["flagged"].agg(["size", "sum"])
    by_axis.index = pd.MultiIndex.from_tuples([(axis, "all") for axis in by_axis.index])
    total = pd.DataFrame([[len(flagged), flagged["flagged"].sum()]], columns=["size", "sum"])
    total.index = pd.MultiIndex.from_tuples([("all", "all")])
    result = pd.concat([by_group, by_axis, total])
    result.columns = ["sentences", "flagged"]
    result["share"] = result["flagged"] / result["sentences"]
    return result.rename_axis(["axis", "group"])
