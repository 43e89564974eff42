"""Figures of the phase: scores, evidence, hysteresis, triggers."""

from cockpit.ui.glossary.figure import Figure

ENGINE = "own; weights and thresholds in the phase settings file"
BLUEPRINT = "the Sector Rotation Blueprint; thresholds in the phase settings file"

FIGURES: dict[str, Figure] = {
    "phase.score": Figure(
        "score of a phase",
        "How much speaks for a phase, smoothed so that one loud day does not decide: −1 against, +1 for.",
        "yesterday's score + (1 − 2^(−1 / half-life)) × (today's evidence − yesterday's score)",
        ENGINE,
    ),
    "phase.evidence": Figure(
        "evidence",
        "What the readings of one close say for a phase, before smoothing.",
        "sum of weight × quality × score / sum of |weight| × quality",
        ENGINE,
    ),
    "phase.confidence": Figure(
        "confidence",
        "How clear the call is, 0 to 1: low, medium or high.",
        "coverage × (best score − second score) / the lead that counts as full",
        ENGINE,
    ),
    "phase.days_held": Figure("since", "The close at which the phase took over, and the days since then.", "", ENGINE),
    "phase.to_go": Figure(
        "takes over at",
        "The score at which a challenger would take over if the held phase kept its own, and what is missing to it; "
        "the held phase falls where its own score meets the challenger's less the band. C needs no band on the fast path.",
        "score of the held phase + band; to go = that − score of the challenger",
        ENGINE,
    ),
    "phase.lead": Figure(
        "lead",
        "The held phase's score less the challenger's: a challenger must be ahead by the band for several closes in a row. Where "
        "the market has fallen far below its mean and its high, C needs no band and one close: the fast path.",
        "score held − score of the challenger",
        ENGINE,
    ),
    "phase.typical": Figure(
        "usual stay",
        "How long each phase lasted in the strip, counting only stays that began and ended in it.",
        "median of the whole stays, days",
        "the strip of the last days",
    ),
    "phase.dwell": Figure(
        "minimum stay",
        "The first day on which a new phase may be left again; the fast path to C does not wait for it.",
        "",
        ENGINE,
    ),
    "phase.weight": Figure(
        "weight", "The weight of a reading in the evidence for the phase; their absolute values add up to 1.", "", ENGINE
    ),
    "phase.adds": Figure(
        "what it adds",
        "What a reading adds to the evidence for the phase: above 0 it speaks for it, below against it.",
        "weight × quality × score / sum of |weight| × quality",
        ENGINE,
    ),
    "phase.coverage": Figure(
        "coverage",
        "How much of the evidence is there, weighed by quality; below the gate there is no call: hold, take no new risk.",
        "sum of |weight| × quality",
        ENGINE,
    ),
    "phase.flip": Figure(
        "what would change it",
        "The least change of one reading that would hand the phase over if it lasted and everything else stayed as it is.",
        "the score that closes the gap of the leads, turned back into the reading's own unit",
        ENGINE,
    ),
    "phase.outlook": Figure("outlook", "What follows if every reading stays as it is on this close.", "", ENGINE),
    "phase.trigger": Figure(
        "exit trigger",
        "A rule of the blueprint that proposes to stop rotating, with its number and its threshold; it sends nothing.",
        "",
        BLUEPRINT,
    ),
    "phase.trigger_way": Figure(
        "way to firing",
        "How far a trigger's number has come from neutral to its threshold; the closes or prints it needs come on top.",
        "(value − neutral) / (threshold − neutral)",
        BLUEPRINT,
    ),
}
