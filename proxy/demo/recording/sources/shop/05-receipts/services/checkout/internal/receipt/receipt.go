// Package receipt writes quotes for people.
package receipt

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"github.com/acme/shop/services/checkout/internal/pricing"
)

// Text is the receipt of a quote: a line for each sum that is not zero.
func Text(quote pricing.Quote) string {
	text := "Order " + quote.OrderID + "\n"
	text += row("Articles", quote.Net)
	if quote.Off != 0 {
		text += row("Coupons", -quote.Off)
	}
	text += row("Tax", quote.Tax)
	text += row("To pay", quote.Total())
	return text
}

func row(label string, cents int64) string {
	return fmt.Sprintf("%-10s%16s\n", label, humanize.CommafWithDigits(float64(cents)/100, 2))
}
