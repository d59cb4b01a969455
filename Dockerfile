# ringback in a container: one static program, no shell, no root.
#
#   docker build -t ringback .
#   docker run --rm ringback demo
#   docker run --rm -p 127.0.0.1:8080:8080 ringback
#   docker run --rm --read-only -p 127.0.0.1:8080:8080 -v ringback:/state ringback serve --insecure-http
#
# Without arguments it is a consumer on port 8080 that verifies everything. The last line is the
# sandbox, see docs/sandbox.md: nobody but this machine reaches its port, so it needs no certificate.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
# Whoever the container runs as may create a folder in it, but not touch those of others. An empty
# volume that is mounted there takes over its owner and mode.
RUN install -d -m 1777 -o 65532 -g 65532 /out/root/state
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.release=$VERSION" -o /out/ringback ./cmd/ringback

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/ringback /ringback
COPY LICENSE NOTICE /licenses/
# The folder is copied as what is in another one: of a folder itself, COPY takes neither owner nor mode.
COPY --from=build --chown=65532:65532 /out/root/ /
# Scenario files and logs are mounted here: docker run -v "$PWD:/work" …
WORKDIR /work
USER 65532:65532
# In a container, loopback would be nobody's. Publish the port on 127.0.0.1, as above.
ENV RINGBACK_LISTEN=0.0.0.0:8080 \
    RINGBACK_DATA=/state/ringback
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=2s --retries=3 \
    CMD ["/ringback", "wait", "--to", "http://127.0.0.1:8080", "--for", "3s"]
ENTRYPOINT ["/ringback"]
CMD ["receive"]
