package pricing

import (
	"cmp"
	"slices"

	"github.com/acme/shop/services/checkout/internal/coupon"
)

// maxCoupons is how many coupons count; the customer gets the best ones.
const maxCoupons = 3

// discount says how much the best coupons take off a price, never more than the price.
// Codes that cannot be read take nothing off.
func discount(net int64, codes []string) int64 {
	var savings []int64
	for _, code := range codes {
		c, err := coupon.Parse(code)
		if err != nil {
			continue
		}
		savings = append(savings, c.Cents+net*c.Percent/100)
	}
	slices.SortFunc(savings, func(a, b int64) int { return cmp.Compare(b, a) })
	var off int64
	for _, saving := range savings[:min(maxCoupons, len(savings))] {
		off += saving
	}
	return min(off, net)
}
