# This file was not run with Docker on the development machine, which has no Docker engine. Its steps were carried out
# there by hand: the commands of each stage in a folder with only what the stage copies, then the service started by an
# unprivileged user from a read-only file system.
#
#   docker build -t niangjia .
#   docker run -p 3000:3000 -v niangjia-data:/data --read-only --tmpfs /tmp niangjia
#
# One container is a whole service with its embedded database in /data. compose.yaml runs two with PostgreSQL and MinIO.
# Commands: docker exec CONTAINER node src/start.mjs knowledge reload

# Another registry or mirror: --build-arg NODE_IMAGE=…, --build-arg NPM_REGISTRY=…
ARG NODE_IMAGE=node:24-slim

# The browser pages: needs development packages, runs no package's own script.
FROM ${NODE_IMAGE} AS pages
ARG NPM_REGISTRY=https://registry.npmjs.org/
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund --registry="$NPM_REGISTRY"
COPY tsconfig.json vite.config.ts ./
COPY scripts/build-pages.mjs scripts/
COPY src src
RUN node scripts/build-pages.mjs && test -f dist/pages/index.html

# What the service needs at run time. The vector library is compiled against the headers that the image brings.
FROM ${NODE_IMAGE} AS modules
ARG NPM_REGISTRY=https://registry.npmjs.org/
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# npm's `prepare` calls it; without development packages it builds nothing and says so.
COPY scripts/build-pages.mjs scripts/
# The image is Node itself: the Node that npm brings for other machines is left out. The build fails where the vector
# library does not load, instead of leaving a slower service.
RUN npm_config_nodedir=/usr/local npm ci --omit=dev --no-audit --no-fund --registry="$NPM_REGISTRY" \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node \
  && node -e 'require("hnswlib-node")'

FROM ${NODE_IMAGE}
# The memory settings are those that src/start.mjs would begin again for.
ENV NODE_ENV=production \
  HOST=0.0.0.0 \
  PORT=3000 \
  DATA_DIR=/data \
  MALLOC_ARENA_MAX=1 \
  MALLOC_TRIM_THRESHOLD_=65536
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY package.json LICENSE ./
COPY knowledge knowledge
COPY prompts prompts
COPY src src
COPY --from=pages /app/dist dist
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
# The first start makes database and index.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1: it handles the signals and starts no processes. A stop takes up to 20 seconds:
# docker stop --time 30.
CMD ["node", "src/start.mjs"]
