"""The command line ``sluicegate``. Each command says in Chinese and English what it does and what went wrong.

The services are imported by the commands that need them: ``token`` is called from scripts and should answer at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chassis.settings import BadSettingsError, ServiceSettings
from chassis.tokens import DevelopmentIssuer, NotForProductionError
from deploy import later, operators, parcels, policies, tokens
from deploy.configuration import Data, print_settings, read_settings, stop
from deploy.trial import TrialIssuer

Issuer = Annotated[
    Path | None, typer.Option("--issuer", metavar="FILE", exists=True, help="试用身份提供方的密钥文件 / key file of a trial issuer")
]

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
    if settings.distributed:
        zh = "sluicegate up 只用于嵌入模式，已设置 SLUICEGATE_DATABASE 时请用 sluicegate serve"
        stop(f"{zh} / up is the embedded mode: with SLUICEGATE_DATABASE set, use sluicegate serve")
    configure_logging(settings.log_level if "log_level" in settings.model_fields_set else "warning")

    def ready(address: str) -> None:
        if demo:
            from deploy.demo import load

            load(address, settings)
        print(f"READY {address}", flush=True)

    try:
        run_in_foreground(SERVICES, settings, port, ready)
    except (BadSettingsError, CannotStart) as error:
        stop(str(error))


@app.command()
def serve(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="服务 / service: registration, land_check, power_grid, notifier")],
    host: Annotated[str, typer.Option(help="监听地址 / address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 为任一空闲端口 / port, 0 takes a free one")] = 8080,
    data: Data = None,
) -> None:
    """单独运行一个服务（分布模式：Kafka 与 PostgreSQL），就绪后打印 READY。/ One service alone, on Kafka and PostgreSQL; prints READY."""
    from chassis.serving import CannotServeError
    from chassis.serving import serve as serve_alone
    from chassis.telemetry import configure_logging

    part = operators.part_named(service)
    settings = read_settings(data, part.settings)
    configure_logging(settings.log_level)
    try:
        serve_alone(part.create, settings, host, port, lambda address: print(f"READY {address}", flush=True))
    except (BadSettingsError, CannotServeError) as error:
        stop(str(error))


@app.command()
def demo(
    against: Annotated[str | None, typer.Option(metavar="URL", help="对运行中的系统演示 / play against the system running there")] = None,
    issuer: Issuer = None,
    reached_as: Annotated[
        str | None, typer.Option(metavar="HOST", help="该系统如何访问本机 / how that system reaches this machine")
    ] = None,
    first: Annotated[
        int, typer.Option(min=1, max=9000, help="首例编号，再次演示时另取 / number of the first case, another for each run")
    ] = 1,
) -> None:
    """全流程演示：附件中 39 个真实项目与各种情形；判定与预期不符则退出码非 0。/ The main job end to end, compared with what is expected."""
    from chassis.telemetry import configure_logging
    from deploy.demo import Running
    from deploy.demo import against as play_against
    from deploy.demo import main as play
    from deploy.running import CannotStart

    configure_logging("warning")
    if against is None:
        try:
            raise typer.Exit(play())
        except (BadSettingsError, CannotStart) as error:
            stop(str(error))
    if issuer is None:
        stop("--against 须同时给出 --issuer / --against needs --issuer", 2)
    raise typer.Exit(play_against(Running(against, issuer, reached_as, first)))


@app.command()
def token(
    role: Annotated[list[str], typer.Option("--role", help="角色，可重复 / role, may be repeated")],
    township: Annotated[list[str] | None, typer.Option("--township", help="镇街代码，可重复 / township code, may be repeated")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="单位代码 / unit code")] = None,
    sub: Annotated[str | None, typer.Option("--sub", help="使用者标识，默认 dev-ROLE-UNIT-TOWNSHIP / subject")] = None,
    name: Annotated[str, typer.Option("--name", help="姓名 / name")] = "",
    ttl: Annotated[int, typer.Option("--ttl", min=1, help="有效秒数 / seconds it is valid")] = 12 * 3600,
    issuer: Issuer = None,
    data: Data = None,
) -> None:
    """打印一个开发令牌，别无其他。/ Print a bearer token of the development issuer (embedded mode) or of a trial issuer, nothing else."""
    try:
        roles = [each.value for each in tokens.checked_roles(role)]
        codes = tokens.checked_townships(township or [], roles)
        own = tokens.checked_unit(unit, roles)
    except tokens.NoSuchPersonError as error:
        stop(str(error), 2)
    subject = sub or tokens.default_subject(roles, own, codes)
    try:
        signer = DevelopmentIssuer.embedded(read_settings(data, ServiceSettings)) if issuer is None else TrialIssuer(issuer)
    except NotForProductionError as error:
        stop(str(error))
    print(signer.token(subject, roles=roles, name=name, townships=codes, unit=own, ttl=ttl))


@app.command()
def settings(data: Data = None) -> None:
    """列出全部设置及其来源，密钥已遮盖。/ Every setting with its origin, secrets masked."""
    from chassis.bus.kafka_settings import KafkaSettings
    from chassis.oidc import OidcSettings
    from deploy.services import SERVICES

    print_settings([*(part.settings for part in SERVICES.values()), operators.OwnerSettings, OidcSettings, KafkaSettings], data)


topics = typer.Typer(help="Kafka 主题（分布模式）。/ Topics on Kafka (distributed mode).", no_args_is_help=True)


@topics.command("create")
def create_topics() -> None:
    """建立缺少的主题，可重复执行；不减少分区。/ Make the topics that are missing; may be repeated, never shrinks one."""
    from chassis.bus.kafka_settings import KafkaSettings
    from deploy.topics import TopicsError
    from deploy.topics import create_topics as create

    try:
        print(create(read_settings(None, KafkaSettings)))
    except TopicsError as error:
        stop(str(error))


@topics.callback()
def _topics() -> None:
    """A group, though it has one command so far."""


app.command("migrate")(operators.migrate)
app.command("republish")(operators.republish)
app.add_typer(topics, name="topics")
app.add_typer(operators.quarantine, name="quarantine")
app.add_typer(parcels.imports, name="import")
app.add_typer(policies.policy, name="policy")
later.add_to(app)


def main() -> None:
    """The entry point of the installed command."""
    app()


if __name__ == "__main__":
    main()
