package interop

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/scenario"
)

// atOnce is how many stories one run plays.
const atOnce = 20

// Random stories are played by run against receive, another process, and in random order by replay.
// What came is judged once more here, by the table of the documentation written as an expression.
// RINGBACK_STORIES is how many there are.
func TestRandomStoriesAreRightAtTheReceiver(t *testing.T) {
	count := 40
	if text := os.Getenv("RINGBACK_STORIES"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil || count < 1 {
			t.Fatalf("RINGBACK_STORIES=%s: want a number above 0", text)
		}
	}
	program := build(t)
	w := &storywriter{Rand: rand.New(rand.NewPCG(7, 11))}
	words, notifications := map[string]bool{}, 0
	for played := 0; played < count; played += atOnce {
		b := &storybatch{program: program, dir: t.TempDir(), seed: uint64(played + 1)}
		for i := range min(atOnce, count-played) {
			b.add(t, w.write(fmt.Sprintf("random-%d", played+i)), words)
		}
		notifications += b.play(t, w.Rand)
		if t.Failed() {
			t.Fatalf("with the stories\n%s", b.texts)
		}
	}
	for _, word := range []string{"dial", "callback", "internal", "consult", "transfer", "conference", "alternate", "monitor", "coach", "join", "meanwhile", "presence", "interrupt"} {
		if !words[word] {
			t.Errorf("no story has the word %s", word)
		}
	}
	t.Logf("%d stories, %d notifications, in order and shuffled", count, notifications)
}

// storybatch is some stories that are played together.
type storybatch struct {
	program ringback
	dir     string
	seed    uint64
	files   []string
	texts   string
}

// add writes a story into a file, and notes its words.
func (b *storybatch) add(t *testing.T, text string, words map[string]bool) {
	t.Helper()
	sc, err := scenario.Parse("random.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	for word := range strings.FieldsSeq(text) {
		words[strings.Trim(word, "-{[:")] = true
	}
	file := filepath.Join(b.dir, sc.Name+".yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.files, b.texts = append(b.files, file), b.texts+text
}

func (b *storybatch) play(t *testing.T, r *rand.Rand) (notifications int) {
	t.Helper()
	same := append(slices.Clone(b.files), "--seed", strconv.FormatUint(b.seed, 10), "--start", start, "--event-version", "both")
	lines := bytes.SplitAfter(b.program.output(t, append([]string{"plan", "--format", "ndjson"}, same...)...), []byte("\n"))
	lines = lines[:len(lines)-1]
	b.received(t, lines, func(url string) {
		b.program.output(t, append([]string{"run", "--to", url, "--speed", "max", "--retry-for", "0"}, same...)...)
	})
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	shuffled := filepath.Join(b.dir, "shuffled.ndjson")
	if err := os.WriteFile(shuffled, bytes.Join(lines, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	b.received(t, lines, func(url string) {
		b.program.output(t, "replay", shuffled, "--to", url, "--speed", "max", "--retry-for", "0")
	})
	return len(lines)
}

// received starts a receiver, has something sent to it, and judges what came.
func (b *storybatch) received(t *testing.T, want [][]byte, send func(url string)) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "received.jsonl")
	cmd := exec.CommandContext(t.Context(), string(b.program), "receive", "--complete", "--quiet", "--log", log,
		"--expect", strconv.Itoa(len(want)), "--for", "1m")
	cmd.Dir = b.dir
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	lines := bufio.NewScanner(stdout)
	url := ""
	for url == "" && lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		url = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+[^ ]*`).FindString(lines.Text())
	}
	if url == "" {
		t.Fatalf("receive does not say where it listens:\n%s", &said)
	}
	send(url)
	for lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("receive: %v\n%s", err, &said)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	judge(t, text, len(want))
}

// lifeForm is the life of a channel that the documentation describes. Away times are the ones of hold,
// park and interruption, which do not overlap on a channel.
var lifeForm = regexp.MustCompile(`^a(c(hr|pu|is)*d(we|e)|fe|e)$`)

// letters of kinds, with their rank among events of one moment.
var letters = map[string]struct {
	letter string
	rank   int
}{
	"channel.alerted": {"a", 0}, "channel.connected": {"c", 1}, "channel.retrieved": {"r", 2}, "channel.unparked": {"u", 2}, "channel.resumed": {"s", 2},
	"channel.held": {"h", 3}, "channel.parked": {"p", 3}, "channel.interrupted": {"i", 3}, "channel.disconnected": {"d", 4}, "channel.wrapstarted": {"w", 5},
	"channel.connectionfailed": {"f", 5}, "channel.ended": {"e", 6},
}

// judge reads rows of a receiver's log and judges the life of each channel.
func judge(t *testing.T, rows []byte, want int) {
	t.Helper()
	type moment struct {
		at     time.Time
		letter string
		rank   int
	}
	lives, roles, ids := map[string][]moment{}, map[string]string{}, map[string]bool{}
	for row := range bytes.Lines(rows) {
		var r struct{ Body string }
		var n struct {
			ID, Type, Subject string
			Data              struct {
				Timestamp time.Time
				Channel   struct{ Party struct{ Role string } }
			}
		}
		if err := cmp.Or(json.Unmarshal(row, &r), json.Unmarshal([]byte(r.Body), &n)); err != nil {
			t.Fatalf("%v: %s", err, row)
		}
		ids[n.ID] = true
		kind, version := n.Type[:len(n.Type)-3], n.Type[len(n.Type)-2:]
		if kind == "agent.presencechanged" {
			continue
		}
		l, known := letters[kind]
		if !known {
			t.Fatalf("the type %s is none of the documentation", n.Type)
		}
		key := version + " " + n.Subject
		lives[key], roles[key] = append(lives[key], moment{n.Data.Timestamp, l.letter, l.rank}), n.Data.Channel.Party.Role
	}
	if len(ids) != want {
		t.Errorf("%d different notifications came, want %d", len(ids), want)
	}
	for key, life := range lives {
		slices.SortFunc(life, func(x, y moment) int { return cmp.Or(x.at.Compare(y.at), x.rank-y.rank) })
		all := ""
		for _, m := range life {
			all += m.letter
		}
		if !lifeForm.MatchString(all) {
			t.Errorf("the channel %s of role %s lives %s, want %s", key, roles[key], all, lifeForm)
		}
		if wraps := strings.Contains(all, "w"); wraps && roles[key] != "agent" {
			t.Errorf("the channel %s of role %s has a wrap", key, roles[key])
		}
	}
}
