package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// Credentials are those of the client of the vendor API, and of the login.
type Credentials struct {
	ID     string
	Secret string
	Given  bool // by the options; not kept
	Fresh  bool // generated just now
}

// strongSecret is the length from which a given secret counts as strong, in characters: what
// "openssl rand -base64 18" prints.
const strongSecret = 24

// strong reports whether nobody guesses the secret at whatever rate a server answers.
func (c Credentials) strong() bool {
	return !c.Given || utf8.RuneCountInString(c.Secret) >= strongSecret
}

// String hides the secret.
func (c Credentials) String() string { return c.ID + " [secret]" }

// GoString hides the secret.
func (c Credentials) GoString() string { return c.String() }

// Names of the settings in the store.
const (
	settingID     = "client-id"
	settingSecret = "client-secret"
	settingKey    = "token-key"
)

// settings is the part of the store that holds credentials.
type settings interface {
	Setting(ctx context.Context, name string) (string, error)
	Set(ctx context.Context, name, value string) error
}

var _ settings = (*store.Store)(nil)

// readCredentials returns those of the options, or those in the store, or generates and stores
// some. Secrets have 256 random bits.
func readCredentials(ctx context.Context, s settings, o *Options) (Credentials, error) {
	if o.ClientID != "" {
		return Credentials{ID: o.ClientID, Secret: o.ClientSecret, Given: true}, nil
	}
	c := Credentials{}
	var err error
	if c.ID, err = s.Setting(ctx, settingID); err != nil {
		return c, err
	}
	if c.Secret, err = s.Setting(ctx, settingSecret); err != nil {
		return c, err
	}
	if c.ID != "" && c.Secret != "" {
		return c, nil
	}
	c = Credentials{ID: "sandbox-" + strings.ToLower(rand.Text()[:10]), Secret: base64.RawURLEncoding.EncodeToString(key()), Fresh: true}
	// The secret first: without an ID it does not count, so after a crash new ones are generated.
	if err := s.Set(ctx, settingSecret, c.Secret); err != nil {
		return c, err
	}
	return c, s.Set(ctx, settingID, c.ID)
}

// readKey is the stored key that signs access tokens, so that they survive a restart.
func readKey(ctx context.Context, s settings) ([]byte, error) {
	text, err := s.Setting(ctx, settingKey)
	if err != nil {
		return nil, err
	}
	if text == "" {
		fresh := key()
		return fresh, s.Set(ctx, settingKey, base64.StdEncoding.EncodeToString(fresh))
	}
	kept, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(kept) < 32 {
		return nil, &store.Trouble{Kind: store.Damaged, Cause: "the setting " + settingKey + " is no key"}
	}
	return kept, nil
}

// key is 32 random bytes.
func key() []byte {
	k := make([]byte, 32)
	_, _ = rand.Read(k) // never fails
	return k
}
