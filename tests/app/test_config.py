"""Settings come from the environment, and bad ones stop the start."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from app.config import Settings, settings_or_exit


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()


def test_other_variables_are_ignored() -> None:
    assert Settings.from_env({"PATH": "/bin", "PORT": "1"}) == Settings()


def test_every_field_can_be_set() -> None:
    text = {int: "7", float: "0.3", bool: "false", str: "::1", type(None): "models/logo/1.0.0"}
    text[tuple] = "abcdefgh-ABCDEFGH_1"
    choices = {"log_level": "debug"}
    choices |= {"rate_limit": "5/minute", "redis_url": "redis://cache:6379"}
    choices |= {"formats": "PNG, WEBP"}
    choices |= {"cors_origins": "https://a.example, http://b.example:8080"}
    choices |= {"max_upload_bytes": "2048", "max_batch_bytes": "4096", "max_pending_bytes": "8192"}
    choices |= {"max_batch_pixels": "1000", "port": "9000"}
    choices |= {"settings_file": "/dev/null", "feedback_url": "sqlite:///feedback.db"}
    choices |= {"keep_feedback_images": "/var/lib/logo-pictures"}
    choices |= {"candidate": "logo-type/1.5.0", "candidate_mode": "shadow"}
    choices |= {"live_calibration": "off", "log_format": "json", "trace": "on"}
    choices |= {"keep_feedback_images": "/kept"}
    defaults, excluded = Settings(), {"memcached_url", "model"}
    environ = {
        f"LOGO_{option.name.upper()}": choices.get(
            option.name, text[type(getattr(defaults, option.name))]
        )
        for option in fields(Settings)
        if option.name not in excluded
    }

    settings = Settings.from_env(environ)

    unchanged = [
        option.name
        for option in fields(Settings)
        if getattr(settings, option.name) == getattr(defaults, option.name)
    ]
    assert set(unchanged) == excluded
    assert settings.model_path == Path("models/logo/1.0.0")
    assert settings.cors_origins == ("https://a.example", "http://b.example:8080")
    assert settings.enable_caching is False
    assert settings.bind == "[::1]:9000"


def test_settings_listen_on_this_machine_only_unless_told_otherwise() -> None:
    assert Settings().bind == "127.0.0.1:8000"


@pytest.mark.parametrize(
    ("host", "bind"),
    [
        ("[::1]", "[::1]:8000"),
        ("::1", "[::1]:8000"),
        ("[::]", "[::]:8000"),
        ("0.0.0.0", "0.0.0.0:8000"),  # noqa: S104
        ("logos.example.org", "logos.example.org:8000"),
    ],
)
def test_an_address_may_stand_in_brackets(host: str, bind: str) -> None:
    assert Settings.from_env({"LOGO_HOST": host}).bind == bind


def test_wrong_settings_end_the_program_with_one_line() -> None:
    with pytest.raises(
        SystemExit, match=r"^logo-classifier does not start: LOGO_PORT=x is refused; .*$"
    ):
        settings_or_exit({"LOGO_PORT": "x"})


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("LOGO_PORT", "eighty", "a whole number from 1 to 65535"),
        ("LOGO_PORT", "8_000", "a whole number from 1 to 65535"),
        ("LOGO_PORT", "８０", "a whole number from 1 to 65535"),  # noqa: RUF001
        ("LOGO_PORT", "0", "a whole number from 1 to 65535"),
        ("LOGO_CACHE_MB", "0", "a whole number from 1 to 65536"),
        ("LOGO_HOST", "127.0.0.1:80", "an address or a host name"),
        ("LOGO_HOST", "http://x", "an address or a host name"),
        ("LOGO_HOST", "", "an address or a host name"),
        ("LOGO_ENABLE_CACHING", "maybe", "true or false"),
        ("LOGO_LOG_LEVEL", "loud", "debug or info or warning or error or critical"),
        (
            "LOGO_RATE_LIMIT",
            "5 a minute",
            "a rate like 60/minute, of second, minute, hour or day",
        ),
        (
            "LOGO_CORS_ORIGINS",
            "a.example",
            "origins like https://app.example.org, with commas between",
        ),
        (
            "LOGO_FORMATS",
            "PNG, PSD",
            "formats of PNG, JPEG, BMP, GIF, WEBP, AVIF, TIFF and ICO, with commas between",
        ),
        ("LOGO_CANDIDATE_SHARE", "1.5", "a number from 0 to 1"),
        ("LOGO_WORKER_CONNECTIONS", "0", "a whole number from 1 to 10000"),
        ("LOGO_MAX_PENDING", "31", "at least LOGO_MAX_BATCH_FILES, 32"),
        ("LOGO_MAX_PENDING_BYTES", "9999", "at least LOGO_MAX_BATCH_BYTES, 104857600"),
        ("LOGO_MAX_BATCH_BYTES", "1024", "at least LOGO_MAX_UPLOAD_BYTES, 52428800"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_what_is_allowed(
    variable: str, value: str, allowed: str
) -> None:
    with pytest.raises(ValueError, match=f"^{variable}={value} is refused; allowed: {allowed}$"):
        Settings.from_env({variable: value})


@pytest.mark.parametrize("url", ["memcached://cache:11211", "memcached://[::1]:11211"])
def test_answers_may_be_shared_in_a_memcached(url: str) -> None:
    assert Settings.from_env({"LOGO_MEMCACHED_URL": url}).memcached_url == url


def test_a_version_and_a_path_of_a_model_are_refused_together() -> None:
    both = {"LOGO_MODEL": "logo-type/1.6.0", "LOGO_MODEL_PATH": "mine"}

    with pytest.raises(ValueError, match=r"^LOGO_MODEL=logo-type/1\.6\.0 is refused; .*one of"):
        Settings.from_env(both)


@pytest.mark.parametrize("name", ["1.6.0", "../1.6.0", "logo-type/..", "a/b/c", "/a/b"])
def test_a_model_is_a_name_and_a_version(name: str) -> None:
    with pytest.raises(ValueError, match="is refused; allowed: name/version"):
        Settings.from_env({"LOGO_MODEL": name})


def test_two_stores_of_answers_are_refused() -> None:
    both = {"LOGO_REDIS_URL": "redis://a", "LOGO_MEMCACHED_URL": "memcached://b:11211"}

    with pytest.raises(ValueError, match=r"^LOGO_MEMCACHED_URL=memcached://b:11211 is refused"):
        Settings.from_env(both)


def test_a_redis_on_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^LOGO_REDIS_URL=… is refused; allowed: .*6379/0$"):
        Settings.from_env({"LOGO_REDIS_URL": "redis://cache:99999/0"})


@pytest.mark.parametrize("url", ["cache", "memcached://c:99999", "memcached://u:p@host:11211"])
def test_a_memcached_without_name_or_port_or_with_a_password_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^LOGO_MEMCACHED_URL=… is refused; .*host:11211$"):
        Settings.from_env({"LOGO_MEMCACHED_URL": url})


@pytest.mark.parametrize("variable", ["LOGO_API_KEYS", "LOGO_REDIS_URL", "LOGO_MEMCACHED_URL"])
def test_a_secret_is_neither_shown_nor_told_when_refused(variable: str) -> None:
    with pytest.raises(ValueError, match=f"^{variable}=… is refused") as caught:
        Settings.from_env({variable: "hush hush"})

    assert "hush" not in str(caught.value)
    secrets = Settings(
        api_keys=("hush-hush-hush-hush",),
        redis_url="redis://:hush@host",
        feedback_url="postgresql://logo:hush@host/feedback",
    )
    assert "hush" not in repr(secrets)


def test_an_unknown_variable_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown variable LOGO_PROT; known: .*LOGO_PORT"):
        Settings.from_env({"LOGO_PROT": "80"})


def test_settings_built_in_code_are_checked_too() -> None:
    with pytest.raises(ValueError, match="LOGO_WORKERS=0 is refused"):
        Settings(workers=0)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_what_kubernetes_tells_of_services_near_it_is_passed_over() -> None:
    links = {
        "LOGO_PORT": "tcp://10.0.0.1:8000",
        "LOGO_SERVICE_HOST": "10.0.0.1",
        "LOGO_SERVICE_PORT": "8000",
        "LOGO_PORT_8000_TCP": "tcp://10.0.0.1:8000",
        "LOGO_CLASSIFIER_PORT": "tcp://10.0.0.1:8000",
        "LOGO_CLASSIFIER_SERVICE_PORT_HTTP": "8000",
        "LOGO_CLASSIFIER_PORT_8000_TCP_ADDR": "10.0.0.1",
    }

    assert Settings.from_env(links) == Settings()
    assert Settings.from_env({**links, "LOGO_PORT": "9000"}).port == 9000


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///feedback.db",
        "postgresql://logo:pw@db:5432/feedback",
        "postgres://db/f?sslmode=require",
    ],
)
def test_feedback_may_be_kept_in_a_file_or_a_database(url: str) -> None:
    assert Settings.from_env({"LOGO_FEEDBACK_URL": url}).feedback_url == url


@pytest.mark.parametrize(
    "url", ["sqlite://nowhere", "postgresql://db", "postgresql://db:99999/f", "mysql://db/f"]
)
def test_another_store_of_feedback_is_refused_with_what_is_allowed(url: str) -> None:
    with pytest.raises(ValueError, match="LOGO_FEEDBACK_URL=… is refused; allowed: an address"):
        Settings.from_env({"LOGO_FEEDBACK_URL": url})


def test_tracing_without_vtracer_is_refused_with_the_extra_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.config.find_spec", lambda name: None)

    with pytest.raises(
        ValueError, match=r"LOGO_TRACE=on .* pip install 'logo-classifier\[trace\]'"
    ):
        Settings.from_env({"LOGO_TRACE": "on"})

    assert Settings.from_env({"LOGO_TRACE": "off"}).trace == "off"
