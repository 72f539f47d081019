"""Say in a plain sentence what was found and who decided."""

from __future__ import annotations

from logo_classifier.explanations.overlay import Counted
from logo_classifier.values import Method, Route, Tier, Trait, Verdict

_SHARES = (
    (0.05, "hardly any"),
    (0.15, "about a tenth"),
    (0.22, "about a fifth"),
    (0.29, "about a quarter"),
    (0.42, "about a third"),
    (0.58, "about half"),
    (0.71, "about two thirds"),
    (0.85, "about three quarters"),
    (0.97, "nearly all"),
    (2.0, "all"),
)
_NOTABLE = 0.15
_LEAST = 0.05
_HOLDS = 0.5


def summarise(answer: Verdict, rules: Verdict, route: Route, counted: Counted) -> str:
    """Return what was found in a picture, by the answer's traits, and who decided."""
    found = "; ".join((_fades(answer, counted), _letters(answer, counted), _parts(answer, counted)))
    return f"The answer is {answer.logo_type.value}: {found}. {_decided(answer, rules, route)}"


def share_in_words(share: float) -> str:
    """Return a share (0-1) as people say it."""
    return next(words for limit, words in _SHARES if share < limit)


def _fades(answer: Verdict, counted: Counted) -> str:
    share = counted.fade_share
    if answer.traits[Trait.GRADIENT] >= _HOLDS:
        if share >= _LEAST:
            return f"smooth fades cover {share_in_words(share)} of the drawing"
        return "there are smooth fades, though the measures find hardly any inside one area"
    if share >= _NOTABLE:
        words = share_in_words(share)
        return f"{words} of the drawing changes smoothly, but is not taken for a fade"
    return "there are no notable fades"


def _letters(answer: Verdict, counted: Counted) -> str:
    number = len(counted.letters)
    if answer.traits[Trait.LETTERING] < _HOLDS:
        return "there are no letters"
    if number:
        return f"there are letters, with {number} shapes in one row"
    return "there are letters, though the measures find no row of them"


def _parts(answer: Verdict, counted: Counted) -> str:
    areas = f"{counted.parts} separate area{'' if counted.parts == 1 else 's'}"
    if answer.traits[Trait.COMPLEX] >= _HOLDS:
        return f"the drawing is detailed, with {areas} and edges on {counted.edge_share:.0%} of it"
    return f"the drawing has {areas}"


def _decided(answer: Verdict, rules: Verdict, route: Route) -> str:
    if route.tier is Tier.DEGRADED:
        return "The network gave no answer, so the rules decided."
    if answer.method is Method.RULE_BASED:
        return "The rules decided."
    agreed = rules.logo_type is answer.logo_type
    aside = "" if agreed else f", where the rules alone say {rules.logo_type.value}"
    if answer.method is Method.ENSEMBLE:
        return f"Rules and network decided together{aside}."
    return f"The network decided{aside}."
