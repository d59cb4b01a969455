package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// countingConsumer is a consumer that verifies what comes, and tells how many notifications each channel had. It counts
// duplicates again, unless it is correct.
type countingConsumer struct {
	inner   http.Handler
	correct bool

	mu    sync.Mutex
	seen  map[string]bool           // by source and id
	count map[string]map[string]int // by conversation and channel
}

func newCounting(t *testing.T, correct bool) string {
	t.Helper()
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	c := &countingConsumer{inner: receiver.New(receiver.Options{Secrets: []signature.Secret{secret}}), correct: correct, seen: map[string]bool{}, count: map[string]map[string]int{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	return server.URL
}

func (c *countingConsumer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if conversation, is := strings.CutPrefix(r.URL.Path, "/calls/"); is {
		c.tell(w, strings.ToLower(conversation))
		return
	}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	if c.inner.ServeHTTP(answer, r); answer.Code < 300 {
		var n struct {
			Source, ID string
			Data       struct {
				Channel struct{ ConversationID, ChannelID string }
			}
		}
		if json.Unmarshal(body, &n) == nil && n.Data.Channel.ChannelID != "" && !(c.correct && c.seen[n.Source+" "+n.ID]) {
			c.seen[n.Source+" "+n.ID] = true
			id := strings.ToLower(n.Data.Channel.ConversationID)
			if c.count[id] == nil {
				c.count[id] = map[string]int{}
			}
			c.count[id][n.Data.Channel.ChannelID]++
		}
	}
	w.WriteHeader(answer.Code)
}

func (c *countingConsumer) tell(w http.ResponseWriter, conversation string) {
	if c.count[conversation] == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	type channel struct {
		ChannelID     string `json:"channelId"`
		Notifications int    `json:"notifications"`
	}
	var all []channel
	for id, n := range c.count[conversation] {
		all = append(all, channel{id, n})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"channels": all})
}

// What the state alone shows is found, over HTTP and by a command, and only what the profile claims is demanded.
func TestExamineAsksForTheState(t *testing.T) {
	t.Parallel()
	wrong, right := newCounting(t, false), newCounting(t, true)
	const path = "/calls/{conversationId}"
	for _, c := range []struct {
		name, args, needs string
		status            int
		says              string
	}{
		{"counts again", "--to " + wrong + " --state " + wrong + path, "", 1, "1 different notification came, you tell 2"},
		{"correct", "--to " + right + " --state " + right + path, "", 0, "passed: nothing wrong was found in what was examined"},
		{"by a command", "--to " + wrong + " --state-command curl\n-sf\n" + wrong + path, "curl", 1, "(count-once)"},
		{"not claimed", "--to " + wrong + " --state " + wrong + path + " --profile " + fileOf(t, "p.yaml", "stores: [phase]\n"), "", 2, "the state tells nothing that can be compared"},
		{"claimed and not told", "--to " + right + " --state " + right + path + " --profile " + fileOf(t, "p.yaml", "stores: [notifications, role]\n"), "", 0, "the profile claims role, but the state never told it"},
		{"in another database", "--to " + wrong + " --state-sql sqlite:" + emptyDatabase(t) + " --query " + fileOf(t, "q.sql", "SELECT channel AS channelId, n AS notifications FROM channels WHERE conversation = :conversation"), "",
			2, "with the member channels? See --query "},
		{"of another consumer", "--to " + wrong + " --state " + right + path, "", 2, "with the member channels? See --state"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(c.needs); c.needs != "" && err != nil {
				t.Skip(c.needs + " is not here")
			}
			var args []string
			for _, word := range strings.Split(c.args, " ") {
				args = append(args, strings.ReplaceAll(word, "\n", " "))
			}
			status, stdout, stderr := call(t, "", append([]string{"examine", "--check", "count-once", "--settle", "200ms", "--budget", "5m"}, args...)...)
			if status != c.status || !strings.Contains(stdout+stderr, c.says) {
				t.Errorf("status %d, want %d with %q\n%s%s", status, c.status, c.says, stdout, stderr)
			}
		})
	}
}

// A state that can be read at first, and not any more later, does not pass.
func TestExamineSaysWhenTheStateBreaks(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	inner, asked := newCounting(t, true), new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > 30 {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<html>")
			return
		}
		resp, err := http.Get(inner + r.URL.Path)
		if err != nil {
			return
		}
		defer resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	}))
	t.Cleanup(server.Close)
	status, stdout, stderr := call(t, "", "examine", "--to", inner, "--state", server.URL+"/calls/{conversationId}", "--check", "order-by-timestamp,count-once", "--settle", "200ms", "--budget", "3m", "--seed", "7")
	if status != exitUsage || !strings.Contains(stderr, "the state could not be read of ") || !strings.Contains(stderr, "web page") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// emptyDatabase is one that knows no conversation.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "calls.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE channels (conversation TEXT, channel TEXT, n INTEGER)"); err != nil {
		t.Fatal(err)
	}
	return path
}
