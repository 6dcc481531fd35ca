FROM node:24-slim AS node
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm AS fonts
COPY deploy/fonts.sh .
RUN apt-get update && ./fonts.sh /fonts && test -s /fonts/FandolFang-Regular.otf

FROM python:3.11-slim-bookworm AS app
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/var app \
    && install -d -o app /srv/var/media
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=config.settings.prod VAR_DIR=/srv/var
WORKDIR /srv/app
COPY --from=packages /opt/venv /opt/venv
COPY --from=node /build/node_modules node_modules
COPY --from=fonts /fonts .fonts
COPY manage.py ./
COPY config config
COPY apps apps
COPY fixtures fixtures
COPY templates templates
COPY static static
# Nothing is contacted here: the settings only want these to be set.
RUN SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
    python manage.py collectstatic --no-input
USER app
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--config", "config/gunicorn.py", "--bind", "0.0.0.0:8000"]

FROM caddy:2 AS proxy
COPY deploy/Caddyfile /etc/caddy/Caddyfile
COPY --from=app /srv/var/static /srv/static

# What `docker build .` makes where no target is named.
FROM app
