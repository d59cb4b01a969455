package wire

import (
	"errors"
	"net/url"
	"strconv"
)

// ParseURL reads the URL of a target: absolute, http or https. Its errors never repeat the
// text: a password may be in it.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil, errors.New("no url, want one like http://127.0.0.1:8080/events")
	case err != nil:
		return nil, errors.New("url cannot be read: want one like http://127.0.0.1:8080/events, special characters written as %XX")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("url does not start with http:// or https://")
	case u.Port() != "" && !validPort(u.Port()):
		return nil, errors.New("url has a port that is not between 1 and 65535")
	case u.Hostname() == "":
		return nil, errors.New("url has no host, want one like http://127.0.0.1:8080/events")
	}
	return u, nil
}

func validPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// ShowURL is u without the parts in which secrets travel: user, password, query, fragment.
func ShowURL(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
