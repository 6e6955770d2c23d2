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
}

// Engine prices orders.
type Engine struct {
	catalogue *Catalogue
}

// NewEngine prices orders from a catalogue.
func NewEngine(catalogue *Catalogue) *Engine {
	return &Engine{catalogue: catalogue}
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
	return quote, nil
}
