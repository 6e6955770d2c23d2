// Command checkout prices orders.
//
// POST /price takes a JSON array of orders and answers with their quotes.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"

	"github.com/acme/shop/services/checkout/internal/order"
	"github.com/acme/shop/services/checkout/internal/pricing"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address to listen on")
	flag.Parse()

	server := &server{engine: pricing.NewEngine(pricing.NewCatalogue(2000))}
	http.HandleFunc("POST /price", server.price)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

type server struct {
	engine *pricing.Engine
}

func (s *server) price(w http.ResponseWriter, r *http.Request) {
	orders, err := order.Decode(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	quotes := make([]pricing.Quote, 0, len(orders))
	for _, o := range orders {
		quote, err := s.engine.Price(o)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		quotes = append(quotes, quote)
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(quotes); err != nil {
		log.Print(err)
	}
}
