package browser

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "take the pictures of docs/images anew")

// largest is how many bytes a picture of the documentation may have.
const largest = 150_000

func TestThePicturesOfTheDocumentation(t *testing.T) {
	if *update {
		take(t)
	}
	for _, name := range []string{"conversations", "deliveries", "phone"} {
		info, err := os.Stat(picture(name))
		if err != nil {
			t.Errorf("%v: run with -update and look at it", err)
			continue
		}
		if info.Size() > largest {
			t.Errorf("%s has %d bytes, want at most %d", info.Name(), info.Size(), largest)
		}
	}
}

func picture(name string) string { return filepath.Join("..", "..", "docs", "images", name+".png") }

// take plays a small day and takes a picture of each view that the documentation shows.
func take(t *testing.T) {
	program, consumer := serve(t, build(t), filepath.Join(t.TempDir(), "state"), "127.0.0.1:0"), consume(t)
	p := open(t, program.url, 1180, 760)
	p.theme("light")
	secret := subscribe(p, consumer.URL+"/events")
	consumer.set(t, secret, "")
	p.click("Scenarios")
	p.click("one-of-many-calls")
	p.shows("✓ valid")
	p.fill("Speed", "10")
	p.fill("Seed", "7")
	p.fill("Count", "40")
	p.click("Run")
	p.click("Conversations")
	p.click("Start")
	p.click("Ring")
	p.click("Answer")
	p.click("Hold")
	p.until("too little goes on", `document.querySelector(".elapsed").textContent === "14 s"`)
	p.run(`document.getElementById("notes").replaceChildren(); document.activeElement.blur()`)
	p.save("conversations")
	p.size(375, 740)
	p.until("the page does not fit", `document.documentElement.scrollWidth <= 375`)
	p.save("phone")
	p.click("Stop")
	consumer.set(t, secret, "channel.retrieved")
	p.click("Retrieve")
	p.size(1040, 540) // a picture of more text would be too large
	p.theme("dark")
	p.click("Deliveries")
	const retried = `[...document.querySelectorAll(".grid [role=row]")].find((r) => r.innerText.includes("retrieved") && r.innerText.includes("delivered") && r.children[6].textContent === "2")`
	p.until("no retry succeeds", "!!"+retried)
	p.run(retried + ".click()")
	p.shows("Request headers")
	p.run(`document.getElementById("notes").replaceChildren()`)
	p.save("deliveries")
}

// save puts a picture into the documentation.
func (p *page) save(name string) {
	p.t.Helper()
	png := p.shoot(name)
	if err := os.MkdirAll(filepath.Dir(picture(name)), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(picture(name), png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}
