package trial

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

// The right values are those of Node.js's Buffer.toString, as bytes of UTF-8.
func TestBytesAsATextOfUTF8(t *testing.T) {
	for in, want := range map[string]string{
		"":               "",
		"41c3a9":         "41c3a9",
		"e28228":         "efbfbd28",
		"e282":           "efbfbd",
		"e2":             "efbfbd",
		"f09f9841":       "efbfbd41",
		"f08080":         "efbfbdefbfbdefbfbd",
		"eda080":         "efbfbdefbfbdefbfbd",
		"ff80fe":         "efbfbdefbfbdefbfbd",
		"c3c3a9":         "efbfbdc3a9",
		"f4908080":       "efbfbdefbfbdefbfbdefbfbd",
		"e1809ff0908fbf": "e1809ff0908fbf",
	} {
		b, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(utf8Text(b)); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
}

func TestWhatIsAcceptedSaysHowMuchIsCompared(t *testing.T) {
	for want, accepted := range map[string][]Token{
		"":                                      {OtherKey, AlteredEnd},
		"compares a part of the signature only": {CutSignature, AlteredEnd},
		"accepts tokens for minutes after they have expired":                    {ExpiredSecond, ExpiredMinute},
		"accepts tokens for more than a minute after they have expired":         {ExpiredSecond},
		"takes a token for right that it has seen before, whatever the body is": {Earlier},
	} {
		if got := Broken(accepted); got != want {
			t.Errorf("%v: %q, want %q", accepted, got, want)
		}
	}
}

// Who compares texts as far as one goes accepts it as well as who compares bytes so.
func TestTheFirstPartOfASignatureIsOneOfItsText(t *testing.T) {
	now := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	whole, _ := Right.Make([]byte("secret"), nil, []byte("{}"), now)
	if part, _ := CutSignature.Make([]byte("secret"), nil, []byte("{}"), now); len(part) > len(whole)-20 || !strings.HasPrefix(whole, part) {
		t.Errorf("%s is not what %s begins with", part, whole)
	}
}

// Who decodes as Base64 for URLs, and does not look whether that failed, has what stands before the first sign of another alphabet.
func TestKeysUpToTheFirstOtherSign(t *testing.T) {
	now := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	secret, _ := base64.StdEncoding.DecodeString("cmluZ2JhY2s+a2V5/w==")
	if string(secret[:6]) != "ringba" {
		t.Fatalf("%q", secret)
	}
	got, _ := CutAtSign.Make(secret, nil, []byte("{}"), now)
	if want, _ := Right.Make(secret[:6], nil, []byte("{}"), now); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
