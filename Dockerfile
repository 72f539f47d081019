# The serving part only: no PyTorch, no training, no tests. docs/deploy.md tells how to renew the digest.
FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3 AS build
WORKDIR /srv
# Without pip: nothing is installed in the image that serves.
RUN python -m venv --without-pip /srv/venv
COPY deploy/requirements-serve.hashed.txt .
RUN pip --python /srv/venv/bin/python install --no-cache-dir --no-compile --only-binary=:all: --require-hashes -r requirements-serve.hashed.txt \
    # The packages' own tests, and sources of what is compiled, are never read.
    && find /srv/venv \( -type d \( -name tests -o -path '*/onnxruntime/transformers' -o -path '*/sqlalchemy/testing' \) -prune -o -name '*.c' -o -name '*.pyx' \) -exec rm -r {} +
# Of all versions in the tree, the one that models/shipped names.
COPY models all-models
RUN shipped=$(cat all-models/shipped) && mkdir -p "models/$shipped" \
    && cp -r all-models/shipped all-models/golden models/ && cp "all-models/$shipped"/*.json "all-models/$shipped"/*.onnx "models/$shipped/"

FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3
RUN groupadd --system --gid 10001 logo \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin logo
WORKDIR /srv
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/models models
COPY logo_classifier logo_classifier
COPY app app
COPY wsgi.py gunicorn.conf.py LICENSE ./
ENV PATH=/srv/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LOGO_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/health/live' % os.environ.get('LOGO_PORT', 8000), timeout=2)"]
CMD ["gunicorn"]
