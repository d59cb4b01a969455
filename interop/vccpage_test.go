package interop

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/ringback/ringback/sandbox"
)

// The commands of docs/sandbox-api.md do what the page says.
func TestTheCommandsOfThePageAboutTheVendorsAPI(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "sed", "tee"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the commands need %s: %v", tool, err)
		}
	}
	page, err := os.ReadFile("../docs/sandbox-api.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```bash\nhost=[^\n]*\n(.*?)^```").FindAllSubmatch(page, -1)
	if len(blocks) != 1 {
		t.Fatalf("docs/sandbox-api.md has %d blocks in bash that begin with host=, want one", len(blocks))
	}
	v := openVendorAPI(t, sandbox.Options{})
	cmd := exec.CommandContext(t.Context(), "bash", "-c", "set -e; host="+v.base+"\n"+string(blocks[0][1]))
	cmd.Env = append(os.Environ(), "CLIENT_ID="+vendorClient, "CLIENT_SECRET="+vendorSecret)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := regexp.MustCompile(`(?s)"eventTypes":.*"enabled":true,"secret":"[^"]{44}"}.*"enabled":false}.*\{"subscriptions":\[\{[^{}]*"enabled":false}]}\s*$`)
	if !want.Match(out) {
		t.Errorf("got %s", out[max(0, len(out)-1000):])
	}
	v.login("admin:read", vendorSecret)
	if _, list := v.call("GET", "/webhooks/subscriptions", ""); list != `{"subscriptions":[]}` {
		t.Errorf("left is %s", list)
	}
}
