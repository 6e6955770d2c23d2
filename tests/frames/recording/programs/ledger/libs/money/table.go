package money

import "strings"

// Table formats many amounts, each with what walk adds to it.
func Table(amounts []Amount, walk func(Amount) string) string {
	var out strings.Builder
	for _, amount := range amounts {
		func() {
			out.WriteString(amount.Format())
			out.WriteString(walk(amount))
		}()
	}
	return out.String()
}
