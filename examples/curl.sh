#!/bin/sh
# Ask the service by curl, in each way that it takes pictures.
#
#   sh examples/curl.sh http://127.0.0.1:8000 logo.png
#
# A service that asks for a key gets the one in API_KEY.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: sh examples/curl.sh ADDRESS PICTURE" >&2
    exit 2
fi
address=$1 picture=$2

# After a 429 or a 503, curl waits as Retry-After says, up to three times.
# --fail-with-body (curl 7.76) makes a refusal an exit status, and still prints what the service says.
ask() {
    curl --silent --show-error --fail-with-body --retry 3 \
        --header "X-API-Key: ${API_KEY:-}" "$@"
    echo
}

echo "As a form:"
ask --form "image=@$picture" "$address/classify"

echo "As the body itself; options go into the query:"
ask --data-binary "@$picture" --header "Content-Type: application/octet-stream" \
    "$address/classify?method=rule_based"

echo "As JSON, in base64:"
printf '{"image": "%s", "time_budget": 0.5}' "$(base64 <"$picture" | tr -d '\n')" |
    ask --data-binary @- --header "Content-Type: application/json" "$address/classify"

echo "Up to 32 pictures in one request:"
ask --form "images=@$picture" --form "images=@$picture" "$address/classify/batch"
