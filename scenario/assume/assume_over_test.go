package assume

import "testing"

func TestADefaultThatIsNamedOverridesAnotherChoice(t *testing.T) {
	var file, flag Set
	if err := file.Change("held-channel", "agent"); err != nil {
		t.Fatal(err)
	}
	if err := flag.Change("held-channel", "customer"); err != nil {
		t.Fatal(err)
	}
	if got := file.Over(flag); got.Is(HeldChannel, "agent") || got.Get(HeldChannel) != "" {
		t.Errorf("held-channel is %q, want the default that the flag names", got.Get(HeldChannel))
	}
	if got := flag.Over(file); !got.Is(HeldChannel, "agent") {
		t.Errorf("held-channel is %q, want agent", got.Get(HeldChannel))
	}
}
