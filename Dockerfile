# One image for API and workers, with the official Pulumi CLI and the provider plugins inside.
# Build arguments pin what is downloaded: an archive with another hash ends the build.
FROM python:3.13-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.8 /uv /bin/uv
WORKDIR /app
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=/app/.venv
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-install-project --no-dev
COPY controlplane controlplane
COPY tenants tenants
COPY programs programs
COPY migrations migrations
COPY sandbox/__init__.py sandbox/__init__.py
COPY alembic.ini ./
RUN uv sync --frozen --no-dev

FROM python:3.13-slim AS engine
ARG PULUMI_VERSION=3.272.0
ARG PULUMI_SHA256
ADD https://get.pulumi.com/releases/sdk/pulumi-v${PULUMI_VERSION}-linux-x64.tar.gz /tmp/pulumi.tar.gz
RUN echo "${PULUMI_SHA256:?pass the checksum of the release}  /tmp/pulumi.tar.gz" | sha256sum --check \
 && mkdir -p /opt/engine/bin && tar --extract --gzip --strip-components=1 --directory /opt/engine/bin --file /tmp/pulumi.tar.gz
ENV PULUMI_HOME=/opt/engine PATH=/opt/engine/bin:$PATH
ARG AWS_PLUGIN_SHA256
ARG CLOUDFLARE_PLUGIN_SHA256
RUN pulumi plugin install resource aws 7.51.1 --checksum "${AWS_PLUGIN_SHA256:?pass the checksum of the plugin}" \
 && pulumi plugin install resource cloudflare 6.23.1 --checksum "${CLOUDFLARE_PLUGIN_SHA256:?pass the checksum of the plugin}"

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /run/controlplane controlplane
COPY --from=engine --chown=root:root /opt/engine /opt/engine
COPY --from=build --chown=root:root /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH CP_PULUMI__ROOT=/opt/engine CP_PULUMI__HOME=/opt/engine CP_PULUMI__WORK_FOLDER=/run/controlplane
USER controlplane
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
CMD ["controlplane", "serve", "--host", "0.0.0.0"]
