"""What a customer may ask for: the body of ``POST /music/song``, checked. Pure.

It only reads. Limits are the published ones; model names pass unchecked, as at the service.
"""

from __future__ import annotations

from dataclasses import dataclass

from tempolor_magic.sandbox import refusals

LONGEST_PROMPT = 2000
LONGEST_LYRICS = 3000
NEWEST_MODEL = "v4.8"

# Words in a prompt that make the job end FAILED, so that failing can be seen and tested.
FAILING_WORDS = "please fail"


@dataclass(frozen=True, slots=True)
class Order:
    """One song as asked for. Empty ``lyrics`` means: the model writes them."""

    prompt: str
    lyrics: str = ""
    model: str = NEWEST_MODEL

    @property
    def is_doomed(self) -> bool:
        """Whether the prompt asks for failure."""
        return FAILING_WORDS in self.prompt.casefold()


def read_order(document: object) -> Order:
    """Read a request body that was JSON.

    Raises:
        Refused: 400 with the reason.
    """
    if not isinstance(document, dict):
        raise refusals.bad_request("Request body must be a JSON object")
    prompt = _text(document, "prompt", longest=LONGEST_PROMPT)
    if not prompt.strip():
        raise refusals.bad_request("Parameter prompt is required")
    lyrics = _text(document, "lyrics", longest=LONGEST_LYRICS)
    model = _text(document, "model_song", longest=100)
    return Order(prompt, lyrics, model.strip() or NEWEST_MODEL)


def _text(document: dict[str, object], name: str, *, longest: int) -> str:
    """One text field; missing and null are empty."""
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refusals.bad_request(f"Parameter {name} must be a string")
    if len(value) > longest:
        raise refusals.bad_request(
            f"Parameter {name} exceeds the maximum length of {longest} characters"
        )
    return value
