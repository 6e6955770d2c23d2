// Package pricing says what an order costs.
package pricing

import (
	"fmt"

	"github.com/acme/shop/services/checkout/internal/order"
)

// Quote is what an order costs, in cents.
type Quote struct {
	OrderID string `json:"order_id"`
	Net     int64  `json:"net"`
	Off     int64  `json:"off"`
	Tax     int64  `json:"tax"`
}

// Total is what the customer pays, in cents.
func (q Quote) Total() int64 {
	return q.Net - q.Off + q.Tax
}

// Engine prices orders.
type Engine struct {
	catalogue *Catalogue
	taxes     *taxRates
}

// NewEngine prices orders from a catalogue.
func NewEngine(catalogue *Catalogue) (*Engine, error) {
	taxes, err := newTaxRates()
	if err != nil {
		return nil, err
	}
	return &Engine{catalogue: catalogue, taxes: taxes}, nil
}

// Price says what an order costs; an article that is not sold is an error.
func (e *Engine) Price(o order.Order) (Quote, error) {
	quote := Quote{OrderID: o.ID}
	for _, line := range o.Lines {
		article, ok := e.catalogue.Find(line.SKU)
		if !ok {
			return Quote{}, fmt.Errorf("order %s: nothing is sold as %s", o.ID, line.SKU)
		}
		quote.Net += article.Cents * int64(line.Quantity)
	}
	quote.Off = discount(quote.Net, o.Coupons)
	quote.Tax = (quote.Net - quote.Off) * e.taxes.rate(o.Region) / 10_000
	return quote, nil
}
