// Package tasks does a little work in each library of the service.
package tasks

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"math/big"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"text/template"

	"github.com/acme/ledger/services/billing/internal/fold"
	"github.com/acme/ledger/services/billing/internal/rates"
	"github.com/acme/money"
)

type task struct {
	name string
	run  func() error
}

var all = []task{
	{"own", own}, {"standard", standard}, {"web", web},
	{"aws", signS3}, {"azure", callAzure}, {"google", callMetadata},
	{"telemetry", trace}, {"zap", logZap}, {"klog", logKlog},
	{"yaml", readYAML}, {"ini", readINI}, {"toml", readTOML}, {"kube", labels},
	{"text", foldText}, {"html", parseHTML}, {"bcrypt", password}, {"exp", sorted},
	{"protobuf", message}, {"grpc", callGRPC}, {"bson", document}, {"bolt", store},
	{"jwt5", token}, {"jwt3", oldToken}, {"uuid", oldUUID}, {"lru", remember}, {"semver", versions},
	{"xxhash", digest}, {"zstd", compress}, {"gonum", matrix}, {"modernc", primes},
	{"edwards", curve}, {"mux", route}, {"prometheus", count}, {"rotate", rotate},
}

// All gives each task with its name.
func All() iter.Seq2[string, func() error] {
	return func(yield func(string, func() error) bool) {
		for _, each := range all {
			if !yield(each.name, each.run) {
				return
			}
		}
	}
}

type visitor struct{ seen []string }

func (v *visitor) visit(amount money.Amount) string {
	text := fmt.Sprint(amount)
	v.seen = append(v.seen, text)
	return text
}

func own() error {
	book := rates.NewBook[string, money.Amount](func(a, b string) bool { return a < b })
	for i := range 20 {
		book.Put(fmt.Sprintf("key%d", i), money.Amount(i*37))
	}
	doubled := rates.Map(book, func(pair rates.Pair[string, money.Amount]) money.Amount { return pair.Value * 2 })
	var names []string
	book.Each(func(name string, _ money.Amount) bool {
		names = append(names, strings.Repeat(name, 2))
		return true
	})
	walker := &visitor{}
	out := money.Table(doubled, walker.visit) // a method value: visit-fm
	done := make(chan uint32)
	go func() {
		defer close(done)
		done <- fold.Hash([]byte(out + fold.Name()))
	}()
	<-done
	if money.Sum(doubled) == 0 || len(names) == 0 {
		return fmt.Errorf("nothing was added")
	}
	return nil
}

func standard() error {
	sum := sha256.Sum256([]byte(strings.Repeat("billing", 20000)))
	number := new(big.Int).SetBytes(sum[:])
	number.Exp(number, big.NewInt(65537), new(big.Int).Lsh(big.NewInt(1), 512))
	found := regexp.MustCompile(`(\d+)([a-f]*)`).FindAllString(number.Text(16), -1)
	encoded, err := json.MarshalIndent(map[string]any{"found": found, "n": len(found)}, "", " ")
	if err != nil {
		return err
	}
	page := template.Must(template.New("page").Parse("{{range .}}{{.}} {{end}}"))
	var back map[string]any
	return errorOf(page.Execute(new(strings.Builder), found), json.Unmarshal(encoded, &back))
}

func web() error {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.URL.Path)
	}))
	defer server.Close()
	answer, err := server.Client().Get(server.URL + "/bill")
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func errorOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
