// Package coupon reads the codes that customers type in.
//
// A code looks like SPRING-15P (15 percent off) or WELCOME-500C (5.00 off).
package coupon

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const pattern = `^([A-Z]{3,12})-([0-9]{1,5})([PC])$`

// Coupon takes a part of the price off: percent or cents, the other is zero.
type Coupon struct {
	Campaign string
	Percent  int64
	Cents    int64
}

// Parse reads a code; case and surrounding spaces do not matter.
func Parse(code string) (Coupon, error) {
	expression := regexp.MustCompile(pattern)
	parts := expression.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(code)))
	if parts == nil {
		return Coupon{}, fmt.Errorf("%q is no coupon", code)
	}
	amount, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return Coupon{}, fmt.Errorf("%q is no coupon: %w", code, err)
	}
	if parts[3] == "P" {
		return Coupon{Campaign: parts[1], Percent: min(amount, 100)}, nil
	}
	return Coupon{Campaign: parts[1], Cents: amount}, nil
}
