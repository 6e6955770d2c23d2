// Package order holds what a customer wants to buy.
package order

import (
	"encoding/json"
	"fmt"
	"io"
)

// Line is one kind of article and how many of it.
type Line struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

// Order is what a customer wants to buy, where it goes and what they say they need not pay.
type Order struct {
	ID      string   `json:"id"`
	Region  string   `json:"region"`
	Coupons []string `json:"coupons"`
	Lines   []Line   `json:"lines"`
}

// Decode reads a JSON array of orders and refuses those that cannot be priced.
func Decode(r io.Reader) ([]Order, error) {
	var orders []Order
	if err := json.NewDecoder(r).Decode(&orders); err != nil {
		return nil, fmt.Errorf("orders are no JSON array: %w", err)
	}
	for _, o := range orders {
		if err := o.check(); err != nil {
			return nil, err
		}
	}
	return orders, nil
}

func (o Order) check() error {
	if o.ID == "" {
		return fmt.Errorf("an order has no id")
	}
	for _, line := range o.Lines {
		if line.Quantity < 1 {
			return fmt.Errorf("order %s: %d of %s", o.ID, line.Quantity, line.SKU)
		}
	}
	return nil
}
