"""How recordings are kept, from the settings to what the API shows of it."""

from earwitness import encrypting
from earwitness.keeping import places
from earwitness.keeping_settings import (
    FtpTargetSettings,
    LocalTargetSettings,
    MinioTargetSettings,
    S3TargetSettings,
    SftpTargetSettings,
    TargetSettings,
    UsbTargetSettings,
    bytes_per_second,
)
from earwitness.settings import LOCAL, Settings
from qa_api.plan import PlacementPlan, StoragePlan, TargetPlan


def plan(settings: Settings) -> StoragePlan:
    """All of it, without a secret. Raises ``KeyUnusable`` where the master key cannot be read."""
    masters = encrypting.masters(settings) if settings.encryption.master_key else []
    home = places.home(settings)
    archive = TargetPlan(
        name=LOCAL,
        kind="local",
        role="primary" if home == LOCAL else "earlier",
        place=str(settings.archive_folder),
    )
    return StoragePlan(
        home=home,
        targets=(archive, *map(_target, settings.targets)),
        placement=tuple(
            PlacementPlan(
                to=rule.to, copies=rule.copies, older_than_days=rule.older_than_days, calls=rule.calls
            )
            for rule in settings.placement
        ),
        master_key=masters[0].id if masters else "",
        recipients=len(settings.encryption.recipients),
        scrub_days=settings.scrub.days,
        scrub_window=settings.scrub.window,
        snapshot_schedule=settings.snapshots.schedule,
        snapshots_kept=settings.snapshots.keep,
        warn_percent=settings.space.warn_percent,
        free_percent=settings.space.free_percent,
        copies_elsewhere=settings.space.copies,
    )


def _target(target: TargetSettings) -> TargetPlan:
    return TargetPlan(
        name=target.name,
        kind=target.kind,
        role=target.role,
        place=_place(target),
        schedule=target.schedule if target.role == "copy" else "",
        window=target.window,
        bandwidth=bytes_per_second(target.bandwidth),
        write_once=target.write_once,
    )


def _place(target: TargetSettings) -> str:
    """Where it is, as people would say it; never how one gets in."""
    match target:
        case LocalTargetSettings():
            return str(target.folder)
        case UsbTargetSettings():
            return target.volume
        case FtpTargetSettings() | SftpTargetSettings():
            return f"{target.host}:{target.port}/{target.folder.lstrip('/')}"
        case S3TargetSettings() | MinioTargetSettings():
            folder = f"/{target.prefix}" if isinstance(target, S3TargetSettings) and target.prefix else ""
            return f"{target.endpoint}/{target.bucket}{folder}".lstrip("/")
