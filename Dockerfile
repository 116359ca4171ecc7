# syntax=docker/dockerfile:1
# The audit loop as an image: slim, pinned, without root. Build: docker build -t loganalyze .
FROM python:3.11.13-slim-bookworm AS build
WORKDIR /src
# Exact versions with hashes; deploy/requirements.txt says how it is made anew.
COPY deploy/requirements.txt .
RUN python -m venv /opt/loganalyze \
    && /opt/loganalyze/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY analyzer analyzer
COPY rules rules
COPY templates templates
RUN /opt/loganalyze/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/loganalyze loganalyze
COPY --from=build /opt/loganalyze /opt/loganalyze
ENV PATH=/opt/loganalyze/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /var/lib/loganalyze
STOPSIGNAL SIGTERM
ENTRYPOINT ["loganalyze"]
CMD ["audit"]
