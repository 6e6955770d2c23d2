// Command checkout prices orders.
//
// POST /price takes a JSON array of orders and answers with their receipts.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"

	"github.com/acme/shop/services/checkout/internal/order"
	"github.com/acme/shop/services/checkout/internal/pricing"
	"github.com/acme/shop/services/checkout/internal/receipt"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address to listen on")
	flag.Parse()
	if err := startProfiling(); err != nil {
		log.Fatal(err)
	}

	engine, err := pricing.NewEngine(pricing.NewCatalogue(2000))
	if err != nil {
		log.Fatal(err)
	}
	server := &server{engine: engine}
	http.HandleFunc("POST /price", server.price)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

type server struct {
	engine *pricing.Engine
}

// priced is one order's part of the answer.
type priced struct {
	pricing.Quote
	Receipt string `json:"receipt"`
}

func (s *server) price(w http.ResponseWriter, r *http.Request) {
	orders, err := order.Decode(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := make([]priced, 0, len(orders))
	for _, o := range orders {
		quote, err := s.engine.Price(o)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		answer = append(answer, priced{Quote: quote, Receipt: receipt.Text(quote)})
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		log.Print(err)
	}
}
