# The commands that people type. Everything that CI checks is in .ci/run.
.PHONY: test race lint check bench

test:
	go test ./...

race:
	go test -race -shuffle=on ./...

lint:
	go vet ./... && go tool -modfile=tools/go.mod staticcheck ./...

check:
	.ci/run

bench:
	bench/run --quick
