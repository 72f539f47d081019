"""The examples and rules of https://www.w3.org/TR/trace-context/, section 3.2."""

from __future__ import annotations

import pytest

from app.traces.context import read_traceparent, unrecorded

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), ("03", True)])
def test_a_valid_header_gives_the_trace_and_the_callers_span(flags: str, sampled: bool) -> None:
    context = read_traceparent(f"00-{TRACE}-{PARENT}-{flags}")

    assert context
    assert (context.trace_id, context.parent_span_id) == (TRACE, PARENT)
    assert context.sampled is sampled


def test_each_request_has_a_span_of_its_own() -> None:
    contexts = [read_traceparent(f"00-{TRACE}-{PARENT}-01") for _ in range(2)]

    spans = {context.span_id for context in contexts if context}
    assert len(spans) == 2
    assert all(len(span) == 16 and int(span, 16) for span in spans)


def test_a_later_version_may_have_more_fields() -> None:
    assert read_traceparent(f"cc-{TRACE}-{PARENT}-01-what-the-future-holds")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "no trace",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}-{PARENT}-01-more",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01\n",
        f"00-{TRACE}-{PARENT}-01,00-{TRACE}-{PARENT}-01",
    ],
)
def test_what_is_not_valid_is_as_good_as_no_header(header: str | None) -> None:
    assert read_traceparent(header) is None


def test_a_service_that_records_no_span_says_so_to_its_caller() -> None:
    context = read_traceparent(f"00-{TRACE}-{PARENT}-01")

    assert context
    assert context.response == f"00-{TRACE}-{context.span_id}-01"
    assert unrecorded(context).response == f"00-{TRACE}-{context.span_id}-00"
