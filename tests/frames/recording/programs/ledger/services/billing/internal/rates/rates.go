// Package rates keeps what currencies cost.
package rates

import "sort"

// Pair is a key and its value.
type Pair[K comparable, V any] struct {
	Key   K
	Value V
}

// Book keeps pairs in order.
type Book[K comparable, V any] struct {
	pairs []Pair[K, V]
	less  func(a, b K) bool
}

// NewBook makes an empty book.
func NewBook[K comparable, V any](less func(a, b K) bool) *Book[K, V] {
	return &Book[K, V]{less: less}
}

// Put adds a pair.
func (b *Book[K, V]) Put(key K, value V) {
	b.pairs = append(b.pairs, Pair[K, V]{key, value})
	sort.Slice(b.pairs, func(i, j int) bool { return b.less(b.pairs[i].Key, b.pairs[j].Key) })
}

// Map gives what change makes of each pair.
func Map[K comparable, V, R any](b *Book[K, V], change func(Pair[K, V]) R) []R {
	var out []R
	for _, pair := range b.pairs {
		out = append(out, change(pair))
	}
	return out
}

// Each calls visit for all pairs, in Go's own iterator form.
func (b *Book[K, V]) Each(visit func(K, V) bool) {
	for _, pair := range b.pairs {
		if !visit(pair.Key, pair.Value) {
			return
		}
	}
}
