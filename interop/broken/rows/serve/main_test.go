package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAConsumerListensUntilItIsInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"--consumer", "park-is-hold", "--listen", "127.0.0.1:0"}, writer) }()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(strings.TrimSpace(strings.TrimPrefix(line, "listening on ")) + "/calls/none")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("status %d for a conversation that is not known, want 404", resp.StatusCode)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAnUnknownConsumerIsNamedAmongAllThereAre(t *testing.T) {
	var out strings.Builder
	err := run(t.Context(), []string{"--consumer", "nobody"}, &out)
	if err == nil || err.Error() != `unknown consumer "nobody"` || !strings.Contains(out.String(), "park-is-hold ") {
		t.Errorf("got %v and %q", err, out.String())
	}
}
