"""All settings, read once from the environment (prefix `QA_`) and passed down as values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AliasChoices, Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from qa_service.errors import ConfigError, ErrorCode

BROKERS = ("redis", "rediss", "amqp", "amqps")

MOST_DAYS = 36_500

REPOSITORY = Path(__file__).resolve().parent.parent


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("not a time zone name like Asia/Shanghai") from error
    return name


ZoneName = Annotated[str, AfterValidator(_known_zone)]


class Settings(BaseSettings):
    """One field a setting; `docs/settings.md` lists them."""

    model_config = SettingsConfigDict(env_prefix="QA_", frozen=True, extra="ignore")

    database_url: str = Field(default="sqlite:///var/qa.sqlite3", description="SQLAlchemy URL of the store", repr=False)
    pii_keys: SecretStr | None = Field(
        default=None,
        description="keys of personal data, id:base64, newest first; none: a key file beside the SQLite database",
    )
    broker_url: SecretStr | None = Field(
        default=None, description="redis:// or amqp:// of the queues; none: the serving process works by itself"
    )
    worker_processes: int = Field(default=1, ge=1, le=256, description="processes of `qa-service worker` with a broker")
    task_soft_seconds: int = Field(default=90, ge=1, description="a batch that takes longer is given back")
    task_hard_seconds: int = Field(default=120, ge=2, description="a worker process that takes longer is killed")
    bulk_queue_limit: int = Field(
        default=100_000, ge=1, description="chats that may wait in the bulk queue before more are refused"
    )
    rules_dir: Path = Field(default=REPOSITORY / "rules", description="folder with the packs, policies/ and rubrics/")
    models_dir: Path = Field(default=REPOSITORY / "models", description="folder with the served models")
    model: str = Field(default="mood", min_length=1, description="which of them scores: a folder's name")
    shadow_model: str | None = Field(
        default=None,
        min_length=1,
        description="a folder that scores beside it, for comparison only; none: no such model",
    )
    policy: Path | None = Field(
        default=None, description="policy file, or folder of policy files; default: policies/ in the rules folder"
    )
    rubric: Path | None = Field(
        default=None, description="rubric file; default: rubrics/default.yaml in the rules folder"
    )
    default_zone: ZoneName | None = Field(
        default=None, description="zone of times without offset; none: such times are refused"
    )
    report_zone: ZoneName = Field(default="Asia/Shanghai", description="zone in which a month begins")
    model_threads: int = Field(default=2, ge=1, le=64, description="threads of the mood model")
    session_hours: int = Field(default=12, ge=1, le=168, description="a session of the pages ends after so many hours")
    session_idle_minutes: int = Field(
        default=120, ge=1, le=10_080, description="a user's session ends when nobody works in it for so long"
    )
    retention_days: int | None = Field(
        default=None, ge=1, le=MOST_DAYS, description="days for which the text of a chat is held; none: for ever"
    )
    retention_days_by_shop: dict[str, Annotated[int, Field(ge=1, le=MOST_DAYS)] | None] = Field(
        default={}, description='the same for single shops, as JSON: {"shop": 30, "other": null}'
    )
    host: str = Field(default="127.0.0.1", description="address to serve on")
    port: int = Field(default=8000, ge=0, le=65535, description="port to serve on")
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="port on which `qa-service worker` shows its metrics; none: it does not",
    )
    otlp_endpoint: HttpUrl | None = Field(
        default=None,
        validation_alias=AliasChoices("otlp_endpoint", "QA_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="collector that takes OpenTelemetry traces by HTTP; none: nothing is traced",
    )
    rate_per_caller: int = Field(
        default=1000, ge=0, description="requests a second of one key or person, in each serving process; 0: no limit"
    )
    rate_per_address: int = Field(
        default=20, ge=0, description="requests a second of one address that is not logged in; 0: no limit"
    )
    oidc_issuer: str | None = Field(
        default=None, description="identity provider where people may log in (OpenID Connect); none: not offered"
    )
    oidc_client_id: str | None = Field(default=None, min_length=1, description="what this service is called there")
    oidc_client_secret: SecretStr | None = Field(default=None, description="what it proves that with")
    oidc_allow_private: bool = Field(
        default=False, description="the provider may be inside of the network (private, loopback), and without TLS"
    )
    push_url: HttpUrl | None = Field(
        default=None, description="where performance is pushed to; none: no push", repr=False
    )
    push_allow_private: bool = Field(
        default=False, description="push also to addresses inside of the network (private, loopback, link-local)"
    )
    push_secret: SecretStr | None = Field(default=None, description="key of the push signature, 32 characters or more")

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and urlsplit(url.get_secret_value()).scheme not in BROKERS:
            raise ValueError(f"must begin with one of {', '.join(f'{name}://' for name in BROKERS)}")
        return url

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer_address(cls, issuer: str | None) -> str | None:
        if issuer is None:
            return None
        parts = urlsplit(issuer)
        is_plain = parts.hostname and "@" not in parts.netloc and not parts.query and not parts.fragment
        if parts.scheme not in ("https", "http") or not is_plain:
            raise ValueError("must be an address like https://login.example.com/realms/shop")
        return issuer

    @field_validator("push_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < 32:
            raise ValueError("must have 32 characters or more")
        return secret

    @property
    def policy_path(self) -> Path:
        """The policies in force: a file, or a folder of files."""
        return self.policy or self.rules_dir / "policies"

    @property
    def rubric_path(self) -> Path:
        """The rubric in force."""
        return self.rubric or self.rules_dir / "rubrics" / "default.yaml"

    @property
    def zone(self) -> ZoneInfo | None:
        """`default_zone` as an object."""
        return ZoneInfo(self.default_zone) if self.default_zone else None


def load_settings(**overrides: object) -> Settings:
    """Read the environment; `overrides` win over it.

    Raises:
        ConfigError: a setting is wrong; the message names it.
    """
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "QA_" + str(first["loc"][0]).upper()
        raise ConfigError(f"{name}: {first['msg']}", code=ErrorCode.INVALID_SETTING, field=name) from None
    if settings.push_url is not None and settings.push_secret is None:
        raise ConfigError(
            "QA_PUSH_URL needs QA_PUSH_SECRET: pushes are signed",
            code=ErrorCode.INVALID_SETTING,
            field="QA_PUSH_SECRET",
        )
    _check_oidc(settings)
    if settings.task_hard_seconds <= settings.task_soft_seconds:
        raise ConfigError(
            "QA_TASK_HARD_SECONDS must be more than QA_TASK_SOFT_SECONDS",
            code=ErrorCode.INVALID_SETTING,
            field="QA_TASK_HARD_SECONDS",
        )
    return settings


def _check_oidc(settings: Settings) -> None:
    parts = {
        "QA_OIDC_ISSUER": settings.oidc_issuer,
        "QA_OIDC_CLIENT_ID": settings.oidc_client_id,
        "QA_OIDC_CLIENT_SECRET": settings.oidc_client_secret,
    }
    missing = [name for name, value in parts.items() if value is None]
    if missing and len(missing) < len(parts):
        raise ConfigError(
            f"{missing[0]} is not set: log-in at a provider needs {', '.join(parts)}",
            code=ErrorCode.INVALID_SETTING,
            field=missing[0],
        )
    if settings.oidc_issuer and settings.oidc_issuer.startswith("http:") and not settings.oidc_allow_private:
        raise ConfigError(
            "QA_OIDC_ISSUER must begin with https:// unless QA_OIDC_ALLOW_PRIVATE=true",
            code=ErrorCode.INVALID_SETTING,
            field="QA_OIDC_ISSUER",
        )
