package pricing

import "fmt"

// Article is something that the shop sells.
type Article struct {
	SKU   string
	Name  string
	Cents int64
}

// Catalogue is everything that the shop sells.
type Catalogue struct {
	articles []Article
}

// NewCatalogue makes a catalogue of size articles with prices from 1.99 on.
func NewCatalogue(size int) *Catalogue {
	c := &Catalogue{}
	for i := range size {
		c.articles = append(c.articles, Article{
			SKU:   fmt.Sprintf("SKU-%05d", i),
			Name:  fmt.Sprintf("Article %d", i),
			Cents: 199 + int64(i*37%9000),
		})
	}
	return c
}

// Find looks an article up by its SKU.
func (c *Catalogue) Find(sku string) (Article, bool) {
	for _, article := range c.articles {
		if article.SKU == sku {
			return article, true
		}
	}
	return Article{}, false
}
