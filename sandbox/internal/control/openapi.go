package control

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.json
var document string

// OpenAPI is the description of the control API, an OpenAPI 3.1 document in JSON.
func OpenAPI() string { return document }

func (d *desk) openAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(document))
	return nil
}
