"""Which augmentations does a method live on? Steps alone, in pairs, and one left out at a time.

The pairs are the heat map of the SimCLR paper (Chen et al. 2020, https://arxiv.org/abs/2002.05709,
section 3 and figure 5): single steps on the diagonal, two of them off it. As there, they are
applied to one of the two views only, the other one is the image itself: else a crop in both would
do the work of every other step. Unlike there, a pair is tried in the order of the recipe only, not
in both orders, and images are not cropped beforehand, for they have one size already.
"""

from __future__ import annotations

from collections.abc import Collection

from sslcore.augment.view import View, ViewPlan
from sslcore.config import ConfigError
from sslcore.recipe import Recipe
from sslcore.study.plan import Axis, Measurement, Study, Trial


def steps(plan: ViewPlan) -> tuple[str, ...]:
    """Kinds of the steps that a plan can do without, in its order, switched off ones as well."""
    found = [step.kind for view in plan.views for step in view.steps if not step.structural]
    return tuple(dict.fromkeys(found))


def composed(plan: ViewPlan, kinds: Collection[str], *, one_branch: bool = False) -> ViewPlan:
    """A plan in which just these steps are on, and those its task needs.

    Args:
        plan: with all steps.
        kinds: to be switched on; what the plan does not have is not added.
        one_branch: whether only the last of two views that start from the image gets them.
    """
    starts = [view.name for view in plan.views if view.of is None and not _asks(view)]
    bare = set(starts[:-1]) if one_branch and len(starts) == 2 else set[str]()
    views: list[View] = []
    for view in plan.views:
        wanted = set[str]() if view.name in bare else set(kinds)
        made = tuple(
            step if step.structural else step.changed(enabled=step.kind in wanted)
            for step in view.steps
        )
        views.append(view.changed(steps=made))
    return plan.changed(views=tuple(views))


def _asks(view: View) -> bool:
    return any(step.structural for step in view.steps)


def pairs(
    recipe: Recipe, plan: ViewPlan, measurement: Measurement = "linear", *, one_branch: bool = True
) -> Study:
    """A trial for every step alone and every two of them.

    Args:
        recipe: what all trials have in common.
        plan: its view plan, whose steps are tried.
        measurement: by which trials are compared.
        one_branch: as in the paper; has no effect where there are not two views.

    Raises:
        ConfigError: if the plan has fewer than two steps to choose from.
    """
    kinds = steps(plan)
    if len(kinds) < 2:
        raise ConfigError(
            f"{recipe.method.key}: its views have {len(kinds)} steps that can be switched off, a "
            "study of pairs needs two; add some in Views"
        )
    trials: list[Trial] = []
    for number, first in enumerate(kinds):
        for second in kinds[number:]:
            name = first if first == second else f"{first}+{second}"
            made = recipe.changed(views=composed(plan, {first, second}, one_branch=one_branch))
            trials.append(Trial(name=name, places=(first, second), recipe=made.to_toml()))
    # Single steps first: they say most.
    trials.sort(key=lambda one: one.places[0] != one.places[1])
    axis = tuple(kinds)
    return Study(
        kind="augmentation_pairs",
        title="Augmentations, alone and in pairs",
        measurement=measurement,
        axes=(Axis(title="one step", places=axis), Axis(title="with", places=axis)),
        trials=tuple(trials),
    )


EVERYTHING = "everything"


def leave_one_out(recipe: Recipe, plan: ViewPlan, measurement: Measurement = "linear") -> Study:
    """A trial with all steps that are on, and one without each of them.

    Raises:
        ConfigError: if no step is on that could be left out.
    """
    on = [
        kind
        for kind in steps(plan)
        if any(step.kind == kind and step.enabled for view in plan.views for step in view.steps)
    ]
    if not on:
        raise ConfigError(
            f"{recipe.method.key}: no step of its views is on that could be left out; switch one "
            "on in Views"
        )
    everything = recipe.changed(views=plan)
    trials = [Trial(name=EVERYTHING, places=(EVERYTHING,), recipe=everything.to_toml())]
    for kind in on:
        views = tuple(
            view.changed(
                steps=tuple(
                    step.changed(enabled=False) if step.kind == kind else step
                    for step in view.steps
                )
            )
            for view in plan.views
        )
        made = recipe.changed(views=plan.changed(views=views))
        trials.append(Trial(name=f"without_{kind}", places=(kind,), recipe=made.to_toml()))
    return Study(
        kind="leave_one_out",
        title="One augmentation left out",
        measurement=measurement,
        axes=(Axis(title="without", places=(EVERYTHING, *on)),),
        trials=tuple(trials),
    )
