"""Settings of notifier: ``SLUICEGATE_NOTIFIER_*``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from chassis.settings import DatabaseUrl, Seconds, ServiceSettings, secret_in

RETRY_DELAYS = (0.0, 5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
"""Seconds before each attempt, about 76 hours in all. Source: the example schedule of Standard Webhooks."""

Delay = Annotated[float, Field(ge=0)]


class NotifierSettings(ServiceSettings):
    notifier_database: DatabaseUrl | None = Field(
        None, description="本服务的数据库地址，优先于 SLUICEGATE_DATABASE / this service's database, over SLUICEGATE_DATABASE"
    )
    notifier_allow_private_addresses: bool = Field(
        False, description="允许向内网与本机地址发送 / permits webhooks to loopback and private addresses, and plain http"
    )
    notifier_retry_delays: tuple[Delay, ...] = Field(
        RETRY_DELAYS, min_length=1, max_length=50, description="每次发送前等待的秒数，JSON 列表 / seconds before each attempt, a JSON list"
    )
    notifier_send_timeout: Seconds = Field(15.0, le=30, description="一次发送的总时限（秒）/ seconds one attempt may take in all")
    notifier_concurrency: int = Field(50, ge=1, le=500, description="同时发送总数 / attempts at the same time")
    notifier_endpoint_concurrency: int = Field(2, ge=1, le=20, description="每个接收端同时发送数 / the same for one endpoint")
    notifier_secret_grace: Seconds = Field(
        86400.0, description="更换密钥后旧密钥仍签名的秒数 / seconds the old secret goes on signing after a rotation"
    )
    notifier_smtp_host: str | None = Field(None, description="邮件服务器；不设则不能用电子邮件 / mail server; without it e-mail is refused")
    notifier_smtp_port: int = Field(587, ge=1, le=65535, description="邮件服务器端口 / its port")
    notifier_smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="邮件连接加密 / how the mail connection is secured"
    )
    notifier_smtp_username: str | None = Field(None, description="邮件账号 / mail account")
    notifier_smtp_password: SecretStr | None = Field(None, description="邮件密码，试用时 / its password, for trying")
    notifier_smtp_password_file: Path | None = Field(None, description="邮件密码所在文件，优先 / the file that holds it, over the password")
    notifier_smtp_sender: str | None = Field(None, description="发件人地址 / the address mail is sent from")

    def mail_password(self) -> str | None:
        """The password of the mail account, None without one. Raises SecretFileError."""
        if self.notifier_smtp_password_file is not None:
            return secret_in(self.notifier_smtp_password_file, "NOTIFIER_SMTP_PASSWORD_FILE")
        return None if self.notifier_smtp_password is None else self.notifier_smtp_password.get_secret_value()
