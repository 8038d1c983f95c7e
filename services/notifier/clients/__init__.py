"""Outgoing calls: signed webhooks to checked addresses, mail, chat."""

from services.notifier.clients.channels import Channels, check

__all__ = ["Channels", "check"]
