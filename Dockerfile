# Sightline, both services: `docker run … IMAGE oma` or `vma` (docs/operations.md, "Container").
#
# No engine runs where this is tested, so hadolint's rules are checked by hand and, as far as a text tells, by
# test/deploy/deploy.test.ts:
#   DL3000 absolute WORKDIR             DL3002 last USER not root          DL3003 WORKDIR instead of cd
#   DL3004 no sudo                      DL3006 DL3007 tagged, not latest   DL3008 DL3009 DL3015 no apt packages
#   DL3016 no npm package unpinned: npm ci takes the lock file             DL3020 COPY instead of ADD
#   DL3021 COPY of several to a folder  DL3022 COPY --from an alias        DL3025 JSON for CMD and ENTRYPOINT
#   DL3042 DL3060 npm's cache is not in the image                          DL3045 COPY to an absolute path or after WORKDIR
#   DL3047 no wget                      DL3057 HEALTHCHECK                 DL4000 no MAINTAINER
#   DL4001 DL4006 neither wget nor curl, no pipes                          SC2086 nothing unquoted
#
# Node 22 on Debian 12: uWebSockets.js comes compiled for both (docs/supply-chain.md). Pin the digest where you build.

FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No package's own script runs; the npm package `node` would bring a second Node by one.
RUN npm ci --ignore-scripts --no-audit --no-fund --cache /tmp/npm && rm -rf /tmp/npm
COPY . .
RUN npm run build

FROM node:22-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Of the web server's binaries only this platform's stays: 7 MB of 133.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --cache /tmp/npm \
    && rm -rf /tmp/npm \
    && find node_modules/uWebSockets.js -name '*.node' \
       ! -name "uws_linux_$(node -p process.arch)_$(node -p process.versions.modules).node" -delete

FROM node:22-bookworm-slim
LABEL org.opencontainers.image.title="Sightline" \
      org.opencontainers.image.description="Live progress tracking for VMware to OSSEA migrations" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /build/package.json /build/README.md /build/LICENSE /build/CHANGELOG.md ./
COPY --from=build /build/bin ./bin
COPY --from=build /build/dist ./dist
COPY --from=build /build/config/default.json ./config/default.json
# The embedded database and the token of a run: the only folder that is written to.
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production
VOLUME /data
WORKDIR /data
USER node
EXPOSE 8081 8082
# The first process: Node ends by SIGTERM as Sightline handles it, and no children need reaping.
STOPSIGNAL SIGTERM
# Whichever of the two runs, on the port that its settings say.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["node", "/app/bin/healthcheck.mjs"]
ENTRYPOINT ["node", "/app/bin/launcher.mjs"]
CMD ["oma"]
