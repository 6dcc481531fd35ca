"""What docker-compose.yml, the Dockerfile and the proxy's configuration name exists: they cannot be started everywhere."""

import importlib
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from django.test import Client

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OF_THE_APP = ("migrate", "web", "worker", "beat")
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()
SETTINGS = "".join(path.read_text() for path in (ROOT / "config" / "settings").glob("*.py"))
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:[?-])?([^}]*)\}")


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)


def test_services_are_those_of_the_architecture() -> None:
    assert set(SERVICES) == {"postgres", "valkey", "migrate", "web", "worker", "beat", "proxy"}
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert SERVICES["valkey"]["image"].startswith("valkey/valkey:")


def test_every_lasting_service_has_a_health_check_and_restarts() -> None:
    for name in set(SERVICES) - {"migrate"}:
        assert SERVICES[name]["healthcheck"]["test"], name
        assert SERVICES[name]["restart"] == "unless-stopped", name


def test_dependencies_name_services_in_a_state_they_can_reach() -> None:
    for service in SERVICES.values():
        for name, dependency in service.get("depends_on", {}).items():
            if dependency["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[name]
            else:
                assert dependency["condition"] == "service_completed_successfully"
                assert SERVICES[name]["restart"] == "no"


def test_variables_stand_in_the_example_and_secrets_have_no_default() -> None:
    example = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    uses = VARIABLE.findall(COMPOSE_TEXT)
    assert {name for name, _, _ in uses} == set(example)
    required = {name for name, operator, _ in uses if operator == ":?"}
    assert {name for name, value in example.items() if not value} == required
    for name, operator, default in uses:
        if re.search("KEY|PASSWORD", name):
            assert operator != ":-" or not default, name


def test_environment_names_are_read_by_the_settings() -> None:
    for name in OF_THE_APP:
        for variable in SERVICES[name]["environment"]:
            assert f'"{variable}"' in SETTINGS, variable
    environment = instructions("ENV")[0]
    assert '"VAR_DIR"' in SETTINGS
    assert "VAR_DIR=/srv/var" in environment
    assert importlib.import_module(re.findall(r"DJANGO_SETTINGS_MODULE=(\S+)", environment)[0].rpartition(".")[0])
    assert (ROOT / "config" / "settings" / "prod.py").exists()


def test_only_migrations_know_the_password_of_the_owner() -> None:
    knowing = {name for name, service in SERVICES.items() if "OWNER_PASSWORD" in json.dumps(service)}
    assert knowing == {"postgres", "migrate"}


def test_roles_and_database_are_those_that_the_script_makes() -> None:
    script = (ROOT / "deploy" / "create-roles.sh").read_text()
    roles = set(re.findall(r"CREATE ROLE (\w+) LOGIN", script))
    addresses = [SERVICES[name]["environment"]["DATABASE_URL"] for name in OF_THE_APP]
    parsed = [re.fullmatch(r"postgres://(\w+):\$\{\w+.*\}@(\w+):5432/(\w+)", address) for address in addresses]
    assert {match[1] for match in parsed if match} == roles
    assert {match[2] for match in parsed if match} == {"postgres"}
    assert {match[3] for match in parsed if match} == set(re.findall(r"CREATE DATABASE (\w+)", script))
    for variable in re.findall(r"\\getenv \w+ (\w+)", script):
        assert variable in SERVICES["postgres"]["environment"]
    assert "create-roles.sh:/docker-entrypoint-initdb.d/" in json.dumps(SERVICES["postgres"]["volumes"])


def test_volumes_are_declared_and_outlive_their_containers() -> None:
    mounts = [mount.split(":")[:2] for service in SERVICES.values() for mount in service.get("volumes", [])]
    for source, _ in mounts:
        if source.startswith("."):
            assert (ROOT / source).exists(), source
        else:
            assert source in COMPOSE["volumes"], source
    # PostgreSQL 18's image keeps its data one directory below; a volume on /var/lib/postgresql/data would stay empty.
    assert ["postgres", "/var/lib/postgresql"] in mounts
    assert ["media", "/srv/var/media"] in mounts


@pytest.mark.parametrize("name", ["migrate", "web", "worker", "beat"])
def test_commands_run_what_the_image_holds(name: str) -> None:
    command = SERVICES[name].get("command") or json.loads(instructions("CMD")[0])
    if command[0] == "python":
        assert (ROOT / command[1]).exists()
        assert command[2] in get_commands()
        return
    locked = (ROOT / "requirements.txt").read_text()
    assert re.search(rf"^{command[0]}==", locked, re.MULTILINE)
    if command[0] == "gunicorn":
        assert callable(importlib.import_module(command[1]).application)
        assert "0.0.0.0:8000" in command
    else:
        assert command[1:3] == ["-A", "config"]
        assert importlib.import_module("config.celery").app.main == "green_community"


def test_health_check_of_web_asks_an_address_that_answers_plain_requests() -> None:
    path = re.findall(r"http://127\.0\.0\.1:8000(/\w+)", SERVICES["web"]["healthcheck"]["test"][-1])[0]
    assert Client().get(path, headers={"host": "web:8000"}).status_code == 200


def test_dockerfile_copies_what_exists_and_all_that_runs() -> None:
    stages = re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.MULTILINE)
    copied = set()
    for instruction in instructions("COPY"):
        words = shlex.split(instruction)
        if words[0].startswith("--from="):
            assert words[0].removeprefix("--from=") in stages
            continue
        for source in words[:-1]:
            assert (ROOT / source).exists(), source
            copied.add(source)
    assert copied >= {"manage.py", "config", "apps", "fixtures", "templates", "static", "requirements.txt"}
    for service in SERVICES.values():
        if "build" in service:
            assert service["build"]["target"] in stages


def test_image_runs_as_an_ordinary_user_with_fonts_and_pango() -> None:
    app = DOCKERFILE.split(" AS app\n")[1].split("\nFROM ")[0]
    assert re.findall(r"^USER (\w+)$", app, re.MULTILINE) == ["app"]
    for package in ("libpango-1.0-0", "libpangoft2-1.0-0", "fonts-noto-cjk"):
        assert package in app


def test_proxy_serves_the_static_files_of_the_image_and_passes_the_rest_on() -> None:
    served = re.findall(r"root \* (\S+)", CADDYFILE)
    assert f"COPY --from=app /srv/var/static {served[0]}" in DOCKERFILE
    assert 'STATIC_ROOT = VAR_DIR / "static"' in SETTINGS
    assert 'STATIC_URL = "/static/"' in SETTINGS
    assert "handle_path /static/*" in CADDYFILE
    assert re.findall(r"reverse_proxy (\w+):8000", CADDYFILE) == ["web"]
    assert set(re.findall(r"\{\$(\w+)", CADDYFILE)) == set(SERVICES["proxy"]["environment"])
    assert CADDYFILE.count("{") == CADDYFILE.count("}")
