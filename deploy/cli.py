"""The command line ``sluicegate``. Each command says in Chinese and English what it does and what went wrong.

The services are imported by the commands that need them: ``token`` is called from scripts and should answer at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

from chassis.settings import ServiceSettings
from chassis.tokens import DevelopmentIssuer
from deploy import later, operators, parcels, tokens
from deploy.configuration import Data, print_settings, read_settings, stop

app = typer.Typer(
    name="sluicegate",
    help="水闸：新设制造业企业与三相变压器的源头把关。/ Sluicegate: the gate at the source.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port")] = 8080,
    data: Data = None,
    demo: Annotated[bool, typer.Option("--demo", help="装入一次演示数据 / load the demonstration data once")] = False,
) -> None:
    """启动全部服务（一个进程、一个端口），就绪后打印 READY。/ Start every service in one process on one port; prints READY."""
    from chassis.telemetry import configure_logging
    from deploy.running import CannotStart, run_in_foreground
    from deploy.services import SERVICES

    settings = read_settings(data, ServiceSettings)
    configure_logging(settings.log_level if "log_level" in settings.model_fields_set else "warning")

    def ready(address: str) -> None:
        if demo:
            from deploy.demo import load

            load(address, settings.data)
        print(f"READY {address}", flush=True)

    try:
        run_in_foreground(SERVICES, settings, port, ready)
    except CannotStart as error:
        stop(str(error))


@app.command()
def demo() -> None:
    """全流程演示：附件中 39 个真实项目与各种情形；判定与预期不符则退出码非 0。/ The main job end to end, compared with what is expected."""
    from chassis.telemetry import configure_logging
    from deploy.demo import main as play

    configure_logging("warning")
    raise typer.Exit(play())


@app.command()
def token(
    role: Annotated[list[str], typer.Option("--role", help="角色，可重复 / role, may be repeated")],
    township: Annotated[list[str] | None, typer.Option("--township", help="镇街代码，可重复 / township code, may be repeated")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="单位代码 / unit code")] = None,
    sub: Annotated[str | None, typer.Option("--sub", help="使用者标识，默认 dev-ROLE-UNIT-TOWNSHIP / subject")] = None,
    name: Annotated[str, typer.Option("--name", help="姓名 / name")] = "",
    ttl: Annotated[int, typer.Option("--ttl", min=1, help="有效秒数 / seconds it is valid")] = 12 * 3600,
    data: Data = None,
) -> None:
    """打印一个开发令牌，别无其他（仅嵌入模式）。/ Print a bearer token of the development issuer, nothing else."""
    try:
        roles = [each.value for each in tokens.checked_roles(role)]
        codes = tokens.checked_townships(township or [], roles)
        own = tokens.checked_unit(unit, roles)
    except tokens.NoSuchPersonError as error:
        stop(str(error), 2)
    subject = sub or tokens.default_subject(roles, own, codes)
    print(
        DevelopmentIssuer(read_settings(data, ServiceSettings).data).token(
            subject, roles=roles, name=name, townships=codes, unit=own, ttl=ttl
        )
    )


@app.command()
def settings(data: Data = None) -> None:
    """列出全部设置及其来源，密钥已遮盖。/ Every setting with its origin, secrets masked."""
    from deploy.services import SERVICES

    print_settings([part.settings for part in SERVICES.values()], data)


app.command("migrate")(operators.migrate)
app.command("republish")(operators.republish)
app.add_typer(operators.quarantine, name="quarantine")
app.add_typer(parcels.imports, name="import")
later.add_to(app)


def main() -> None:
    """The entry point of the installed command."""
    app()


if __name__ == "__main__":
    main()
