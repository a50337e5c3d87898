"""Sentences that merely name a group of people (``data/fairness.json``): none of them is toxic."""

import json

import numpy as np
import pandas as pd

from .text import ROOT

# Sentences to train on that each template gives, with groups drawn at random: all of them would be too many.
PER_TEMPLATE = 6


def content() -> dict:
    return json.loads((ROOT / "data" / "fairness.json").read_text(encoding="utf-8"))


def sentences(templates: str, groups: str) -> pd.DataFrame:
    """Every template of that split with each group of that: columns ``axis``, ``group``, ``template``, ``comment``."""
    written = content()
    rows = []
    for axis, named in written["groups"].items():
        for forms in named[groups]:
            one, many, of = forms.split("|")
            for number, template in enumerate(written["templates"][templates]):
                sentence = template.format(one=one, many=many, of=of)
                rows.append(
                    {
                        "axis": axis,
                        "group": many,
                        "template": number,
                        "comment": sentence[0].upper() + sentence[1:],
                    }
                )
    return pd.DataFrame(rows)


def drawn(templates: str, groups: str, seed: int) -> pd.DataFrame:
    """``PER_TEMPLATE`` of the ``sentences`` of each template."""
    return sentences(templates, groups).groupby("template").sample(PER_TEMPLATE, random_state=seed)


def names() -> list[str]:
    """The names of the groups in all their forms, those in ``common`` and those of several words left out."""
    written = content()
    groups = [forms.split("|") for named in written["groups"].values() for split in named.values() for forms in split]
    return sorted(
        {
            form
            for one, many, of in groups
            if one not in written["common"] and " " not in one
            for form in declined(one, many, of)
        }
    )


def declined(one: str, many: str, of: str) -> set[str]:
    """The cases of a noun or of an adjective that is used as one, by nominative, plural and genitive plural.

    Some of the forms do not exist (`чехем` beside `чехом`): nobody writes them.
    """
    if of.endswith(("ых", "их")):
        stem, vowel = of[:-2], of[-2]
        plural = {vowel + ending for ending in ("х", "м", "ми")}
        return {one, many} | {stem + ending for ending in plural | {"ого", "ому", "ом", "ая", "ой", "ую", "ое"}}
    stem = many[:-1]
    soft = many.endswith("и") and stem[-1] not in "кгхшщжч"
    forms = {one, many, of} | {stem + ending for ending in (("ям", "ями", "ях") if soft else ("ам", "ами", "ах"))}
    if one.endswith(("а", "я")):
        endings = ("и", "е", "ю", "ей") if one.endswith("я") else (many[-1], "е", "у", "ой")
        return forms | {one[:-1] + ending for ending in endings}
    # `армянин`, `армянина`: the plural is made of a shorter stem.
    if one.endswith("ин") and many.endswith("е"):
        stem = one
    return forms | {stem + ending for ending in (("я", "ю", "ем", "е") if soft else ("а", "у", "ом", "ем", "е"))}


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
