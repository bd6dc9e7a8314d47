"""The files of a delivery in the form its partner takes: rendered, split, packed, encrypted."""

from exporters.formats.files import PartnerFile
from exporters.formats.rendering import render

__all__ = ["PartnerFile", "render"]
