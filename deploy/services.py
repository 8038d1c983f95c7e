"""The services there are: the one table that names them all."""

from __future__ import annotations

from deploy.local import Part
from services.land_check import app as land_check
from services.land_check.settings import LandCheckSettings
from services.notifier import app as notifier
from services.notifier.settings import NotifierSettings
from services.power_grid import app as power_grid
from services.power_grid.settings import PowerGridSettings
from services.registration import app as registration
from services.registration.settings import RegistrationSettings

SERVICES: dict[str, Part] = {
    "registration": Part(RegistrationSettings, registration.create, calls_peers=True),
    "land_check": Part(LandCheckSettings, land_check.create, calls_peers=True),
    "power_grid": Part(PowerGridSettings, power_grid.create, calls_peers=True),
    "notifier": Part(NotifierSettings, notifier.create),
}
