# docs/containers.md says how to build and run this image. It needs BuildKit (Docker 23 or later) or buildah.

# glibc is needed: ONNX Runtime has no build for musl (Alpine).
ARG NODE_IMAGE=node:24-bookworm-slim

# Both stages that build run on the building machine, whatever platform the image is for.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS dependencies
WORKDIR /app
ARG TARGETARCH
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm \
    case "$TARGETARCH" in \
      amd64) cpu=x64 ;; \
      arm64) cpu=arm64 ;; \
      *) echo "rutox: ONNX Runtime has no Linux build for '$TARGETARCH' (amd64 and arm64 only)" >&2; exit 1 ;; \
    esac && \
    npm ci --omit=dev --os=linux --cpu=$cpu --libc=glibc && \
    # The package brings ONNX Runtime for every system, 290 MB in all; this image runs on one.
    find node_modules/onnxruntime-node/bin -type f ! -path "*/linux/$cpu/*" -delete && \
    test -n "$(find node_modules/onnxruntime-node/bin -name 'libonnxruntime.so*')" && \
    find node_modules -name '*.map' -delete && \
    find node_modules -type d -empty -delete

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
# chmod: whoever builds may have a strict umask, and the server runs as another user.
RUN npm run build && chmod -R a+rX dist models scripts package.json LICENSE

FROM ${NODE_IMAGE}
ARG NODE_IMAGE
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="rutox" \
      org.opencontainers.image.description="Self-hosted moderation server for Russian-language comments" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="$NODE_IMAGE"

# ONNX Runtime reports its use to its maker unless this variable stands. The server sets it as well.
ENV NODE_ENV=production \
    ORT_DISABLE_TELEMETRY=1

# From what changes least to what changes most. All of it belongs to root: the server cannot change itself.
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/scripts/healthcheck.mjs scripts/
COPY --from=build /app/models models
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/dist dist

# The image's user "node", as a number: Kubernetes' runAsNonRoot cannot judge a name.
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "/app/scripts/healthcheck.mjs"]

# Node itself is process 1: it handles SIGTERM and SIGINT, and there are no orphans to collect.
ENTRYPOINT ["node", "/app/dist/src/main.js"]
CMD ["serve"]
