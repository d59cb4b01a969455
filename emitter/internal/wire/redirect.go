package wire

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// location is where a redirect leads, or nil if an answer is none.
func location(resp *http.Response, from *url.URL) *url.URL {
	value := resp.Header.Get("Location")
	if resp.StatusCode < 300 || resp.StatusCode > 399 || value == "" {
		return nil
	}
	to, err := from.Parse(value)
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return nil
	}
	return to
}

// followed are the redirects that ask for the same request elsewhere. Status 303 is not among
// them: it asks for another kind of request.
var followed = []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}

// retryAfter reads seconds or a date; what cannot be read asks for nothing.
func retryAfter(value string) time.Duration {
	const most = 365 * 24 * time.Hour // longer than any ladder, far from an overflow
	if value == "" {
		return 0
	}
	seconds, err := strconv.ParseUint(value, 10, 64)
	switch {
	case err == nil:
		return time.Duration(min(seconds, uint64(most/time.Second))) * time.Second
	case errors.Is(err, strconv.ErrRange):
		return most
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(time.Until(at), 0), most)
}
