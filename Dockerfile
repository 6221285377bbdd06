# forge, helm and kubectl, for pipelines whose jobs run in a container (docs/ci.md): `npm pack && docker build --tag forge .`
# The package is the very file that npm has; helm and kubectl are taken by the checksums that stand here.
ARG BASE=docker.io/library/node:24-bookworm-slim
ARG FETCHED=fetched

FROM scratch AS fetched-amd64
ADD --checksum=sha256:86584a54def73570558f66f5111cc53dfed56689637ae32c1201205d494f54fb https://get.helm.sh/helm-v4.3.0-linux-amd64.tar.gz /helm.tar.gz
ADD --checksum=sha256:ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336 https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubectl /kubectl

FROM scratch AS fetched-arm64
ADD --checksum=sha256:31c5794dd55c66a51e6b7d2e2ac7a114ae8b1de41ff1d9ba51748ac973b06a08 https://get.helm.sh/helm-v4.3.0-linux-arm64.tar.gz /helm.tar.gz
ADD --checksum=sha256:3d86f24401c41ae5a46ac50eef8865fe891d3647d324a0836f6c63757a126e62 https://dl.k8s.io/release/v1.36.3/bin/linux/arm64/kubectl /kubectl

FROM fetched-${TARGETARCH} AS fetched

# Where there is no network, an image that has both files: --build-arg FETCHED=…
FROM ${FETCHED} AS tools

# By the machine that builds, whatever it builds for: nothing of the other platform is run.
FROM --platform=${BUILDPLATFORM} ${BASE} AS unpacked
COPY --from=tools /helm.tar.gz /kubectl /fetched/
COPY api-forge-forge-*.tgz /fetched/forge.tgz
RUN mkdir -p /out/usr/local/bin /out/opt/forge \
  && tar -xzf /fetched/helm.tar.gz -C /out/usr/local/bin --strip-components=1 --wildcards '*/helm' \
  && tar -xzf /fetched/forge.tgz -C /out/opt/forge --strip-components=1 \
  && mv /fetched/kubectl /out/usr/local/bin/kubectl \
  && ln -s /opt/forge/bin/forge.js /out/usr/local/bin/forge \
  && chown -R 0:0 /out \
  && chmod 755 /out/usr/local/bin/helm /out/usr/local/bin/kubectl /out/opt/forge/bin/forge.js \
  && mkdir -p /out/home/forge /out/work \
  && chown 1000:1000 /out/home/forge /out/work

FROM ${BASE}
COPY --from=unpacked /out/ /
ENV HOME=/home/forge
WORKDIR /work
USER 1000:1000
ENTRYPOINT ["forge"]
