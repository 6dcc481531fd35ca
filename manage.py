#!/usr/bin/env python
"""Django's command line. Where no DATABASE_URL is set it starts the embedded services first."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    if sys.argv[1:2] != ["runserver"]:
        os.environ["ACT_AS_OWNER"] = "true"
    if os.environ["DJANGO_SETTINGS_MODULE"] != "config.settings.prod":
        from config.local_services import use_embedded_services

        use_embedded_services()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
