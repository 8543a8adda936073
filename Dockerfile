# Two images: --target control-plane (Jangar) and --target agent-runner (the default agent image, and what others copy
# agent-runner from). Each holds one bundled file and no node_modules.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# With the optional packages: the compilers' binaries for this platform are among them.
RUN npm ci --no-audit --no-fund

# Apart from the control plane's, so that a change there leaves this image as it is.
FROM dependencies AS agent-runner-bundle
COPY hack/bundle.ts hack/
COPY src/api/meta src/api/meta
COPY src/api/v1alpha1/failure-class.ts src/api/v1alpha1/
COPY src/domain src/domain
COPY src/runner src/runner
RUN node hack/bundle.ts runner

FROM dependencies AS control-plane-bundle
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY hack/bundle.ts hack/
COPY src src
RUN npm run bundle

FROM ${NODE_IMAGE} AS agent-runner
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates git openssh-client \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/* \
  # ssh refuses to run under a uid without an entry in passwd.
  && groupadd --gid 65532 agent \
  && useradd --uid 65532 --gid agent --create-home --shell /bin/bash agent
COPY --from=agent-runner-bundle /src/dist/bundle/agent-runner /usr/local/bin/agent-runner
# An image without one of them would fail at the first run.
RUN agent-runner --version && git --version && ssh -V
USER 65532:65532
WORKDIR /home/agent
ENTRYPOINT ["/usr/local/bin/agent-runner"]
LABEL org.opencontainers.image.title="agent-runner" \
  org.opencontainers.image.description="Runs an agent in its container: checkout, input files, deadline, masking, artifacts, report" \
  org.opencontainers.image.licenses="MIT"

FROM ${NODE_IMAGE} AS control-plane
ENV NODE_ENV=production
COPY --from=control-plane-bundle /src/dist/bundle/jangar.mjs /app/jangar.mjs
USER 65532:65532
WORKDIR /app
EXPOSE 8080
# Both options trade throughput that a control plane does not need for a quarter of its memory.
ENTRYPOINT ["node", "--optimize-for-size", "--max-semi-space-size=16", "/app/jangar.mjs"]
LABEL org.opencontainers.image.title="jangar" \
  org.opencontainers.image.description="Kubernetes control plane that turns written work into runs of coding agents" \
  org.opencontainers.image.licenses="MIT"
