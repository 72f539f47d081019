# The serving part only: no PyTorch, no training, no tests.
FROM python:3.11-slim-bookworm AS build
WORKDIR /srv
RUN python -m venv /srv/venv
COPY requirements-serve.txt .
RUN /srv/venv/bin/pip install --no-cache-dir -r requirements-serve.txt
# Of all versions in the tree, the one that models/shipped names.
COPY models all-models
RUN shipped=$(cat all-models/shipped) && mkdir -p "models/$shipped" \
    && cp -r all-models/shipped all-models/golden models/ && cp "all-models/$shipped"/*.json "all-models/$shipped"/*.onnx "models/$shipped/"

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin logo
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
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/health/live' % os.environ.get('LOGO_PORT', 8000), timeout=2)"]
CMD ["gunicorn"]
