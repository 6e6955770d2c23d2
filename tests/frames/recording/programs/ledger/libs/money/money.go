// Package money adds amounts without losing cents.
package money

import "fmt"

// Amount is a sum in cents.
type Amount int64

// Sum adds amounts of any kind that is an integer.
func Sum[T ~int64 | ~int32](amounts []T) T {
	var total T
	for _, amount := range amounts {
		total += amount
	}
	return total
}

// Format writes an amount for people.
func (a Amount) Format() string {
	return fmt.Sprintf("%d.%02d", int64(a)/100, int64(a)%100)
}
