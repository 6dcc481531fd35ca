"""Encrypts the secrets of two-factor sign-in with the present SECRET_KEY, so that an old one can be dropped."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

from apps.accounts.two_factor import renew_encryption


class Command(BaseCommand):
    help = "Encrypt the secrets of two-factor sign-in anew; run it before a key leaves SECRET_KEY_FALLBACKS."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        rows = Authenticator.objects.select_for_update().order_by("pk")
        for row in rows:
            for name in {"secret", "seed"} & row.data.keys():
                row.data[name] = renew_encryption(row.data[name])
            row.save(update_fields=["data"])
        self.stdout.write(f"{len(rows)} renewed")
