package wire

import (
	"errors"
	"net/url"
	"regexp"
	"strconv"
)

// plainAddress is a host with a port and perhaps a path: no password can be in it.
var plainAddress = regexp.MustCompile(`^[A-Za-z0-9.-]+:[0-9]+(/[A-Za-z0-9._~/-]*)?$`)

// ParseURL reads the URL of a target: absolute, http or https. Its errors never repeat a
// text in which a password may be.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case plainAddress.MatchString(text):
		return nil, errors.New("missing http://; write http://" + text)
	case text == "":
		return nil, errors.New("no URL; write one like http://127.0.0.1:8080/events")
	case err != nil:
		return nil, errors.New("the URL cannot be read; write one like http://127.0.0.1:8080/events, with special characters as %XX")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("the URL begins with neither http:// nor https://")
	case u.Port() != "" && !validPort(u.Port()):
		return nil, errors.New("the port of the URL is not between 1 and 65535")
	case u.Hostname() == "":
		return nil, errors.New("the URL has no host; write one like http://127.0.0.1:8080/events")
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
