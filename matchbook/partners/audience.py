"""How a partner takes an audience: its own files with the audience in place of our record ids.

Data of the partner's YAML like its nightly profile, of which it says what differs. No record id
can be named in it, so an audience tells a partner nothing but its own cookie ids.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from matchbook.partners.profile import Grade, merged

PARAMETERS: dict[str, dict[str, str]] = {
    "audience": {
        "meaning": "the audience's name there",
        "pattern": ".{1,150}",
        "example": "Loyal customers",
    },
    "audience_id": {
        "meaning": "the audience's id here",
        "pattern": "[A-Za-z0-9_-]{1,64}",
        "example": "loyal-customers",
    },
    "push": {"meaning": "the number of the push", "pattern": "[0-9]{1,12}", "example": "12"},
}
"""What a form may use besides the partner's own parameters; we fill them in."""


class AudienceForm(BaseModel):
    """What differs from the partner's nightly files when an audience goes there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grade: Grade
    says: str
    """For people: what has to be set up there so that rows become an audience."""
    name_is: str = ""
    """For people: what the audience's name has to be, where it cannot be chosen."""
    listing: str = ""
    """A file that names all audiences there, put anew with each push."""
    form: dict[str, Any]
    """A partial of the delivery profile."""

    def changes(self, *, name: str, audience_id: str, push: int) -> dict[str, Any]:
        """The partial for one push of one audience."""
        values = {"audience": name, "audience_id": audience_id, "push": str(push)}
        return merged(self.form, {"parameters": PARAMETERS, "values": values})
