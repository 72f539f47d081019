"""The pages for people and the contract for machines."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.api.views.plain_words import words
from app.api.views.site import contract
from logo_classifier import HybridClassifier, LogoType
from logo_classifier.values import Method, Tier
from tests.app.api import examples

ClientMaker = Callable[..., FlaskClient]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_is_served(client: FlaskClient, path: str) -> None:
    reply = client.get(path)

    assert reply.status_code == 200
    assert reply.mimetype == "text/html"
    assert "Logo classifier" in reply.text


def test_pages_hold_no_inline_script_or_style(client: FlaskClient) -> None:
    text = client.get("/").text + client.get("/docs").text

    scripts = re.findall(r"<script[^>]*>([^<]*)<", text)
    assert scripts == [""]
    assert "style=" not in text
    assert "<style" not in text


def test_every_file_that_the_page_names_is_served(client: FlaskClient) -> None:
    named = set(re.findall(r'(?:src|href|value)="(/static/[^"]+)"', client.get("/").text))

    assert len(named) == 14
    for path in named:
        with client.get(path) as reply:
            assert reply.status_code == 200


def test_the_modules_that_scripts_import_are_loaded_ahead(client: FlaskClient) -> None:
    with client.get("/static/page/main.js") as reply:
        imported = set(re.findall(r'from "\./(\w+)\.js"', reply.text))

    ahead = re.findall(r'rel="modulepreload" href="/static/page/(\w+)\.js"', client.get("/").text)
    assert imported == set(ahead)


def test_each_sample_has_its_type(classifier: HybridClassifier) -> None:
    folder = files("app.api").joinpath("static", "samples")

    for kind in LogoType:
        sample = folder.joinpath(f"{kind.value}.png").read_bytes()
        assert classifier.classify(sample)["prediction_set"] == [kind.value]


def test_every_tier_type_and_method_has_plain_words() -> None:
    said = words()

    assert set(said["types"]) == {kind.value for kind in LogoType}
    assert set(said["tiers"]) == {tier.value for tier in Tier}
    assert set(said["methods"]) == {method.value for method in Method}


def test_the_cures_are_for_kinds_of_problems_that_there_are() -> None:
    kinds = contract()["components"]["schemas"]["ErrorKind"]["enum"]

    assert set(words()["cures"]) - {"unreachable", "other"} <= set(kinds)


def test_buttons_for_feedback_are_there_only_where_the_service_takes_it(
    make_client: ClientMaker, tmp_path: Path
) -> None:
    without = make_client().get("/").text
    page = make_client(feedback_url=f"sqlite:///{tmp_path / 'feedback.db'}").get("/").text

    assert "data-feedback" not in without
    assert 'class="feedback"' not in without
    assert "Nothing of them is shown to others or written to a file here." in without
    assert "Each answer is" not in without
    assert "No picture and no file name is kept. Each answer is" in page
    assert 'data-feedback="/feedback"' in page
    assert 'class="feedback"' in page


def test_the_style_sheet_of_the_pages_exists(client: FlaskClient) -> None:
    with client.get("/static/page.css") as reply:
        assert reply.status_code == 200


def test_every_kind_of_problem_has_its_anchor_in_the_docs(client: FlaskClient) -> None:
    text = client.get("/docs").text

    for kind in contract()["components"]["schemas"]["ErrorKind"]["oneOf"]:
        assert f'id="{kind["const"]}"' in text


def test_the_docs_describe_every_option_and_every_field_of_an_answer(client: FlaskClient) -> None:
    text = client.get("/docs").text
    schemas = contract()["components"]["schemas"]

    for name in (*schemas["Options"]["properties"], *schemas["Classification"]["properties"]):
        assert re.search(rf"<li><code>{name}</code>: .+\. \w", text), name


def test_a_link_inside_the_docs_leads_to_a_place_on_the_page(client: FlaskClient) -> None:
    text = client.get("/docs").text
    places = re.findall(r'id="([^"]+)"', text)

    assert len(places) == len(set(places))
    assert {"Options", "Answer"} <= set(re.findall(r'href="#([^"]+)"', text)) <= set(places)


def test_the_example_of_the_docs_is_what_the_service_answers(client: FlaskClient) -> None:
    shown = re.findall(r'<pre class="wrapped"><code>(.*?)</code>', client.get("/docs").text, re.S)
    answer, refusal = (json.loads(html.unescape(text)) for text in shown)
    taken = examples.take(client)

    assert answer.keys() == taken["moon"]["value"].keys()
    assert answer["logo_type"] == taken["moon"]["value"]["logo_type"]
    assert answer["image"] == taken["moon"]["value"]["image"]
    assert refusal == taken["missing_image"]["value"]


def test_the_docs_tell_the_limits_in_force(make_client: ClientMaker) -> None:
    text = (
        make_client(
            max_upload_bytes=3 * 2**20,
            max_batch_files=7,
            formats=("PNG",),
            rate_limit="60/minute",
            upload_timeout_seconds=11,
            request_timeout_seconds=12,
            reply_timeout_seconds=13,
            api_keys=("first-key-0123456789",),
            cors_origins=("https://app.example.org",),
        )
        .get("/docs")
        .text
    )

    told = dict(re.findall(r"<dt>([^<]+)</dt><dd>(.*?)</dd>", text))
    assert told["Formats"] == "PNG, told by the content"
    assert told["Size of a picture"] == "up to 3.0 MiB, each side 10 to 5000 px"
    assert told["A batch"].startswith("up to 7 pictures, 100.0 MiB")
    assert told["Rate of a client"] == "60/minute, a batch counting as one"
    assert [told[name] for name in told if name.startswith("Time")] == ["11 s", "12 s", "13 s"]
    assert "X-API-Key" in told["Key"]
    assert "first-key" not in text
    assert "app.example.org" not in text
    assert "none is named now" not in text


def test_the_docs_tell_the_limits_of_a_deployment_that_sets_none(client: FlaskClient) -> None:
    text = client.get("/docs").text

    told = dict(re.findall(r"<dt>([^<]+)</dt><dd>(.*?)</dd>", text))
    assert told["Key"] == "none is asked for"
    assert told["Rate of a client"] == "not limited"
    assert told["Feedback"] == "not taken"
    assert "none is named now" in text


def test_the_docs_call_the_service_where_it_is(client: FlaskClient) -> None:
    assert (
        "https://logos.example/classify<"
        in client.get("/docs", base_url="https://logos.example").text
    )


def test_the_form_names_the_limits_of_the_deployment(make_client: ClientMaker) -> None:
    text = make_client(max_upload_bytes=3 * 2**20).get("/").text

    assert "Up to 3.0 MiB, each side 10 to 5000 px" in text


def test_where_keys_are_asked_for_there_is_a_field_for_one(make_client: ClientMaker) -> None:
    with_keys = make_client(api_keys=("first-key-0123456789",)).get("/").text

    assert '<div id="key-box" class="scripted">' in with_keys
    assert "A browser can send it with JavaScript only" in with_keys
    assert "first-key" not in with_keys
    assert '<div id="key-box" class="scripted" hidden>' in make_client().get("/").text


def test_the_contract_is_served(client: FlaskClient) -> None:
    reply = client.get("/openapi.json")

    assert reply.json == contract()
    assert reply.json["openapi"] == "3.1.0"


@pytest.mark.parametrize("path", ["/", "/health", "/nowhere"])
def test_browsers_are_told_to_run_frame_and_guess_nothing(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_swagger_ui_is_what_its_record_says_and_nothing_else() -> None:
    folder = Path(str(files("app.api"))) / "static" / "vendor" / "swagger-ui"
    recorded = dict(
        re.findall(r"^\| `(.+)` \| ([0-9a-f]{64}) \|$", (folder / "README.md").read_text(), re.M)
    )

    assert recorded
    assert recorded == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name != "README.md"
    }


def test_only_the_page_that_sends_calls_has_a_policy_of_its_own(client: FlaskClient) -> None:
    own = client.get("/docs/try").headers.getlist("Content-Security-Policy")

    assert len(own) == 1
    assert "script-src 'self';" in own[0]
    assert "unsafe" not in own[0]
    assert own != client.get("/docs").headers.getlist("Content-Security-Policy")


def test_the_page_that_sends_calls_stays_below_the_path_of_its_proxy(
    make_client: ClientMaker,
) -> None:
    told = {"X-Forwarded-Prefix": "/logos"}

    text = make_client(trusted_proxies=1).get("/docs/try", headers=told).text

    named = re.findall(r'(?:src|href|data-contract)="(/[^"]*)"', text)
    assert len(named) == 5
    assert [path for path in named if not path.startswith("/logos/")] == []


def test_the_page_says_that_pictures_are_kept_where_they_are(
    make_client: ClientMaker, tmp_path: Path
) -> None:
    page = make_client(
        feedback_url=f"sqlite:///{tmp_path / 'feedback.db'}",
        keep_feedback_images=tmp_path / "kept",
        keep_feedback_images_days=7,
    )
    for path in ("/", "/docs"):
        assert "Pictures are kept for 7 days" in page.get(path).text
        assert "No picture" not in page.get(path).text
