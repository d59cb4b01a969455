package sqlstate

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

// Drivers join the errors of all ways that they try. What a server answered is the reason, wherever it stands among them.
func TestAServersAnswerIsTheReason(t *testing.T) {
	noTLS := fmt.Errorf("127.0.0.1:5432 (db): tls error: %w", errors.New("server refused TLS connection"))
	for _, c := range []struct {
		answer error
		want   string
	}{
		{&pgconn.PgError{Code: "28P01", Message: `password authentication failed for user "ann"`}, `password authentication failed for user "ann"; are the user and the password of the URL right?`},
		{&pgconn.PgError{Code: "28000", Message: `role "ann" does not exist`}, `role "ann" does not exist; are the user and the password of the URL right?`},
		{&pgconn.PgError{Code: "3D000", Message: `database "calls" does not exist`}, `database "calls" does not exist; is the name of the database right?`},
		{&pgconn.PgError{Code: "53300", Message: "too many clients already"}, "too many clients already"},
		{&mysql.MySQLError{Number: 1045, Message: "Access denied for user 'ann'"}, "Access denied for user 'ann'; are the user and the password of the URL right?"},
	} {
		answer := fmt.Errorf("server error: %w", c.answer)
		for _, err := range []error{errors.Join(noTLS, answer), errors.Join(answer, noTLS), errors.Join(mysql.ErrNoTLS, answer)} {
			if got := failure(fmt.Errorf("failed to connect: %w", err)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		}
	}
	if got := failure(errors.Join(noTLS, noTLS)); !strings.HasPrefix(got, "it speaks no TLS") {
		t.Errorf("%q, want that it speaks no TLS", got)
	}
}
