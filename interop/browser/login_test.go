package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// Where other machines can get in, a browser logs in by the form, and the page works behind it.
func TestTheLogin(t *testing.T) {
	const id, secret = "somebody", "a-secret-of-24-characters"
	t.Setenv("RINGBACK_CLIENT_ID", id)
	t.Setenv("RINGBACK_CLIENT_SECRET", secret)
	t.Setenv("RINGBACK_INSECURE_HTTP", "true")
	s := serve(t, build(t), "memory", "0.0.0.0:0")
	p := open(t, s.url+"/", 900, 700)
	p.until("the login page is there", `location.pathname === "/login"`)
	p.fill("Client ID", id)
	p.fill("Client secret", "another one, which is wrong")
	p.click("Log in")
	p.do(chromedp.WaitVisible("[role=alert]")) // says what is wrong, on a new page
	p.fill("Client ID", id)
	p.fill("Client secret", secret)
	p.click("Log in")
	p.do(chromedp.WaitReady("nav")) // of the console
	p.shows("alice")
}
