"""What happened to bulletins, for rooms above: each is sent inside the verb's transaction with its ``row``."""

from django.dispatch import Signal

bulletin_published = Signal()
bulletin_withdrawn = Signal()
