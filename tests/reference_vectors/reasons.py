"""Why the product may answer a recorded vector differently: the authority that outranks the reference program."""

from __future__ import annotations

REASONS = {
    "place": (
        "Publication 28 abbreviates a word for the place it stands in: a suffix after the name, a unit at the "
        "end of the line. The reference program abbreviates it anywhere, which makes FRNT of Front Street, UN "
        "of Union Road and CT of Court House Square; a name is kept as sent."
    ),
    "directional": (
        "Publication 28, section 233, abbreviates directionals before and after the street name. The "
        "reference program does so only for the very first and the very last word of the line, so that a "
        "house number or a flat decides whether North Main Street is N or North."
    ),
    "comma": (
        "Publication 28 writes no comma between the street and the unit. The reference program keeps it, and "
        "leaves the word before it unabbreviated."
    ),
    "inherited-word": (
        "A fault of the reference program: a word that is also a property of every JavaScript object "
        "(Constructor) is replaced by that property's source text."
    ),
    "state-code": (
        "Publication 28, appendix B, writes states with two letters: New York is NY, D.C. is DC. The "
        "reference program only makes them upper case."
    ),
    "json-type": (
        "A value of a type the field does not have (an object or a truth value as a name, a text as an "
        "address) is an error. The reference program drops it in silence or makes text of it."
    ),
    "calendar": ("30 February is no date. The reference program turns it into 1 March."),
    "numbering-plan": (
        "The number is none by libphonenumber's full numbering plans. The reference program's edition carries "
        "reduced ones, which check little beyond the number of digits; the document asks for real telephony "
        "rules."
    ),
    "control-character": ("A control character has no place in an e-mail address."),
    "composed-form": ("Text is stored in Unicode's composed form (NFC), so that one spelling of é equals the other."),
    "accents": (
        "Accents are folded before the phonetic code is made, so that José sounds like Jose and Åse like Ase. "
        "The reference program skips most accented letters."
    ),
    "half-transposition": (
        "Winkler's own program, and jellyfish after it, rounds an odd number of transposed characters down to "
        "whole transpositions. The reference program counts the half. Scores are unaffected wherever both "
        "fall on the same side of a field's threshold."
    ),
}
