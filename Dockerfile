# Serving image: CPU only, no torch, not root. `docker build -t qa-service .`
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
COPY qa_service qa_service
COPY api api
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 qa && mkdir /data && chown qa /data
COPY --from=build /venv /venv
COPY rules /app/rules
COPY models /app/models
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    QA_DATABASE_URL=sqlite:////data/qa.sqlite3 \
    QA_RULES_DIR=/app/rules \
    QA_MODELS_DIR=/app/models \
    QA_HOST=0.0.0.0
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["qa-service", "serve"]
