package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
)

// contract holds answers against an OpenAPI document, as a library sees it that knows nothing
// of ringback.
type contract struct {
	judge    validator.Validator
	document map[string]any

	mu      sync.Mutex
	answers map[string]int // by operation and status
}

// newContract reads a document, and fails the test unless it is a valid one.
func newContract(t *testing.T, text []byte) *contract {
	t.Helper()
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	judge, errs := validator.NewValidator(document, config.WithFormatAssertions(), config.WithoutSecurityValidation())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, faults := judge.ValidateDocument(); !ok {
		for _, f := range faults {
			t.Errorf("the document: %s: %s %v", f.Message, f.Reason, f.SchemaValidationErrors)
		}
		t.FailNow()
	}
	c := &contract{judge: judge, answers: make(map[string]int)}
	if err := json.Unmarshal(text, &c.document); err != nil {
		t.Fatal(err)
	}
	return c
}

// client sends requests over next and fails the test on every answer that the document does
// not describe, and on every status from 500.
func (c *contract) client(t *testing.T, next http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     &holder{contract: c, t: t, next: next},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// seen says how many answers with a status an operation has given, such as
// "POST /webhooks/subscriptions 200".
func (c *contract) seen(operation string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answers[operation]
}

// operations lists the operations of the document, such as "GET /webhooks/subscriptions", with
// what it says of them.
func (c *contract) operations() map[string]map[string]any {
	all := make(map[string]map[string]any)
	for path, item := range c.document["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			switch method {
			case "get", "post", "put", "patch", "delete":
				all[strings.ToUpper(method)+" "+path] = operation.(map[string]any)
			}
		}
	}
	return all
}

type holder struct {
	*contract
	t    *testing.T
	next http.RoundTripper
}

// RoundTrip sends a request and checks the answer.
func (h *holder) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.Body != nil {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	res, err := h.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("%s %s, body %.300q: %d %.300s", req.Method, req.URL.Path, sent, res.StatusCode, body)
	if res.StatusCode >= 500 {
		h.t.Errorf("the server failed: %s", what)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	if ok, faults := h.judge.ValidateHttpResponse(req, res); !ok {
		for _, f := range faults {
			h.t.Errorf("%s\n\tis not as described: %s: %s %v", what, f.Message, f.Reason, f.SchemaValidationErrors)
		}
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	h.mu.Lock()
	h.answers[fmt.Sprintf("%s %s %d", req.Method, h.template(req), res.StatusCode)]++
	h.mu.Unlock()
	return res, nil
}

// template finds the path of the document that a request is for.
func (h *holder) template(req *http.Request) string {
	got := strings.Split(req.URL.EscapedPath(), "/")
	best := req.URL.Path
	for path := range h.document["paths"].(map[string]any) {
		want := strings.Split(path, "/")
		fits, exact := len(want) == len(got), true
		for i := 0; fits && i < len(want); i++ {
			if strings.HasPrefix(want[i], "{") {
				exact = false
			} else if want[i] != got[i] {
				fits = false
			}
		}
		if fits && exact {
			return path
		}
		if fits {
			best = path
		}
	}
	return best
}
