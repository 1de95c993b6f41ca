"""Which targets are this installation's: by its keys, and by what its catalogue says lies there."""

from collections.abc import Sequence

from earwitness.keeping_settings import TargetSettings, UsbTargetSettings
from earwitness.public_keys import own_id, own_keys
from earwitness.settings import Settings
from storage.catalogue import Catalogue
from storage.errors import KeyUnusable, TargetRefused
from storage.targets import Target
from storage.targets.owned import OwnedTarget

BELIEVED = 30.0
"""Seconds for which a server is believed to be what it was; a folder is looked at with every use."""
_LOOKED_FOR = 8


class Belonging:
    """Of the target that ``spec`` describes. Machines that share the catalogue share its targets."""

    def __init__(self, settings: Settings, catalogue: Catalogue, spec: TargetSettings) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self.name = spec.name
        self.volume = spec.volume if isinstance(spec, UsbTargetSettings) else spec.name
        self._own: set[str] = set()

    def installation(self) -> str:
        """See ``Owner.installation``."""
        try:
            return own_id(self._settings)
        except KeyUnusable as error:
            raise TargetRefused(str(error)) from error

    def owns(self, installation: str) -> bool:
        """See ``Owner.owns``."""
        if installation not in self._own:
            try:
                self._own |= own_keys(self._settings).keys()
            except KeyUnusable as error:
                raise TargetRefused(str(error)) from error
        if installation not in self._own:
            self._own |= set(self._catalogue.seals.chains())
        return installation in self._own

    def held(self) -> Sequence[str]:
        """See ``Owner.held``."""
        return self._catalogue.copy_checks.names(self.name, _LOOKED_FOR)


def owned(settings: Settings, catalogue: Catalogue, spec: TargetSettings, target: Target) -> Target:
    """The target, used only while it is this installation's."""
    seconds = 0.0 if spec.kind == "local" else BELIEVED
    return OwnedTarget(target, Belonging(settings, catalogue, spec), seconds)
