package ask

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/internal/show"
)

// overHTTP asks with GET requests.
type overHTTP struct {
	client  *http.Client
	secrets *redact.Secrets
	done    func()
	address string

	probe sync.Once
	tls   bool // the server speaks it where the URL says that it does not

	mu      sync.Mutex
	unknown string // status with which a conversation was last said not to be known
}

// Unknown is the status with which a way has last said that it does not know a conversation, such as 404 Not Found; "" if it has not, or has none.
func Unknown(w Way) string {
	h, is := w.(*overHTTP)
	if !is {
		return ""
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.unknown
}

// OverHTTP asks at a URL with the Placeholder in it. The hosts that may be dialled, the certificates
// that are trusted and the dialler are those of the target; user and password of the URL are sent. A
// question takes at most timeout; 0 means 10 s.
func OverHTTP(target *emitter.Target, address string, timeout time.Duration) (Way, error) {
	if err := checkPlaceholder(address); err != nil {
		return nil, fmt.Errorf("the state URL cannot be used: %w; want one like http://127.0.0.1:8080/calls/%s", err, Placeholder)
	}
	if scheme := strings.ToLower(address); !strings.HasPrefix(scheme, "http://") && !strings.HasPrefix(scheme, "https://") {
		return nil, fmt.Errorf("the state URL begins with neither http:// nor https://; want one like http://127.0.0.1:8080/calls/%s", Placeholder)
	}
	also := *target // the server of the state may be another one
	also.URL, also.Hide = address, slices.Concat(target.Hide, redact.URL(target.URL))
	t := *target
	t.Name, t.URL, t.Sender, t.Header, t.Types = "", strings.ReplaceAll(address, Placeholder, "0"), nil, nil, nil
	if err := t.Check(); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	if timeout == 0 {
		timeout = emitter.DefaultTimeout
	}
	client, done, err := t.Client(timeout)
	if err != nil {
		return nil, err
	}
	return &overHTTP{client: client, secrets: Secrets(&also), done: done, address: address}, nil
}

// Close ends all connections.
func (h *overHTTP) Close() error {
	h.done()
	return nil
}

// Ask asks once. What the server repeats of the URL is not shown.
func (h *overHTTP) Ask(ctx context.Context, conversation string) (*trial.State, error) {
	s, err := h.ask(ctx, conversation)
	return s, discreet(h.secrets, err)
}

// ask is Ask. Each question has a connection of its own: a server that serves one connection at a
// time would else be in the way of the next notification.
func (h *overHTTP) ask(ctx context.Context, conversation string) (*trial.State, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.ReplaceAll(h.address, Placeholder, url.PathEscape(conversation)), nil)
	if err != nil {
		return nil, lasting("the state URL cannot be read")
	}
	request.Close = true
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "ringback")
	resp, err := h.client.Do(request)
	if err != nil || resp.StatusCode == http.StatusBadRequest { // with which some servers answer where they want TLS
		if other := h.otherScheme(ctx, err); other != nil {
			if err == nil {
				resp.Body.Close()
			}
			return nil, other
		}
	}
	if err != nil {
		return nil, unanswered(ctx, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, unanswered(ctx, err)
	case len(body) > maxBody:
		return nil, lasting("the state has more than 4 MiB")
	}
	state, err := h.fromResponse(ctx, resp, body)
	if err == nil && state == nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.unknown = status(resp)
	}
	return state, err
}

func status(resp *http.Response) string {
	return fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
}

// unanswered is why there was no response. The text of the error does not show the URL, which
// may hold a secret.
func unanswered(ctx context.Context, err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return passing(ctx, err, "no state: no complete response in time")
	}
	return passing(ctx, err, "no state: %v", err)
}

// fromResponse reads a response that is there as a whole.
func (h *overHTTP) fromResponse(ctx context.Context, resp *http.Response, body []byte) (*trial.State, error) {
	status := status(resp)
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch code := resp.StatusCode; {
	case code == http.StatusNotFound, code == http.StatusNoContent:
		return nil, nil
	case code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout:
		return nil, passing(ctx, nil, "the state URL responds with %s%s", status, h.excerpt(kind, body))
	case code >= 300 && code < 400:
		return nil, lasting("the state URL redirects%s (%s); write the URL of the state itself", h.location(resp), status)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return nil, lasting("the state URL demands credentials (%s); write them into it, as in http://user:password@host/…, or let tests in without", status)
	case code == http.StatusMethodNotAllowed:
		return nil, lasting("the state URL takes no GET (%s)", status)
	case code != http.StatusOK:
		return nil, lasting("the state URL responds with %s, want 200%s", status, h.excerpt(kind, body))
	case kind == "text/html":
		return nil, lasting("the state URL responds with a web page (text/html), want JSON: is it the URL of the state?")
	}
	return Parse(body)
}

// excerpt is the beginning of a response that is meant for people.
func (h *overHTTP) excerpt(kind string, body []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	if kind == "text/html" || line == "" || line[0] == '<' {
		return ""
	}
	return ": " + show.Line(h.secrets.Text(line), maxText)
}

// location is where a redirect leads, without what may be secret.
func (h *overHTTP) location(resp *http.Response) string {
	to, err := resp.Location()
	if err != nil {
		return ""
	}
	return " to " + h.secrets.Text((&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String())
}
