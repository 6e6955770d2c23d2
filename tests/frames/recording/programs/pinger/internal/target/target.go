// Package target is what is pinged.
package target

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
)

// Ping asks a server of its own.
func Ping(names []string) (string, error) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		slices.Sort(names)
		fmt.Fprint(w, strings.Join(names, ","), r.Header)
	}))
	defer server.Close()
	answer, err := http.Get(server.URL)
	if err != nil {
		return "", err
	}
	return answer.Status, answer.Body.Close()
}
