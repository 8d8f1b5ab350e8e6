"""The command ``kampung-cloud account``: asks the running cloud, with its token."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from kampung_contract.errors import ConfigurationError

from kampung_cloud.access.actor import ROLES
from kampung_cloud.refusing import refusing
from kampung_cloud.running import ConfigOption, PortOption, RunningCloud

cli = typer.Typer(help="Who works with the system: add accounts, list them, give a password, change roles, disable.", no_args_is_help=True)

VARIABLE = "KAMPUNG_PASSWORD"
Account = Annotated[str, typer.Argument(help="Such as siti.aminah")]
RoleOption = Annotated[list[str], typer.Option("--role", help=f"One or more of: {', '.join(ROLES)}.")]
NO_ROLES: list[str] = []


@cli.command()
def add(
    account: Annotated[str, typer.Argument(help="Such as siti.aminah; asked for without")] = "",
    *,
    name: Annotated[str, typer.Option("--name", help="As it is shown; asked for without.")] = "",
    role: RoleOption = NO_ROLES,
    village: Annotated[str | None, typer.Option("--village", help="Such as 35.10.24.2008; empty for the whole regency.")] = None,
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """Add an account. What is left out is asked for; the password is changed at the first login."""
    with refusing():
        cloud = RunningCloud(config, port)
        body: dict[str, Any] = {"id": account or _asked("Account (such as siti.aminah)")}
        body["name"] = name or _asked("Name (such as Siti Aminah)")
        body["roles"] = role or _asked(f"Roles, with commas ({', '.join(ROLES)})").replace(",", " ").split()
        body["village"] = (_asked("Village (such as 35.10.24.2008; empty: the whole regency)", "") if village is None else village) or None
        body["password"] = _password()
        made = cloud.ask("POST", "accounts", body=body)
        typer.echo(f"{_line(made)}; log in at /petugas and choose a password")


@cli.command("list")
def show_all(config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """All accounts, by village."""
    with refusing():
        for each in RunningCloud(config, port).ask("GET", "accounts"):
            typer.echo(_line(each))


@cli.command()
def password(account: Account, config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """Give a new password, to be changed at the next login; where the account is logged in, it is logged out."""
    with refusing():
        cloud = RunningCloud(config, port)
        cloud.ask("POST", f"accounts/{quote(account, safe='')}/password", body={"password": _password()})
        typer.echo(f"{account}: has a new password")


@cli.command()
def roles(account: Account, role: RoleOption, config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """Give an account these roles in place of those that it has."""
    with refusing():
        typer.echo(_line(RunningCloud(config, port).ask("PATCH", f"accounts/{quote(account, safe='')}", body={"roles": role})))


@cli.command()
def disable(account: Account, config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """Let nobody log in to an account, and log out whoever is."""
    with refusing():
        typer.echo(_line(RunningCloud(config, port).ask("PATCH", f"accounts/{quote(account, safe='')}", body={"active": False})))


@cli.command()
def enable(account: Account, config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """Undo ``disable``."""
    with refusing():
        typer.echo(_line(RunningCloud(config, port).ask("PATCH", f"accounts/{quote(account, safe='')}", body={"active": True})))


def _password() -> str:
    """From the environment for programs, else asked for twice; never an option, which other users of the machine could read."""
    return os.environ.get(VARIABLE) or str(_prompt("Password", hide_input=True, confirmation_prompt=True))


def _asked(what: str, default: str | None = None) -> str:
    return str(_prompt(what, default=default, show_default=False))


def _prompt(what: str, **options: Any) -> Any:
    if not sys.stdin.isatty() and what == "Password":
        raise ConfigurationError(f"there is no terminal to ask for the password; put it into the environment variable {VARIABLE}")
    return typer.prompt(what, **options)


def _line(each: dict[str, Any]) -> str:
    rest = ("" if each["active"] else "  (disabled)") + ("  (password to be changed)" if each["temporary"] else "")
    return f"{each['id']:<20} {each['village'] or 'regency':<14} {','.join(each['roles']):<20} {each['name']}{rest}"
